package engine

import (
	"context"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/fsnotify/fsnotify"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/folders"
	"scriptsmanager/backend/project/files"
)

// dataWatch is which data folders people look at.
type dataWatch struct {
	mu      sync.Mutex // guards all below
	clients map[string]watchedData
	wake    chan func() bool // tells the follower that there are others
}

// watchedData is what one client shows.
type watchedData struct {
	place DataPlace
	paths map[string]string // folders, by where they lie
}

// The follower's bounds: each client shows up to a hundred folders.
const (
	dataWatches  = 2000
	dataPatience = time.Second
	dataRegular  = time.Minute
	dataBlind    = 3 * time.Second
)

// WatchData says which folders a client shows, in place of those before.
func (e *Engine) WatchData(client string, p DataPlace, paths []string) {
	w := &e.dataWatch
	w.mu.Lock()
	_, had := w.clients[client]
	if len(paths) == 0 {
		delete(w.clients, client)
	} else {
		if w.clients == nil {
			w.clients = map[string]watchedData{}
		}
		shown := watchedData{p, map[string]string{}}
		for _, path := range paths {
			if dir, ok := files.Below(e.DataDir(p), path); ok {
				shown.paths[dir] = path
			}
		}
		w.clients[client] = shown
	}
	w.mu.Unlock()
	if !had && len(paths) == 0 {
		return
	}
	select {
	case w.wake <- func() bool { return true }:
	default: // it is about to look anyway
	}
}

// WatchesData tells whether a client shows one of the folders.
func (e *Engine) WatchesData(client string, event domain.DataEvent) bool {
	e.dataWatch.mu.Lock()
	defer e.dataWatch.mu.Unlock()
	shown, ok := e.dataWatch.clients[client]
	if !ok || shown.place.Project.ID != event.ProjectID || shown.place.GroupID != event.GroupID {
		return false
	}
	for _, path := range shown.paths {
		if slices.Contains(event.Paths, path) {
			return true
		}
	}
	return false
}

// dataFollower tells of changes in the folders that people look at.
type dataFollower struct{ e *Engine }

func (f *dataFollower) String() string { return "follow data folders" }

// Serve runs until ctx ends.
func (f *dataFollower) Serve(ctx context.Context) error {
	watch := folders.Open(f.e.log, folders.Bounds{Folders: dataWatches, Patience: dataPatience, Regular: dataRegular, Blind: dataBlind})
	defer watch.Close()
	dirty := map[string]bool{}
	matters := func(ev fsnotify.Event) bool {
		if ev.Op == fsnotify.Chmod {
			return false
		}
		dirty[filepath.Dir(ev.Name)] = true
		if ev.Has(fsnotify.Remove) || ev.Has(fsnotify.Rename) {
			watch.Forget(ev.Name)
			dirty[ev.Name] = true // it may be a watched folder itself
		}
		return true
	}
	look := func() {
		for _, dir := range f.follow(watch) {
			dirty[dir] = true // files may have come since the client listed it
		}
		f.tell(watch, dirty)
		clear(dirty)
	}
	look()
	return watch.Run(ctx, matters, look, f.e.dataWatch.wake)
}

// follow watches what clients show now, and gives what was not watched before.
func (f *dataFollower) follow(watch *folders.Watch) (fresh []string) {
	w := &f.e.dataWatch
	w.mu.Lock()
	var dirs []string
	for _, shown := range w.clients {
		for dir := range shown.paths {
			dirs = append(dirs, dir)
		}
	}
	w.mu.Unlock()
	slices.Sort(dirs)
	dirs = slices.Compact(dirs)
	wanted := dirs[:0]
	for _, dir := range dirs {
		known := watch.Watched(dir)
		if !known && !f.plain(dir) {
			continue
		}
		wanted = append(wanted, dir)
		if !known {
			fresh = append(fresh, dir)
		}
	}
	watch.Set(wanted)
	return slices.DeleteFunc(fresh, func(dir string) bool {
		if watch.Watched(dir) && !f.plain(dir) {
			watch.Forget(dir) // a link came there meanwhile
		}
		return !watch.Watched(dir)
	})
}

// plain tells whether no part of a folder's path below that of all data folders
// is a link: a watch would follow it to what is another's.
func (f *dataFollower) plain(dir string) bool {
	base := f.e.options.Root.ScriptData()
	below, err := filepath.Rel(base, dir)
	if err != nil {
		return false
	}
	base, err = filepath.EvalSymlinks(base)
	if err != nil {
		return false
	}
	real, err := filepath.EvalSymlinks(dir)
	return err == nil && real == filepath.Join(base, below)
}

// tell publishes what changed; what has no events to tell of it, always.
func (f *dataFollower) tell(watch *folders.Watch, dirty map[string]bool) {
	type key struct {
		project int64
		group   string
	}
	w := &f.e.dataWatch
	w.mu.Lock()
	places := map[key]DataPlace{}
	changed := map[key][]string{}
	for _, shown := range w.clients {
		k := key{shown.place.Project.ID, shown.place.GroupID}
		places[k] = shown.place
		for dir, path := range shown.paths {
			if (dirty[dir] || !watch.Watched(dir)) && !slices.Contains(changed[k], path) {
				changed[k] = append(changed[k], path)
			}
		}
	}
	w.mu.Unlock()
	for k, paths := range changed {
		f.e.DataChanged(places[k], paths...)
	}
}
