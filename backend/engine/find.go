package engine

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/find"
)

const (
	// findAfterStart is when the index of scripts is made, unless somebody
	// searches before: the start is everybody's, a search is not.
	findAfterStart = 3 * time.Second
	// findLook is how often the documents are looked at, whose changes no event
	// tells.
	findLook = time.Minute
	// findDocument is how much of a document is searched, in bytes.
	findDocument = 256 << 10
)

// finder keeps the index of scripts. It is made at the first search, or soon
// after the start, and made right where something has changed since.
type finder struct {
	index   *find.Index
	changes atomic.Int64 // counts what may have changed the scripts
	wake    chan struct{}

	mu   sync.Mutex // guards seen; held while the index is made right
	seen int64      // of changes; 0: there is no index yet
}

func newFinder() *finder {
	f := &finder{index: find.New(), wake: make(chan struct{}, 1)}
	f.changes.Store(1)
	return f
}

// changed says that scripts or their documents may be others now.
func (f *finder) changed() {
	f.changes.Add(1)
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

// indexScripts makes the index say what there is.
func (e *Engine) indexScripts(ctx context.Context) error {
	f := e.finder
	f.mu.Lock()
	defer f.mu.Unlock()
	changes := f.changes.Load()
	if f.seen == changes {
		return nil
	}
	scripts, err := e.store.Scripts(ctx, "")
	if err != nil {
		return err
	}
	scripts = ownDocuments(scripts)
	groups, err := e.store.Groups(ctx)
	if err != nil {
		return err
	}
	names := map[string]domain.Text{}
	for _, g := range groups {
		names[g.ID] = g.Name
	}
	entries := make([]find.Entry, 0, len(scripts))
	for _, s := range scripts {
		if s.Active {
			entries = append(entries, find.Entry{Script: s, GroupName: names[s.GroupID], Documents: documentStamps(s)})
		}
	}
	f.index.Set(entries, func(s domain.Script) []string {
		texts := []string{}
		for _, l := range domain.Languages() {
			if text := searchedDocument(s, l); text != "" {
				texts = append(texts, text)
			}
		}
		return texts
	})
	f.seen = changes
	return nil
}

// documentStamps tells which documents a script has, and since when.
func documentStamps(s domain.Script) string {
	if len(s.DescriptionLong) == 0 {
		return ""
	}
	root, err := os.OpenRoot(filepath.Dir(s.Path))
	if err != nil {
		return ""
	}
	defer func() { _ = root.Close() }()
	var b strings.Builder
	for _, l := range domain.Languages() {
		if path := s.DescriptionLong[l]; path != "" {
			if info, err := root.Stat(filepath.FromSlash(path)); err == nil {
				_, _ = fmt.Fprintf(&b, "%s %d %d\n", l, info.Size(), info.ModTime().UnixNano())
			}
		}
	}
	return b.String()
}

// searchedDocument gives what of a script's document in a language is searched,
// "" where there is none.
func searchedDocument(s domain.Script, l domain.Language) string {
	path := s.DescriptionLong[l]
	if path == "" {
		return ""
	}
	root, err := os.OpenRoot(filepath.Dir(s.Path))
	if err != nil {
		return ""
	}
	defer func() { _ = root.Close() }()
	path = filepath.FromSlash(path)
	// Looked at first: opening a named pipe would wait for its other end.
	if info, err := root.Stat(path); err != nil || !info.Mode().IsRegular() {
		return ""
	}
	file, err := root.Open(path)
	if err != nil {
		return ""
	}
	defer func() { _ = file.Close() }()
	b, err := io.ReadAll(io.LimitReader(file, findDocument))
	if err != nil {
		return ""
	}
	return find.Plain(strings.ToValidUTF8(string(b), " "))
}

// FoundScript is a script that a search has found, with where.
type FoundScript struct {
	find.Hit
	Name    []find.Part // in the language, marked
	Matches []find.Match
}

// FindScripts searches the scripts that a person may see and gives the best,
// with how many there are.
func (e *Engine) FindScripts(ctx context.Context, u domain.User, l domain.Language, q find.Query) ([]FoundScript, int, error) {
	if err := e.indexScripts(ctx); err != nil {
		return nil, 0, err
	}
	own, err := e.OwnTags(ctx, u.ID)
	if err != nil {
		return nil, 0, err
	}
	q.Own = own
	within := q.May
	q.May = func(s domain.Script) bool { return (within == nil || within(s)) && e.CanSee(u, s) }
	hits, total := e.finder.index.Find(q)
	found := make([]FoundScript, len(hits))
	for i, h := range hits {
		s := h.Entry.Script
		name := s.Name.In(l)
		if name == "" {
			name = s.ID
		}
		found[i] = FoundScript{
			Hit: h, Name: find.Marked(name, h.Terms),
			Matches: h.Matches(l, func(l domain.Language) string { return searchedDocument(s, l) }),
		}
	}
	return found, total, nil
}

// scriptFinder keeps the index right before somebody searches.
type scriptFinder struct{ e *Engine }

// Serve runs until ctx ends.
func (f *scriptFinder) Serve(ctx context.Context) error {
	changes := f.e.bus.Subscribe(func(ev domain.Event) bool { return ev.Type == domain.EventDiscoveryChanged })
	defer changes.Close()
	next := time.NewTimer(findAfterStart)
	defer next.Stop()
	select { // the first scan has woken it already, when others have more to do
	case <-ctx.Done():
		return nil
	case <-next.C:
		next.Reset(0)
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-changes.Events():
			f.e.finder.changed()
			continue
		case <-f.e.finder.wake:
		case <-next.C:
			f.e.finder.changes.Add(1)
		}
		if err := f.e.indexScripts(ctx); err != nil && ctx.Err() == nil {
			f.e.log.Error("index scripts for the search; tried again soon", "error", err)
		}
		next.Reset(findLook)
	}
}

func (f *scriptFinder) String() string { return "search over scripts" }
