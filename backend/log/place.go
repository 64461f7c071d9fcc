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
	rows := Rows{Starts: []int64{}, Count: count, Next: max(from, 1)}
	err = r.records(rows.Next, func(i int, rec format.Record, after int64) (bool, error) {
		ends, kind := after-rec.Lines, rec.Kind.Stream()
		if rec.Kind == format.End {
			return true, r.endRows(&rows, i, want, every, after)
		}
		if skip := rows.Next - 1 - rec.Lines; skip > 0 {
			ends -= skip
		}
		if kind < 0 || ends < 0 {
			return false, errDamaged
		}
		if want[kind] {
			rows.add(ends, every)
		}
		rows.Next += ends
		return true, nil
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

// endRows takes the lines that had no end when the log was closed.
func (r *Reader) endRows(rows *Rows, i int, want [2]bool, every, after int64) error {
	start, err := unfinished(r.index, i)
	if err != nil {
		return err
	}
	line := after
	for _, at := range start {
		if at != 0 {
			line--
		}
	}
	for _, s := range inOrder(start) {
		if start[s] == 0 {
			continue
		}
		if line++; line < rows.Next {
			continue
		}
		if want[s] {
			rows.add(1, every)
		}
		rows.Next = line + 1
	}
	return nil
}

// LineAt gives the first line that ended at a time or after it: the last line
// where none did, 1 where times are not known. A clock that was set back does
// not hide what came before.
func (r *Reader) LineAt(at time.Time) (int64, error) {
	line, found := int64(1), false
	err := r.records(1, func(_ int, rec format.Record, after int64) (bool, error) {
		if after == rec.Lines {
			return true, nil
		}
		if found = rec.Time != 0 && rec.Time >= at.UnixNano(); found {
			line = rec.Lines + 1
		} else if rec.Time != 0 {
			line = after
		}
		return !found, nil
	})
	return line, err
}

// records goes through the records from the one in which a line ends, until
// take says that it is enough. After is the number of lines after a record.
func (r *Reader) records(from int64, take func(i int, rec format.Record, after int64) (bool, error)) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.refresh(); err != nil {
		return err
	}
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
	rec, err := x.at(i)
	for ; err == nil; i++ {
		next := format.Record{Lines: end.Lines()}
		last := i+1 >= x.count()
		if !last {
			if next, err = x.at(i + 1); err != nil {
				break
			}
		}
		goOn, err := take(i, rec, next.Lines)
		if err != nil || !goOn || last {
			return err
		}
		rec = next
	}
	return err
}
