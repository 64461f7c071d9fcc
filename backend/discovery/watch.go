package discovery

import (
	"context"
	"maps"
	"path/filepath"
	"slices"
	"time"

	"github.com/fsnotify/fsnotify"

	"scriptsmanager/backend/folders"
)

// defaultBounds are those of a watch; tests make them smaller.
func defaultBounds() folders.Bounds {
	return folders.Bounds{Folders: 10_000, Patience: time.Second, Regular: time.Minute, Blind: 5 * time.Second}
}

// Watch calls changed with the ids of the groups that are new, changed or gone
// since the last Scan before it, or since its last call. What a Scan by others
// finds meanwhile is told too. It returns nil when ctx ends. changed is called
// from one goroutine; what happens while it runs is not lost. One Watch at a
// time.
func (d *Discovery) Watch(ctx context.Context, changed func(Result, []string)) error {
	d.keepUntold(true)
	defer d.keepUntold(false)
	w := &watch{d: d, changed: changed, tree: folders.Open(d.log.With("folder", d.dir), d.bounds)}
	defer w.tree.Close()
	w.scan(ctx)
	_ = w.tree.Run(ctx, w.matters, func() { w.scan(ctx) }, nil) // the context's end
	return nil
}

// watch is the state of one Watch; its goroutine owns it.
type watch struct {
	d       *Discovery
	changed func(Result, []string)
	tree    *folders.Watch
	failing bool // the last scan failed, which was logged
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
			w.tree.Forget(e.Name)
		}
		return true
	case dir == w.d.dir:
		if neverGroup(name) {
			return false
		}
		if gone { // another folder may stand there now, which has no watch yet
			w.tree.Forget(e.Name)
		}
		return true
	case filepath.Dir(dir) == w.d.dir && name == "scripts":
		if gone {
			w.tree.Forget(e.Name)
		}
		return true
	case filepath.Base(dir) == "scripts":
		return name == filepath.Base(scriptFile)
	}
	return name == groupFile || isScriptName(name) || name == "docs"
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
			w.failing = true
			w.tree.LookOften()
			return
		}
		w.failing = false
		if changed := w.d.takeUntold(); len(changed) > 0 {
			w.changed(result, changed)
		}
		added := w.tree.Set(w.d.folders())
		if !w.tree.Watched(w.d.dir) {
			w.tree.LookOften() // its parent tells nothing
		}
		if !added {
			return
		}
	}
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
