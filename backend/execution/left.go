package execution

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"

	"scriptsmanager/backend/shim"
)

// runDirName is what runDir makes of an id.
var runDirName = regexp.MustCompile(`^[0-9a-f]{12}$`)

// removeLeftRunDirs takes away run folders of executions that are over, which
// an engine that was killed between recording the end and removing the folder
// left: they may hold secret values. What still runs in one that no record
// knows (the database is an older one) is ended.
func (s *Service) removeLeftRunDirs() {
	s.mu.Lock()
	known := map[string]bool{}
	for id := range s.actors {
		known[filepath.Base(s.runDir(id))] = true
	}
	s.mu.Unlock()
	s.removeLeftIn(s.config.RunFolder, known)
	for _, folder := range s.config.FormerRunFolders {
		s.removeLeftIn(folder, known)
		_ = os.Remove(folder) // stays where something is in it still
	}
}

// removeLeftIn does it for one folder of run folders.
func (s *Service) removeLeftIn(folder string, known map[string]bool) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		s.log.Warn("look for run folders of before", "error", err)
		return
	}
	for _, entry := range entries {
		if !entry.IsDir() || !runDirName.MatchString(entry.Name()) || known[entry.Name()] {
			continue
		}
		dir := filepath.Join(folder, entry.Name())
		if _, err := shim.Sweep(dir); errors.Is(err, shim.ErrAlive) {
			s.log.Warn("a script that no record knows is ended", "run_folder", dir)
			if err := killUnknown(dir); err != nil {
				s.log.Error("end a script that no record knows", "run_folder", dir, "error", err)
			}
			continue // its folder goes at the next start, when it has ended for sure
		}
		if err := os.RemoveAll(dir); err != nil {
			s.log.Warn("remove run folder of before", "run_folder", dir, "error", err)
		}
	}
}

func killUnknown(dir string) error {
	ctx, cancel := context.WithTimeout(context.Background(), dying)
	defer cancel()
	sh, err := shim.Attach(ctx, dir)
	if err != nil {
		return err
	}
	if err := sh.Kill(); err != nil {
		return err
	}
	for range sh.Events() {
		// until it has ended
	}
	return nil
}
