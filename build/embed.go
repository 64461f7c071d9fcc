// Package build holds what the programs carry of the build folder: the icon.
package build

import _ "embed"

// WindowIcon is the application's icon for its windows, a PNG of 128 pixels:
// the window manager is handed all of them, so a large one shows the window late.
//
//go:embed windowicon.png
var WindowIcon []byte
