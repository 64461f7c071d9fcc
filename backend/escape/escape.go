// Package escape knows where the control sequences of terminals end (ECMA-48,
// and titles and links as xterm has them). It shows nothing and knows no colour.
package escape

import "bytes"

// Strip takes the control sequences out of a text. One without any is given
// back as it is; else the result is appended to a buffer.
func Strip(to, text []byte) []byte {
	at := bytes.IndexByte(text, 0x1b)
	if at < 0 {
		return text
	}
	for ; at >= 0; at = bytes.IndexByte(text, 0x1b) {
		to = append(to, text[:at]...)
		text = text[at+Length(text[at:]):]
	}
	return append(to, text...)
}

// Length is that of the sequence which a text begins with; its first byte is
// ESC. What turns out to be none is as long as what introduced it: the rest of
// it is text, so that nothing is hidden by half a sequence.
func Length[T string | []byte](text T) int {
	if len(text) < 2 {
		return len(text)
	}
	switch c := text[1]; {
	case c == '[': // CSI: parameters, intermediates, one final byte
		i := 2
		for i < len(text) && text[i] >= 0x30 && text[i] <= 0x3f {
			i++
		}
		return ended(text, i, 0x40, 2)
	case c == ']' || c == 'P' || c == '^' || c == '_' || c == 'X': // a string, until BEL or ST
		for i := 2; i < len(text); i++ {
			switch {
			case text[i] == 0x07:
				return i + 1
			case text[i] == 0x1b && i+1 < len(text) && text[i+1] == '\\':
				return i + 2
			case text[i] == 0x1b:
				return i
			}
		}
		return 2
	default:
		return ended(text, 1, 0x30, 1)
	}
}

// ended gives where a sequence ends that has intermediates from i on and then a
// byte not below final; one that has none is of another length.
func ended[T string | []byte](text T, i int, final byte, none int) int {
	for i < len(text) && text[i] >= 0x20 && text[i] <= 0x2f {
		i++
	}
	if i < len(text) && text[i] >= final && text[i] <= 0x7e {
		return i + 1
	}
	return none
}
