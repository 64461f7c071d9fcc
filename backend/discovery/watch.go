package discovery

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
)

const (
	debounce = 150 * time.Millisecond // editors save in several steps
	patience = time.Second            // a stream of events must not put a scan off for ever
	rescan   = time.Minute            // for what no event tells, as on network shares
)

// bounds are those of a watch that tests make smaller.
type bounds struct {
	folders int           // watches that we take of what the system has for all programs
	blind   time.Duration // from scan to scan while events are not to be had
}

func defaultBounds() bounds { return bounds{folders: 10_000, blind: 5 * time.Second} }

// Watch calls changed with the ids of the groups that are new, changed or gone
// since the last Scan before it, or since its last call. What a Scan by others
// finds meanwhile is told too. It returns nil when ctx ends. changed is called
// from one goroutine; what happens while it runs is not lost. One Watch at a
// time.
func (d *Discovery) Watch(ctx context.Context, changed func(Result, []string)) error {
	d.keepUntold(true)
	defer d.keepUntold(false)
	w := &watch{d: d, changed: changed, dirs: map[string]bool{}}
	w.open()
	defer w.close()
	w.scan(ctx)
	return w.run(ctx)
}

// watch is the state of one Watch; its goroutine owns it.
type watch struct {
	d       *Discovery
	changed func(Result, []string)
	events  *fsnotify.Watcher // nil: not to be had
	dirs    map[string]bool   // folders that are watched
	blind   bool              // something is not watched: scan more often
	failing bool              // the last scan failed, which was logged
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
		_ = w.events.Close()
	}
}

func (w *watch) goBlind(err error) {
	if !w.blind {
		w.d.log.Warn("file events are not to be had, looking for changes by the clock",
			"folder", w.d.dir, "every", w.d.bounds.blind, "error", err)
	}
	w.blind = true
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
	var since time.Time // of the first event that no scan has seen; zero is none
	for {
		select {
		case <-ctx.Done():
			return nil
		case e, ok := <-events:
			if !ok {
				events = nil
				w.goBlind(fsnotify.ErrClosed)
				continue
			}
			if !w.matters(e) {
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
			// Events were lost, or a folder cannot be watched: look at all of it.
			w.d.log.Warn("file events were lost, looking at everything", "folder", w.d.dir, "error", err)
			quiet.Reset(debounce)
			continue
		case <-quiet.C:
		case <-regular.C:
		}
		since = time.Time{}
		w.scan(ctx)
		regular.Reset(w.pause())
	}
}

func (w *watch) pause() time.Duration {
	if w.blind {
		return w.d.bounds.blind
	}
	return rescan
}

// matters tells whether a scan could come out differently after e. Scripts
// run in their group's folder and may write there all the time.
func (w *watch) matters(e fsnotify.Event) bool {
	if e.Op == fsnotify.Chmod && e.Name == w.d.dir {
		return true
	}
	dir, name := filepath.Split(e.Name)
	dir = filepath.Clean(dir)
	gone := e.Has(fsnotify.Create) || e.Has(fsnotify.Remove) || e.Has(fsnotify.Rename)
	switch {
	case e.Name == w.d.dir:
		if gone {
			w.forget(e.Name)
		}
		return true
	case dir == w.d.dir:
		if neverGroup(name) {
			return false
		}
		if gone { // another folder may stand there now, which has no watch yet
			w.forget(e.Name)
		}
		return true
	case filepath.Dir(dir) == w.d.dir && name == "scripts":
		if gone {
			w.forget(e.Name)
		}
		return true
	case filepath.Base(dir) == "scripts":
		return name == filepath.Base(scriptFile)
	}
	return name == groupFile || isScriptName(name) || name == "docs"
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

// scan reports what has changed. New folders get their watches first and are
// looked at once more after, since files may have come in between.
func (w *watch) scan(ctx context.Context) {
	const most = 5 // rounds; a tree that grows faster gets its next scan by events
	for range most {
		result, err := w.d.Scan(ctx)
		if err != nil {
			if ctx.Err() == nil && !w.failing {
				w.d.log.Error("groups cannot be read, the last known ones stay", "folder", w.d.dir, "error", err)
			}
			w.failing, w.blind = true, true
			return
		}
		w.failing = false
		if changed := w.d.takeUntold(); len(changed) > 0 {
			w.changed(result, changed)
		}
		if !w.watchFolders() {
			return
		}
	}
}

// watchFolders sees to it that all folders that matter are watched, and tells
// whether there were new ones.
func (w *watch) watchFolders() bool {
	if w.events == nil {
		return false
	}
	wanted := w.d.folders()
	blind, added := false, false
	for _, dir := range wanted {
		if w.dirs[dir] {
			continue
		}
		if len(w.dirs) >= w.d.bounds.folders {
			w.goBlind(fmt.Errorf("more than %d folders", w.d.bounds.folders))
			blind = true
			break
		}
		if err := w.events.Add(dir); err != nil {
			w.goBlind(fmt.Errorf("watch %s: %w", dir, err))
			blind = true
			continue
		}
		w.dirs[dir], added = true, true
	}
	if w.blind && !blind {
		w.d.log.Info("file events are to be had again", "folder", w.d.dir)
	}
	w.blind = blind
	if len(w.dirs) > len(wanted) {
		keep := make(map[string]bool, len(wanted))
		for _, dir := range wanted {
			keep[dir] = true
		}
		for dir := range w.dirs {
			if !keep[dir] {
				_ = w.events.Remove(dir)
				delete(w.dirs, dir)
			}
		}
	}
	return added
}

func (d *Discovery) keepUntold(on bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.watched, d.untold = on, map[string]bool{}
}

func (d *Discovery) takeUntold() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	ids := slices.Sorted(maps.Keys(d.untold))
	clear(d.untold)
	return ids
}

// folders lists what has to be watched: the folder of groups, each candidate,
// and where its script_metadata.json is or would be.
func (d *Discovery) folders() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	dirs := make([]string, 0, 1+2*len(d.groups))
	dirs = append(dirs, d.dir)
	for id, g := range d.groups {
		dirs = append(dirs, filepath.Join(d.dir, id))
		if g.hasExtraFolder {
			dirs = append(dirs, filepath.Join(d.dir, id, "scripts"))
		}
	}
	return dirs
}
