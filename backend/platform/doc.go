// Package platform is what the product knows about the computer below it: the
// folders of a root, the lock on it, files written whole or not at all, local
// sockets, names that are safe in a path, and how full a disk is. It is the one
// place where the operating system's own variables for folders are read
// (XDG_DATA_HOME, LOCALAPPDATA, TMPDIR). It knows nothing of scripts, users or
// the database's content. Failures that a person can mend are
// *domain.Error.
package platform
