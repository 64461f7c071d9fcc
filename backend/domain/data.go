package domain

import "time"

// DataKind is what stands in a data folder under a name.
type DataKind string

// The kinds.
const (
	DataFolder DataKind = "folder"
	DataFile   DataKind = "file"
	DataLink   DataKind = "link"  // it is shown and can be deleted, and is never followed
	DataOther  DataKind = "other" // a device, a pipe, a socket
)

// DataEntry is what stands in a data folder under a name.
type DataEntry struct {
	// Name in the form that goes into paths: bytes that are no text stand as
	// characters of Unicode's private use from U+F780 on.
	Name       string    `json:"name"`
	Kind       DataKind  `json:"kind"`
	Size       int64     `json:"size"` // of a file
	ModifiedAt time.Time `json:"modified_at"`
	Version    string    `json:"version"`          // of a file: another one whenever it was written
	Target     string    `json:"target,omitempty"` // of a link
	// Odd is why the name cannot stand on both Windows and Linux, "" where it can.
	Odd Code `json:"odd,omitempty"`
}

// DataEvent tells in which folders of a project something changed.
type DataEvent struct {
	ProjectID int64    `json:"project_id"`
	GroupID   string   `json:"group_id"`
	Paths     []string `json:"paths"` // folders; "" is the outermost
}
