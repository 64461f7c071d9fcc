// Package desktop shows the product in windows: the main window and, in a
// process of its own, one window for each running script. It is the only
// importer of Wails. It promises that a script's page never stands in a
// process that has Go methods bound, that a script window's end, whatever the
// cause, releases its attachment, and that only the script's own origin is
// shown in it. It knows no rights and no backend: all it does goes through the
// Caller that it is given. Windows need the build tag desktop; the rest
// (policy, protocol, supervision of the windows) is portable and tested alone.
package desktop
