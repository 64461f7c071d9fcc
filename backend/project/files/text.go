package files

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"scriptsmanager/backend/domain"
)

// The encodings that texts are read and written in.
const (
	UTF8        = "utf-8"
	UTF8BOM     = "utf-8-bom"
	UTF16LE     = "utf-16le"
	UTF16BE     = "utf-16be"
	Windows1252 = "windows-1252"
)

// The kinds of content, by which a file is shown.
const (
	ContentJSON   = "json"
	ContentTable  = "table"
	ContentText   = "text"
	ContentImage  = "image"
	ContentBinary = "binary"
)

// Content is what a file seems to hold.
type Content struct {
	Kind     string `json:"kind"`
	Encoding string `json:"encoding,omitempty"` // of a text
	Type     string `json:"type,omitempty"`     // of an image: its media type
}

// Sniff tells what a file holds by its name and its first bytes.
func Sniff(name string, head []byte, whole bool) Content {
	ending := strings.ToLower(path.Ext(name))
	if kind := image(head); kind != "" {
		return Content{Kind: ContentImage, Type: kind}
	}
	encoding := encodingOf(head, whole)
	switch {
	case encoding == "":
		return Content{Kind: ContentBinary}
	case ending == ".svg":
		return Content{Kind: ContentImage, Type: "image/svg+xml", Encoding: encoding}
	case ending == ".json" || ending == ".geojson" || ending == ".ipynb":
		return Content{Kind: ContentJSON, Encoding: encoding}
	case (ending == ".csv" || ending == ".tsv") && encoding != UTF16LE && encoding != UTF16BE:
		return Content{Kind: ContentTable, Encoding: encoding}
	}
	return Content{Kind: ContentText, Encoding: encoding}
}

func image(head []byte) string {
	switch {
	case bytes.HasPrefix(head, []byte("\x89PNG\r\n\x1a\n")):
		return "image/png"
	case bytes.HasPrefix(head, []byte("\xff\xd8\xff")):
		return "image/jpeg"
	case bytes.HasPrefix(head, []byte("GIF87a")), bytes.HasPrefix(head, []byte("GIF89a")):
		return "image/gif"
	case len(head) >= 12 && string(head[:4]) == "RIFF" && string(head[8:12]) == "WEBP":
		return "image/webp"
	}
	return ""
}

// encodingOf guesses; "" is no text. whole: the head is all of the file.
func encodingOf(head []byte, whole bool) string {
	switch {
	case bytes.HasPrefix(head, []byte(byteOrderMark)):
		return UTF8BOM
	case bytes.HasPrefix(head, []byte("\xff\xfe")):
		return UTF16LE
	case bytes.HasPrefix(head, []byte("\xfe\xff")):
		return UTF16BE
	case bytes.IndexByte(head, 0) >= 0:
		return ""
	}
	if !whole {
		head = uncut(head)
	}
	if utf8.Valid(head) {
		return UTF8
	}
	control := 0
	for _, b := range head {
		if b < 0x20 && b != '\t' && b != '\n' && b != '\r' && b != '\f' && b != 0x1b {
			control++
		}
	}
	if control*100 > len(head) { // more than a text has by mistake
		return ""
	}
	return Windows1252
}

// uncut leaves away a character at the end of which only the first bytes are
// there.
func uncut(text []byte) []byte {
	for n := 1; n < utf8.UTFMax && n <= len(text); n++ {
		if utf8.RuneStart(text[len(text)-n]) {
			if !utf8.FullRune(text[len(text)-n:]) {
				return text[:len(text)-n]
			}
			break
		}
	}
	return text
}

// Decode gives a text in an encoding; what it does not know becomes U+FFFD.
func Decode(data []byte, encoding string) string {
	switch encoding {
	case UTF8BOM:
		return strings.ToValidUTF8(string(bytes.TrimPrefix(data, []byte(byteOrderMark))), "\uFFFD")
	case UTF16LE:
		return decode16(bytes.TrimPrefix(data, []byte("\xff\xfe")), binary.LittleEndian)
	case UTF16BE:
		return decode16(bytes.TrimPrefix(data, []byte("\xfe\xff")), binary.BigEndian)
	case Windows1252:
		b, err := charmap.Windows1252.NewDecoder().Bytes(data)
		if err == nil {
			return string(b)
		}
	}
	return strings.ToValidUTF8(string(data), "\uFFFD")
}

func decode16(data []byte, order binary.ByteOrder) string {
	units := make([]uint16, len(data)/2)
	for i := range units {
		units[i] = order.Uint16(data[2*i:])
	}
	return string(utf16.Decode(units))
}

// Encode is the opposite of Decode. It fails with CodeFileEncoding where the
// encoding has no sign for a character.
func Encode(text, encoding string) ([]byte, error) {
	switch encoding {
	case "", UTF8:
		return []byte(text), nil
	case UTF8BOM:
		return append([]byte(byteOrderMark), text...), nil
	case UTF16LE:
		return encode16(text, binary.LittleEndian), nil
	case UTF16BE:
		return encode16(text, binary.BigEndian), nil
	case Windows1252:
		for _, r := range text {
			if _, ok := charmap.Windows1252.EncodeRune(r); !ok {
				return nil, domain.NewError(domain.CodeFileEncoding, "character", string(r), "encoding", encoding)
			}
		}
		return charmap.Windows1252.NewEncoder().Bytes([]byte(text))
	default:
		return nil, domain.NewError(domain.CodeFileEncoding, "character", "", "encoding", encoding)
	}
}

func encode16(text string, order binary.AppendByteOrder) []byte {
	b := order.AppendUint16(nil, 0xFEFF)
	for _, u := range utf16.Encode([]rune(text)) {
		b = order.AppendUint16(b, u)
	}
	return b
}

// Exact tells whether a text that was decoded gives the same bytes again: only
// such a one may be edited, or the rest of the file would change with it.
func Exact(data []byte, encoding string) bool {
	again, err := Encode(Decode(data, encoding), encoding)
	return err == nil && bytes.Equal(again, data)
}

// TextPart is a piece of a text, in whole lines where it has line ends.
type TextPart struct {
	Text string
	Next int64 // where the next piece begins; the size at the end
}

// TextPage reads a piece of a text file from offset on, which is 0 or a Next. A
// file that became shorter meanwhile ends where it ends.
func TextPage(file *File, encoding string, offset int64, length int) (TextPart, error) {
	size := file.Info.Size()
	offset = max(0, min(offset, size))
	data := make([]byte, min(int64(length), size-offset))
	n, err := file.ReadAt(data, offset)
	if n < len(data) && err != nil && !errors.Is(err, io.EOF) {
		return TextPart{}, fmt.Errorf("read text: %w", err)
	}
	data = data[:n]
	if offset+int64(len(data)) < size {
		data = data[:lineEnd(data, encoding)]
	}
	if len(data) == 0 && offset < size {
		return TextPart{Next: size}, nil
	}
	return TextPart{Text: Decode(data, encoding), Next: offset + int64(len(data))}, nil
}

// lineEnd is where a piece is cut: behind its last line end, else between two
// characters.
func lineEnd(data []byte, encoding string) int {
	switch encoding {
	case UTF16LE, UTF16BE:
		low, high := 0, 1
		if encoding == UTF16BE {
			low, high = 1, 0
		}
		even := len(data) &^ 1
		for i := even - 2; i >= 0; i -= 2 {
			if data[i+low] == '\n' && data[i+high] == 0 {
				return i + 2
			}
		}
		if even >= 2 && data[even-2+high]&0xFC == 0xD8 { // the first half of a pair
			return even - 2
		}
		return even
	default:
		if i := bytes.LastIndexByte(data, '\n'); i >= 0 {
			return i + 1
		}
		if n := len(uncut(data)); n > 0 {
			return n
		}
		return len(data)
	}
}
