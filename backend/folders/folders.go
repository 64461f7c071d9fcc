// Package folders follows folders by file events and says when a look at them
// is due: soon after something in them changed, now and then for what no event
// tells, and more often while events are not to be had. What is looked for in
// the folders, and which events matter, its callers know.
package folders

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
)

// debounce is how long it has to be quiet: installers and editors write in
// many steps.
const debounce = 150 * time.Millisecond

// Bounds say how many folders are watched, and how long a look is put off.
type Bounds struct {
	Folders  int           // watches taken of what the system has for all programs
	Patience time.Duration // a stream of events puts a look off no longer
	Regular  time.Duration // from look to look, for what no event tells, as on network shares
	Blind    time.Duration // the same while something is not watched
}

// Watch follows a set of folders. One goroutine uses it, which is the one that
// Run calls back from.
type Watch struct {
	log    *slog.Logger
	bounds Bounds
	events *fsnotify.Watcher // nil: not to be had
	dirs   map[string]bool   // that are watched
	blind  bool              // something is not watched: look more often
	said   bool              // the log says so
}

// Open begins with no folder. Where the system has no events to give, looks
// are due by the clock. The log names what is followed. Close it.
func Open(log *slog.Logger, bounds Bounds) *Watch {
	w := &Watch{log: log, bounds: bounds, dirs: map[string]bool{}}
	events, err := fsnotify.NewWatcher()
	if err != nil {
		w.goBlind(err)
		return w
	}
	w.events = events
	return w
}

// Close ends all watches.
func (w *Watch) Close() {
	if w.events != nil {
		_ = w.events.Close() // it was only read
	}
}

// LookOften has looks due more often until the next Set that can watch all.
func (w *Watch) LookOften() { w.blind = true }

func (w *Watch) goBlind(err error) {
	if !w.said {
		w.log.Warn("file events are not to be had, looking for changes by the clock", "every", w.bounds.Blind, "error", err)
	}
	w.blind, w.said = true, true
}

// Watched tells whether a folder is watched.
func (w *Watch) Watched(dir string) bool { return w.dirs[dir] }

// Set has these folders watched and no others, and tells whether there were
// new ones: files may have come into them since they were looked at. Of too
// many the first are taken. What is not there or may not be read is left out.
func (w *Watch) Set(wanted []string) (added bool) {
	if w.events == nil {
		return false
	}
	keep := make(map[string]bool, len(wanted))
	for _, dir := range wanted {
		keep[dir] = true
	}
	for dir := range w.dirs { // makes room first
		if !keep[dir] {
			w.drop(dir)
		}
	}
	blind := false
	for _, dir := range wanted {
		if w.dirs[dir] {
			continue
		}
		if len(w.dirs) >= w.bounds.Folders {
			w.goBlind(fmt.Errorf("more than %d folders", w.bounds.Folders))
			blind = true
			break
		}
		if err := w.events.Add(dir); err != nil {
			if os.IsPermission(err) || os.IsNotExist(err) {
				continue
			}
			w.goBlind(fmt.Errorf("watch %s: %w", dir, err))
			blind = true
			continue
		}
		w.dirs[dir], added = true, true
	}
	if w.said && !blind {
		w.log.Info("file events are to be had again")
		w.said = false
	}
	w.blind = blind
	return added
}

// Forget drops the watches of a folder that was moved, removed or replaced,
// and of what is below it: the next Set watches what stands there then.
func (w *Watch) Forget(path string) {
	for dir := range w.dirs {
		if dir == path || strings.HasPrefix(dir, path+string(filepath.Separator)) {
			w.drop(dir)
		}
	}
}

func (w *Watch) drop(dir string) {
	_ = w.events.Remove(dir) // the system may have done so already
	delete(w.dirs, dir)
}

// Run calls look when one is due, until ctx ends, whose error it gives.
// matters judges events. calls are made between, one by one; one that gives
// true has a look due at once. The first look is the caller's own.
func (w *Watch) Run(ctx context.Context, matters func(fsnotify.Event) bool, look func(), calls <-chan func() bool) error {
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
		case call := <-calls:
			if call() {
				quiet.Reset(0)
			}
			continue
		case ev, ok := <-events:
			if !ok {
				events = nil
				w.goBlind(fsnotify.ErrClosed)
				continue
			}
			if !matters(ev) {
				continue
			}
			now := time.Now()
			if since.IsZero() {
				since = now
			}
			quiet.Reset(min(debounce, max(0, w.bounds.Patience-now.Sub(since))))
			continue
		case err, ok := <-failures:
			if !ok {
				failures = nil
				continue
			}
			w.log.Warn("file events were lost, looking at everything", "error", err)
			quiet.Reset(debounce)
			continue
		case <-quiet.C:
		case <-regular.C:
		}
		since = time.Time{}
		look()
		regular.Reset(w.pause())
	}
}

func (w *Watch) pause() time.Duration {
	if w.blind {
		return w.bounds.Blind
	}
	return w.bounds.Regular
}
