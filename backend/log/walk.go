package log

import (
	"errors"

	"scriptsmanager/backend/log/format"
)

// walk goes through the records from record i on, until take says that it is
// enough. After is the number of lines after a record; total those in all. It
// fails with errDamaged where records do not follow each other.
func walk(x index, i int, total int64, take func(i int, rec format.Record, after int64) (more bool, err error)) error {
	if i >= x.count() {
		return nil
	}
	rec, err := x.at(i)
	for err == nil {
		next, last := format.Record{Lines: total}, i+1 >= x.count()
		if !last {
			if next, err = x.at(i + 1); err != nil {
				return err
			}
			if next.Offset != rec.Next() {
				return errDamaged
			}
		}
		if next.Lines < rec.Lines || !rec.Kind.Data() && next.Lines > rec.Lines+2 {
			return errDamaged
		}
		more, err := take(i, rec, next.Lines)
		if err != nil || !more || last {
			return err
		}
		rec = next
		i++
	}
	return err
}

// endedBy gives the streams whose unfinished lines end with record i, which has
// no bytes, in the order in which these lines began.
func endedBy(x index, i int, rec format.Record, after int64) ([]int, error) {
	start, err := unfinished(x, i)
	if err != nil {
		return nil, err
	}
	var streams []int
	for _, s := range inOrder(start) {
		if start[s] != 0 && (rec.Kind == format.End || rec.Kind.Stream() == s) {
			streams = append(streams, s)
		}
	}
	if int64(len(streams)) != after-rec.Lines {
		return nil, errDamaged
	}
	return streams, nil
}

// mended does something with the log, and once more with an index in memory
// where the one on the disk turns out to be damaged.
func (r *Reader) mended(do func() error) error {
	if err := r.refresh(); err != nil {
		return err
	}
	err := do()
	if !errors.Is(err, errDamaged) {
		return err
	}
	r.rebuild()
	if err := r.refresh(); err != nil {
		return err
	}
	return do()
}
