package execution

import (
	"context"
	"path/filepath"
	"strings"
	"time"

	"scriptsmanager/backend/execution/guard"
	"scriptsmanager/backend/sandbox"
)

// refusalsEvery is how often the record of refusals is looked at.
const refusalsEvery = time.Second

// guardPage puts the guard of loopback in front of a script's page (SPEC
// SEC-4), unless an administrator switched it off for the script: it opens to
// the script what the guard needs, and gives the settings for its environment.
func (a *actor) guardPage(ctx context.Context, python string, policy *sandbox.Policy, environ []string) ([]string, error) {
	s := a.service
	if !a.e.HasPage || s.config.GuardFolder == "" {
		return nil, nil
	}
	if s.config.Guarded != nil && !s.config.Guarded(ctx, a.e.ScriptID) {
		a.debug.Warn("loopback guard is switched off for this script")
		return nil, nil
	}
	if err := s.putModules(guard.Modules(), s.config.GuardFolder, python, policy); err != nil {
		return nil, err
	}
	record := a.recordOfRefusals()
	if err := guard.Create(record); err != nil {
		return nil, err
	}
	if err := opened(&policy.Write, record); err != nil {
		return nil, err
	}
	return guard.Settings(s.config.GuardFolder, record, environ), nil
}

func (a *actor) recordOfRefusals() string {
	return filepath.Join(a.service.runDir(a.id), guard.RecordFile)
}

// followRefusals puts what the guard notes into the debug stream until the
// function that it gives is called; finish does so once more before.
func (a *actor) followRefusals() (end func()) {
	if !a.e.HasPage {
		return func() {}
	}
	record := guard.Open(a.recordOfRefusals())
	troubled := false
	take := func() {
		notes, err := record.Next()
		if err != nil && !troubled {
			troubled = true
			a.debug.Warn("refused requests are not known", "error", err.Error())
		}
		for _, n := range notes {
			if module, on := strings.CutPrefix(n.Kind, guard.On); on {
				a.debug.Info("loopback guard stands", "module", module)
			} else {
				a.debug.Warn("requests to the page refused", "kind", n.Kind, "count", n.Count, "detail", n.Detail)
			}
		}
	}
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		tick := time.NewTicker(refusalsEvery)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				take()
				return
			case <-tick.C:
				take()
			}
		}
	}()
	ended := false
	end = func() {
		if !ended {
			ended = true
			close(stop)
			<-stopped
		}
	}
	a.endRefusals = end
	return end
}
