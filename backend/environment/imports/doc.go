// Package imports says which modules a script needs that an environment does
// not have, before anybody runs it. The environment's own interpreter reads
// the script's text, with a program of ours; nothing of the script is executed
// and no module of the environment is imported. What was answered is kept
// until a script, a module beside it or a folder of installed packages
// changes. It does not look whether a module has the version or the names that
// a script wants of it, and it installs nothing.
package imports
