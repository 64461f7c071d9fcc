package engine

import (
	_ "embed"
	"encoding/json"
)

// Licence is a third-party part of the product.
type Licence struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Licence string `json:"licence"` // an SPDX identifier
}

//go:embed licences.json
var licences []byte

// Licences lists the third-party parts; the list is made by build/licences.
func Licences() []Licence {
	var list []Licence
	if json.Unmarshal(licences, &list) != nil {
		return []Licence{}
	}
	return list
}
