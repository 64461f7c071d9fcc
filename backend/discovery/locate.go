package discovery

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// head is what stands before the first statement of a Python file: the
// leading comments and the module's docstring, still in the file's encoding.
type head struct {
	coding      string // as named in the coding line, "" is none
	codingLine  int
	utf16       bool
	comments    [2]int // bounds of the leading comments, shebang included
	hasString   bool
	text        [2]int // bounds of the docstring without its quotes
	raw         bool   // r"…": backslashes are just that
	quote       string
	unended     bool // the docstring never ends
	needMore    bool // the source given ends before the head does
	stringStart int
	resume      int // with needMore: where to look on for the docstring's end
}

// locate finds the head as Python's tokenizer would: byte order mark, blank
// lines, comments, then a string with any of its prefixes and quotes. final
// says that src is the whole file; from is where the end of the docstring is
// to be looked for, for a caller that comes back with more of the same file.
func locate(src []byte, final bool, from int) head {
	var h head
	if len(src) >= 2 && (src[0] == 0xFF && src[1] == 0xFE || src[0] == 0xFE && src[1] == 0xFF) {
		h.utf16 = true
		return h
	}
	pos := 0
	if bytes.HasPrefix(src, []byte("\xEF\xBB\xBF")) {
		pos = 3
		h.coding = "utf-8"
	}
	h.comments = [2]int{pos, pos}
	line := 1
	for {
		for pos < len(src) && (src[pos] == ' ' || src[pos] == '\t' || src[pos] == '\f') {
			pos++
		}
		if pos == len(src) {
			h.needMore = !final
			return h
		}
		switch src[pos] {
		case '\n':
			pos++
			line++
			continue
		case '\r':
			pos++
			if pos < len(src) && src[pos] == '\n' {
				pos++
			}
			line++
			continue
		case '#':
			end := bytes.IndexAny(src[pos:], "\r\n")
			if end < 0 {
				if !final {
					h.needMore = true
					return h
				}
				end = len(src) - pos
			}
			if line <= 2 && h.coding == "" {
				if name := codingName(src[pos : pos+end]); name != "" {
					h.coding, h.codingLine = name, line
				}
			}
			pos += end
			h.comments[1] = pos
			continue
		}
		break
	}
	h.locateString(src, pos, final, from)
	return h
}

func (h *head) locateString(src []byte, pos int, final bool, from int) {
	start := pos
	for pos < len(src) && pos-start < 2 && strings.IndexByte("rRuU", src[pos]) >= 0 {
		if src[pos]|0x20 == 'r' {
			h.raw = true
		}
		pos++
	}
	if pos+3 > len(src) && !final {
		h.needMore = true
		return
	}
	if pos == len(src) || src[pos] != '"' && src[pos] != '\'' || pos-start == 2 {
		return // Python knows no two-letter prefix of plain strings: ur is refused
	}
	h.hasString = true
	h.stringStart = start
	h.quote = string(src[pos])
	if triple := strings.Repeat(h.quote, 3); bytes.HasPrefix(src[pos:], []byte(triple)) {
		h.quote = triple
	}
	pos += len(h.quote)
	h.text = [2]int{pos, len(src)}
	q := h.quote[0]
	stops := h.stops()
	h.resume = len(src)
	for i := max(pos, from); i < len(src); {
		step := bytes.IndexAny(src[i:], stops)
		if step < 0 {
			break
		}
		i += step
		if h.resume == len(src) && i+max(2, len(h.quote)) > len(src) {
			h.resume = i // what it is shows with the bytes that follow
		}
		switch c := src[i]; {
		case c == '\\':
			i += 2
		case c == q:
			if !bytes.HasPrefix(src[i:], []byte(h.quote)) {
				i++
				continue
			}
			h.text[1] = i
			return
		default: // the line ends before a string of one line does
			h.text[1] = i
			h.unended = true
			return
		}
	}
	h.needMore = !final
	h.unended = final
}

func (h *head) stops() string {
	if len(h.quote) == 3 {
		return h.quote[:1] + `\`
	}
	return h.quote + "\\\r\n"
}

// codingName reads a coding line as PEP 263 describes it.
func codingName(comment []byte) string {
	i := bytes.Index(comment, []byte("coding"))
	if i < 0 || i+6 >= len(comment) || comment[i+6] != ':' && comment[i+6] != '=' {
		return ""
	}
	rest := bytes.TrimLeft(comment[i+7:], " \t")
	end := 0
	for end < len(rest) && (rest[end] == '-' || rest[end] == '_' || rest[end] == '.' ||
		rest[end]|0x20 >= 'a' && rest[end]|0x20 <= 'z' || rest[end] >= '0' && rest[end] <= '9') {
		end++
	}
	return string(rest[:end])
}

// decode turns text in the encoding that the file names into UTF-8. known is
// false for an encoding that we do not read; bad is the offset of the first
// byte that does not belong into it, or -1. Undecodable bytes become U+FFFD.
func decode(text []byte, coding string) (decoded []byte, known bool, bad int) {
	if coding == "" && utf8.Valid(text) {
		return text, true, -1
	}
	var single *charmap.Charmap
	known = true
	switch strings.NewReplacer("_", "-", " ", "-").Replace(strings.ToLower(coding)) {
	case "", "utf-8", "utf8", "utf-8-sig", "u8", "utf", "ascii", "us-ascii", "utf-8-unix", "utf-8-dos":
	case "latin-1", "latin1", "iso-8859-1", "iso8859-1", "8859", "l1", "cp819", "iso-latin-1", "latin-1-unix":
		single = charmap.ISO8859_1
	case "cp1252", "windows-1252", "1252":
		single = charmap.Windows1252
	case "iso-8859-15", "iso8859-15", "latin-9", "latin9", "l9":
		single = charmap.ISO8859_15
	case "iso-8859-2", "iso8859-2", "latin-2", "latin2", "l2":
		single = charmap.ISO8859_2
	case "cp1250", "windows-1250":
		single = charmap.Windows1250
	case "cp1251", "windows-1251":
		single = charmap.Windows1251
	case "cp850", "850", "ibm850":
		single = charmap.CodePage850
	case "cp437", "437", "ibm437":
		single = charmap.CodePage437
	case "mac-roman", "macroman", "macintosh":
		single = charmap.Macintosh
	default:
		known = false
	}
	if single == nil {
		if utf8.Valid(text) {
			return text, known, -1
		}
		bad = 0
		for bad < len(text) {
			r, size := utf8.DecodeRune(text[bad:])
			if r == utf8.RuneError && size == 1 {
				break
			}
			bad += size
		}
		return bytes.ToValidUTF8(text, []byte("\uFFFD")), known, bad
	}
	bad = -1
	decoded = make([]byte, 0, len(text)+len(text)/8)
	for i, c := range text {
		r := single.DecodeByte(c)
		if r == utf8.RuneError && bad < 0 {
			bad = i
		}
		decoded = utf8.AppendRune(decoded, r)
	}
	return decoded, known, bad
}
