// Package files lists, reads and changes the files of one data folder. No name
// leads out of the folder and no link is followed, wherever it leads: all access
// is through os.Root. A write is whole or not there, and one that comes second
// is told so: what somebody else wrote meanwhile, a running script included, is
// never replaced unseen. It does not know whose a folder is.
package files
