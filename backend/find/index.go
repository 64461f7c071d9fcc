// Package find is the search over scripts: an index in memory of their names,
// tags, descriptions, parameters and documentation. All words of a query must
// be there, as words or within words; case and accents do not count. It
// promises that what may not be seen is neither found nor counted. It reads no
// files and knows no people: both are handed in.
package find

import (
	"bytes"
	"math/bits"
	"reflect"
	"slices"
	"sort"
	"sync"

	"scriptsmanager/backend/domain"
)

// Field is where a word was found, the better the greater.
type Field int

// The fields, and what a script is shown for first when it was found there.
const (
	FieldNone Field = iota
	FieldDocument
	FieldGroup // the group's name, the category
	FieldParameter
	FieldDescription
	FieldTag
	FieldName
)

// String names it as the door does.
func (f Field) String() string {
	return [...]string{"", "document", "group", "parameter", "description", "tag", "name"}[f]
}

// Entry is a script with what the index needs beside it.
type Entry struct {
	Script    domain.Script
	GroupName domain.Text
	// Documents tells which texts there are: it changes when they do. The texts
	// themselves are asked for when it has changed.
	Documents string
}

// posting is a script's slot and in which fields a word stands: a bit for each.
type posting uint32

func (p posting) slot() int     { return int(p >> 8) }
func (p posting) fields() uint8 { return uint8(p & 0xff) }

// post makes a posting; there are never 16 million scripts.
func post(slot int, fields uint8) posting { return posting(slot)<<8 | posting(fields) } //nolint:gosec // see above

// Index may be searched while it is changed, by one at a time.
type Index struct {
	changing sync.Mutex // held by who changes it

	mu       sync.RWMutex // guards all below
	numbers  map[string]int
	blob     []byte // a line end, and all words, each followed by one
	starts   []int  // of each word in blob
	postings [][]posting
	slots    []*slot // nil: what stood there is gone
	byScript map[domain.ScriptID]int
	gone     int
}

// slot is one script in the index.
type slot struct {
	entry Entry
	names []string // folded: in all languages, and the file's
}

// New makes an empty index.
func New() *Index {
	return &Index{numbers: map[string]int{}, blob: []byte{'\n'}, byScript: map[domain.ScriptID]int{}}
}

// Set makes the index have these scripts and no others. Only what has changed
// is read again: text gives the documents of one, in any order.
func (x *Index) Set(entries []Entry, text func(Entry) []string) {
	x.changing.Lock()
	defer x.changing.Unlock()
	wanted := make(map[domain.ScriptID]bool, len(entries))
	for i := range entries {
		e := &entries[i]
		wanted[e.Script.ID] = true
		if at, ok := x.byScript[e.Script.ID]; ok && reflect.DeepEqual(x.slots[at].entry, *e) {
			continue
		}
		x.put(*e, collect(*e, text(*e)))
	}
	for id, at := range x.byScript {
		if !wanted[id] {
			x.mu.Lock()
			x.drop(id, at)
			x.mu.Unlock()
		}
	}
	if x.gone > len(x.byScript)/2+64 {
		x.compact()
	}
}

// Len tells how many scripts it has.
func (x *Index) Len() int {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return len(x.byScript)
}

// collect gives a script's words, each with the fields in which it stands.
func collect(e Entry, documents []string) map[string]uint8 {
	found := map[string]uint8{}
	take := func(f Field, texts ...string) {
		for _, text := range texts {
			words(text, func(word string) { found[word] |= 1 << (f - 1) })
		}
	}
	s := &e.Script
	take(FieldName, fileName(s.ID))
	for _, l := range domain.Languages() {
		take(FieldName, s.Name[l])
		take(FieldDescription, s.Description[l])
		take(FieldGroup, e.GroupName[l])
		for i := range s.Parameters {
			take(FieldParameter, s.Parameters[i].Label[l])
		}
	}
	for i := range s.Parameters {
		take(FieldParameter, s.Parameters[i].Name)
	}
	take(FieldTag, s.Tags...)
	take(FieldGroup, s.GroupID, s.Category)
	take(FieldDocument, documents...)
	return found
}

func (x *Index) put(e Entry, found map[string]uint8) {
	one := &slot{entry: e, names: []string{joined(fileName(e.Script.ID))}}
	for _, l := range domain.Languages() {
		if name := joined(e.Script.Name[l]); name != "" && !slices.Contains(one.names, name) {
			one.names = append(one.names, name)
		}
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if at, ok := x.byScript[e.Script.ID]; ok {
		x.drop(e.Script.ID, at)
	}
	at := len(x.slots)
	x.slots = append(x.slots, one)
	x.byScript[e.Script.ID] = at
	for word, fields := range found {
		n, ok := x.numbers[word]
		if !ok {
			n = len(x.starts)
			x.numbers[word] = n
			x.starts = append(x.starts, len(x.blob))
			x.blob = append(append(x.blob, word...), '\n')
			x.postings = append(x.postings, nil)
		}
		x.postings[n] = append(x.postings[n], post(at, fields))
	}
}

// drop forgets a script; its postings go when the index is made smaller.
func (x *Index) drop(id domain.ScriptID, at int) {
	x.slots[at] = nil
	delete(x.byScript, id)
	x.gone++
}

// compact leaves out what is gone.
func (x *Index) compact() {
	fresh := New()
	places := make([]int, len(x.slots))
	for i, s := range x.slots {
		if s != nil {
			places[i] = len(fresh.slots)
			fresh.byScript[s.entry.Script.ID] = len(fresh.slots)
			fresh.slots = append(fresh.slots, s)
		}
	}
	for n, list := range x.postings {
		var left []posting
		for _, p := range list {
			if x.slots[p.slot()] != nil {
				left = append(left, post(places[p.slot()], p.fields()))
			}
		}
		if left == nil {
			continue
		}
		word := x.blob[x.starts[n]:x.end(n)]
		fresh.numbers[string(word)] = len(fresh.starts)
		fresh.starts = append(fresh.starts, len(fresh.blob))
		fresh.blob = append(append(fresh.blob, word...), '\n')
		fresh.postings = append(fresh.postings, left)
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.numbers, x.blob, x.starts, x.postings = fresh.numbers, fresh.blob, fresh.starts, fresh.postings
	x.slots, x.byScript, x.gone = fresh.slots, fresh.byScript, 0
}

// end gives where a word of the blob ends.
func (x *Index) end(n int) int {
	if n+1 < len(x.starts) {
		return x.starts[n+1] - 1
	}
	return len(x.blob) - 1
}

// How well a word fits: within another, at its beginning, as a whole.
const (
	fitsWithin = iota
	fitsBegin
	fitsWhole
	fits // how many there are
)

// grade is a field and how well the word fits; 0 is not found.
type grade uint8

func (g grade) field() Field { return Field(g / fits) }

func gradeOf(f Field, how int) grade { return grade(int(f)*fits + how) } //nolint:gosec // at most 20

// term fills grades, by slot, for one word of a query.
func (x *Index) term(word string, grades []grade) {
	want, lead := []byte(word), 0
	if beginsOnly(word) {
		want, lead = []byte("\n"+word), 1
	}
	for from := 0; from < len(x.blob); {
		at := bytes.Index(x.blob[from:], want)
		if at < 0 {
			return
		}
		at += from + lead
		n := sort.SearchInts(x.starts, at+1) - 1
		how := fitsWithin
		if at == x.starts[n] {
			if how = fitsBegin; at+len(word) == x.end(n) {
				how = fitsWhole
			}
		}
		for _, p := range x.postings[n] {
			if g := gradeOf(Field(bits.Len8(p.fields())), how); g > grades[p.slot()] {
				grades[p.slot()] = g
			}
		}
		from = x.end(n) // the line end may be the next word's lead
	}
}
