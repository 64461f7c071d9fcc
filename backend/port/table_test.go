package port

import (
	"encoding/binary"
	"slices"
	"testing"
)

func TestParseTable(t *testing.T) {
	v4 := make([]byte, 4+2*24)
	binary.LittleEndian.PutUint32(v4, 2)
	row := v4[4+24:]
	binary.BigEndian.PutUint16(row[8:], 5200)
	binary.LittleEndian.PutUint32(row[20:], 4711)
	if got := parseTable(v4, false, 5200); !slices.Equal(got, []int{4711}) {
		t.Errorf("IPv4: %v", got)
	}
	v6 := make([]byte, 4+56)
	binary.LittleEndian.PutUint32(v6, 1)
	binary.BigEndian.PutUint16(v6[4+20:], 5201)
	binary.LittleEndian.PutUint32(v6[4+52:], 99)
	if got := parseTable(v6, true, 5201); !slices.Equal(got, []int{99}) {
		t.Errorf("IPv6: %v", got)
	}
	if got := parseTable(v6, true, 5200); got != nil {
		t.Errorf("other port: %v", got)
	}
}

func FuzzParseTable(f *testing.F) {
	f.Add([]byte{1, 0, 0, 0}, true, 5200)
	f.Fuzz(func(t *testing.T, b []byte, v6 bool, port int) {
		if got := parseTable(b, v6, port); len(got) > len(b)/24 {
			t.Errorf("%d rows of %d bytes", len(got), len(b))
		}
	})
}
