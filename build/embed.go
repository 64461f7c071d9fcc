// Package build holds what the programs carry of the build folder: the icon.
package build

import _ "embed"

// Icon is the application's icon, a PNG.
//
//go:embed appicon.png
var Icon []byte
