// Package environment finds the Python installations in which scripts can run
// (conda environments of every tool, venvs, the system's Pythons), verifies
// them, chooses one for a script and computes what activation changes.
//
// Finding reads the file system only. Verifying starts each interpreter once,
// with a time limit, and again only when the environment changed. Activation
// gives the variables that `conda activate` would set, so that the interpreter
// can be started directly, without the half second of `conda run`. The package
// changes no environment and runs no script.
package environment
