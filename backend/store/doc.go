// Package store keeps the product's truth in one SQLite database, and holds
// the only SQL. It owns the schema and its migrations, the audit (written in
// the transaction of the change it tells of), and the counters. What a call
// reports as done is on the disk. It does not decide who may do what, does not
// check names or passwords, and does not know what scripts do. Failures that a
// person can mend are *domain.Error: not found, name taken, port taken, limit
// reached, disk full, database newer. It needs the build tag sqlite_fts5.
package store
