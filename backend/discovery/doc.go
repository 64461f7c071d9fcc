// Package discovery finds the groups and scripts below one folder, reads what
// their headers, metadata.json and scripts/script_metadata.json say, puts what
// people edited before that, and tells when any of it changes. It promises
// that a file that is wrong affects only what it describes, that every fault
// comes with file, line and reason, and that what was good before stays in
// force until the fault is mended. It runs no script, writes nothing, and does
// not remember what has vanished, or was edited: the store does.
package discovery
