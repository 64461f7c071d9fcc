package log

import (
	"errors"
	"fmt"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/log/format"
)

// Rows tells where the lines of one stream are among all of them.
type Rows struct {
	Starts []int64 // the line that is row 0, every, 2*every … of the stream
	Count  int64   // rows
	Next   int64   // the line to go on from
}

// Rows counts the lines of stdout or stderr by the index alone, which tells of
// each read how many lines ended in it. Count rows are known before the line
// from (0 before the first); what comes back goes on from there.
func (r *Reader) Rows(stream domain.Stream, every, from, count int64) (Rows, error) {
	want, debug, err := chosen([]domain.Stream{stream})
	if err != nil || debug || every < 1 || count < 0 {
		return Rows{}, errors.Join(err, errors.New("count rows of a log: stdout or stderr, and a step of 1 or more"))
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	var rows Rows
	err = r.mended(func() error {
		rows = Rows{Starts: []int64{}, Count: count, Next: max(from, 1)}
		return r.records(rows.Next, func(i int, rec format.Record, after int64) (bool, error) {
			if !rec.Kind.Data() {
				return true, r.markRows(&rows, i, rec, want, every, after)
			}
			ends := after - rec.Lines
			if skip := rows.Next - 1 - rec.Lines; skip > 0 {
				ends -= skip
			}
			if ends < 0 {
				return false, errDamaged
			}
			if want[rec.Kind.Stream()] {
				rows.add(ends, every)
			}
			rows.Next += ends
			return true, nil
		})
	})
	return rows, err
}

// add takes so many lines from Next on.
func (w *Rows) add(lines, every int64) {
	for row := (w.Count + every - 1) / every * every; row < w.Count+lines; row += every {
		w.Starts = append(w.Starts, w.Next+row-w.Count)
	}
	w.Count += lines
}

// markRows takes the lines that end with record i, which has no bytes.
func (r *Reader) markRows(rows *Rows, i int, rec format.Record, want [2]bool, every, after int64) error {
	ended, err := endedBy(r.index, i, rec, after)
	for line, s := range ended {
		if rec.Lines+int64(line)+1 < rows.Next {
			continue
		}
		if want[s] {
			rows.add(1, every)
		}
		rows.Next++
	}
	return err
}

// LineAt gives the first line that ended at a time or after it: the last line
// where none did, 1 where times are not known. A clock that was set back does
// not hide what came before.
func (r *Reader) LineAt(at time.Time) (int64, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var line int64
	err := r.mended(func() error {
		line = 1
		return r.records(1, func(_ int, rec format.Record, after int64) (bool, error) {
			if after == rec.Lines {
				return true, nil
			}
			found := rec.Time != 0 && rec.Time >= at.UnixNano()
			if found {
				line = rec.Lines + 1
			} else if rec.Time != 0 {
				line = after
			}
			return !found, nil
		})
	})
	return line, err
}

// records goes through the records from the one in which a line ends.
func (r *Reader) records(from int64, take func(i int, rec format.Record, after int64) (bool, error)) error {
	x := r.index
	if x == nil {
		return nil
	}
	end := x.end()
	if from > end.Lines() {
		return nil
	}
	i, err := searchLine(x, from)
	if err != nil {
		return fmt.Errorf("look for a line: %w", err)
	}
	return walk(x, i, end.Lines(), take)
}
