// Package sdk holds the Python helper that every script can import. It is one
// file, scriptsmanager.py, whose own words say what it gives; whoever runs
// scripts puts it on their path.
package sdk

import "embed"

// Files holds scriptsmanager.py.
//
//go:embed scriptsmanager.py
var Files embed.FS
