// Package sdk holds what comes with the product for those who write scripts:
// the Python helper that every script can import, one file whose own words say
// what it gives, and templates that new scripts are made from. It neither puts
// the one on a path nor writes the others: whoever runs or makes scripts does.
package sdk

import "embed"

// Files holds scriptsmanager.py.
//
//go:embed scriptsmanager.py
var Files embed.FS

// Templates holds templates/KIND.py and templates/KIND.md, KIND_es.md, … with
// the placeholders TITLE and NAME: form, dashboard, job.
//
//go:embed templates
var Templates embed.FS
