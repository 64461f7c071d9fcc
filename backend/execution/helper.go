package execution

import (
	"context"
	"io/fs"
	"path/filepath"
	"time"

	"scriptsmanager/backend/execution/module"
	"scriptsmanager/backend/sandbox"
)

// putHelper puts the Python helper on a script's path (SPEC SDK-3): it opens
// its folder to the script, and gives the settings for its environment.
func (a *actor) putHelper(python string, policy *sandbox.Policy, environ []string) ([]string, error) {
	s := a.service
	if s.config.Helper == nil {
		return nil, nil
	}
	if err := s.putModules(s.config.Helper, s.config.HelperFolder, python, policy); err != nil {
		return nil, err
	}
	return []string{module.Setting(s.config.HelperFolder, environ)}, nil
}

// putModules puts Python modules of ours into a folder, has a Python compile
// them, and opens the folder to a script.
func (s *Service) putModules(files fs.FS, folder, python string, policy *sandbox.Policy) error {
	// Again at each launch: a folder for temporary files may be swept.
	if err := module.Install(files, folder); err != nil {
		return err
	}
	s.compileOnce(files, folder, python)
	return opened(&policy.Read, folder)
}

// opened adds a path of ours, free of links, to those that a policy opens.
func opened(to *[]string, path string) error {
	real, err := filepath.EvalSymlinks(path)
	if err == nil {
		*to = append(*to, real)
	}
	return err
}

// compileLimit is how long a Python may take over a few small files.
const compileLimit = 30 * time.Second

// compileOnce has the modules of a folder compiled beside the first launch with
// a Python. The caller is within an execution, so that closing waits for it.
func (s *Service) compileOnce(files fs.FS, folder, python string) {
	if _, known := s.compiled.LoadOrStore([2]string{folder, python}, true); known {
		return
	}
	s.running.Go(func() {
		ctx, cancel := context.WithTimeout(context.Background(), compileLimit)
		defer cancel()
		done := make(chan struct{})
		defer close(done)
		go func() {
			select {
			case <-s.closing:
				cancel()
			case <-done:
			}
		}()
		if err := module.Compile(ctx, files, folder, python); err != nil {
			s.log.Info("scripts start some milliseconds later", "error", err)
		}
	})
}
