package format_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"scriptsmanager/backend/log/format"
)

func TestRecord(t *testing.T) {
	tests := []format.Record{
		{Kind: format.Stdout, Length: 1},
		{Offset: 1<<48 - 1, Lines: 1<<40 - 1, Time: -1, Length: format.MaxLength, Kind: format.Stderr, Open: [2]uint32{format.Far, format.Far}},
		{Offset: 10, Lines: 2, Time: 1_700_000_000_000_000_000, Length: 5, Kind: format.LostStdout, Open: [2]uint32{10, 0}},
		{Offset: 7, Kind: format.End, Open: [2]uint32{0, 3}},
	}
	for _, want := range tests {
		raw := want.Append(nil)
		if len(raw) != format.RecordSize {
			t.Fatalf("%d bytes", len(raw))
		}
		if got, ok := format.Parse(raw); !ok || got != want {
			t.Errorf("%+v became %+v, %v", want, got, ok)
		}
		for i := range raw {
			flipped := bytes.Clone(raw)
			flipped[i] ^= 0x10
			if got, ok := format.Parse(flipped); ok {
				t.Errorf("byte %d flipped: %+v passes for %+v", i, got, want)
			}
		}
	}
	if !format.ValidHeader(format.Header(1)) || len(format.Header(1)) != format.HeaderSize {
		t.Error("the header is not valid")
	}
}

func TestBuilder(t *testing.T) {
	var b format.Builder
	steps := []struct {
		kind  format.Kind
		data  string
		lines int64 // after it
		open  [2]uint32
	}{
		{format.Stdout, "ab", 0, [2]uint32{}},
		{format.Stderr, "x\ny", 1, [2]uint32{2, 0}},
		{format.Stdout, "c\nd\n", 3, [2]uint32{5, 1}},
		{format.Stdout, "e", 3, [2]uint32{0, 5}},
		{format.Stderr, "\n", 4, [2]uint32{1, 6}},
	}
	before := int64(0)
	offset := int64(0)
	for i, s := range steps {
		r := b.Run(s.kind, int64(i), []byte(s.data))
		if r.Offset != offset || r.Lines != before || r.Open != s.open || b.Lines() != s.lines {
			t.Errorf("step %d: %+v, then %d lines", i, r, b.Lines())
		}
		if again := format.At(r, []byte(s.data)); again != b {
			t.Errorf("step %d: At gives %+v, want %+v", i, again, b)
		}
		before, offset = s.lines, r.Next()
	}
	if r := b.Lost(format.LostStdout, 9, 100); r.Next() != offset || b.Lines() != 5 {
		t.Errorf("lost: %+v, %d lines", r, b.Lines())
	}
	b.Run(format.Stderr, 10, []byte("open"))
	if r := b.End(11); r.Lines != 5 || b.Lines() != 6 || !b.Ended() {
		t.Errorf("end: %+v, %d lines", r, b.Lines())
	}
}

func TestFarAway(t *testing.T) {
	var b format.Builder
	b.Run(format.Stderr, 0, []byte("open"))
	block := make([]byte, format.MaxLength)
	for range 1<<32/format.MaxLength + 2 {
		b.Run(format.Stdout, 0, block)
	}
	if r := b.Run(format.Stdout, 0, block); r.Open[1] != format.Far {
		t.Errorf("distance %d", r.Open[1])
	}
	if at, ok := b.Open(1); !ok || at != 0 {
		t.Errorf("open at %d, %v", at, ok)
	}
}

func TestFinish(t *testing.T) {
	base := filepath.Join(t.TempDir(), "x")
	w, err := format.Create(base)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(format.Stdout, 1, []byte("a\nb")); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil { // as if it was killed
		t.Fatal(err)
	}
	// Bytes without a record, and half a record.
	appendTo(t, base+format.LogSuffix, []byte("c\nd"))
	appendTo(t, base+format.IndexSuffix, make([]byte, 10))
	for range 2 { // the second time it is finished already
		lines, size, err := format.Finish(base, 5)
		if err != nil || lines != 3 || size != 6 {
			t.Errorf("%d lines, %d bytes, %v", lines, size, err)
		}
	}
	info, err := os.Stat(base + format.IndexSuffix)
	if err != nil || info.Size() != format.HeaderSize+3*format.RecordSize {
		t.Errorf("index of %d bytes, %v", info.Size(), err)
	}
	if _, err := format.Create(base); !errors.Is(err, os.ErrExist) {
		t.Errorf("a log is written over: %v", err)
	}
}

func appendTo(t *testing.T, path string, data []byte) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(format.Record{Kind: format.Stdout, Length: 1}.Append(nil))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, raw []byte) {
		r, ok := format.Parse(raw)
		if !ok {
			return
		}
		if !bytes.Equal(r.Append(nil), raw[:format.RecordSize]) {
			t.Errorf("%+v is written otherwise than it was read", r)
		}
		if r.Next() < r.Offset {
			t.Errorf("%+v goes back", r)
		}
	})
}
