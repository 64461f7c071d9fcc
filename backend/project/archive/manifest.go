package archive

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

var (
	errNotOurs  = errors.New("it is no object of lists")
	errMoreThan = errors.New("it names more than there is")
)

// decodeManifest reads a manifest element by element: one that is made to be
// large takes no more memory than what is in the zip. It fails with errMoreThan
// where it names more files and folders than members, or has left out more than
// leftOut.
func decodeManifest(r io.Reader, m *Manifest, members, leftOut int) error {
	d := json.NewDecoder(r)
	if err := delimiter(d, '{'); err != nil {
		return err
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return err
		}
		switch key {
		case "format":
			err = d.Decode(&m.Format)
		case "format_version":
			err = d.Decode(&m.FormatVersion)
		case "product":
			err = d.Decode(&m.Product)
		case "made_at":
			err = d.Decode(&m.MadeAt)
		case "user":
			err = d.Decode(&m.User)
		case "project":
			err = d.Decode(&m.Project)
		case "description":
			err = d.Decode(&m.Description)
		case "bytes":
			err = d.Decode(&m.Bytes)
		case "files":
			err = elements(d, &m.Files, members-len(m.Folders))
		case "folders":
			err = elements(d, &m.Folders, members-len(m.Files))
		case "left_out":
			err = elements(d, &m.LeftOut, leftOut)
		default: // of a later version
			var unknown json.RawMessage
			err = d.Decode(&unknown)
		}
		if err != nil {
			return fmt.Errorf("%v: %w", key, err)
		}
	}
	return delimiter(d, '}')
}

func delimiter(d *json.Decoder, want json.Delim) error {
	token, err := d.Token()
	if err == nil && token != want {
		err = errNotOurs
	}
	return err
}

// elements reads a list, at most so many in all.
func elements[T any](d *json.Decoder, to *[]T, most int) error {
	token, err := d.Token()
	switch {
	case err != nil || token == nil: // null
		return err
	case token != json.Delim('['):
		return errNotOurs
	}
	for d.More() {
		if len(*to) >= most {
			return errMoreThan
		}
		var one T
		if err := d.Decode(&one); err != nil {
			return err
		}
		*to = append(*to, one)
	}
	return delimiter(d, ']')
}
