//go:build desktop

package desktop

// hooked is told what happens in a window natively, on the window's thread:
// its methods must not wait.
type hooked interface {
	decide(Request) Decision
	external(address string)                  // a person clicked a link to elsewhere
	failed(crashed bool, address string) bool // true: the failure is shown by us
	downloadFailed(reason string)             //
	hooked(found bool)                        // the hooks are in place
	keep()                                    // the button of the warning was pressed
	input()                                   // a person moves the mouse or types; not told each time
	placed(place)                             // the window was moved or has another size
	painted()                                 // a page has come, and has had the time to paint
	showFile(path string)                     // a saved file is to be shown in its folder
}
