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

func TestParseTableFlows(t *testing.T) {
	v4 := make([]byte, 4+3*24)
	binary.LittleEndian.PutUint32(v4, 3)
	row := func(i int, state uint32, local, remote uint16) {
		r := v4[4+i*24:]
		binary.LittleEndian.PutUint32(r, state)
		binary.BigEndian.PutUint16(r[8:], local)
		binary.BigEndian.PutUint16(r[16:], remote)
	}
	row(0, 5, 5200, 50000)  // stands
	row(1, 11, 50001, 5200) // over, the other side closed first
	row(2, 5, 50000, 5200)  // the other end of the first
	got := parseTableFlows(v4, false, 5200)
	if len(got) != 2 || !got[0].blind || got[0].over || got[1].blind || !got[1].over || got[0].connection == got[1].connection {
		t.Errorf("%+v", got)
	}
}

func FuzzParseTableFlows(f *testing.F) {
	f.Add([]byte{1, 0, 0, 0}, true, 5200)
	f.Fuzz(func(t *testing.T, b []byte, v6 bool, port int) {
		if got := parseTableFlows(b, v6, port); len(got) > len(b)/24 {
			t.Errorf("%d rows of %d bytes", len(got), len(b))
		}
	})
}
