// Package translations holds the texts of the product in its four languages,
// one file each in the go-i18n format, for Go and the frontend alike.
package translations

import "embed"

// Files has en.json, es.json, it.json and fr.json.
//
//go:embed *.json
var Files embed.FS
