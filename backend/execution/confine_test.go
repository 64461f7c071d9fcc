package execution

import (
	"slices"
	"testing"

	"scriptsmanager/backend/domain"
)

func TestMemoryOf(t *testing.T) { // EXE-4
	for in, want := range map[string]int64{
		"512M": 512 << 20, "2G": 2 << 30, "1.5GiB": 3 << 29, "64 KB": 64 << 10, "2048": 2 << 30, "7B": 7, "1T": 1 << 40,
		"": 0, "M": 0, "-1M": 0, "0": 0, "1e300G": 0, "NaN": 0, "5X": 0,
	} {
		if got, ok := memoryOf(in); got != want || ok != (want > 0) {
			t.Errorf("%q: %d, %v", in, got, ok)
		}
	}
}

func TestCPUsOf(t *testing.T) { // EXE-4
	for in, want := range map[string]float64{"0.5": 0.5, "2": 2, "150%": 1.5, "": 0, "%": 0, "-1": 0, "NaN": 0} {
		if got, ok := cpusOf(in); got != want || ok != (want > 0) {
			t.Errorf("%q: %v, %v", in, got, ok)
		}
	}
}

func TestChosenPaths(t *testing.T) { // SEC-2
	declared := []domain.Parameter{
		{Name: "in", Type: domain.TypeFile, Multiple: true},
		{Name: "out", Type: domain.TypeDirectory},
		{Name: "new", Type: domain.TypePath},
		{Name: "text", Type: domain.TypeString},
	}
	dir := t.TempDir()
	read, write := chosenPaths(declared, map[string]any{
		"in": []any{"/a", "/b"}, "out": dir, "new": dir + "/not/yet", "text": "/etc",
	})
	if !slices.Equal(read, []string{"/a", "/b"}) || !slices.Equal(write, []string{dir, dir + "/not"}) {
		t.Errorf("read %v, write %v", read, write)
	}
}
