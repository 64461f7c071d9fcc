package app

import (
	"context"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
)

// Dashboard is the first page.
type Dashboard struct{ c *Client }

// DashboardView is what the first page shows, all of it the person's own.
type DashboardView struct {
	Groups  []GroupView        `json:"groups"`
	Running []domain.Execution `json:"running"`
	Recent  []ScriptView       `json:"recent"` // scripts used last
	Last    []domain.Execution `json:"last"`   // executions, newest first
	Totals  Totals             `json:"totals"`
	Days    []Day              `json:"days"` // thirty, oldest first
	System  SystemStatus       `json:"system"`
	// Unsaved are projects whose automatic backup fails: one's own, for administrators everybody's.
	Unsaved []engine.ProjectUnsaved `json:"unsaved"`
}

// Totals counts a person's executions.
type Totals struct {
	Runs       int64      `json:"runs"`
	Completed  int64      `json:"completed"`
	Failed     int64      `json:"failed"`
	Terminated int64      `json:"terminated"`
	LastRun    *time.Time `json:"last_run"`
}

// Day counts what ended on a day of the machine's calendar.
type Day struct {
	Date       string `json:"date"` // YYYY-MM-DD
	Completed  int64  `json:"completed"`
	Failed     int64  `json:"failed"`
	Terminated int64  `json:"terminated"`
}

// SystemStatus is how the machine is.
type SystemStatus struct {
	DiskFree     uint64               `json:"disk_free"` // bytes
	DiskTotal    uint64               `json:"disk_total"`
	Environments []domain.Environment `json:"environments"`
	Root         string               `json:"root"`
	RunningAll   int                  `json:"running_all"`
}

const (
	recentScripts = 6
	lastRuns      = 10
	stripDays     = 30
)

// Get gives the first page.
func (d *Dashboard) Get(ctx context.Context) (DashboardView, error) {
	w, err := d.c.requirePerson(ctx, "Dashboard.Get")
	if err != nil {
		return DashboardView{}, err
	}
	e := d.c.app.engine
	scripts := &Scripts{d.c}
	view := DashboardView{Running: e.LiveOf(w.User.ID), Recent: []ScriptView{}}
	if view.Groups, err = scripts.groups(ctx, w); err != nil {
		return DashboardView{}, err
	}
	recent, err := e.RecentScripts(ctx, w.User.ID, recentScripts)
	if err != nil {
		return DashboardView{}, err
	}
	var shown []domain.Script
	for _, id := range recent {
		if script, err := d.c.script(ctx, w, id); err == nil && script.Active {
			shown = append(shown, script)
		}
	}
	if view.Recent, err = scripts.views(ctx, w, shown); err != nil {
		return DashboardView{}, err
	}
	list, err := (&Executions{d.c}).List(ctx, ExecutionQuery{Limit: lastRuns})
	if err != nil {
		return DashboardView{}, err
	}
	view.Last = list.Items
	totals, days, err := e.Statistics(ctx, w.User.ID, stripDays)
	if err != nil {
		return DashboardView{}, err
	}
	view.Totals = Totals(totals)
	for _, day := range days {
		view.Days = append(view.Days, Day(day))
	}
	whose := w.User.ID
	if w.User.Level == domain.LevelAdmin {
		whose = 0
	}
	if view.Unsaved, err = e.Unsaved(ctx, whose); err != nil {
		return DashboardView{}, err
	}
	free, total, err := e.DiskUsage()
	if err != nil {
		return DashboardView{}, err
	}
	view.System = SystemStatus{
		DiskFree: free, DiskTotal: total, Environments: e.Environments(), Root: e.Root().Dir, RunningAll: e.RunningCount(),
	}
	return view, nil
}
