// Package domain holds the words that the whole product shares: levels,
// states, scripts, executions, errors and events. It imports the standard
// library only and does nothing by itself, so that every other package may
// import it. All times are UTC; all JSON names are snake_case, and these are
// the shapes that the command line, the bridge and the frontend show.
package domain

// Version is the product's version; the build sets it with -ldflags -X.
var Version = "0.1.0-dev"
