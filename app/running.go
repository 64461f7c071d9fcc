package app

import (
	"context"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
	"scriptsmanager/backend/execution"
)

// Running shows administrators what runs now, everyone's (SPEC ADM-2).
type Running struct{ c *Client }

// RunningItem is a live execution and what it uses, with all that it started.
// What is used is zero where Known is false: it does not run yet, or does not
// answer.
type RunningItem struct {
	Execution  domain.Execution `json:"execution"` // without parameters and files
	Known      bool             `json:"known"`
	CPUPercent float64          `json:"cpu_percent"` // of one processor
	CPUSeconds float64          `json:"cpu_seconds"`
	Memory     int64            `json:"memory_bytes"`
	Processes  int              `json:"processes"`
}

// RunningList is everything that runs, and the leased ports.
type RunningList struct {
	Items []RunningItem `json:"items"` // oldest first
	Ports []PortView    `json:"ports"` // by port
}

// List lists what runs. It is cheap enough to be asked every two seconds.
func (r *Running) List(ctx context.Context) (RunningList, error) {
	if _, err := r.c.requirePerson(ctx, "Running.List"); err != nil {
		return RunningList{}, err
	}
	e := r.c.app.engine
	live, uses := e.Running(ctx)
	list := RunningList{Items: make([]RunningItem, 0, len(live))}
	for _, x := range live {
		use, known := uses[x.ID]
		x.Parameters, x.Command, x.Files = nil, nil, nil
		list.Items = append(list.Items, RunningItem{
			Execution: x, Known: known, CPUPercent: use.CPUPercent, CPUSeconds: use.CPUSeconds,
			Memory: use.Memory, Processes: use.Processes,
		})
	}
	ports, err := portsOf(ctx, e)
	if err != nil {
		return RunningList{}, err
	}
	list.Ports = ports
	return list, nil
}

// Ports shows administrators who holds which port (SPEC PRT-5).
type Ports struct{ c *Client }

// PortView is one leased port.
type PortView struct {
	Port        int             `json:"port"`
	State       string          `json:"state"` // allocated, active
	ExecutionID string          `json:"execution_id"`
	ScriptID    domain.ScriptID `json:"script_id"`
	ScriptName  domain.Text     `json:"script_name"`
	User        string          `json:"user"`
	Project     string          `json:"project"`
	PID         int             `json:"pid"` // 0: not known yet
	Since       time.Time       `json:"since"`
}

// List lists the leased ports of everyone, by port.
func (p *Ports) List(ctx context.Context) ([]PortView, error) {
	if _, err := p.c.require(ctx, "Ports.List"); err != nil {
		return nil, err
	}
	return portsOf(ctx, p.c.app.engine)
}

func portsOf(ctx context.Context, e *engine.Engine) ([]PortView, error) {
	leases, err := e.Leases(ctx)
	if err != nil {
		return nil, err
	}
	names := map[string]domain.Text{}
	for _, x := range e.AllLive() {
		names[x.ID] = x.ScriptName
	}
	ports := make([]PortView, 0, len(leases))
	for _, l := range leases {
		ports = append(ports, PortView{
			Port: l.Port, State: l.State, ExecutionID: l.ExecutionID, ScriptID: l.ScriptID, ScriptName: names[l.ExecutionID],
			User: l.User, Project: l.Project, PID: l.PID, Since: l.AllocatedAt,
		})
	}
	return ports, nil
}

// PortRequest names a port whose lease is to end.
type PortRequest struct {
	Port int  `json:"port"`
	Now  bool `json:"now,omitempty"` // kill without grace
}

// End stops the execution that holds the port, which gives it back. It fails
// with CodeNotFound where the port is not leased.
func (p *Ports) End(ctx context.Context, r PortRequest) error {
	w, err := p.c.require(ctx, "Ports.End")
	if err != nil {
		return err
	}
	return p.c.app.engine.EndLease(ctx, w.Actor, r.Port, execution.StopRequest{
		Reason: domain.ReasonStopped, By: w.User.Name, Now: r.Now,
	})
}
