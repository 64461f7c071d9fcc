package execution

import (
	"testing"

	"scriptsmanager/backend/domain"
)

func TestWhoUsesAnEnvironment(t *testing.T) { // ENV-7
	live := domain.Execution{ID: "x", ScriptID: "g/j", User: "anna", State: domain.StateRunning}
	in := func(path string) domain.Execution { e := live; e.EnvironmentPath = path; return e }
	ended, job := in("/envs/rig"), in("/envs/rig")
	ended.State = domain.StateCompleted
	job.Job = &domain.Job{Action: domain.JobExport, Target: "/envs/other"}
	for name, c := range map[string]struct {
		e     domain.Execution
		using string
		uses  bool
	}{
		"it runs there": {in("/envs/rig"), "/envs/rig", true},
		"it is about to, and no record says so yet":   {live, "/envs/rig", true},
		"an earlier engine began it there":            {in("/envs/rig"), "", true},
		"it is started again, in another one":         {in("/envs/rig"), "/envs/other", false},
		"it has not come to choosing one":             {live, "", false},
		"it has ended":                                {ended, "/envs/rig", false},
		"it is a job, which stands in the way itself": {job, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			s := &Service{actors: map[string]*actor{}}
			s.actors["x"] = &actor{service: s, id: "x", e: c.e, using: c.using}
			n := len(s.RunningIn("/envs/rig"))
			err := s.mayChangeLocked(JobRequest{Action: domain.JobRemove, Target: "/envs/rig"})
			if (n == 1) != c.uses || domain.HasCode(err, domain.CodeEnvironmentInUse) != c.uses {
				t.Errorf("%d run there, and its removal: %v", n, err)
			}
			if err := s.mayChangeLocked(JobRequest{Action: domain.JobInstall, Target: "/envs/rig"}); err != nil {
				t.Errorf("what is used cannot be changed: %v", err)
			}
		})
	}
}
