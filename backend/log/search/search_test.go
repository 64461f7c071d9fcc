package search_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/log"
	"scriptsmanager/backend/log/format"
	"scriptsmanager/backend/log/search"
)

// house keeps logs, and is the catalogue of them.
type house struct {
	t   *testing.T
	dir string

	mu      sync.Mutex
	sources []search.Source
	writers map[string]*format.Writer
	lines   map[string][]line // what was written, by execution
	ended   map[string]bool
	failure error
}

type line struct {
	stream domain.Stream
	text   string
}

func (h *house) LogSources(_ context.Context, after int64, limit int) ([]search.Source, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	var found []search.Source
	for _, s := range h.sources {
		if s.ID > after && len(found) < limit {
			found = append(found, s)
		}
	}
	return found, h.failure
}

func (h *house) LogsEnded(_ context.Context, ids []int64) (map[int64]bool, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	ended := map[int64]bool{}
	for _, s := range h.sources {
		if h.ended[s.Execution] && slices.Contains(ids, s.ID) {
			ended[s.ID] = true
		}
	}
	return ended, nil
}

func newHouse(t *testing.T) *house {
	return &house{t: t, dir: t.TempDir(), writers: map[string]*format.Writer{}, lines: map[string][]line{}, ended: map[string]bool{}}
}

func (h *house) open() *search.Index {
	h.t.Helper()
	x, err := search.Open(h.t.Context(), filepath.Join(h.dir, "log_index.db"), h)
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() {
		if err := x.Close(); err != nil {
			h.t.Error(err)
		}
	})
	return x
}

// begin starts a log; name is also the script's.
func (h *house) begin(name string, user int64) {
	h.t.Helper()
	base := filepath.Join(h.dir, name)
	w, err := format.Create(base)
	if err != nil {
		h.t.Fatal(err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.writers[name] = w
	id := int64(len(h.sources) + 1)
	h.sources = append(h.sources, search.Source{
		ID: id, Execution: name, Base: base, UserID: user, Script: "group/" + name, ProjectID: user * 10,
		Created: time.Unix(id*1000, 0),
	})
}

func (h *house) write(name, text string) { h.writeTo(name, domain.Stdout, text) }

func (h *house) writeTo(name string, stream domain.Stream, text string) {
	h.t.Helper()
	kind := format.Stdout
	if stream == domain.Stderr {
		kind = format.Stderr
	}
	if _, err := h.writers[name].Write(kind, time.Now().UnixNano(), []byte(text)); err != nil {
		h.t.Fatal(err)
	}
	for part := range strings.Lines(text) {
		h.lines[name] = append(h.lines[name], line{stream, strings.TrimSuffix(part, "\n")})
	}
}

func (h *house) end(name string) {
	h.t.Helper()
	if err := errors.Join(h.writers[name].Finish(time.Now().UnixNano()), h.writers[name].Close()); err != nil {
		h.t.Fatal(err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ended[name] = true
}

func build(t *testing.T, x *search.Index) {
	t.Helper()
	if err := x.Build(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// find gives all that is found, answer by answer, as "execution:line".
func find(t *testing.T, x *search.Index, query string, limit int, filter search.Filter) []string {
	t.Helper()
	q, err := search.Parse(query)
	if err != nil {
		t.Fatalf("%q: %v", query, err)
	}
	found := []string{}
	for before := ""; ; {
		answer, err := x.Search(t.Context(), search.Request{Query: q, Filter: filter, Limit: limit, Before: before})
		if err != nil {
			t.Fatalf("%q: %v", query, err)
		}
		if len(answer.Hits) > limit && limit > 0 {
			t.Fatalf("%q: %d hits in an answer of %d", query, len(answer.Hits), limit)
		}
		for _, hit := range answer.Hits {
			found = append(found, fmt.Sprintf("%s:%d", hit.Execution, hit.Line.Seq))
		}
		if before = answer.Next; before == "" {
			return found
		}
	}
}

func want(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, append([]string{}, want...)) {
		t.Errorf("found %q, want %q", got, want)
	}
}

func TestSearchFindsWhatALineHas(t *testing.T) { // LOG-5
	h := newHouse(t)
	h.begin("a", 1)
	h.write("a", "Pump P-101 failed at 3.14 bar\npump started\nPUMP  failed slowly\ntemperature 13.142\n\x1b[31merror\x1b[0m: presión\n")
	h.write("a", "x=1,pump_speed=2\nprogress 10%\rprogress 20%\n<b>pump</b> failed\nİstanbul 5\xff6\n")
	h.end("a")
	x := h.open()
	for _, indexed := range []bool{false, true} {
		if indexed {
			build(t, x)
		}
		for query, lines := range map[string][]int{
			"pump":           {8, 6, 3, 2, 1},
			"pump failed":    {8, 3, 1},
			`"pump failed"`:  {},
			`"failed at"`:    {1},
			`" failed  at "`: {1},
			`"failed at`:     {1},
			"-started pump":  {8, 6, 3, 1},
			"pump NOT speed": {8, 3, 2, 1},
			`pump -"at 3"`:   {8, 6, 3, 2},
			"3.14":           {1},
			"3.14*":          {1},
			"*3.14*":         {4, 1},
			"temp*":          {4},
			"temp":           {},
			"*erature":       {4},
			"*perat*":        {4},
			"error":          {5},
			"PRESIÓN":        {5},
			"presi":          {},
			"p-101":          {1},
			"pump_speed":     {6},
			"%":              {7},
			"progress":       {7},
			"20%":            {7},
			"<b>pump":        {8},
			"istanbul":       {9},
			"5":              {9},
			"56":             {},
			"**":             nil,
			"at NOT":         {1},
		} {
			if lines == nil {
				if _, err := search.Parse(query); err == nil {
					t.Errorf("%q is taken", query)
				}
				continue
			}
			wanted := make([]string, len(lines))
			for i, n := range lines {
				wanted[i] = fmt.Sprintf("a:%d", n)
			}
			if got := find(t, x, query, 100, search.Filter{}); !slices.Equal(got, wanted) {
				t.Errorf("indexed %t, %q: found %q, want %q", indexed, query, got, wanted)
			}
		}
	}
}

// Lines that have no end yet, one of each stream, are found once.
func TestSearchFindsLinesWithoutAnEnd(t *testing.T) {
	h := newHouse(t)
	h.begin("a", 1)
	for range 5 {
		h.write("a", "line\n")
	}
	h.write("a", "pump 10%")
	h.writeTo("a", domain.Stderr, "pump password:")
	x := h.open()
	want(t, find(t, x, "pump", 0, search.Filter{}), "a:7", "a:6")
	want(t, find(t, x, "pump", 1, search.Filter{}), "a:7", "a:6")
	want(t, find(t, x, "pump", 0, search.Filter{Stream: domain.Stderr}), "a:7")
	h.end("a")
	build(t, x)
	want(t, find(t, x, "pump", 0, search.Filter{}), "a:7", "a:6")
	want(t, find(t, x, "pump", 1, search.Filter{}), "a:7", "a:6")
}

// A log that cannot be read keeps nobody from the others.
func TestUnreadableLogIsPassedOver(t *testing.T) {
	h := newHouse(t)
	for _, name := range []string{"a", "b", "c"} {
		h.begin(name, 1)
		h.write(name, "pump\n")
		h.end(name)
	}
	path := filepath.Join(h.dir, "b"+format.LogSuffix)
	if err := errors.Join(os.Remove(path), os.Mkdir(path, 0o700)); err != nil {
		t.Fatal(err)
	}
	x := h.open()
	for range 2 {
		want(t, find(t, x, "pump", 0, search.Filter{}), "c:1", "a:1")
		_ = x.Build(t.Context()) // b stays out
	}
	q, err := search.Parse("pump")
	if err != nil {
		t.Fatal(err)
	}
	if answer, err := x.Search(t.Context(), search.Request{Query: q}); err != nil || len(answer.Unread) != 1 {
		t.Errorf("%v, %v", answer.Unread, err)
	}
}

// What the catalogue says is damaged is not the index.
func TestFailureOfTheCatalogueLeavesTheIndex(t *testing.T) {
	h := newHouse(t)
	h.begin("a", 1)
	h.write("a", "pump\n")
	h.end("a")
	x := h.open()
	build(t, x)
	path := filepath.Join(h.dir, "log_index.db")
	before, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	rubbish := filepath.Join(h.dir, "rubbish.db")
	put(t, rubbish, strings.Repeat("rubbish ", 2000))
	db, err := sql.Open("sqlite3", rubbish)
	if err != nil {
		t.Fatal(err)
	}
	_, damaged := db.Exec("CREATE TABLE t (x)")
	if err := db.Close(); err != nil || damaged == nil {
		t.Fatal(err, damaged)
	}
	h.failure = domain.NewError(domain.CodeDatabaseDamaged).Because(damaged)
	if err := x.Build(t.Context()); !errors.Is(err, h.failure) {
		t.Errorf("%v", err)
	}
	if after, err := os.Stat(path); err != nil || !os.SameFile(before, after) {
		t.Errorf("the index was made anew: %v", err)
	}
}

func TestParseRefuses(t *testing.T) {
	for query, code := range map[string]domain.Code{
		"":                         domain.CodeQueryEmpty,
		" \t\x00":                  domain.CodeQueryEmpty,
		`""`:                       domain.CodeQueryEmpty,
		"* ** ":                    domain.CodeQueryEmpty,
		"NOT":                      domain.CodeQueryEmpty,
		"-pump NOT failed":         domain.CodeQueryNegative,
		strings.Repeat("a", 1001):  domain.CodeQueryLong,
		strings.Repeat("a ", 51):   domain.CodeQueryLong,
		strings.Repeat(`"a"`, 200): domain.CodeQueryLong,
	} {
		_, err := search.Parse(query)
		e := domain.AsError(err)
		if e == nil || e.Fields["query"] == nil || e.Fields["query"].Code != code {
			t.Errorf("%.20q: %v, want %s", query, err, code)
		}
	}
}

func TestSearchKeepsToItsFilter(t *testing.T) { // LOG-4, LOG-5
	h := newHouse(t)
	for i, name := range []string{"a", "b", "c"} {
		h.begin(name, int64(i%2+1))
		h.write(name, "one\n")
		h.writeTo(name, domain.Stderr, "one more\n")
	}
	h.end("a")
	h.end("b")
	x := h.open()
	build(t, x)
	one := int64(1)
	want(t, find(t, x, "one", 0, search.Filter{}), "c:2", "c:1", "b:2", "b:1", "a:2", "a:1")
	want(t, find(t, x, "one", 0, search.Filter{UserID: &one}), "c:2", "c:1", "a:2", "a:1")
	want(t, find(t, x, "one", 0, search.Filter{Script: "group/b"}), "b:2", "b:1")
	want(t, find(t, x, "one", 0, search.Filter{ProjectID: 20}), "b:2", "b:1")
	want(t, find(t, x, "one", 0, search.Filter{Execution: "a"}), "a:2", "a:1")
	want(t, find(t, x, "one", 0, search.Filter{Since: time.Unix(2000, 0)}), "c:2", "c:1", "b:2", "b:1")
	want(t, find(t, x, "one", 0, search.Filter{Until: time.Unix(2000, 0)}), "a:2", "a:1")
	want(t, find(t, x, "one", 0, search.Filter{Stream: domain.Stderr}), "c:2", "b:2", "a:2")
	asked := map[string]int{}
	allow := func(_ context.Context, execution string) (bool, error) {
		asked[execution]++
		return execution != "b", nil
	}
	want(t, find(t, x, "one", 0, search.Filter{Allow: allow}), "c:2", "c:1", "a:2", "a:1")
	if asked["a"] != 1 || asked["b"] != 1 || asked["c"] != 1 {
		t.Errorf("asked %v", asked)
	}
	wrong := errors.New("no")
	q, _ := search.Parse("one")
	if _, err := x.Search(t.Context(), search.Request{Query: q, Filter: search.Filter{
		Allow: func(context.Context, string) (bool, error) { return false, wrong },
	}}); !errors.Is(err, wrong) {
		t.Errorf("%v", err)
	}
}

// What is written while it is searched is found once or, when it came later,
// not at all; nothing twice.
func TestSearchGoesOnWhereItWas(t *testing.T) {
	h := newHouse(t)
	random := rand.New(rand.NewPCG(1, 2))
	h.begin("a", 1)
	h.begin("b", 1)
	written := func(name string, n int) {
		for range n {
			h.write(name, fmt.Sprintf("value %d %s\n", random.IntN(3), strings.Repeat("x", random.IntN(200))))
		}
	}
	written("a", 2500)
	written("b", 1500)
	x := h.open()
	build(t, x)
	written("b", 700)
	q, err := search.Parse("value 1")
	if err != nil {
		t.Fatal(err)
	}
	wanted := expect(h, `\bvalue 1\b`)
	found := []string{}
	for before := ""; ; {
		answer, err := x.Search(t.Context(), search.Request{Query: q, Limit: 7, Before: before})
		if err != nil {
			t.Fatal(err)
		}
		for _, hit := range answer.Hits {
			found = append(found, fmt.Sprintf("%s:%d", hit.Execution, hit.Line.Seq))
		}
		if before = answer.Next; before == "" {
			break
		}
		if len(found)%70 == 0 {
			written("b", 40)
			build(t, x)
		}
	}
	got := map[string]bool{}
	for _, f := range found {
		if got[f] {
			t.Errorf("%s was found twice", f)
		}
		got[f] = true
	}
	for _, w := range wanted {
		if !got[w] {
			t.Errorf("%s was not found", w)
		}
	}
	if len(wanted) < 500 {
		t.Errorf("only %d lines have it", len(wanted))
	}
}

// expect gives which lines an expression of the standard library matches.
func expect(h *house, expression string) []string {
	re := regexp.MustCompile(`(?i)` + expression)
	var all []string
	for i := len(h.sources) - 1; i >= 0; i-- {
		name := h.sources[i].Execution
		for n := len(h.lines[name]); n > 0; n-- {
			if re.MatchString(h.lines[name][n-1].text) {
				all = append(all, fmt.Sprintf("%s:%d", name, n))
			}
		}
	}
	return all
}

func TestSearchFindsTheSameAsAnExpression(t *testing.T) {
	h := newHouse(t)
	random := rand.New(rand.NewPCG(3, 4))
	parts := []string{"pump", "Pump", "pumps", "3.14", "3", "14", "e", "error", "été", "ÉTÉ", "-", "_", " ", " ", " ", "\t", ":", strings.Repeat("w", 70), strings.Repeat("w", 64)}
	x := h.open()
	for _, name := range []string{"a", "b", "c"} {
		h.begin(name, 1)
		for range 3000 {
			var text strings.Builder
			for range random.IntN(8) {
				text.WriteString(parts[random.IntN(len(parts))])
			}
			h.write(name, text.String()+"\n")
		}
		if name != "c" {
			h.end(name)
			build(t, x)
		}
	}
	const left, right = `(?:^|[^\pL\pN\pM])`, `(?:$|[^\pL\pN\pM])`
	for query, expression := range map[string]string{
		"pump":                          left + `pump` + right,
		"pump*":                         left + `pump`,
		"*ump*":                         `ump`,
		"*umps":                         `umps` + right,
		"3.14":                          left + `3\.14` + right,
		"3.1*":                          left + `3\.1`,
		"été":                           left + `(?:été|ÉTÉ)` + right,
		"e":                             left + `e` + right,
		"-":                             `-`,
		strings.Repeat("W", 70):         left + strings.Repeat("w", 70) + right,
		strings.Repeat("w", 64):         left + strings.Repeat("w", 64) + right,
		strings.Repeat("w", 65) + "*":   left + strings.Repeat("w", 65),
		"*" + strings.Repeat("w", 66):   strings.Repeat("w", 66) + right,
		`"error error"`:                 left + `error error` + right,
		"*" + strings.Repeat("ww", 100): strings.Repeat("ww", 100) + right,
	} {
		got, wanted := find(t, x, query, 500, search.Filter{}), expect(h, expression)
		if !slices.Equal(got, wanted) {
			t.Errorf("%.20q: %d lines, want %d: %.100q, %.100q", query, len(got), len(wanted), got, wanted)
		}
	}
}

// An answer comes when it is time, and nothing is passed over.
func TestSearchAnswersInTime(t *testing.T) {
	h := newHouse(t)
	for _, name := range []string{"a", "b", "c"} {
		h.begin(name, 1)
		h.write(name, strings.Repeat(strings.Repeat("x", 99)+"\n", 5000)+"needle\n")
		if name != "c" {
			h.end(name)
		}
	}
	x := h.open()
	build(t, x)
	q, err := search.Parse("*needl*")
	if err != nil {
		t.Fatal(err)
	}
	answers, hits := 0, 0
	var lines int64
	for before := ""; ; answers++ {
		answer, err := x.Search(t.Context(), search.Request{Query: q, Within: 1, Before: before})
		if err != nil {
			t.Fatal(err)
		}
		hits += len(answer.Hits)
		lines += answer.Lines
		if before = answer.Next; before == "" {
			break
		}
	}
	if answers < 10 || hits != 3 || lines < 15003 || lines > 15010 {
		t.Errorf("%d answers, %d hits, %d lines", answers, hits, lines)
	}
	if _, err := x.Search(t.Context(), search.Request{Query: q, Before: "x"}); domain.AsError(err) == nil {
		t.Errorf("a place that is none: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := x.Search(ctx, search.Request{Query: q}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestDamagedIndexIsMadeAnew(t *testing.T) {
	h := newHouse(t)
	h.begin("a", 1)
	h.write("a", "pump\n")
	h.end("a")
	path := filepath.Join(h.dir, "log_index.db")
	for what, damage := range map[string]func(){
		"rubbish": func() { put(t, path, strings.Repeat("rubbish ", 2000)) },
		"empty":   func() { put(t, path, "") },
		"cut": func() {
			if err := os.Truncate(path, 5000); err != nil {
				t.Fatal(err)
			}
		},
		"another version": func() {
			execute(t, path, "PRAGMA user_version = 99")
		},
		"gone": func() {
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
		},
		"a database of something else": func() {
			put(t, path, "")
			execute(t, path, "CREATE TABLE other (id INTEGER); INSERT INTO other VALUES (1); PRAGMA user_version = 2")
		},
		"a table less": func() { execute(t, path, "DROP TABLE words") },
	} {
		x, err := search.Open(t.Context(), path, h)
		if err != nil {
			t.Fatalf("before %s: %v", what, err)
		}
		build(t, x)
		if err := x.Close(); err != nil {
			t.Fatal(err)
		}
		damage()
		x, err = search.Open(t.Context(), path, h)
		if err != nil {
			t.Errorf("%s: %v", what, err)
			continue
		}
		build(t, x)
		want(t, find(t, x, "pump", 0, search.Filter{}), "a:1")
		if err := x.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// What is damaged while it is used is made anew, and found is what there is.
func TestIndexDamagedInUseIsMadeAnew(t *testing.T) {
	h := newHouse(t)
	for i := range 30 {
		name := fmt.Sprintf("a%d", i)
		h.begin(name, 1)
		var text strings.Builder
		for n := range 2000 {
			fmt.Fprintf(&text, "pump%d needle%d\n", n*7919+i, i)
		}
		h.write(name, text.String())
		h.end(name)
	}
	x := h.open()
	build(t, x)
	path := filepath.Join(h.dir, "log_index.db")
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt(bytes.Repeat([]byte{0xa5}, int(info.Size())-8192), 8192); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	for range 2 { // at once as a tail, and from the new index
		if got := find(t, x, "needle7", 1000, search.Filter{}); len(got) != 2000 {
			t.Errorf("%d lines", len(got))
		}
		build(t, x)
	}
}

// A line is searched far beyond what is shown of one; what was found is in what
// is given of it.
func TestLongLine(t *testing.T) {
	h := newHouse(t)
	h.begin("a", 1)
	h.write("a", "first\n"+strings.Repeat("x ", 300<<10)+"needle tail\nlast needle\n")
	h.end("a")
	x := h.open()
	for range 2 { // as a tail, and by the index
		want(t, find(t, x, "needle", 0, search.Filter{}), "a:3", "a:2")
		want(t, find(t, x, "x -needle", 0, search.Filter{}))
		build(t, x)
	}
	q, err := search.Parse("tail")
	if err != nil {
		t.Fatal(err)
	}
	answer, err := x.Search(t.Context(), search.Request{Query: q})
	if err != nil || len(answer.Hits) != 1 {
		t.Fatalf("%d hits, %v", len(answer.Hits), err)
	}
	line := answer.Hits[0].Line
	if shown, marks := q.Snippet(line.Text, 100); len(line.Text) > log.MaxText || !line.Cut || len(marks) != 1 || shown[marks[0].Start:marks[0].End] != "tail" {
		t.Errorf("%d bytes, cut %t, %v in %q", len(line.Text), line.Cut, marks, shown)
	}
}

func TestAmong(t *testing.T) {
	h := newHouse(t)
	for _, name := range []string{"a", "b", "c"} {
		h.begin(name, 1)
		h.write(name, "pump\n")
		h.end(name)
	}
	x := h.open()
	for range 2 { // as tails, and by the index
		want(t, find(t, x, "pump", 0, search.Filter{Among: []string{"a", "c", "z"}}), "c:1", "a:1")
		want(t, find(t, x, "pump", 0, search.Filter{Among: []string{}}))
		build(t, x)
	}
}

// What somebody cut from a log is not found, and what he left is.
func TestCutLog(t *testing.T) {
	h := newHouse(t)
	h.begin("a", 1)
	h.write("a", strings.Repeat("pump\n", 1000))
	h.end("a")
	x := h.open()
	build(t, x)
	if err := os.Truncate(filepath.Join(h.dir, "a"+format.LogSuffix), 12); err != nil {
		t.Fatal(err)
	}
	if got := find(t, x, "pump", 100, search.Filter{}); len(got) != 2 {
		t.Errorf("%q", got)
	}
	q, err := search.Parse("pump")
	if err != nil {
		t.Fatal(err)
	}
	answer, err := x.Search(t.Context(), search.Request{Query: q})
	if err != nil || len(answer.Unread) != 1 || answer.Unread[0].Execution != answer.Hits[0].Execution || answer.Unread[0].Because == nil {
		t.Errorf("%v of %v, %v", answer.Unread, answer.Hits, err)
	}
}

func execute(t *testing.T, path, statements string) {
	t.Helper()
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(statements); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestForgottenAndRemovedLogs(t *testing.T) {
	h := newHouse(t)
	for _, name := range []string{"a", "b", "c"} {
		h.begin(name, 1)
		h.write(name, "pump\n")
		h.end(name)
	}
	x := h.open()
	build(t, x)
	if err := x.Forget(t.Context(), "b"); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(h.dir, "c"+format.LogSuffix)); err != nil {
		t.Fatal(err)
	}
	build(t, x)
	want(t, find(t, x, "pump", 0, search.Filter{}), "a:1")
}

func TestRunTakesInWhatEnded(t *testing.T) {
	h := newHouse(t)
	x := h.open()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		x.Run(ctx, slog.New(slog.DiscardHandler))
	}()
	h.begin("a", 1)
	h.write("a", "pump\n")
	h.end("a")
	x.Wake()
	db, err := sql.Open("sqlite3", filepath.Join(h.dir, "log_index.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		var n int
		if err := db.QueryRow("SELECT count(*) FROM source WHERE whole = 1").Scan(&n); err != nil {
			t.Fatal(err)
		}
		if n == 1 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("it was not taken in")
		}
	}
	cancel()
	<-done
}

func FuzzQuery(f *testing.F) {
	for _, query := range []string{"pump", `"a b" -c`, "*x*", "3.14", "NOT a b", "\x1b[31m", "é", `-"`, "İ"} {
		f.Add(query, "a pump 3.14 é\x1b[31mred\x1b]0;t\x07")
	}
	f.Fuzz(func(t *testing.T, text, line string) {
		q, err := search.Parse(text)
		if err != nil {
			return
		}
		found := q.Match(line)
		shown, marks := q.Snippet(line, 40)
		if len(shown) > 40 {
			t.Errorf("%q: a snippet of %d bytes", line, len(shown))
		}
		if found && len(search.Plain(line)) <= 40 && len(marks) == 0 {
			t.Errorf("%q in %q: no mark", text, line)
		}
		end := 0
		for _, m := range marks {
			if m.Start < end || m.End <= m.Start || m.End > len(shown) {
				t.Fatalf("%q in %q: marks %v", text, line, marks)
			}
			end = m.End
		}
	})
}
