// Package setting owns the configuration in force. It reads config.json,
// follows it while it is edited by hand, and changes it for people. A file with
// a mistake is refused: the last one without stays in force, also over a
// restart, and Problems tell what is wrong. Before there is a last one, what is
// right in the file counts and the default stands for the rest. Every change is
// kept, also those by hand, and can be taken back. What a key may be, the
// package config knows; what a change means for the rest, whoever listens.
package setting

import (
	"context"
	"encoding/json"
	"log/slog"
	"path/filepath"
	"reflect"
	"sync"
	"sync/atomic"
	"time"

	"scriptsmanager/backend/config"
	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/store"
)

// Store keeps the last good configuration and what was changed.
type Store interface {
	Configuration(ctx context.Context) (content []byte, taken time.Time, found bool, err error)
	SetConfiguration(ctx context.Context, a store.Actor, source string, content []byte, changes []store.SettingChange, write func() error) error
	SettingChanges(ctx context.Context, f store.SettingFilter) ([]store.SettingChange, error)
}

// Options is what Settings are made of.
type Options struct {
	Path    string   // of config.json
	Environ []string // variables that override it
	Store   Store
	Log     *slog.Logger
	// Changed is called after a look at the file or a change, one call at a
	// time, with the configuration before and the one in force now; both may be
	// the same where only what is wrong has changed.
	Changed func(before, after config.Config)
}

// Settings owns the configuration in force. Its methods may be called at the
// same time.
type Settings struct {
	options Options
	name    string        // of the file, for people
	started config.Config // in force at the start
	state   atomic.Pointer[state]

	mu     sync.Mutex // held while the file is read or written; guards all below
	looked bool
	seen   look
}

// state is what holds at one time; it is not changed.
type state struct {
	loaded   config.Loaded  // that is in force
	file     map[string]any // what stands in the file, by key, as far as it can be read
	content  []byte         // that is in force
	taken    time.Time      // since when; zero where it was never without mistakes
	refused  bool           // the file has a mistake, and an earlier content is in force
	problems []domain.Problem
}

// look is what the file was when it was looked at last.
type look struct {
	content string
	failure string // why it could not be read
}

// Open reads the file. Only that the store cannot be read is an error: whatever
// is wrong with the file stands in Problems, and what cannot be kept now, as on
// a full disk, is taken up at a later look.
func Open(ctx context.Context, o Options) (*Settings, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	s := &Settings{options: o, name: filepath.Base(o.Path)}
	content, taken, found, err := o.Store.Configuration(ctx)
	if err != nil {
		return nil, err
	}
	if found {
		loaded := config.Parse(s.name, content, o.Environ)
		s.state.Store(&state{loaded: loaded, file: loaded.Values, content: content, taken: taken})
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.takeUp(ctx); err != nil {
		o.Log.WarnContext(ctx, "keep the configuration", "error", err)
	}
	s.started = s.state.Load().loaded.Config
	return s, nil
}

// Config is the configuration in force.
func (s *Settings) Config() config.Config { return s.state.Load().loaded.Config }

// Problems tells what is wrong in the file and in the variables.
func (s *Settings) Problems() []domain.Problem { return s.state.Load().problems }

// takeUp looks at the file, and takes up what changed there by another hand
// than ours. It tells whether there was anything new. s.mu is held.
func (s *Settings) takeUp(ctx context.Context) (bool, error) {
	data, err := config.Read(s.options.Path)
	now := look{content: string(data)}
	if err != nil {
		now.failure = err.Error()
	}
	before := s.state.Load()
	if s.looked && now == s.seen {
		return false, nil
	}
	next := state{loaded: config.Parse(s.name, data, s.options.Environ), content: data}
	next.file = next.loaded.Values
	problems := next.loaded.FileProblems
	switch {
	case err != nil:
		problems = []domain.Problem{{File: s.name, Code: domain.CodeFileUnreadable, Params: domain.AsError(err).Params}}
	case len(next.loaded.Values) == 0 && len(problems) == 0 && before != nil && len(before.loaded.Values) > 0 && blank(data):
		// Who empties it on purpose leaves an object; a full disk and an editor that
		// was interrupted, or that has moved it away for a moment, do not.
		problems = []domain.Problem{{File: s.name, Code: domain.CodeConfigEmpty, Params: map[string]any{"file": s.name}}}
	}
	var failed error
	switch {
	case len(problems) == 0:
		next.taken = time.Now().UTC()
		failed = s.keep(ctx, before, &next)
	case before != nil && !before.taken.IsZero():
		next.loaded, next.content, next.taken, next.refused = before.loaded, before.content, before.taken, true
		kept := domain.Problem{File: s.name, Code: domain.CodeConfigKept, Params: map[string]any{"file": s.name, "at": before.taken}}
		problems = append([]domain.Problem{kept}, problems...)
	default:
		problems = append([]domain.Problem{{File: s.name, Code: domain.CodeConfigDefaults, Params: map[string]any{"file": s.name}}}, problems...)
	}
	if failed != nil && before != nil {
		return false, failed
	}
	s.looked, s.seen = failed == nil, now
	next.problems = append(problems, next.loaded.VariableProblems...)
	s.state.Store(&next)
	for _, p := range next.problems {
		s.options.Log.WarnContext(ctx, "configuration", "file", p.File, "line", p.Line, "code", p.Code, "params", p.Params)
	}
	return true, failed
}

func blank(data []byte) bool { return !json.Valid(data) }

// keep keeps a file without mistakes, and records what it changes.
func (s *Settings) keep(ctx context.Context, before, next *state) error {
	var changes []store.SettingChange
	if before != nil {
		if string(before.content) == string(next.content) && !before.taken.IsZero() {
			next.taken = before.taken
			return nil
		}
		changes = differences(before.loaded.Values, next.loaded.Values)
	}
	return s.options.Store.SetConfiguration(ctx, s.byHand(), store.SettingByFile, next.content, changes, nil)
}

// byHand stands for whoever edited the file: the system does not say.
func (s *Settings) byHand() store.Actor { return store.Actor{Kind: store.ActorSystem, Name: s.name} }

// differences tells what values, by key, were before and are after.
func differences(before, after map[string]any) []store.SettingChange {
	var list []store.SettingChange
	for _, k := range config.Keys() {
		was, wasThere := before[k.Name]
		is, isThere := after[k.Name]
		if wasThere == isThere && reflect.DeepEqual(was, is) {
			continue
		}
		list = append(list, store.SettingChange{Key: k.Name, Before: written(was, wasThere), After: written(is, isThere)})
	}
	return list
}

func written(value any, there bool) json.RawMessage {
	if !there {
		return nil
	}
	b, err := json.Marshal(value)
	if err != nil {
		panic(err) // it was read from JSON
	}
	return b
}

// told calls Changed. s.mu is held, so that nobody hears of a later one before.
func (s *Settings) told(before *state) {
	if s.options.Changed != nil {
		s.options.Changed(before.loaded.Config, s.state.Load().loaded.Config)
	}
}
