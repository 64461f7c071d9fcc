package main

import (
	"bytes"
	"slices"

	"scriptsmanager/backend/shim/protocol"
)

// mask takes secrets out of one stream, also those that come in several reads:
// what may be the beginning of one is kept back until more is known.
type mask struct {
	secrets [][]byte
	held    []byte
	covered int // so many bytes of held belong to secrets that stand in the log as protocol.Masked
}

// span is a part of a buffer that belongs to secrets.
type span struct{ from, to int }

// pass gives what of the stream can be written now. The result is valid until
// the next call.
func (m *mask) pass(data []byte) []byte {
	if len(m.secrets) == 0 {
		return data
	}
	buffer := append(m.held, data...)
	return m.write(buffer, len(buffer)-m.begun(buffer))
}

// rest gives what was kept back, at the end of the stream.
func (m *mask) rest() []byte { return m.write(m.held, len(m.held)) }

// write gives the buffer up to keep, and keeps back what is behind.
func (m *mask) write(buffer []byte, keep int) []byte {
	var out []byte
	at, covered := 0, 0
	for _, s := range m.spans(buffer) {
		told := s.from == 0 && m.covered > 0
		if s.from >= keep && !told {
			break // it may go on, and is found again
		}
		out = append(out, buffer[at:s.from]...)
		if !told {
			out = append(out, protocol.Masked...)
		}
		at, covered = min(s.to, keep), max(0, s.to-keep)
	}
	out = append(out, buffer[at:keep]...)
	m.held, m.covered = append([]byte(nil), buffer[keep:]...), covered
	return out
}

// spans gives the parts of the buffer that belong to secrets, those that overlap
// as one. What was covered before is the first.
func (m *mask) spans(buffer []byte) []span {
	var found []span
	if m.covered > 0 {
		found = append(found, span{0, m.covered})
	}
	for _, secret := range m.secrets {
		for at := 0; ; at++ {
			i := bytes.Index(buffer[at:], secret)
			if i < 0 {
				break
			}
			at += i
			found = append(found, span{at, at + len(secret)})
		}
	}
	slices.SortFunc(found, func(a, b span) int { return a.from - b.from })
	merged := found[:0]
	for _, s := range found {
		if n := len(merged); n > 0 && s.from < merged[n-1].to {
			merged[n-1].to = max(merged[n-1].to, s.to)
			continue
		}
		merged = append(merged, s)
	}
	return merged
}

// begun gives the length of the longest end of the buffer with which a secret
// begins that is not there whole.
func (m *mask) begun(buffer []byte) int {
	longest := 0
	for _, secret := range m.secrets {
		for n := min(len(secret)-1, len(buffer)); n > longest; n-- {
			if bytes.HasPrefix(secret, buffer[len(buffer)-n:]) {
				longest = n
			}
		}
	}
	return longest
}
