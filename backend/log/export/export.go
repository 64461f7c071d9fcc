// Package export writes executions with their logs into one file: as text, as
// JSON (the customer's record), as CSV, as PDF, or as the bytes that the script
// wrote (SPEC LOG-7).
//
// It streams: the memory that it takes does not grow with the logs, but for PDF,
// which takes a bounded number of lines. A file is whole or not there. Whose
// logs may be exported is not its matter.
package export

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/escape"
	"scriptsmanager/backend/log"
	"scriptsmanager/backend/platform"
	"scriptsmanager/backend/progress"
)

// Formats of an export.
const (
	TXT  = "txt"
	JSON = "json"
	CSV  = "csv"
	PDF  = "pdf"
	RAW  = "raw" // the bytes that the script wrote; of several executions, a ZIP of them
)

// Ending is what a file's name ends with.
func Ending(format string, executions int) string {
	switch {
	case format != RAW:
		return format
	case executions == 1:
		return "log"
	default:
		return "zip"
	}
}

// Formats gives all formats.
func Formats() []string { return []string{TXT, JSON, CSV, PDF, RAW} }

// Item is an execution to be exported.
type Item struct {
	Execution     domain.Execution `json:"execution"`
	Base          string           `json:"base"` // of its log: a path without extension
	PythonVersion string           `json:"python_version,omitempty"`
	Title         string           `json:"title"`  // the script's name in the language of the export
	State         string           `json:"state"`  // in words
	Reason        string           `json:"reason"` // why it ended, in words

	missing string // what is not there of its output, in words
}

// Spec says what to export, and where to.
type Spec struct {
	Format string    `json:"format"`
	Output string    `json:"output"` // a path; what is there is replaced
	Items  []Item    `json:"items"`
	Words  Words     `json:"words"`
	Brand  string    `json:"brand"` // the product's name
	Logo   string    `json:"logo"`  // a PNG or JPEG file; "" is none
	Made   time.Time `json:"made"`
	Zone   string    `json:"zone"` // of times that people read; "" is the machine's
}

// Words are those of TXT and PDF, in the language of the export.
type Words struct {
	Execution, Script, User, Project, State, Created, Ended, Duration, ExitCode, Environment, Parameters, Output,
	Page, Left, NoOutput, // Page has {{page}} and {{pages}}, Left has {{lines}}
	Removed, Cut string // Cut has {{lines}}
}

// step is the only one that an export has.
const step = "export"

// Main is the process of a job that exports: it does what the file says, tells
// its progress to the file named, and gives the exit code, 0 or 1.
func Main(file, told string, stderr io.Writer) int {
	return progress.Main(file, told, stderr, step, func(ctx context.Context, s Spec, r *progress.Report) (map[string]any, error) {
		done, err := Run(ctx, s, func(lines, total int64, name string) {
			if total > 0 {
				r.Part(float64(lines)/float64(total), name)
			}
		})
		switch {
		case platform.IsDiskFull(err):
			err = domain.NewError(domain.CodeDiskFull, "path", s.Output)
		case err != nil && domain.AsError(err) == nil:
			err = domain.NewError(domain.CodeExportFailed, "path", s.Output, "detail", err.Error()).Because(err)
		}
		return map[string]any{"path": s.Output, "bytes": done.Bytes, "format": s.Format, "incomplete": done.Incomplete}, err
	})
}

// Done is what Run did.
type Done struct {
	Bytes      int64 // of the file
	Incomplete int   // executions whose logs are not there, or shorter than they were
}

// Run writes the file. tell is called now and then with the lines that were
// written, of how many, and of which execution.
func Run(ctx context.Context, s Spec, tell func(lines, total int64, name string)) (done Done, err error) {
	temporary := s.Output + ".new"
	if err := os.MkdirAll(filepath.Dir(s.Output), 0o700); err != nil {
		return Done{}, fmt.Errorf("make the folder of an export: %w", err)
	}
	f, err := os.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return Done{}, fmt.Errorf("export to %s: %w", s.Output, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.Close(), os.Remove(temporary))
		}
	}()
	zone := time.Local
	if s.Zone != "" {
		if zone, err = time.LoadLocation(s.Zone); err != nil {
			return Done{}, fmt.Errorf("find the time zone: %w", err)
		}
	}
	b := bufio.NewWriterSize(f, 1<<20)
	w := &writer{ctx: ctx, spec: s, out: b, tell: tell, zone: zone, longest: longest}
	w.spec.Items = slices.Clone(s.Items)
	for i := range w.spec.Items {
		item := &w.spec.Items[i]
		w.total += item.Execution.Lines
		if item.missing, err = w.missing(*item); err != nil {
			return Done{}, err
		}
		if item.missing != "" {
			w.incomplete++
		}
	}
	switch s.Format {
	case TXT:
		err = w.text()
	case JSON:
		err = w.json()
	case CSV:
		err = w.csv()
	case PDF:
		err = w.pdf()
	case RAW:
		err = w.raw()
	default:
		err = fmt.Errorf("format %q is not known", s.Format)
	}
	if err == nil {
		err = errors.Join(b.Flush(), f.Sync())
	}
	if err != nil {
		return Done{}, err
	}
	info, err := f.Stat()
	if err != nil {
		return Done{}, err
	}
	if err = f.Close(); err != nil {
		return Done{}, err
	}
	if err := os.Rename(temporary, s.Output); err != nil {
		return Done{}, errors.Join(fmt.Errorf("put the export in place: %w", err), os.Remove(temporary))
	}
	return Done{Bytes: info.Size(), Incomplete: w.incomplete}, nil
}

// writer writes one file.
type writer struct {
	ctx         context.Context
	spec        Spec
	out         *bufio.Writer
	tell        func(lines, total int64, name string)
	zone        *time.Location
	done, total int64 // lines
	longest     int   // bytes of a line's text
	incomplete  int
}

// longest bounds the text of a line, which is put together in memory.
const longest = 16 << 20

// missing tells, in words, what of an execution's output is not there any more:
// all of it, or its end; "" where it is whole, or still being written.
func (w *writer) missing(item Item) (string, error) {
	x := item.Execution
	if x.Lines == 0 || x.State.Live() {
		return "", nil
	}
	if log.Changed(item.Base).IsZero() {
		return w.spec.Words.Removed, nil
	}
	r, err := log.Open(item.Base)
	if err != nil {
		return "", err
	}
	defer func() { _ = r.Close() }()
	if lines := r.Lines(); lines < x.Lines {
		return strings.ReplaceAll(w.spec.Words.Cut, "{{lines}}", strconv.FormatInt(x.Lines-lines, 10)), nil
	}
	return "", nil
}

// lines goes through an execution's lines of the streams, from a line on, until
// take says false. A log that is not there has none.
func (w *writer) lines(item Item, from int64, take func(domain.LogLine) (bool, error), streams ...domain.Stream) (err error) {
	r, err := log.Open(item.Base)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	for {
		if err := w.ctx.Err(); err != nil {
			return err
		}
		page, err := r.ReadLong(from, 0, w.longest, streams...)
		if err != nil {
			return err
		}
		for _, line := range page.Lines {
			if more, err := take(line); err != nil || !more {
				return err
			}
		}
		w.done += int64(len(page.Lines))
		if w.tell != nil {
			w.tell(w.done, w.total, item.Title)
		}
		if page.Next > page.Total || page.Next == from && len(page.Lines) == 0 {
			return nil
		}
		from = page.Next
	}
}

// whole is a line's text; where that is longer than is taken, a mark ends it.
// The bytes that the script wrote are in RAW.
func whole(line domain.LogLine) string {
	if line.Cut {
		return line.Text + "…"
	}
	return line.Text
}

// shown is a line's text for people: without what only a terminal understands,
// of what was overwritten by carriage returns the last.
func shown(text string) string {
	text = string(escape.Strip(nil, []byte(text)))
	if parts := strings.FieldsFunc(text, func(r rune) bool { return r == '\r' }); len(parts) > 0 {
		text = parts[len(parts)-1]
	}
	return strings.Map(func(r rune) rune {
		if r != '\t' && unicode.IsControl(r) {
			return -1
		}
		return r
	}, text)
}

// clock is a time for people.
func (w *writer) clock(t *time.Time, layout string) string {
	if t == nil || t.IsZero() {
		return ""
	}
	return t.In(w.zone).Format(layout)
}

const (
	toSeconds      = "2006-01-02 15:04:05"
	toMilliseconds = "2006-01-02 15:04:05.000"
)

// facts are what there is to say of an execution before its output: names and
// values, in pairs.
func (w *writer) facts(item Item) [][2]string {
	x, words := item.Execution, w.spec.Words
	state := item.State
	if item.Reason != "" {
		state += ": " + item.Reason
	}
	facts := [][2]string{
		{words.Execution, x.ID},
		{words.Script, x.ScriptID},
		{words.User, x.User},
		{words.Project, x.Project},
		{words.State, state},
		{words.Created, w.clock(&x.CreatedAt, toSeconds)},
		{words.Ended, w.clock(x.EndedAt, toSeconds)},
	}
	if x.EndedAt != nil {
		facts = append(facts, [2]string{words.Duration, (time.Duration(x.DurationMS) * time.Millisecond).String()})
	}
	if x.ExitCode != nil {
		facts = append(facts, [2]string{words.ExitCode, fmt.Sprint(*x.ExitCode)})
	}
	environment := x.Environment
	if item.PythonVersion != "" {
		environment += " (Python " + item.PythonVersion + ")"
	}
	facts = append(facts, [2]string{words.Environment, environment})
	if len(x.Parameters) > 0 {
		b, err := json.Marshal(x.Parameters)
		if err == nil {
			facts = append(facts, [2]string{words.Parameters, string(b)})
		}
	}
	kept := facts[:0]
	for _, f := range facts {
		if f[1] != "" {
			kept = append(kept, f)
		}
	}
	return kept
}
