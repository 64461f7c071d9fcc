// Package translations holds the texts of the product in its four languages,
// one file each in the go-i18n format, for Go and the frontend alike.
package translations

import "embed"

// Files has en.json, es.json, it.json and fr.json, and in help what the command
// line says of itself in the three that are not English, by its English words.
//
//go:embed *.json help/*.json
var Files embed.FS
