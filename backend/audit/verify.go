package audit

import (
	"context"
	"encoding/hex"
	"errors"
	"io/fs"
	"iter"
	"strconv"
	"strings"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/store"
)

// Head is the newest record at some time: what one notes elsewhere, to see
// later that nothing up to it was changed.
type Head struct {
	Records int64  `json:"records"` // which is its number, too
	Hash    string `json:"hash"`    // hexadecimal
}

// String is as ParseHead reads it.
func (h Head) String() string { return strconv.FormatInt(h.Records, 10) + ":" + h.Hash }

// ParseHead reads NUMBER:HASH. It fails with CodeUsage.
func ParseHead(s string) (Head, error) {
	number, sum, ok := strings.Cut(strings.TrimSpace(s), ":")
	n, err := strconv.ParseInt(number, 10, 64)
	b, err2 := hex.DecodeString(sum)
	if !ok || err != nil || err2 != nil || n < 1 || len(b) != 32 {
		return Head{}, domain.NewError(domain.CodeUsage, "detail", "head: "+strconv.Quote(s)+", not NUMBER:HASH as audit verify prints it")
	}
	return Head{n, hex.EncodeToString(b)}, nil
}

// The kinds of fault.
const (
	FaultChanged  = "changed"   // the record is not the one that was written, or another one follows the record before
	FaultMissing  = "missing"   // records are not there
	FaultCut      = "cut"       // the newest ones are not there, which the copy or the head knows
	FaultCopy     = "copy"      // the copy has another record of this number
	FaultNotThere = "not_there" // the copy lacks records that it had to have
	FaultHead     = "head"      // the record of the head that was noted is another one
	FaultLine     = "line"      // a line of the copy is no record
)

// Fault is something that somebody changed.
type Fault struct {
	Kind string `json:"kind"`
	From int64  `json:"from"` // number of the first record, or line of the file
	To   int64  `json:"to"`   // and of the last one
	File string `json:"file,omitempty"`
}

// Verified is what there is, and what is wrong with it.
type Verified struct {
	Records int64   `json:"records"`
	Head    Head    `json:"head"`
	Copied  int64   `json:"copied"` // records in the copy
	Faults  []Fault `json:"faults"` // at most faultsMost
	More    bool    `json:"more"`   // there are more faults
	// Parted is the first record from which the copy goes another way than an
	// unbroken database, as where an older database was put back; 0: it does not.
	Parted int64 `json:"parted"`
}

// OK tells whether nothing is wrong.
func (v Verified) OK() bool { return len(v.Faults) == 0 }

// part sets Parted: agreed is the newest record that database and copy have
// alike, chained whether the database's records follow each other.
func (v *Verified) part(agreed int64, chained bool) {
	ahead := false
	for _, f := range v.Faults {
		switch f.Kind {
		case FaultCut, FaultCopy:
			ahead = true
		case FaultNotThere:
		default:
			return
		}
		if f.From <= agreed {
			return
		}
	}
	if ahead && chained && !v.More {
		v.Parted = agreed + 1
	}
}

const faultsMost = 100

func (v *Verified) add(f Fault) {
	if n := len(v.Faults); n > 0 { // of the next record: the same fault
		last := &v.Faults[n-1]
		if last.Kind == f.Kind && last.File == f.File && last.To+1 == f.From {
			last.To = f.To
			return
		}
	}
	if len(v.Faults) == faultsMost {
		v.More = true
		return
	}
	v.Faults = append(v.Faults, f)
}

// verify goes through all records: whether each follows the one before, and is
// what was written, by the chain, by the copy (no files: without), and by a head
// that was noted (nil: none). It reads the records after the files were looked
// at: whatever is in these must be among those.
func verify(ctx context.Context, records Records, files []file, noted *Head) (Verified, error) {
	v := Verified{Faults: []Fault{}}
	next, stop := iter.Pull2(all(ctx, records))
	defer stop()
	var before store.AuditRecord
	headSeen, chained, agreed := false, true, int64(0)
	// take checks the next record against the one before.
	take := func() (r store.AuditRecord, ok bool, err error) {
		r, err, ok = next()
		if err != nil || !ok {
			return r, false, err
		}
		switch {
		case r.ID != before.ID+1:
			v.add(Fault{Kind: FaultMissing, From: before.ID + 1, To: r.ID - 1})
			chained = false
		case r.Hash != r.Sum(before.Hash):
			v.add(Fault{Kind: FaultChanged, From: r.ID, To: r.ID})
			chained = false
		}
		if noted != nil && r.ID == noted.Records {
			headSeen = true
			if r.Hash != noted.Hash {
				v.add(Fault{Kind: FaultHead, From: r.ID, To: r.ID})
			}
		}
		before = r
		v.Records++
		v.Head = Head{r.ID, r.Hash}
		return r, true, nil
	}
	r, ok, err := take()
	if err != nil {
		return v, err
	}
	if len(files) > 0 {
		copiedTo := int64(0)
		for c, err := range copiesInOrder(files, &v) {
			if err != nil {
				return v, err
			}
			v.Copied++
			for ok && r.ID < c.ID {
				v.add(Fault{Kind: FaultNotThere, From: r.ID, To: r.ID})
				if r, ok, err = take(); err != nil {
					return v, err
				}
			}
			switch {
			case !ok:
				v.add(Fault{Kind: FaultCut, From: c.ID, To: c.ID})
				continue
			case r.ID > c.ID:
				if c.ID <= copiedTo { // twice in it
					v.add(Fault{Kind: FaultCopy, From: c.ID, To: c.ID})
				} // else told of as missing
				continue
			case r.Hash != c.Hash || r.Sum("") != c.Sum(""):
				v.add(Fault{Kind: FaultCopy, From: c.ID, To: c.ID})
			default:
				agreed = c.ID
			}
			copiedTo = c.ID
			if r, ok, err = take(); err != nil {
				return v, err
			}
		}
	}
	for ok { // not copied yet
		if _, ok, err = take(); err != nil {
			return v, err
		}
	}
	v.part(agreed, chained)
	switch {
	case noted == nil || headSeen:
	case noted.Records > v.Head.Records:
		v.add(Fault{Kind: FaultCut, From: v.Head.Records + 1, To: noted.Records})
	default:
		v.add(Fault{Kind: FaultHead, From: noted.Records, To: noted.Records})
	}
	return v, nil
}

// all gives the records, the oldest first.
func all(ctx context.Context, records Records) iter.Seq2[store.AuditRecord, error] {
	return func(yield func(store.AuditRecord, error) bool) {
		for last := int64(0); ; {
			page, err := records.AuditRecords(ctx, store.AuditFilter{Oldest: true, Before: last, Limit: batch})
			if err != nil {
				yield(store.AuditRecord{}, err)
				return
			}
			for _, r := range page {
				if !yield(r, nil) {
					return
				}
				last = r.ID
			}
			if len(page) < batch {
				return
			}
		}
	}
}

// copiesInOrder gives the records of both files by their numbers. What is no
// record becomes a fault.
func copiesInOrder(files []file, v *Verified) iter.Seq2[store.AuditRecord, error] {
	return func(yield func(store.AuditRecord, error) bool) {
		type source struct {
			next func() (store.AuditRecord, error, bool)
			r    store.AuditRecord
			ok   bool
		}
		var sources []*source
		for _, f := range files {
			next, stop := iter.Pull2(copyOf(f, v))
			defer stop()
			sources = append(sources, &source{next: next})
		}
		for _, s := range sources {
			var err error
			if s.r, err, s.ok = s.next(); err != nil {
				yield(s.r, err)
				return
			}
		}
		for {
			var least *source
			for _, s := range sources {
				if s.ok && (least == nil || s.r.ID < least.r.ID) {
					least = s
				}
			}
			if least == nil || !yield(least.r, nil) {
				return
			}
			var err error
			if least.r, err, least.ok = least.next(); err != nil {
				yield(least.r, err)
				return
			}
		}
	}
}

// errStopped ends the reading of a file.
var errStopped = errors.New("stopped")

func copyOf(f file, v *Verified) iter.Seq2[store.AuditRecord, error] {
	return func(yield func(store.AuditRecord, error) bool) {
		line := int64(0)
		err := readCopy(f, func(text []byte) error {
			line++
			r, ok := record(text)
			if !ok {
				v.add(Fault{Kind: FaultLine, From: line, To: line, File: f.path})
				return nil
			}
			if !yield(r, nil) {
				return errStopped
			}
			return nil
		})
		if err != nil && !errors.Is(err, errStopped) && !errors.Is(err, fs.ErrNotExist) {
			yield(store.AuditRecord{}, err)
		}
	}
}
