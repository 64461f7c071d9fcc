package execution

import (
	"context"
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
	// Again at each launch: a folder for temporary files may be swept.
	if err := module.Install(s.config.Helper, s.config.HelperFolder); err != nil {
		return nil, err
	}
	s.compileOnce(s.config.HelperFolder, python, func(ctx context.Context) error {
		return module.Compile(ctx, s.config.Helper, s.config.HelperFolder, python)
	})
	real, err := filepath.EvalSymlinks(s.config.HelperFolder)
	if err != nil {
		return nil, err
	}
	policy.Read = append(policy.Read, real)
	return []string{module.Setting(s.config.HelperFolder, environ)}, nil
}

// compileLimit is how long a Python may take over a few small files.
const compileLimit = 30 * time.Second

// compileOnce has the modules of a folder compiled beside the first launch with
// a Python. The caller is within an execution, so that closing waits for it.
func (s *Service) compileOnce(folder, python string, compile func(context.Context) error) {
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
		if err := compile(ctx); err != nil {
			s.log.Info("scripts start some milliseconds later", "error", err)
		}
	})
}
