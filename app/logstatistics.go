package app

import (
	"context"
	"fmt"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
)

// maximumDays is the longest period that statistics are of, but for all.
const maximumDays = 3660

// LogStatisticsRequest says what statistics are of.
type LogStatisticsRequest struct {
	Days     int    `json:"days,omitempty"`      // up to and with today; 0: all there are
	AllUsers bool   `json:"all_users,omitempty"` // administrators only
	User     string `json:"user,omitempty"`      // of another one: administrators only
	ScriptID string `json:"script_id,omitempty"` // "": of all scripts
}

// DurationFigures are of ended executions, in milliseconds; null: none ended.
type DurationFigures struct {
	Mean float64 `json:"mean_ms"`
	P50  int64   `json:"p50_ms"`
	P90  int64   `json:"p90_ms"`
	P99  int64   `json:"p99_ms"`
}

// ScriptFigures are a script's.
type ScriptFigures struct {
	ScriptID    domain.ScriptID `json:"script_id"`
	Name        domain.Text     `json:"name"` // empty: the script is gone
	Executions  int64           `json:"executions"`
	Completed   int64           `json:"completed"`
	Failed      int64           `json:"failed"`
	Terminated  int64           `json:"terminated"`
	SuccessRate *float64        `json:"success_rate"`
	Median      int64           `json:"median_ms"`
}

// ProjectFigures are a project's.
type ProjectFigures struct {
	Project     string   `json:"project"`
	User        string   `json:"user"`
	Executions  int64    `json:"executions"`
	Completed   int64    `json:"completed"`
	Failed      int64    `json:"failed"`
	Terminated  int64    `json:"terminated"`
	SuccessRate *float64 `json:"success_rate"`
}

// LogStatistics says how executions of scripts went. Jobs are not counted.
type LogStatistics struct {
	Executions  int64            `json:"executions"`
	Queued      int64            `json:"queued"`
	Running     int64            `json:"running"`
	Completed   int64            `json:"completed"`
	Failed      int64            `json:"failed"`
	Terminated  int64            `json:"terminated"`
	SuccessRate *float64         `json:"success_rate"` // of ended ones, 0 to 1; null: none ended
	Duration    *DurationFigures `json:"duration"`     // null: none ended
	Scripts     []ScriptFigures  `json:"scripts"`      // the ten most used
	Projects    []ProjectFigures `json:"projects"`     // the ten most used
	Bytes       int64            `json:"bytes"`        // what logs take now, whenever they began
	Days        []Day            `json:"days"`         // by beginning, oldest first
}

// Statistics counts and measures executions (SPEC LOG-9). It fails with
// CodeInvalid (days), CodeNotFound (user) or CodeNotAllowed.
func (l *Logs) Statistics(ctx context.Context, r LogStatisticsRequest) (LogStatistics, error) {
	w, err := l.c.require(ctx, "Logs.Statistics")
	if err != nil {
		return LogStatistics{}, err
	}
	if r.Days < 0 || r.Days > maximumDays {
		return LogStatistics{}, domain.NewError(domain.CodeInvalid).With("days",
			domain.NewError(domain.CodeUsage, "detail", fmt.Sprintf("days %d (0 to %d)", r.Days, maximumDays)))
	}
	e := l.c.app.engine
	userID, err := l.c.whose(ctx, w, r.User, r.AllUsers)
	if err != nil {
		return LogStatistics{}, err
	}
	st, err := e.PeriodStatistics(ctx, engine.PeriodFilter{UserID: userID, ScriptID: r.ScriptID, Days: r.Days})
	if err != nil {
		return LogStatistics{}, err
	}
	t := st.Totals
	answer := LogStatistics{
		Executions: t.All, Queued: t.Queued, Running: t.Running, Completed: t.Completed, Failed: t.Failed, Terminated: t.Terminated,
		SuccessRate: t.SuccessRate(), Bytes: st.LogBytes,
		Scripts: []ScriptFigures{}, Projects: []ProjectFigures{}, Days: []Day{},
	}
	if answer.SuccessRate != nil {
		answer.Duration = &DurationFigures{st.Duration.Mean, st.Duration.P50, st.Duration.P90, st.Duration.P99}
	}
	ids := make([]domain.ScriptID, len(st.Scripts))
	for i, s := range st.Scripts {
		ids[i] = s.ScriptID
	}
	names, err := e.ScriptNames(ctx, ids)
	if err != nil {
		return LogStatistics{}, err
	}
	for _, s := range st.Scripts {
		answer.Scripts = append(answer.Scripts, ScriptFigures{
			ScriptID: s.ScriptID, Name: names[s.ScriptID], Executions: s.Totals.All, Completed: s.Totals.Completed,
			Failed: s.Totals.Failed, Terminated: s.Totals.Terminated, SuccessRate: s.Totals.SuccessRate(), Median: s.Median,
		})
	}
	for _, p := range st.Projects {
		answer.Projects = append(answer.Projects, ProjectFigures{
			Project: p.Project, User: p.User, Executions: p.Totals.All, Completed: p.Totals.Completed,
			Failed: p.Totals.Failed, Terminated: p.Totals.Terminated, SuccessRate: p.Totals.SuccessRate(),
		})
	}
	for _, d := range st.Days {
		answer.Days = append(answer.Days, Day(d))
	}
	return answer, nil
}
