package log

import (
	"testing"

	"scriptsmanager/backend/log/format"
)

// recordsOnly is an index without a log.
type recordsOnly []format.Record

func (x recordsOnly) refresh() error                  { return nil }
func (x recordsOnly) count() int                      { return len(x) }
func (x recordsOnly) at(i int) (format.Record, error) { return x[i], nil }
func (x recordsOnly) end() format.Builder             { return format.Builder{} }

// A line may begin farther back than a record can say: the beginning is found
// in steps.
func TestOpenedFarAway(t *testing.T) {
	for _, before := range []int{0, 1, 100} { // bytes before the line
		var b format.Builder
		var x recordsOnly
		if before > 0 {
			x = append(x, b.Run(format.Stdout, 0, make([]byte, before)))
		}
		x = append(x, b.Run(format.Stderr, 0, []byte("open")))
		block := make([]byte, format.MaxLength)
		for range 3 * (1 << 32 / format.MaxLength) {
			x = append(x, b.Run(format.Stdout, 0, block))
		}
		for _, i := range []int{len(x) - 1, len(x) / 2, 258, 257, 256, 3} {
			start, err := opened(x, i, 1)
			if err != nil || start != int64(before)+1 {
				t.Errorf("at record %d: begins at %d, want %d, %v", i, start-1, before, err)
			}
		}
	}
}
