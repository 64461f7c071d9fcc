package environment

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"

	"scriptsmanager/backend/domain"
)

const (
	debounce = 150 * time.Millisecond // an installer writes in many steps
	patience = 600 * time.Millisecond // a stream of events must not put a look off
	relook   = time.Minute            // for what no event tells, as on network shares
)

// bounds are those of a watch that tests make smaller.
type bounds struct {
	folders int           // watches that we take of what the system has for all programs
	blind   time.Duration // from look to look while events are not to be had
}

func defaultBounds() bounds { return bounds{folders: 4000, blind: 5 * time.Second} }

// Kinds of folders inside environments, beside the places where they lie.
const (
	insidePrefix   placeKind = 10 + iota // the parts that make an environment
	insideRecords                        // conda-meta, activate.d, env_vars.d: everything counts
	insidePrograms                       // Python alone
	insidePackages                       // packages that come and go
)

// Watch finds and verifies the environments, follows their folders, and calls
// changed when some are new, gone or different. What takes long to verify holds
// up nothing else. It returns when ctx ends. changed is called by one goroutine
// at a time. One Watch at a time.
func (e *Environments) Watch(ctx context.Context, changed func(Change)) error {
	w := &watch{e: e, changed: changed, dirs: places{}, told: e.List(), asked: map[string]bool{}, landed: make(chan string), measured: make(chan bool)}
	w.open()
	defer w.close()
	w.look(ctx, askSilent) // the one time: they may have had a bad day
	return w.run(ctx)
}

// watch is the state of one Watch; its goroutine owns it.
type watch struct {
	e        *Environments
	changed  func(Change)
	events   *fsnotify.Watcher // nil: not to be had
	dirs     places            // folders that are watched
	blind    bool              // something is not watched: look more often
	told     []domain.Environment
	asked    map[string]bool // by path, while an interpreter is asked: true if it changed meanwhile
	landed   chan string     // the path of one that has answered
	sizing   bool            // sizes are measured
	measured chan bool       // that is done: whether there were any
}

func (w *watch) open() {
	events, err := fsnotify.NewWatcher()
	if err != nil {
		w.goBlind(err)
		return
	}
	w.events = events
}

func (w *watch) close() {
	if w.events != nil {
		_ = w.events.Close() // it was only read
	}
	for range w.asked { // they end with the context
		<-w.landed
	}
	if w.sizing {
		<-w.measured
	}
}

func (w *watch) goBlind(err error) {
	if !w.blind {
		w.e.log.Warn("file events are not to be had, looking for changed environments by the clock",
			"every", w.e.bounds.blind, "error", err)
	}
	w.blind = true
}

func (w *watch) pause() time.Duration {
	if w.blind {
		return w.e.bounds.blind
	}
	return relook
}

func (w *watch) run(ctx context.Context) error {
	var events <-chan fsnotify.Event
	var failures <-chan error
	if w.events != nil {
		events, failures = w.events.Events, w.events.Errors
	}
	regular := time.NewTimer(w.pause())
	defer regular.Stop()
	quiet := time.NewTimer(time.Hour)
	quiet.Stop()
	defer quiet.Stop()
	var since time.Time // of the first event that no look has seen; zero is none
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-w.e.wake:
			w.tell(ctx)
			continue
		case path := <-w.landed:
			again := w.asked[path]
			delete(w.asked, path)
			w.e.arrange()
			w.complete(ctx)
			if again {
				quiet.Reset(0)
			}
			continue
		case any := <-w.measured:
			w.sizing = false
			if any { // more may have come meanwhile
				w.complete(ctx)
			}
			continue
		case ev, ok := <-events:
			if !ok {
				events = nil
				w.goBlind(fsnotify.ErrClosed)
				continue
			}
			if !w.matters(ev) {
				continue
			}
			now := time.Now()
			if since.IsZero() {
				since = now
			}
			quiet.Reset(min(debounce, max(0, patience-now.Sub(since))))
			continue
		case err, ok := <-failures:
			if !ok {
				failures = nil
				continue
			}
			w.e.log.Warn("file events were lost, looking at all environments", "error", err)
			quiet.Reset(debounce)
			continue
		case <-quiet.C:
		case <-regular.C:
		}
		since = time.Time{}
		w.look(ctx, askChanged)
		regular.Reset(w.pause())
	}
}

// tell reports and saves what changed since the last time.
func (w *watch) tell(ctx context.Context) {
	list := w.e.List()
	change := difference(w.told, list)
	if !change.Any() || ctx.Err() != nil {
		return
	}
	w.told = list
	w.e.log.InfoContext(ctx, "environments changed", "added", change.Added, "removed", change.Removed, "changed", change.Changed)
	if err := w.e.store.SaveEnvironments(ctx, list); err != nil && ctx.Err() == nil {
		w.e.log.ErrorContext(ctx, "save environments", "error", err)
	}
	w.changed(change)
}

// complete notes that the list is whole, and has the sizes measured beside.
func (w *watch) complete(ctx context.Context) {
	if len(w.asked) != 0 {
		return
	}
	w.e.mu.Lock()
	w.e.refreshed = true
	w.e.mu.Unlock()
	if !w.sizing {
		w.sizing = true
		go func() { w.measured <- w.e.measure(ctx) }()
	}
}

// look finds what changed; interpreters are asked beside it. New folders get
// their watches first and are looked at once more after, since files may have
// come in between.
func (w *watch) look(ctx context.Context, how effort) {
	const most = 3 // rounds; what grows faster gets its next look by events
	for range most {
		todo, saved, err := w.e.look(ctx, how)
		if err != nil {
			return // the context's end
		}
		for _, f := range todo {
			if _, running := w.asked[f.Path]; running {
				w.asked[f.Path] = true
				continue
			}
			w.asked[f.Path] = false
			go func() {
				if _, err := w.e.check(ctx, f.Found, saved, f.again); err != nil && ctx.Err() == nil {
					w.e.log.ErrorContext(ctx, "verify environment", "path", f.Path, "error", err)
				}
				w.landed <- f.Path
			}()
		}
		w.complete(ctx)
		if !w.watchFolders() {
			return
		}
		how = askChanged
	}
}

// folders lists what has to be watched, the most important first.
func (w *watch) folders() ([]string, places) {
	w.e.mu.Lock()
	all, around := w.e.all, w.e.places
	w.e.mu.Unlock()
	kinds := places{}
	var order []string
	add := func(dir string, kind placeKind) {
		if dir == "" || kinds[dir] != 0 {
			return
		}
		if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			return
		}
		kinds[dir] = kind
		order = append(order, dir)
	}
	sorted := slices.Sorted(maps.Keys(around))
	for _, dir := range sorted {
		if around[dir] == placeEnvs {
			add(dir, placeEnvs)
		}
	}
	if home := w.e.options.Home; home != "" {
		add(filepath.Join(home, ".conda"), placeNames) // environments.txt
	}
	for _, f := range all {
		if f.Kind == domain.EnvironmentConda {
			add(filepath.Join(f.Path, "conda-meta"), insideRecords)
		}
	}
	for _, f := range all {
		if f.Kind != domain.EnvironmentSystem {
			add(f.Path, insidePrefix)
		}
		if f.Python != "" {
			add(filepath.Dir(f.Python), insidePrograms)
		} else if f.Kind != domain.EnvironmentSystem {
			add(venvBin(f.Path), insidePrograms)
		}
		for _, dir := range packageFolders(f.Path) {
			add(dir, insidePackages)
		}
		if f.Kind == domain.EnvironmentConda {
			for _, name := range []string{"etc", "etc/conda", "etc/conda/activate.d", "etc/conda/deactivate.d", "etc/conda/env_vars.d"} {
				kind := insideRecords
				if name == "etc" {
					kind = insidePrefix
				}
				add(filepath.Join(f.Path, filepath.FromSlash(name)), kind)
			}
		}
	}
	for _, dir := range sorted {
		add(dir, around[dir])
	}
	return order, kinds
}

// watchFolders sees to it that all folders that matter are watched, and tells
// whether there were new ones.
func (w *watch) watchFolders() bool {
	if w.events == nil {
		return false
	}
	wanted, kinds := w.folders()
	blind, added := false, false
	// what is not wanted any more makes room first
	for dir := range w.dirs {
		if kinds[dir] == 0 {
			_ = w.events.Remove(dir) // the system may have done so already
			delete(w.dirs, dir)
		}
	}
	for _, dir := range wanted {
		if w.dirs[dir] != 0 {
			w.dirs[dir] = kinds[dir]
			continue
		}
		if len(w.dirs) >= w.e.bounds.folders {
			w.goBlind(fmt.Errorf("more than %d folders", w.e.bounds.folders))
			blind = true
			break
		}
		if err := w.events.Add(dir); err != nil {
			if os.IsPermission(err) || os.IsNotExist(err) {
				continue // gone this moment, or nothing of ours
			}
			w.goBlind(fmt.Errorf("watch %s: %w", dir, err))
			blind = true
			continue
		}
		w.dirs[dir], added = kinds[dir], true
	}
	if w.blind && !blind {
		w.e.log.Info("file events are to be had again for environments")
	}
	w.blind = blind
	return added
}

// matters tells whether a look could come out differently after an event.
func (w *watch) matters(ev fsnotify.Event) bool {
	gone := ev.Has(fsnotify.Remove) || ev.Has(fsnotify.Rename)
	if w.dirs[ev.Name] != 0 {
		if gone || ev.Has(fsnotify.Create) { // another folder may stand there now, which has no watch yet
			w.forget(ev.Name)
			return true
		}
		if ev.Op == fsnotify.Chmod {
			return w.dirs[ev.Name] >= insidePrefix // whom it belongs to counts
		}
	}
	dir, name := filepath.Dir(ev.Name), filepath.Base(ev.Name)
	if ev.Op == fsnotify.Chmod {
		return w.dirs[dir] == insidePrograms && strings.HasPrefix(name, "python")
	}
	switch w.dirs[dir] {
	case placeNames:
		return installerNames.MatchString(strings.ToLower(name)) || knownNames[strings.ToLower(name)]
	case placeWalk:
		if gone || name == "pyvenv.cfg" || name == "conda-meta" {
			return true
		}
		if !ev.Has(fsnotify.Create) {
			return false
		}
		info, err := os.Stat(ev.Name)
		return err == nil && info.IsDir()
	case placeEnvs, insideRecords:
		return true
	case insidePrefix:
		switch strings.ToLower(name) {
		case "conda-meta", "condabin", "envs", "bin", "lib", "lib64", "etc", "conda", "scripts", "pyvenv.cfg", "python.exe":
			return true
		}
		return false
	case insidePrograms:
		return strings.HasPrefix(strings.ToLower(name), "python") || name == "conda"
	case insidePackages:
		return name != "__pycache__" && !(ev.Op == fsnotify.Write && runtime.GOOS == "windows")
	}
	return false
}

// knownNames count in a home and in the folders for all people.
var knownNames = map[string]bool{
	"environments.txt": true, "envs": true, ".conda": true, ".condarc": true, ".mambarc": true, "conda": true, "mamba": true,
	".virtualenvs": true, ".venvs": true, "virtualenvs": true, ".pyenv": true,
}

// forget drops the watches of a folder that was moved, removed or replaced,
// and of what is below it.
func (w *watch) forget(path string) {
	for dir := range w.dirs {
		if dir == path || strings.HasPrefix(dir, path+string(filepath.Separator)) {
			_ = w.events.Remove(dir) // the system may have done so already
			delete(w.dirs, dir)
		}
	}
}
