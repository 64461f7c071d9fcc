package desktop

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"scriptsmanager/backend/domain"
)

// The main window's process and a script window's process speak JSON, one
// object a line, over the latter's standard input and output.

// message goes to the script's window. Each part is optional.
type message struct {
	Settings  *settings         `json:"settings,omitempty"`
	Execution *domain.Execution `json:"execution,omitempty"`
	Said      *said             `json:"said,omitempty"`  // goes with Execution
	Reset     bool              `json:"reset,omitempty"` // Lines replace what came before
	Lines     []domain.LogLine  `json:"lines,omitempty"`
	Raise     bool              `json:"raise,omitempty"`
	Problem   string            `json:"problem,omitempty"` // why what was asked for did not work
}

// settings are how the window looks and speaks.
type settings struct {
	Texts        map[string]string `json:"texts"`
	Language     domain.Language   `json:"language"`
	Theme        domain.Theme      `json:"theme"`
	ConfirmClose bool              `json:"confirm_close"` // SPEC WIN-3: closing asks first
	Source       string            `json:"source"`        // the script's file, to find its line in a traceback
	Background   bool              `json:"background"`    // it can go on without its window
	Place        *place            `json:"place,omitempty"`
	Sites        []string          `json:"sites,omitempty"` // that links may open without a question
}

// said is what is told about an execution, in the person's language.
type said struct {
	Title  string `json:"title"` // of the window
	Name   string `json:"name"`  // of the script
	Reason string `json:"reason"`
	Error  string `json:"error"`
}

// verb is what a script's window asks for.
type verb string

const (
	verbStop        verb = "stop"
	verbKill        verb = "kill"
	verbAgain       verb = "again"
	verbOpenLog     verb = "open_log"
	verbOpenBrowser verb = "open_browser" // the script's page, in the system's browser
	verbOpenLink    verb = "open_link"    // url, after the person was asked
	verbClosed      verb = "closed"       // a person closed the window
	verbCloseStop   verb = "close_stop"   // the same, and a script that would go on is to be stopped
	verbPlaced      verb = "placed"       // place: where the window stands now
	verbShowFile    verb = "show_file"    // path: a saved file, to be shown in its folder
	verbKeep        verb = "keep"         // the script is to be kept running, though nobody used it
	verbUsed        verb = "used"         // a person moved the mouse or typed in the window
)

type wish struct {
	Verb  verb   `json:"verb"`
	URL   string `json:"url,omitempty"`   // of verbOpenLink only
	Path  string `json:"path,omitempty"`  // of verbShowFile only
	Place *place `json:"place,omitempty"` // of verbPlaced only
}

const wishLongest = 8192 // bytes of a line

// parseWish reads a line from a script's window. That process shows a page
// that is not ours, so nothing in the line is believed: it is a known verb,
// with nothing more than belongs to it, or an error.
func parseWish(line []byte) (wish, error) {
	var w wish
	if len(line) > wishLongest {
		return w, errors.New("line too long")
	}
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&w); err != nil {
		return wish{}, fmt.Errorf("line of a window: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return wish{}, errors.New("more than one object in a line")
	}
	only := wish{Verb: w.Verb} // and what belongs to it
	switch w.Verb {
	case verbOpenLink:
		if !externalAddress(w.URL) {
			return wish{}, errors.New("address that may not be opened")
		}
		only.URL = w.URL
	case verbShowFile:
		if !filepath.IsAbs(w.Path) || filepath.Clean(w.Path) != w.Path || strings.ContainsRune(w.Path, 0) {
			return wish{}, errors.New("path of no file")
		}
		only.Path = w.Path
	case verbPlaced:
		if w.Place == nil || !w.Place.sane() {
			return wish{}, errors.New("no place of a window")
		}
		only.Place = w.Place
	case verbStop, verbKill, verbAgain, verbOpenLog, verbOpenBrowser, verbClosed, verbCloseStop, verbKeep, verbUsed:
	default:
		return wish{}, errors.New("unknown verb")
	}
	if w != only {
		return wish{}, fmt.Errorf("more than belongs to %s", w.Verb)
	}
	return w, nil
}

// wishReader takes what a window's process writes and hands over its wishes.
// The first bad line is the last that it reads.
type wishReader struct {
	rest   []byte
	take   func(wish)
	refuse func() // called at a bad line
}

func (r *wishReader) Write(p []byte) (int, error) {
	r.rest = append(r.rest, p...)
	for {
		i := bytes.IndexByte(r.rest, '\n')
		if i < 0 {
			break
		}
		w, err := parseWish(r.rest[:i])
		if err != nil {
			r.refuse()
			return 0, err
		}
		r.take(w)
		r.rest = r.rest[i+1:]
	}
	if len(r.rest) > wishLongest {
		r.refuse()
		return 0, errors.New("line too long")
	}
	return len(p), nil
}
