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

// closing is what closing the window does to its script.
type closing int

const (
	closes     closing = iota // it is stopped, or has ended, or nobody asks
	asksToStop                // it says that closing asks first
	asksToKeep                // it can go on without the window
)

func closingOf(s settings, x domain.Execution) closing {
	switch {
	case !x.State.Live(), x.AlwaysOn != 0, x.Phase == domain.PhaseStopping:
		return closes
	case s.Background || !x.HasPage && (s.ConfirmClose || x.Busy): // what has no page goes on without its window
		return asksToKeep
	case s.ConfirmClose, x.Busy:
		return asksToStop
	}
	return closes
}
