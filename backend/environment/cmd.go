package environment

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"unicode/utf16"
)

// cmdLine is the command line that calls batch files in one cmd.exe, whatever
// they say to the side, and has the variables written to a file after them. It
// holds no batch file of ours: one would have to be in the code page of the
// machine, in which not every path can be written. The inner cmd writes UTF-16
// (/u), which the scripts' own commands must not do. /d: nothing of the
// registry's AutoRun; /v:off: "!" in a path is a letter.
func cmdLine(shell, file string, scripts []string) string {
	var b strings.Builder
	b.WriteString(`"` + shell + `" /d /v:off /s /c "`)
	for _, s := range scripts {
		b.WriteString(`call "` + s + `" 1>&2 & `)
	}
	b.WriteString(`"` + shell + `" /u /d /s /c set > "` + file + `""`)
	return b.String()
}

// parseSet reads what `cmd /u /c set` printed: UTF-16, a variable a line. A
// line without a name goes on with the value before it.
func parseSet(b []byte) []string {
	b = bytes.TrimPrefix(b, []byte{0xff, 0xfe})
	units := make([]uint16, 0, len(b)/2)
	for ; len(b) >= 2; b = b[2:] {
		units = append(units, binary.LittleEndian.Uint16(b))
	}
	var variables []string
	for line := range strings.Lines(string(utf16.Decode(units))) {
		line = strings.TrimRight(line, "\r\n")
		switch {
		case strings.IndexByte(line, '=') > 0 && !strings.ContainsRune(line, 0):
			variables = append(variables, line)
		case line != "" && len(variables) > 0 && strings.IndexByte(line, '=') < 0 && !strings.ContainsRune(line, 0):
			variables[len(variables)-1] += "\n" + line
		}
	}
	return variables
}

// withOwn takes away what cmd.exe sets by itself where it is not set, and
// leaves what it was before.
func withOwn(after, before []string) []string {
	own := func(kv string) bool {
		name, _, _ := strings.Cut(kv, "=")
		switch strings.ToUpper(name) {
		case "COMSPEC", "PATHEXT", "PROMPT":
			return true
		}
		return name == ""
	}
	after = slices.DeleteFunc(after, own)
	for _, kv := range before {
		if own(kv) {
			after = append(after, kv)
		}
	}
	return after
}
