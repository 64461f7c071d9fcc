package engine

import (
	"context"
	"slices"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/execution"
	"scriptsmanager/backend/platform"
	"scriptsmanager/backend/store"
)

// alwaysOn keeps running what is wanted to run all the time (SPEC EXE-8).
type alwaysOn struct{ e *Engine }

// Serve runs until ctx ends.
func (s *alwaysOn) Serve(ctx context.Context) error {
	sub := s.e.bus.Subscribe(func(ev domain.Event) bool {
		if x, ok := ev.Data.(domain.Execution); ok && ev.Type == domain.EventExecutionChanged {
			return !x.State.Live() || x.AlwaysOn != 0
		}
		return slices.Contains([]domain.EventType{
			domain.EventDiscoveryChanged, domain.EventUserChanged, domain.EventProjectChanged,
		}, ev.Type)
	})
	defer sub.Close()
	go func() {
		for {
			select {
			case <-ctx.Done():
				return
			case _, open := <-sub.Events():
				if !open {
					return
				}
				s.e.keeper.Wake()
			}
		}
	}()
	return s.e.keeper.Serve(ctx)
}

func (s *alwaysOn) String() string { return "keep always on" }

// keeping is what the keeper needs of an engine.
type keeping struct{ e *Engine }

// Wanted lists what is wanted.
func (k keeping) Wanted(ctx context.Context) ([]domain.AlwaysOn, error) {
	return k.e.store.AlwaysOn(ctx)
}

// Running gives the execution that was started for it.
func (k keeping) Running(w domain.AlwaysOn) (domain.Execution, bool) {
	for _, x := range k.e.executions.AllLive() {
		if x.AlwaysOn == w.ID {
			return x, true
		}
	}
	return domain.Execution{}, false
}

// Execution gives an execution as it is now.
func (k keeping) Execution(ctx context.Context, id string) (domain.Execution, error) {
	return k.e.Execution(ctx, id)
}

// Changed tells the person for whom it runs.
func (k keeping) Changed(w domain.AlwaysOn) {
	k.e.bus.Publish(domain.Event{Type: domain.EventAlwaysOnChanged, UserID: w.UserID})
}

// Start starts it where its person may run it still.
func (k keeping) Start(ctx context.Context, w domain.AlwaysOn) (domain.Execution, bool, error) {
	q, err := k.e.alwaysOnRequest(ctx, w)
	if err != nil {
		return domain.Execution{}, false, err
	}
	q.AlwaysOn = w.ID
	return k.e.Run(ctx, Actor{Kind: store.ActorSystem, Name: "always on"}, q)
}

// alwaysOnRequest checks what is wanted against what is there now. It fails
// with CodeNotFound, CodeScriptInactive, CodeAlwaysOnUser, CodeNotAllowed, CodeAlwaysOnDenied,
// CodeAlwaysOnSecret or CodeInvalid.
func (e *Engine) alwaysOnRequest(ctx context.Context, w domain.AlwaysOn) (q execution.Request, err error) {
	if q.Script, err = e.Script(ctx, w.ScriptID); err != nil {
		return q, err
	}
	if !q.Script.Active {
		return q, domain.NewError(domain.CodeScriptInactive, "script", w.ScriptID)
	}
	if q.User, err = e.store.User(ctx, w.UserID); err != nil {
		return q, err
	}
	if !q.User.Active {
		return q, domain.NewError(domain.CodeAlwaysOnUser, "user", q.User.Name)
	}
	if v := e.Explain(q.User, q.Script); !v.Run {
		if v.Reason == domain.VerdictPermission {
			return q, domain.NewError(domain.CodeAlwaysOnDenied, "user", q.User.Name, "script", w.ScriptID)
		}
		return q, domain.NewError(domain.CodeNotAllowed, "level", string(q.Script.RequiredLevel))
	}
	if q.Project, err = e.UsableProject(ctx, w.UserID, w.ProjectID); err != nil {
		return q, err
	}
	if q.Group, err = e.Group(ctx, q.Script.GroupID); err != nil {
		return q, err
	}
	if w.TemplateID != 0 {
		if q.Template, err = e.readTemplate(ctx, &w); err != nil {
			return q, err
		}
	}
	for _, p := range q.Script.Parameters {
		if v := w.Parameters[p.Name]; p.Secret() && v != nil && v != "" {
			return q, domain.NewError(domain.CodeAlwaysOnSecret, "name", p.Name)
		}
	}
	if q.Values, err = execution.Check(q.Script.Parameters, w.Parameters); err != nil {
		return q, err
	}
	q.Actor, q.Queue = store.ActorSystem, true
	q.Language, q.Theme = q.User.Language, q.User.Theme.Settled()
	return q, nil
}

// readTemplate puts into w what its template has now. It fails with CodeNotFound
// where that is not to be had for the user for whom it runs.
func (e *Engine) readTemplate(ctx context.Context, w *domain.AlwaysOn) (*domain.ExecutionTemplate, error) {
	t, err := e.store.Template(ctx, w.TemplateID)
	if err != nil {
		return nil, err
	}
	if t.ScriptID != w.ScriptID || (!t.Shared && t.UserID != w.UserID) {
		return nil, domain.NewError(domain.CodeNotFound, "what", "template", "name", w.TemplateID)
	}
	w.Parameters = t.Parameters
	return &domain.ExecutionTemplate{ID: t.ID, Name: t.Name}, nil
}

// AlwaysOn lists what is wanted to run all the time and how it stands.
func (e *Engine) AlwaysOn(ctx context.Context) ([]domain.AlwaysOn, error) {
	list, err := e.store.AlwaysOn(ctx)
	for i := range list {
		list[i].Actual = domain.AlwaysOnActual{State: domain.AlwaysOnOff}
		if e.options.Kind != platform.OwnerCommand {
			list[i].Actual = e.keeper.Actual(list[i].ID)
		} else if x, ok := (keeping{e}).Running(list[i]); ok {
			list[i].Actual = domain.AlwaysOnActual{State: domain.AlwaysOnRunning, ExecutionID: x.ID}
		}
	}
	return list, err
}

// SetAlwaysOn wants a script to run all the time, from now on. It fails as a
// start of it would.
func (e *Engine) SetAlwaysOn(ctx context.Context, a Actor, w domain.AlwaysOn) (domain.AlwaysOn, error) {
	ctx = context.WithoutCancel(ctx)
	q, err := e.alwaysOnRequest(ctx, w)
	if err != nil {
		return domain.AlwaysOn{}, err
	}
	if w.TemplateID != 0 {
		w.Parameters = execution.Public(q.Script.Parameters, q.Values) // what stays should it be deleted
	}
	w, err = e.store.SetAlwaysOn(ctx, a, w)
	if err != nil {
		return domain.AlwaysOn{}, err
	}
	e.keeper.Wake()
	keeping{e}.Changed(w)
	return w, nil
}

// ClearAlwaysOn ends that, and stops what runs for it. It fails with
// CodeNotFound.
func (e *Engine) ClearAlwaysOn(ctx context.Context, a Actor, id int64) error {
	ctx = context.WithoutCancel(ctx)
	w, err := e.store.ClearAlwaysOn(ctx, a, id)
	if err != nil {
		return err
	}
	e.keeper.Wake()
	if x, ok := (keeping{e}).Running(w); ok {
		err := e.StopBy(ctx, a, x, execution.StopRequest{Reason: domain.ReasonStopped, By: a.Name})
		if err != nil && !domain.HasCode(err, domain.CodeExecutionEnded) {
			return err
		}
	}
	keeping{e}.Changed(w)
	return nil
}

// AlwaysOnValues gives with what something always on is started now, and from
// which template. It fails as a start of it would.
func (e *Engine) AlwaysOnValues(ctx context.Context, w domain.AlwaysOn) (map[string]any, *domain.ExecutionTemplate, error) {
	q, err := e.alwaysOnRequest(ctx, w)
	return execution.Public(q.Script.Parameters, q.Values), q.Template, err
}
