// Package frontend holds the built interface. It promises that Dist opens at
// the folder that Vite writes; in a fresh clone that has not been built, the
// folder has a placeholder alone and index.html is missing, which the caller
// must say in words. It does not serve files.
package frontend

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// Dist gives the built files, index.html at its top.
func Dist() fs.FS {
	sub, err := fs.Sub(dist, "dist")
	if err != nil { // "dist" is a valid path, which is all that Sub checks
		panic(err)
	}
	return sub
}
