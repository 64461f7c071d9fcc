// Package audit looks after the record of who did what: it keeps a readable
// copy beside the database and finds what somebody changed in either.
//
// The records themselves are written by package store, in the transaction of
// the change that they tell of; each holds a hash over itself and the one
// before it (store.AuditRecord.Sum). Who may write the files can make the whole
// chain anew, with the copy: against that helps only a head (number and hash of
// the newest record) that is noted where he cannot write.
package audit
