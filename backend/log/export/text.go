package export

import (
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"scriptsmanager/backend/domain"
)

// text writes what people read: the facts of each execution, then its lines
// with time and stream.
func (w *writer) text() error {
	for i, item := range w.spec.Items {
		if i > 0 {
			_, _ = fmt.Fprint(w.out, "\n\n") // the Flush at the end tells of what failed
		}
		_, _ = fmt.Fprintf(w.out, "%s\n%s\n", item.Title, strings.Repeat("=", max(3, utf8.RuneCountInString(item.Title))))
		facts, widest := w.facts(item), 0
		for _, f := range facts {
			widest = max(widest, utf8.RuneCountInString(f[0]))
		}
		for _, f := range facts {
			_, _ = fmt.Fprintf(w.out, "%s:%s %s\n", f[0], strings.Repeat(" ", widest-utf8.RuneCountInString(f[0])), f[1])
		}
		_, _ = fmt.Fprintln(w.out)
		written := false
		err := w.lines(item, 1, func(line domain.LogLine) (bool, error) {
			written = true
			text := shown(whole(line))
			_, err := fmt.Fprintf(w.out, "%s  %s  %s\n", w.stamp(line.Time), line.Stream, text)
			return true, err
		})
		if err != nil {
			return err
		}
		switch {
		case item.missing != "":
			_, _ = fmt.Fprintln(w.out, item.missing)
		case !written:
			_, _ = fmt.Fprintln(w.out, w.spec.Words.NoOutput)
		}
	}
	return nil
}

// stamp is a line's time in the width that all have.
func (w *writer) stamp(t time.Time) string {
	if t.IsZero() {
		return strings.Repeat("-", len(toMilliseconds))
	}
	return w.clock(&t, toMilliseconds)
}

// csv writes a row a line (RFC 4180), after a byte order mark, without which
// spreadsheets take UTF-8 for something else.
func (w *writer) csv() error {
	if _, err := w.out.WriteString("\uFEFF"); err != nil {
		return err
	}
	c := csv.NewWriter(w.out)
	c.UseCRLF = true
	if err := c.Write([]string{"execution_id", "script", "username", "project_name", "line", "time", "stream", "text"}); err != nil {
		return err
	}
	for _, item := range w.spec.Items {
		x := item.Execution
		row := []string{x.ID, x.ScriptID, harmless(x.User), harmless(x.Project), "", "", "", ""}
		err := w.lines(item, 1, func(line domain.LogLine) (bool, error) {
			row[4], row[5], row[6], row[7] = strconv.FormatInt(line.Seq, 10), "", string(line.Stream), harmless(shown(whole(line)))
			if !line.Time.IsZero() {
				row[5] = line.Time.UTC().Format("2006-01-02T15:04:05.000Z")
			}
			return true, c.Write(row)
		})
		if err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}

// harmless keeps a spreadsheet from taking a text for a formula: one that begins
// as formulas do, and is no number, gets an apostrophe before it.
func harmless(text string) string {
	if text == "" || !strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return text
	}
	if _, err := strconv.ParseFloat(text, 64); err == nil {
		return text
	}
	return "'" + text
}
