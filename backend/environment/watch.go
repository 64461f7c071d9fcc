package environment

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/fsnotify/fsnotify"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/folders"
)

// defaultBounds are those of a watch; tests make them smaller.
func defaultBounds() folders.Bounds {
	return folders.Bounds{Folders: 4000, Patience: 600 * time.Millisecond, Regular: time.Minute, Blind: 5 * time.Second}
}

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
	w := &watch{
		e: e, changed: changed, told: e.List(), asked: map[string]bool{}, calls: make(chan func() bool),
		folders: folders.Open(e.log.With("of", "environments"), e.bounds),
	}
	ctx, cancel := context.WithCancel(ctx)
	defer func() {
		cancel()
		w.others.Wait()
		w.folders.Close()
	}()
	w.others.Go(func() {
		for {
			select {
			case <-ctx.Done():
				return
			case <-e.wake:
				w.call(ctx, func() bool { w.tell(ctx); return false })
			}
		}
	})
	w.look(ctx, askSilent) // the one time: they may have had a bad day
	return w.folders.Run(ctx, w.matters, func() { w.look(ctx, askChanged) }, w.calls)
}

// watch is the state of one Watch; its goroutine owns it.
type watch struct {
	e       *Environments
	changed func(Change)
	folders *folders.Watch
	kinds   places // of the folders that are watched
	told    []domain.Environment
	asked   map[string]bool // by path, while an interpreter is asked: true if it changed meanwhile
	sizing  bool            // sizes are measured
	asking  bool            // conda is being asked, or will be
	agreed  string          // the state of what was found in which it was
	calls   chan func() bool
	others  sync.WaitGroup // goroutines that call
}

// call has the watch's goroutine do something.
func (w *watch) call(ctx context.Context, do func() bool) {
	select {
	case w.calls <- do:
	case <-ctx.Done():
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
		w.others.Go(func() {
			any := w.e.measure(ctx)
			w.call(ctx, func() bool {
				w.sizing = false
				if any { // more may have come meanwhile
					w.complete(ctx)
				}
				return false
			})
		})
	}
	w.cross(ctx)
}

// cross has the programs of conda asked for what was not found, some time after
// what was found is verified, once for each state of that.
func (w *watch) cross(ctx context.Context) {
	tools, key := w.e.condas()
	if w.asking || len(tools) == 0 || key == w.agreed {
		return
	}
	w.asking = true
	w.others.Go(func() {
		delay := time.NewTimer(w.e.condaDelay)
		defer delay.Stop()
		select {
		case <-ctx.Done():
			return
		case <-delay.C:
		}
		tools, key := w.e.condas() // as they are now
		added := w.e.crossCheck(ctx, tools)
		w.call(ctx, func() bool {
			w.asking, w.agreed = false, key
			w.complete(ctx)
			return added
		})
	})
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
			w.others.Go(func() {
				if _, err := w.e.check(ctx, f.Found, saved, f.again); err != nil && ctx.Err() == nil {
					w.e.log.ErrorContext(ctx, "verify environment", "path", f.Path, "error", err)
				}
				w.call(ctx, func() bool { return w.landed(ctx, f.Path) })
			})
		}
		w.complete(ctx)
		wanted, kinds := w.wanted()
		w.kinds = kinds
		if !w.folders.Set(wanted) {
			return
		}
		how = askChanged
	}
}

// landed takes in that an interpreter has answered, and tells whether its
// environment changed meanwhile.
func (w *watch) landed(ctx context.Context, path string) bool {
	again := w.asked[path]
	delete(w.asked, path)
	w.e.arrange()
	w.complete(ctx)
	return again
}

// wanted lists what has to be watched, the most important first.
func (w *watch) wanted() ([]string, places) {
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

// kind tells what counts in a folder; 0 is nothing, as it is not watched.
func (w *watch) kind(dir string) placeKind {
	if !w.folders.Watched(dir) {
		return 0
	}
	return w.kinds[dir]
}

// matters tells whether a look could come out differently after an event.
func (w *watch) matters(ev fsnotify.Event) bool {
	gone := ev.Has(fsnotify.Remove) || ev.Has(fsnotify.Rename)
	if w.folders.Watched(ev.Name) {
		if gone || ev.Has(fsnotify.Create) { // another folder may stand there now, which has no watch yet
			w.folders.Forget(ev.Name)
			return true
		}
		if ev.Op == fsnotify.Chmod {
			return w.kind(ev.Name) >= insidePrefix // whom it belongs to counts
		}
	}
	dir, name := filepath.Dir(ev.Name), filepath.Base(ev.Name)
	if ev.Op == fsnotify.Chmod {
		return w.kind(dir) == insidePrograms && strings.HasPrefix(name, "python")
	}
	switch w.kind(dir) {
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
