package setting

import (
	"context"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"

	"scriptsmanager/backend/folders"
)

// looks says how often is looked where no event tells.
var looks = folders.Bounds{Folders: 2, Patience: time.Second, Regular: 30 * time.Second, Blind: 2 * time.Second}

// Serve follows the file until ctx ends: editors write into it, or put another
// file in its place, so its folder is watched, and that of a link's target.
func (s *Settings) Serve(ctx context.Context) error {
	w := folders.Open(s.options.Log, looks)
	defer w.Close()
	watched := map[string]bool{}
	follow := func() {
		clear(watched)
		watched[s.options.Path] = true
		dirs := []string{filepath.Dir(s.options.Path)}
		if real, err := filepath.EvalSymlinks(s.options.Path); err == nil && real != s.options.Path {
			watched[real] = true
			dirs = append(dirs, filepath.Dir(real))
		}
		w.Set(dirs)
	}
	look := func() {
		follow()
		if err := s.Look(ctx); err != nil && ctx.Err() == nil {
			s.options.Log.ErrorContext(ctx, "take up the configuration", "error", err)
		}
	}
	look()
	return w.Run(ctx, func(ev fsnotify.Event) bool { return watched[ev.Name] }, look, nil)
}

func (s *Settings) String() string { return "follow the configuration" }

// Look takes up what has changed in the file.
func (s *Settings) Look(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.look(ctx)
}

// look is Look for who holds s.mu.
func (s *Settings) look(ctx context.Context) error {
	before := s.state.Load()
	changed, err := s.takeUp(ctx)
	if changed {
		s.told(before)
	}
	return err
}
