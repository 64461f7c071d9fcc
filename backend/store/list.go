package store

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"scriptsmanager/backend/domain"
)

const (
	defaultPage = 50
	maximumPage = 1000
)

// listLimits say how a page is looked for. Either takes a millisecond or two.
type listLimits struct {
	walk   int64 // entries of an index in the order of the sort, past what does not match
	gather int64 // a filter that leaves fewer has them gathered and sorted instead
	little int64 // the same where values can be stepped through, which is quicker past this many
	steps  int   // values of the column that is sorted by, one after the other
}

func usualLimits() listLimits {
	return listLimits{walk: 10_000, gather: 6_500, little: 2_000, steps: 32}
}

// ExecutionSort is what a list is sorted by.
type ExecutionSort string

// The sorts. Where two are alike the newer one is the greater.
const (
	SortCreated  ExecutionSort = ""
	SortState    ExecutionSort = "state"
	SortScript   ExecutionSort = "script" // by group, then by file
	SortDuration ExecutionSort = "duration"
	SortProject  ExecutionSort = "project"
	SortUser     ExecutionSort = "user"
	SortReason   ExecutionSort = "reason"
)

// sorted says of a sort its column and the end of its indices' names.
type sorted struct{ column, index string }

func (s ExecutionSort) sorted() (sorted, bool) {
	switch s {
	case SortCreated:
		return sorted{"created_at", "created"}, true
	case SortState:
		return sorted{"status", "status"}, true
	case SortScript:
		return sorted{"script_ref", "script"}, true
	case SortDuration:
		return sorted{"duration_ms", "duration"}, true
	case SortProject:
		return sorted{"project_name", "project"}, true
	case SortUser:
		return sorted{"user_name", "user"}, true
	case SortReason:
		return sorted{"reason", "reason"}, true
	}
	return sorted{}, false
}

// allAlike tells whether what is chosen differs in nothing that it is sorted by.
func (f ExecutionFilter) allAlike() bool {
	switch f.Sort {
	case SortUser: // a project is one user's
		return f.UserID != nil || f.ProjectID != 0
	case SortProject:
		return f.ProjectID != 0
	case SortCreated, SortState, SortScript, SortDuration, SortReason:
	}
	return false
}

// ExecutionFilter chooses executions; the zero value of a field chooses all.
type ExecutionFilter struct {
	States      []domain.State
	ScriptID    string
	GroupID     string
	UserID      *int64
	ProjectID   int64
	Kind        string
	Environment string    // path
	Since       time.Time // created then or later
	Until       time.Time // created before
	Shortest    time.Duration
	Longest     time.Duration // either is for ended ones only
	Bookmarked  int64         // by this user
	Shared      bool

	Sort      ExecutionSort
	Ascending bool // the least first; else the greatest, so that the newest is first
	Limit     int  // of a page; 0 is 50, at most 1,000
	Before    string
}

// term is a condition, and the values of its question marks.
type term struct {
	sql  string
	args []any
}

// createdTerms are those of the time of creation.
func (f ExecutionFilter) createdTerms() (t terms) {
	if !f.Since.IsZero() {
		t = append(t, term{"created_at >= ?", []any{at(f.Since)}})
	}
	if !f.Until.IsZero() {
		t = append(t, term{"created_at < ?", []any{at(f.Until)}})
	}
	return t
}

// terms are conditions that hold together.
type terms []term

func (t terms) where() (string, []any) {
	if len(t) == 0 {
		return "", nil
	}
	var args []any
	parts := make([]string, len(t))
	for i, one := range t {
		parts[i] = one.sql
		args = append(args, one.args...)
	}
	return " WHERE " + strings.Join(parts, " AND "), args
}

// seek is an index by which a filter finds what it wants.
type seek struct {
	index string
	terms terms
	// ordered: what it finds is in order of creation.
	ordered bool
}

// filterTerms are the filter's conditions, and the indices that answer one each.
func (f ExecutionFilter) filterTerms() (all terms, seeks []seek) {
	var own terms
	prefix := "list_"
	if f.UserID != nil {
		own, prefix = terms{{"user_id = ?", []any{*f.UserID}}}, "list_own_"
	}
	all = append(all, own...)
	add := func(index string, ordered bool, t ...term) {
		all = append(all, t...)
		seeks = append(seeks, seek{index, append(append(terms{}, own...), t...), ordered})
	}
	if f.ScriptID != "" {
		add(prefix+"script", true, term{"script_ref = ?", []any{f.ScriptID}})
	}
	if f.GroupID != "" { // '0' comes after '/'
		add(prefix+"script", false, term{"script_ref >= ? AND script_ref < ?", []any{f.GroupID + "/", f.GroupID + "0"}})
	}
	if f.ProjectID != 0 {
		all = append(all, term{"project_id = ?", []any{f.ProjectID}})
		seeks = append(seeks, seek{"list_in_project", terms{{"project_id = ?", []any{f.ProjectID}}}, true})
	}
	if n := len(f.States); n > 0 {
		args := make([]any, n)
		for i, s := range f.States {
			args[i] = string(s)
		}
		add(prefix+"status", n == 1, term{"status IN (" + strings.Repeat("?, ", n-1) + "?)", args})
	}
	if f.Kind != "" {
		all = append(all, term{"kind = ?", []any{f.Kind}})
		if f.Kind != domain.KindScript { // what runs no script has none
			add(prefix+"script", true, term{"script_ref = ''", nil})
		}
	}
	if span := between("duration_ms", f.Shortest > 0 || f.Longest > 0, f.Shortest.Milliseconds(), f.Longest > 0, f.Longest.Milliseconds()); len(span) > 0 {
		add(prefix+"duration", false, span...)
	}
	created := f.createdTerms()
	if len(created) > 0 {
		add(prefix+"created", true, created...)
	}
	return all, seeks
}

func between(column string, from bool, least int64, to bool, most int64) (t terms) {
	if from {
		t = append(t, term{column + " >= ?", []any{least}})
	}
	if to {
		t = append(t, term{column + " <= ?", []any{most}})
	}
	return t
}

// few are conditions that leave few, which are found by themselves.
func (f ExecutionFilter) few() (t terms) {
	if f.Bookmarked != 0 {
		t = append(t, term{"id IN (SELECT execution FROM execution_marks WHERE user_id = ? AND bookmarked)", []any{f.Bookmarked}})
	}
	if f.Shared {
		t = append(t, term{"id IN (SELECT execution FROM execution_shares)", nil})
	}
	if f.Environment != "" {
		t = append(t, term{"json_extract(data, '$.environment_path') = ?", []any{f.Environment}})
	}
	return t
}

// listKey is where an execution stands in a list.
type listKey struct {
	id      int64
	created moment
	value   any // of the column that is sorted by
}

// Executions gives a page of executions and what to ask for next in Before, ""
// after the last page. New executions do not shift pages. It fails with
// CodeUsage where the sort or Before is none.
func (s *Store) Executions(ctx context.Context, f ExecutionFilter) (items []domain.Execution, next string, err error) {
	by, ok := f.Sort.sorted()
	if !ok {
		return nil, "", domain.NewError(domain.CodeUsage, "detail", "sort: "+strconv.Quote(string(f.Sort)))
	}
	if f.allAlike() {
		by = sorted{"created_at", "created"}
	}
	if hasNUL(f.ScriptID + f.GroupID + f.Kind + f.Environment) {
		return []domain.Execution{}, "", nil
	}
	limit := f.Limit
	if limit <= 0 {
		limit = defaultPage
	}
	limit = min(limit, maximumPage)
	after, err := f.after(by)
	if err != nil {
		return nil, "", err
	}
	keys, err := s.listKeys(ctx, f, by, after, limit+1)
	if err != nil {
		return nil, "", s.wrap("list executions", err)
	}
	if len(keys) > limit {
		keys = keys[:limit]
		next = f.cursor(keys[limit-1])
	}
	items, err = s.executionsOf(ctx, keys)
	return items, next, s.wrap("read executions", err)
}

// listKeys finds a page: by an index whose order is the wanted one, past what
// does not match, or, where a filter leaves few, by its index.
func (s *Store) listKeys(ctx context.Context, f ExecutionFilter, by sorted, after terms, limit int) ([]listKey, error) {
	all, seeks := f.filterTerms()
	all = append(all, f.few()...)
	whole := append(append(terms{}, all...), after...)
	if len(f.few()) > 0 {
		return s.gather(ctx, "", whole, f, by, limit)
	}
	walk := f.walk(by, seeks)
	created := f.createdTerms()
	// Nearly every duration is one of its own.
	stepped := len(created) > 0 && len(walk.terms)+len(created) == len(all) && by.index != "created" && by.index != "duration"
	most := s.lists.gather
	if stepped {
		most = min(most, s.lists.little)
	}
	// A filter that leaves few is the quickest way, whatever the sort.
	if keys, ok, err := s.gatherFew(ctx, seeks, most, whole, f, by, limit); err != nil || ok {
		return keys, err
	}
	if len(walk.terms) == len(all) {
		return s.gather(ctx, walk.index, whole, f, by, limit)
	}
	if stepped {
		if keys, ok, err := s.step(ctx, walk, created, f, by, limit); err != nil || ok {
			return keys, err
		}
		if keys, ok, err := s.gatherFew(ctx, seeks, s.lists.gather, whole, f, by, limit); err != nil || ok {
			return keys, err
		}
	}
	keys, err := s.walk(ctx, walk, after, all, f, by, limit)
	if err != nil || len(keys) == limit {
		return keys, err
	}
	// Few match where it was looked: by the index of what is rarest.
	best, least := walk, int64(math.MaxInt64)
	for _, k := range seeks {
		n, err := s.entries(ctx, k, least)
		if err != nil {
			return nil, err
		}
		if n < least {
			best, least = k, n
		}
	}
	return s.gather(ctx, best.index, whole, f, by, limit)
}

// walk is the index whose order is the wanted one, from where the filter's
// entries begin in it.
func (f ExecutionFilter) walk(by sorted, seeks []seek) seek {
	walk := seek{index: "list_" + by.index}
	if f.UserID != nil {
		walk = seek{index: "list_own_" + by.index, terms: terms{{"user_id = ?", []any{*f.UserID}}}}
	}
	for _, k := range seeks {
		if k.index == walk.index || (by.index == "created" && k.ordered) {
			walk = k
			break
		}
	}
	if f.UserID == nil && len(f.States) == 1 && by.index == "reason" {
		walk = seek{index: "list_status_reason", terms: terms{{"status = ?", []any{string(f.States[0])}}}}
	}
	return walk
}

// gatherFew gathers by the first index that has fewer than most entries for the filter.
func (s *Store) gatherFew(ctx context.Context, seeks []seek, most int64, whole terms, f ExecutionFilter, by sorted, limit int) (keys []listKey, ok bool, err error) {
	for _, k := range seeks {
		n, err := s.entries(ctx, k, most)
		if err != nil {
			return nil, false, err
		}
		if n < most {
			keys, err = s.gather(ctx, k.index, whole, f, by, limit)
			return keys, true, err
		}
	}
	return nil, false, nil
}

// entries counts those of an index, up to most.
func (s *Store) entries(ctx context.Context, k seek, most int64) (n int64, err error) {
	where, args := k.terms.where()
	err = s.read.DB.QueryRowContext(ctx, `SELECT count(*) FROM (SELECT 1 FROM execution_logs INDEXED BY `+k.index+where+` LIMIT ?)`,
		append(args, most)...).Scan(&n)
	return n, err
}

// gather takes all that match, by an index ("": SQLite's choice), and sorts
// them, where the index has them in another order.
func (s *Store) gather(ctx context.Context, index string, whole terms, f ExecutionFilter, by sorted, limit int) ([]listKey, error) {
	if index != "" {
		index = " INDEXED BY " + index
	}
	where, args := whole.where()
	return s.readKeys(ctx, `SELECT id, created_at, `+by.column+` FROM execution_logs`+index+where+f.order(by)+` LIMIT ?`, append(args, limit)...)
}

// walk takes what matches among the next entries of an index.
func (s *Store) walk(ctx context.Context, k seek, after, all terms, f ExecutionFilter, by sorted, limit int) ([]listKey, error) {
	inner, args := append(append(terms{}, k.terms...), after...).where()
	outer, more := all.where()
	columns := "id, created_at, status, user_id, script_ref, project_id, kind, duration_ms"
	if !strings.Contains(columns, by.column) {
		columns += ", " + by.column
	}
	args = append(append(args, s.lists.walk), more...)
	return s.readKeys(ctx, `SELECT id, created_at, `+by.column+` FROM (SELECT `+columns+` FROM execution_logs INDEXED BY `+
		k.index+inner+f.order(by)+` LIMIT ?)`+outer+` LIMIT ?`, append(args, limit)...)
}

// step takes what was created in time of one value of the column after the
// other: an index has those of one value in order of creation. It gives up
// after some values (ok is false).
func (s *Store) step(ctx context.Context, k seek, created terms, f ExecutionFilter, by sorted, limit int) (keys []listKey, ok bool, err error) {
	next, sign := "max", " < ?"
	if f.Ascending {
		next, sign = "min", " > ?"
	}
	var value any
	rest, err := f.after(sorted{"created_at", "created"}) // of the value of the row before
	if err != nil {
		return nil, false, err
	}
	if p, err := f.place(); err != nil {
		return nil, false, err
	} else if p != nil {
		value = p.Value
	}
	for range s.lists.steps {
		if rest == nil {
			t := k.terms
			if value != nil {
				t = slices.Concat(t, terms{{by.column + sign, []any{value}}})
			}
			where, args := t.where()
			var found any
			err := s.read.DB.QueryRowContext(ctx, `SELECT `+next+`(`+by.column+`) FROM execution_logs INDEXED BY `+k.index+where, args...).Scan(&found)
			if err != nil {
				return nil, false, err
			}
			if found == nil {
				return keys, true, nil
			}
			value = found
			if b, ok := found.([]byte); ok {
				value = string(b)
			}
		}
		one := slices.Concat(k.terms, terms{{by.column + " = ?", []any{value}}}, created, rest)
		more, err := s.gather(ctx, k.index, one, f, by, limit-len(keys))
		if err != nil {
			return nil, false, err
		}
		if keys = append(keys, more...); len(keys) == limit {
			return keys, true, nil
		}
		rest = nil
	}
	return nil, false, nil
}

func (s *Store) readKeys(ctx context.Context, query string, args ...any) (keys []listKey, err error) {
	rows, err := s.read.DB.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var k listKey
		if err := rows.Scan(&k.id, &k.created, &k.value); err != nil {
			return nil, err
		}
		keys = append(keys, k)
	}
	return keys, rows.Err()
}

// order sorts as the filter wants.
func (f ExecutionFilter) order(by sorted) string {
	way := " DESC"
	if f.Ascending {
		way = ""
	}
	first := ""
	if by.index != "created" {
		first = by.column + way + ", "
	}
	return ` ORDER BY ` + first + `created_at` + way + `, id` + way
}

// executionsOf reads executions in the order of their keys.
func (s *Store) executionsOf(ctx context.Context, keys []listKey) ([]domain.Execution, error) {
	items := make([]domain.Execution, 0, len(keys))
	if len(keys) == 0 {
		return items, nil
	}
	args := make([]any, len(keys))
	for i, k := range keys {
		args[i] = k.id
	}
	rows, err := s.read.DB.QueryContext(ctx, `SELECT id, data FROM execution_logs WHERE id IN (`+
		strings.Repeat("?, ", len(keys)-1)+`?)`, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	data := make(map[int64][]byte, len(keys))
	for rows.Next() {
		var id int64
		var b []byte
		if err := rows.Scan(&id, &b); err != nil {
			return nil, err
		}
		data[id] = b
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	// To read the JSON takes longer than to find it: by halves, side by side.
	found := make([]domain.Execution, len(keys))
	read := func(from, to int) error {
		for i := from; i < to; i++ {
			if b, ok := data[keys[i].id]; ok {
				if err := json.Unmarshal(b, &found[i]); err != nil {
					return err
				}
			}
		}
		return nil
	}
	half := len(keys) / 2
	second := make(chan error, 1)
	go func() { second <- read(half, len(keys)) }()
	if err := errors.Join(read(0, half), <-second); err != nil {
		return nil, err
	}
	for i, k := range keys {
		if data[k.id] != nil { // else deleted meanwhile
			items = append(items, found[i])
		}
	}
	return items, nil
}

// place is a cursor: how the list is sorted, and the last row's place in it.
type place struct {
	Sort    ExecutionSort `json:"s,omitempty"`
	Value   any           `json:"v,omitempty"`
	Created string        `json:"c"`
	ID      int64         `json:"i"`

	created time.Time // Created
}

func (f ExecutionFilter) cursor(k listKey) string {
	p := place{Sort: f.Sort, Created: k.created.UTC().Format(timeFormat), ID: k.id}
	if f.Sort != SortCreated && !f.allAlike() {
		p.Value = k.value
		if b, ok := k.value.([]byte); ok {
			p.Value = string(b)
		}
	}
	b, err := json.Marshal(p)
	if err != nil {
		panic(err) // texts and numbers
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

// place reads the cursor; nil where there is none.
func (f ExecutionFilter) place() (*place, error) {
	if f.Before == "" {
		return nil, nil //nolint:nilnil // the beginning
	}
	bad := func(err error) error {
		return domain.NewError(domain.CodeUsage, "detail", "before: "+strconv.Quote(f.Before)).Because(err)
	}
	b, err := base64.RawURLEncoding.DecodeString(f.Before)
	if err != nil {
		return nil, bad(err)
	}
	var p place
	if err := json.Unmarshal(b, &p); err != nil {
		return nil, bad(err)
	}
	if p.created, err = time.Parse(timeFormat, p.Created); err != nil {
		return nil, bad(err)
	}
	if p.Sort != f.Sort {
		return nil, bad(fmt.Errorf("of a list that is sorted by %q", p.Sort))
	}
	if p.Sort == SortCreated || f.allAlike() {
		return &p, nil
	}
	switch v := p.Value.(type) {
	case string:
	case float64:
		p.Value = int64(v)
	default:
		return nil, bad(errors.New("no value in it"))
	}
	return &p, nil
}

// after is the condition that a row comes after the cursor.
func (f ExecutionFilter) after(by sorted) (terms, error) {
	p, err := f.place()
	if err != nil || p == nil {
		return nil, err
	}
	sign := " < "
	if f.Ascending {
		sign = " > "
	}
	if by.index == "created" {
		return terms{{"(created_at, id)" + sign + "(?, ?)", []any{at(p.created), p.ID}}}, nil
	}
	return terms{{"(" + by.column + ", created_at, id)" + sign + "(?, ?, ?)", []any{p.Value, at(p.created), p.ID}}}, nil
}
