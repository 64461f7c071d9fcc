package desktop

import "scriptsmanager/backend/domain"

// ending gives those of the live executions that quitting stops: what has no
// page, and what goes on without its window, goes on without the application.
func ending(live []domain.Execution, script func(domain.ScriptID) domain.Script) []domain.Execution {
	var stopped []domain.Execution
	for _, x := range live {
		switch {
		case x.State == domain.StateQueued:
		case !x.HasPage || x.AlwaysOn != 0:
			continue
		default:
			if s := script(x.ScriptID); s.Background || s.AlwaysOn {
				continue
			}
		}
		stopped = append(stopped, x)
	}
	return stopped
}
