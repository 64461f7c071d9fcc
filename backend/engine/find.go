package engine

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/find"
	"scriptsmanager/backend/tag"
)

const (
	// findAfterStart is when the index of scripts is made, unless somebody
	// searches before: the start is everybody's, a search is not.
	findAfterStart = 3 * time.Second
	// findLook is how often the documents are looked at: what others than the
	// application change in them, no event tells.
	findLook = time.Minute
)

// finder keeps the index of scripts. It is made at the first search, or soon
// after the start, and made right where something has changed since.
type finder struct {
	index   *find.Index
	changes atomic.Int64 // counts what may have changed the scripts
	wake    chan struct{}

	mu   sync.Mutex   // held while the index is made right
	seen atomic.Int64 // of changes; 0: there is no index yet
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

// indexScripts makes the index say what there is. Where nothing is known to
// have changed it does nothing, and waits for nobody.
func (e *Engine) indexScripts(ctx context.Context) error {
	f := e.finder
	if f.seen.Load() == f.changes.Load() {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	changes := f.changes.Load()
	if f.seen.Load() == changes {
		return nil
	}
	entries, err := e.findEntries(ctx)
	if err != nil {
		return err
	}
	e.setEntries(entries)
	f.seen.Store(changes)
	return nil
}

// indexDocuments is indexScripts where nothing is known to have changed.
// Searches go on meanwhile.
func (e *Engine) indexDocuments(ctx context.Context) error {
	f := e.finder
	changes := f.changes.Load()
	entries, err := e.findEntries(ctx)
	if err != nil {
		return err
	}
	f.mu.Lock()
	current := f.changes.Load() == changes && f.seen.Load() == changes
	if current {
		e.setEntries(entries)
	}
	f.mu.Unlock()
	if !current { // what was found may be older than what is in the index
		return e.indexScripts(ctx)
	}
	return nil
}

func (e *Engine) findEntries(ctx context.Context) ([]find.Entry, error) {
	scripts, err := e.store.Scripts(ctx, "")
	if err != nil {
		return nil, err
	}
	scripts = ownDocuments(scripts)
	names, err := e.groupNames(ctx)
	if err != nil {
		return nil, err
	}
	entries := make([]find.Entry, 0, len(scripts))
	for _, s := range scripts {
		if s.Active {
			entries = append(entries, find.Entry{Script: s, GroupName: names[s.GroupID]})
		}
	}
	StampDocuments(entries, e.DocumentationLanguages())
	return entries, nil
}

func (e *Engine) setEntries(entries []find.Entry) {
	e.finder.index.Set(entries, func(entry find.Entry) []string {
		texts := []string{}
		for _, l := range domain.Languages() {
			if !hasDocument(entry.Documents, l) {
				continue
			}
			if text := searchedDocument(entry.Script, l); text != "" {
				texts = append(texts, text)
			}
		}
		return texts
	})
}

// FoundScript is a script that a search has found, with where.
type FoundScript struct {
	find.Hit
	Name    []find.Part // in the language, marked
	Matches []find.Match
}

// ScriptFilter is what scripts must be beside having the words; the zero value
// is all of them.
type ScriptFilter struct {
	GroupID  string
	Tags     []string // of the script or the person's own
	AnyTag   bool     // one of the tags is enough
	Level    domain.Level
	Category string
}

// fits tells whether a script is so, where a person has given it these tags.
func (f *ScriptFilter) fits(s domain.Script, own []string) bool {
	if f.GroupID != "" && s.GroupID != f.GroupID || f.Level != "" && s.RequiredLevel != f.Level || f.Category != "" && s.Category != f.Category {
		return false
	}
	has := func(name string) bool { return tag.Index(s.Tags, name) >= 0 || tag.Index(own, name) >= 0 }
	lacks := func(name string) bool { return !has(name) }
	if f.AnyTag && len(f.Tags) > 0 {
		return slices.ContainsFunc(f.Tags, has)
	}
	return !slices.ContainsFunc(f.Tags, lacks)
}

// FindScripts searches the scripts that a person may see and that fit, and
// gives the best, with how many there are.
func (e *Engine) FindScripts(ctx context.Context, u domain.User, l domain.Language, q find.Query, filter ScriptFilter) ([]FoundScript, int, error) {
	if err := e.indexScripts(ctx); err != nil {
		return nil, 0, err
	}
	own, err := e.OwnTags(ctx, u.ID)
	if err != nil {
		return nil, 0, err
	}
	q.Own = own
	q.May = func(s domain.Script) bool { return filter.fits(s, own[s.ID]) && e.CanSee(u, s) }
	hits, total := e.finder.index.Find(q)
	found := make([]FoundScript, len(hits))
	matches := QuoteHits(hits, l)
	for i, h := range hits {
		s := h.Entry.Script
		name := s.Name.In(l)
		if name == "" {
			name = s.ID
		}
		found[i] = FoundScript{Hit: h, Name: find.Marked(name, h.Terms), Matches: matches[i]}
	}
	return found, total, nil
}

// scriptFinder keeps the index right before somebody searches.
type scriptFinder struct{ e *Engine }

// Serve runs until ctx ends.
func (f *scriptFinder) Serve(ctx context.Context) error {
	next := time.NewTimer(findAfterStart)
	defer next.Stop()
	select { // the first scan has woken it already, when others have more to do
	case <-ctx.Done():
		return nil
	case <-next.C:
		next.Reset(0)
	}
	for {
		look := f.e.indexScripts
		select {
		case <-ctx.Done():
			return nil
		case <-f.e.finder.wake:
		case <-next.C:
			look = f.e.indexDocuments
		}
		if err := look(ctx); err != nil && ctx.Err() == nil {
			f.e.log.Error("index scripts for the search; tried again soon", "error", err)
		}
		next.Reset(findLook)
	}
}

func (f *scriptFinder) String() string { return "search over scripts" }
