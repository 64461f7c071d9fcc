// Package archive writes and reads the zips of projects (SPEC PRJ-4, SEC-5). A
// zip either is whole and verified or is not there; what is read is checked
// before the first byte is written: names, kinds, sizes, sums. It follows no
// link, in neither direction. Putting a project back is all or nothing, also
// where the machine goes out in between. It does not know whose projects are
// whose.
package archive

import "time"

// Names in a zip of ours.
const (
	manifestName = "manifest.json"
	readmeName   = "README.txt"
	dataPrefix   = "data/"
)

// Format is what Manifest.Format says.
const Format = "scriptsmanager-project"

const formatVersion = 1

// Manifest tells what is in a zip; it is its last member.
type Manifest struct {
	Format        string    `json:"format"`
	FormatVersion int       `json:"format_version"`
	Product       string    `json:"product"` // version
	MadeAt        time.Time `json:"made_at"`
	User          string    `json:"user"`
	Project       string    `json:"project"`
	Description   string    `json:"description"`
	Files         []File    `json:"files"`
	Folders       []Folder  `json:"folders"`  // those without anything in them
	LeftOut       []LeftOut `json:"left_out"` // links and the like
	Bytes         int64     `json:"bytes"`    // of all files
}

// File is a file of a project. Its first folder is that of a group.
type File struct {
	Name     string    `json:"name"`           // in the zip, below data/: safe on every system
	Path     string    `json:"path,omitempty"` // what it is called in the project; "": the same
	Size     int64     `json:"size"`
	SHA256   string    `json:"sha256"`
	Modified time.Time `json:"modified"`
	Unsteady bool      `json:"unsteady,omitempty"` // it was written to each time it was read
}

// Folder is an empty folder of a project.
type Folder struct {
	Name string `json:"name"`
	Path string `json:"path,omitempty"`
}

// LeftOut is what is not in a zip, and why.
type LeftOut struct {
	Path string `json:"path"`
	Why  string `json:"why"` // link, special, unreadable, name
}

func (f File) path() string {
	if f.Path != "" {
		return f.Path
	}
	return f.Name
}

func (f Folder) path() string {
	if f.Path != "" {
		return f.Path
	}
	return f.Name
}
