package search

import (
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/log"
)

// Request is what is asked for.
type Request struct {
	Query  Query
	Filter Filter
	Limit  int           // of hits in one answer; 0 is 100
	Before string        // Next of the answer before; "" for the first
	Within time.Duration // an answer is given after that, however many hits there are; 0 is no bound
}

// Filter chooses logs; the zero value of a field chooses all.
type Filter struct {
	UserID    *int64
	Script    string
	ProjectID int64
	Since     time.Time // created then or later
	Until     time.Time // created before
	Execution string    // UUID
	Among     []string  // UUIDs; nil: all
	Stream    domain.Stream
	// Allow tells whether an execution that the fields choose is to be looked
	// into; nil: all are. It is asked once for each in one answer.
	Allow func(ctx context.Context, execution string) (bool, error)
}

// Hit is a line that was found.
type Hit struct {
	Execution string
	Line      domain.LogLine
}

// Answer is some of what was found, the newest first, and where to go on.
type Answer struct {
	Hits  []Hit
	Next  string // "" when everything was looked at
	Lines int64  // that were looked at for this answer
	// Unread are logs that could not be read, or not to where they were known to
	// reach, each once.
	Unread []Unread
}

// Unread is the log of an execution that could not be read, and why.
type Unread struct {
	Execution string
	Because   error
}

const (
	usualLimit = 100
	mostHits   = 1000
	tailLines  = 1000 // of what is not indexed yet, looked at in one go
)

// position is where a search stands: it goes through what was not in blocks
// when it began, then through the blocks that there were.
type position struct {
	Made   int64 `json:"m"`           // of the file
	Blocks int64 `json:"b"`           // the newest block when the search began
	Source int64 `json:"s,omitempty"` // the source whose tail is looked at, from Line on backwards
	Block  int64 `json:"k,omitempty"` // the block that is looked at; 0: the tails are
	Line   int64 `json:"l,omitempty"` // lines before it are left; 0: all of them
}

func (p position) String() string {
	text, _ := json.Marshal(p) // four numbers
	return base64.RawURLEncoding.EncodeToString(text)
}

func parsePosition(text string) (p position, err error) {
	plain, err := base64.RawURLEncoding.DecodeString(text)
	if err == nil {
		err = json.Unmarshal(plain, &p)
	}
	if err != nil {
		return p, domain.NewError(domain.CodeUsage, "detail", "before").Because(err)
	}
	return p, nil
}

// finder makes one answer.
type finder struct {
	x        *Index
	request  Request
	deadline time.Time
	answer   Answer
	readers  map[string]*log.Reader
	allowed  map[string]bool
	at       position
}

// errShort says that lines which were there once are not there any more.
var errShort = errors.New("the log is removed, or was cut")

// errFull ends the making of an answer that has what it should.
var errFull = errors.New("the answer is full")

// Search gives the next lines that match. It fails with CodeUsage where Before
// is not of an answer.
func (x *Index) Search(ctx context.Context, r Request) (answer Answer, err error) {
	err = x.whole(ctx, func() error {
		answer, err = x.search(ctx, r)
		return err
	})
	return answer, err
}

func (x *Index) search(ctx context.Context, r Request) (_ Answer, err error) {
	if r.Limit <= 0 {
		r.Limit = usualLimit
	}
	r.Limit = min(r.Limit, mostHits)
	f := &finder{x: x, request: r, readers: map[string]*log.Reader{}, allowed: map[string]bool{}}
	f.answer.Hits = []Hit{}
	if r.Within > 0 {
		f.deadline = time.Now().Add(r.Within)
	}
	defer func() {
		for _, reader := range f.readers {
			err = errors.Join(err, reader.Close())
		}
	}()
	if r.Before != "" {
		if f.at, err = parsePosition(r.Before); err != nil {
			return Answer{}, err
		}
		if f.at.Made != x.made { // of an index that is no more
			return Answer{}, domain.NewError(domain.CodeUsage, "detail", "before")
		}
	} else {
		// What cannot be taken in, as on a full disk, is not searched; the rest is.
		if err := x.discover(ctx); err != nil && (ctx.Err() != nil || unusable(err)) {
			return Answer{}, err
		}
		f.at.Made = x.made
		var last sql.NullInt64
		if err := x.read.QueryRowContext(ctx, `SELECT max(id) FROM block`).Scan(&last); err != nil {
			return Answer{}, fmt.Errorf("search logs: %w", err)
		}
		f.at.Blocks = last.Int64
	}
	if f.at.Block == 0 {
		if err = f.tails(ctx); err == nil {
			f.at = position{Made: f.at.Made, Blocks: f.at.Blocks, Block: f.at.Blocks}
		}
	}
	if err == nil {
		err = f.blocks(ctx)
	}
	if errors.Is(err, errFull) {
		f.answer.Next = f.at.String()
		return f.answer, nil
	}
	if err != nil {
		return Answer{}, fmt.Errorf("search logs: %w", err)
	}
	return f.answer, nil
}

// chosen is the condition of the filter on source s.
const chosen = ` AND (@user IS NULL OR s.user_id = @user) AND (@script = '' OR s.script = @script)
	AND (@project = 0 OR s.project_id = @project) AND s.created >= @since AND s.created < @until
	AND (@execution = '' OR s.execution = @execution)
	AND (@among IS NULL OR s.execution IN (SELECT value FROM json_each(@among)))`

// filter gives the values of chosen, and more.
func (f *finder) filter(more ...sql.NamedArg) []any {
	filter := f.request.Filter
	since, until := int64(math.MinInt64), int64(math.MaxInt64)
	if !filter.Since.IsZero() {
		since = filter.Since.UnixMilli()
	}
	if !filter.Until.IsZero() {
		until = filter.Until.UnixMilli()
	}
	var among any
	if filter.Among != nil {
		list, _ := json.Marshal(filter.Among) // texts
		among = string(list)
	}
	all := []any{
		sql.Named("among", among),
		sql.Named("user", filter.UserID), sql.Named("script", filter.Script), sql.Named("project", filter.ProjectID),
		sql.Named("since", since), sql.Named("until", until), sql.Named("execution", filter.Execution),
	}
	for _, m := range more {
		all = append(all, m)
	}
	return all
}

const (
	unindexed = `SELECT s.id, s.execution, s.base,
		coalesce((SELECT first + count FROM block WHERE source = s.id AND id <= @blocks ORDER BY id DESC LIMIT 1), 1)
		FROM source s WHERE s.id IN (SELECT id FROM source WHERE whole = 0 UNION SELECT source FROM block WHERE id > @blocks)
		AND s.id <= @last` + chosen + ` ORDER BY s.id DESC`
	// Joined in this order: the newest block comes first without sorting.
	withWords = `SELECT b.id, b.first, b.count, s.execution, s.base FROM words w CROSS JOIN block b ON b.id = w.rowid
		CROSS JOIN source s ON s.id = b.source WHERE w.words MATCH @words AND w.rowid <= @block` + chosen + ` ORDER BY w.rowid DESC`
	withAny = `SELECT b.id, b.first, b.count, s.execution, s.base FROM block b CROSS JOIN source s ON s.id = b.source
		WHERE b.id <= @block` + chosen + ` ORDER BY b.id DESC`
)

// tail is a source of which not all was in blocks when the search began.
type tail struct {
	id        int64
	execution string
	base      string
	from      int64 // the first line that was not
}

// tails looks at what was not in blocks.
func (f *finder) tails(ctx context.Context) error {
	all, err := f.openTails(ctx)
	if err != nil {
		return err
	}
	for _, t := range all {
		if f.at.Source != t.id {
			f.at.Source, f.at.Line = t.id, 0
		}
		if err := f.tail(ctx, t); err != nil {
			return err
		}
		if f.at.Source, f.at.Line = t.id-1, 0; f.at.Source == 0 {
			f.at.Source = -1 // 0 would begin anew
		}
		if err := f.pause(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (f *finder) openTails(ctx context.Context) (all []tail, err error) {
	last := int64(math.MaxInt64)
	if f.at.Source != 0 {
		last = f.at.Source
	}
	rows, err := f.x.read.QueryContext(ctx, unindexed, f.filter(sql.Named("blocks", f.at.Blocks), sql.Named("last", last))...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var t tail
		if err := rows.Scan(&t.id, &t.execution, &t.base, &t.from); err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	return all, rows.Err()
}

// tail looks at a log from its end back to where blocks begin.
func (f *finder) tail(ctx context.Context, t tail) error {
	ok, err := f.allow(ctx, t.execution)
	if err != nil || !ok {
		return err
	}
	r, err := f.open(t.base)
	if err != nil {
		return f.unread(ctx, t.execution, err)
	}
	before := f.at.Line
	if before == 0 {
		before = r.Lines() + 3 // with a line of each stream that has no end yet
	}
	for before > t.from {
		first := max(before-tailLines, t.from)
		if _, err := f.scan(ctx, t.execution, r, first, before); errors.Is(err, errFull) {
			return err
		} else if err != nil {
			return f.unread(ctx, t.execution, err)
		}
		before = first
		f.at.Line = before
		if err := f.pause(ctx); err != nil {
			return err
		}
	}
	return nil
}

// blocks looks at the blocks that may have what is looked for.
func (f *finder) blocks(ctx context.Context) (err error) {
	text, args := withAny, f.filter(sql.Named("block", f.at.Block))
	if expression := f.request.Query.expression(); expression != "" {
		text, args = withWords, append(args, sql.Named("words", expression))
	}
	rows, err := f.x.read.QueryContext(ctx, text, args...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var id, first, count int64
		var execution, base string
		if err := rows.Scan(&id, &first, &count, &execution, &base); err != nil {
			return err
		}
		before := first + count
		if id != f.at.Block {
			f.at.Block, f.at.Line = id, 0
		} else if f.at.Line != 0 {
			before = min(before, f.at.Line)
		}
		if before <= first {
			continue // the answer before ended with this block
		}
		ok, err := f.allow(ctx, execution)
		if err != nil {
			return err
		}
		if ok {
			r, err := f.open(base)
			if err == nil {
				var reached int64
				if reached, err = f.scan(ctx, execution, r, first, before); err == nil && reached < before {
					err = errShort
				}
			}
			if errors.Is(err, errFull) {
				return err
			}
			if err != nil {
				if err := f.unread(ctx, execution, err); err != nil {
					return err
				}
			}
		}
		f.at.Line = first
		if err := f.pause(ctx); err != nil {
			return err
		}
	}
	return rows.Err()
}

// unread notes that a log cannot be read: the others are searched all the same.
func (f *finder) unread(ctx context.Context, execution string, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if !slices.ContainsFunc(f.answer.Unread, func(u Unread) bool { return u.Execution == execution }) {
		f.answer.Unread = append(f.answer.Unread, Unread{execution, fmt.Errorf("search the log of %s: %w", execution, err)})
	}
	return nil
}

// pause tells whether it is time to answer.
func (f *finder) pause(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if !f.deadline.IsZero() && time.Now().After(f.deadline) {
		return errFull
	}
	return nil
}

func (f *finder) allow(ctx context.Context, execution string) (bool, error) {
	if f.request.Filter.Allow == nil {
		return true, nil
	}
	ok, known := f.allowed[execution]
	if !known {
		var err error
		if ok, err = f.request.Filter.Allow(ctx, execution); err != nil {
			return false, catalogueError{err}
		}
		f.allowed[execution] = ok
	}
	return ok, nil
}

func (f *finder) open(base string) (*log.Reader, error) {
	if r := f.readers[base]; r != nil {
		return r, nil
	}
	if len(f.readers) >= 32 {
		for known, r := range f.readers {
			delete(f.readers, known)
			if err := r.Close(); err != nil {
				return nil, err
			}
		}
	}
	r, err := log.Open(base)
	if err != nil {
		return nil, err
	}
	f.readers[base] = r
	return r, nil
}

// scan looks at the lines from first until before a line, and takes what
// matches, the last first. It gives the line that it reached.
func (f *finder) scan(ctx context.Context, execution string, r *log.Reader, first, before int64) (from int64, err error) {
	stream := f.request.Filter.Stream
	var found []domain.LogLine
	for from = first; from < before; {
		page, err := r.ReadLong(from, int(min(before-from, log.MaxLimit)), longestLine)
		if err != nil {
			return from, err
		}
		next := page.Next
		for _, line := range page.Lines {
			// Lines without an end come again with every page after them.
			if line.Seq < from || line.Seq >= before {
				continue
			}
			next = max(next, line.Seq+1)
			if (stream == "" || line.Stream == stream) && f.request.Query.Match(line.Text) {
				if len(line.Text) > log.MaxText { // the part with what was found is enough
					line.Text, _ = f.request.Query.Snippet(line.Text, log.MaxText)
					line.Text, line.Cut = strings.Clone(line.Text), true
				}
				found = append(found, line)
			}
		}
		f.answer.Lines += min(next, before) - from
		if next <= from {
			break
		}
		from = next
		if err := ctx.Err(); err != nil {
			return from, err
		}
	}
	for i := len(found) - 1; i >= 0; i-- {
		f.answer.Hits = append(f.answer.Hits, Hit{Execution: execution, Line: found[i]})
		f.at.Line = found[i].Seq
		if len(f.answer.Hits) == f.request.Limit {
			return from, errFull
		}
	}
	return from, nil
}

// Snippet gives what of a line is shown: its plain text around the first mark,
// at most so many bytes, and where the marks are in it.
func (q Query) Snippet(line string, most int) (text string, marks []Mark) {
	text = Plain(line)
	marks = q.Marks(text)
	if len(text) <= most {
		return text, marks
	}
	start := 0
	if len(marks) > 0 {
		start = max(0, marks[0].Start-most/4)
	}
	end := min(len(text), start+most)
	start = max(0, end-most)
	for start > 0 && !utf8.RuneStart(text[start]) {
		start++
	}
	for end < len(text) && !utf8.RuneStart(text[end]) {
		end--
	}
	text = text[start:end]
	var shown []Mark
	for _, m := range marks {
		if m = (Mark{max(m.Start, start) - start, min(m.End, end) - start}); m.Start < m.End {
			shown = append(shown, m)
		}
	}
	return text, shown
}
