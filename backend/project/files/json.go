package files

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"

	"scriptsmanager/backend/domain"
)

// CheckJSON tells where a text ends to be JSON: CodeFileJSON with line, column
// (in characters, from 1) and what stands there. It reads no values: numbers of
// any size and equal keys are as they are written.
func CheckJSON(text []byte) error {
	var raw json.RawMessage
	err := json.Unmarshal(text, &raw)
	if err == nil {
		return nil
	}
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) && !strings.HasPrefix(syntax.Error(), "unexpected end") {
		return jsonFault(text, int(max(0, min(syntax.Offset-1, int64(len(text))))))
	}
	return jsonFault(text, len(text))
}

func jsonFault(text []byte, at int) error {
	line := 1 + bytes.Count(text[:at], []byte("\n"))
	start := bytes.LastIndexByte(text[:at], '\n') + 1
	found := ""
	if at < len(text) {
		r, _ := utf8.DecodeRune(text[at:])
		found = strconv.QuoteRune(r)
		found = found[1 : len(found)-1]
	}
	return domain.NewError(domain.CodeFileJSON, "line", line, "column", 1+utf8.RuneCount(text[start:at]), "found", found)
}

// FormatJSON indents a text that is JSON and changes nothing else: order of keys
// and digits of numbers stay.
func FormatJSON(text []byte) ([]byte, error) {
	if err := CheckJSON(text); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := json.Indent(&b, bytes.TrimSpace(text), "", "  "); err != nil {
		return nil, err
	}
	b.WriteByte('\n')
	return b.Bytes(), nil
}
