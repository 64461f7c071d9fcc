package audit

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"scriptsmanager/backend/store"
)

// The formats that records are written in.
const (
	TXT  = "txt"  // a line for each
	JSON = "json" // one array
	CSV  = "csv"  // RFC 4180, with a head
)

// Formats lists them.
func Formats() []string { return []string{TXT, JSON, CSV} }

const timeFormat = "2006-01-02T15:04:05.000Z"

// Part writes a part of the records in a format: parts make one file, in the
// order in which they are written. first and last say whether it is that one.
func Part(format string, records []store.AuditRecord, first, last bool) ([]byte, error) {
	var b bytes.Buffer
	var err error
	switch format {
	case TXT:
		for _, r := range records {
			fmt.Fprintln(&b, text(r))
		}
	case JSON:
		err = array(&b, records, first, last)
	case CSV:
		err = rows(&b, records, first)
	default:
		err = fmt.Errorf("format %q is none of %s", format, strings.Join(Formats(), ", "))
	}
	return b.Bytes(), err
}

func text(r store.AuditRecord) string {
	who := r.Actor
	if r.Level != "" {
		who += " (" + string(r.Level) + ")"
	}
	line := fmt.Sprintf("%d  %s  %s  %s  %s", r.ID, r.At.UTC().Format(timeFormat), who, r.Action, r.Object)
	for _, side := range []struct {
		name string
		json json.RawMessage
	}{{"before", r.Before}, {"after", r.After}} {
		if side.json != nil {
			line += "  " + side.name + " " + string(side.json)
		}
	}
	return plain(line)
}

// plain shows what would act on a terminal or turn the direction of text: names
// are chosen by people.
func plain(line string) string {
	var b strings.Builder
	for _, r := range line {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			fmt.Fprintf(&b, `\u%04x`, r)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

func array(b *bytes.Buffer, records []store.AuditRecord, first, last bool) error {
	if first {
		b.WriteString("[")
	}
	for i, r := range records {
		if i > 0 || !first {
			b.WriteString(",")
		}
		line, err := json.Marshal(r)
		if err != nil {
			return err
		}
		b.WriteString("\n")
		b.Write(line)
	}
	if last {
		b.WriteString("\n]\n")
	}
	return nil
}

func rows(b *bytes.Buffer, records []store.AuditRecord, first bool) error {
	w := csv.NewWriter(b)
	w.UseCRLF = true
	if first {
		if err := w.Write([]string{"id", "at", "actor_kind", "user_id", "actor", "actor_level", "action", "object", "before", "after", "hash"}); err != nil {
			return err
		}
	}
	for _, r := range records {
		user := ""
		if r.UserID != 0 {
			user = strconv.FormatInt(r.UserID, 10)
		}
		fields := []string{
			strconv.FormatInt(r.ID, 10), r.At.UTC().Format(timeFormat), r.ActorKind, user, r.Actor, string(r.Level), r.Action, r.Object,
			string(r.Before), string(r.After), r.Hash,
		}
		for i, f := range fields {
			fields[i] = plainCell(f)
		}
		if err := w.Write(fields); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}

// plainCell keeps a spreadsheet from taking what a person chose for a formula
// (OWASP, CSV injection).
func plainCell(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}
