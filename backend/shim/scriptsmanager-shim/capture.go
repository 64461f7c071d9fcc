package main

import (
	"bytes"
	"errors"
	"fmt"

	"scriptsmanager/backend/log/format"
	"scriptsmanager/backend/shim/protocol"
)

// keptEnd is how much of the end of the output is kept when a log has reached
// its limit: what a script says when it fails is there.
const keptEnd = 64 << 10

// capture takes what the script writes into the log: secrets masked, and no
// more than the limit; of what is above it, the end. It is for one goroutine.
type capture struct {
	*format.Writer
	masks [2]mask
	limit int64 // bytes; 0: none
	full  bool
	end   []piece // what came last, when full
	size  int     // of end
	left  [2]int64
}

// piece is what one read gave.
type piece struct {
	kind format.Kind
	time int64
	data []byte
}

func newCapture(w *format.Writer, spec protocol.Spec) *capture {
	c := &capture{Writer: w, limit: spec.LogLimit}
	for _, secret := range spec.Secrets {
		if secret == "" {
			continue
		}
		for i := range c.masks {
			c.masks[i].secrets = append(c.masks[i].secrets, []byte(secret))
		}
	}
	return c
}

// take writes what was read of a stream.
func (c *capture) take(kind format.Kind, now int64, data []byte) error {
	return c.put(kind, now, c.masks[kind.Stream()].pass(data))
}

func (c *capture) put(kind format.Kind, now int64, data []byte) error {
	if len(data) == 0 {
		return c.Failed()
	}
	if c.full {
		c.keep(kind, now, data)
		return c.Failed()
	}
	room := c.limit - c.Bytes()
	if c.limit <= 0 || int64(len(data)) <= room {
		_, err := c.Write(kind, now, data)
		return err
	}
	c.full = true
	fits := int(max(0, room))
	if line := bytes.LastIndexByte(data[:fits], '\n') + 1; line > 0 {
		fits = line
	}
	_, err := c.Write(kind, now, data[:fits])
	c.keep(kind, now, data[fits:])
	return errors.Join(err, c.note(now,
		"[ScriptsManager: this log has reached its limit of %s bytes. From here on only the last %s bytes are kept.]",
		grouped(c.limit), grouped(keptEnd)))
}

// keep holds on to the end of the output.
func (c *capture) keep(kind format.Kind, now int64, data []byte) {
	c.end = append(c.end, piece{kind, now, bytes.Clone(data)})
	c.size += len(data)
	for c.size > keptEnd {
		first := &c.end[0]
		drop := min(c.size-keptEnd, len(first.data))
		c.left[first.kind.Stream()] += int64(drop)
		c.size -= drop
		if first.data = first.data[drop:]; len(first.data) == 0 {
			c.end = c.end[1:]
		}
	}
}

// note writes a line of ours. It begins a line, whatever the script wrote.
func (c *capture) note(now int64, text string, args ...any) error {
	if err := c.EndLines(now); err != nil {
		return err
	}
	_, err := c.Write(format.Stderr, now, fmt.Appendf(nil, text+"\n", args...))
	return err
}

// finish writes what was kept back, and the last record.
func (c *capture) finish(now int64) error {
	for s, kind := range [2]format.Kind{format.Stdout, format.Stderr} {
		_ = c.put(kind, now, c.masks[s].rest()) // Finish tells of it
	}
	if c.full {
		c.Drop(format.Stdout, c.left[0])
		c.Drop(format.Stderr, c.left[1])
		for _, p := range c.end {
			_, _ = c.Write(p.kind, p.time, p.data)
		}
		if left := c.left[0] + c.left[1]; left > 0 {
			_ = c.note(now, "[ScriptsManager: %s bytes before the last %s are not in this log, as it reached its limit of %s bytes.]",
				grouped(left), grouped(int64(c.size)), grouped(c.limit))
		}
		c.end = nil
	}
	return c.Finish(now)
}

// grouped gives a number with its digits in threes.
func grouped(n int64) string {
	digits := fmt.Sprint(n)
	var b []byte
	for i := range len(digits) {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b = append(b, ',')
		}
		b = append(b, digits[i])
	}
	return string(b)
}
