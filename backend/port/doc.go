// Package port leases TCP ports of the loopback to executions and tells who
// listens on a port. A port is given away only when no live lease has it,
// nobody listens on it and a trial bind succeeds; the store's unique index has
// the last word, so that two engines on one database cannot agree on the same
// port. Where the system allows it the port is held by a socket that is bound
// but does not listen, which keeps other programs out while the script starts.
// The package starts no process and ends none.
package port
