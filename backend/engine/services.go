package engine

import (
	"context"
	"time"

	"scriptsmanager/backend/discovery"
	"scriptsmanager/backend/domain"
)

// watcher follows the groups' folders (SPEC DIS-7).
type watcher struct{ e *Engine }

// Serve runs until ctx ends.
func (w *watcher) Serve(ctx context.Context) error {
	return w.e.discovery.Watch(ctx, func(r discovery.Result, changed []string) {
		if err := w.e.sync(ctx, r, changed); err != nil && ctx.Err() == nil {
			w.e.log.Error("record discovered scripts", "error", err)
		}
	})
}

func (w *watcher) String() string { return "watch groups" }

// Rescan looks at the groups' folders now.
func (e *Engine) Rescan(ctx context.Context) error { return e.rescan(ctx, nil) }

// rescanGroup is Rescan for one in which something changed.
func (e *Engine) rescanGroup(ctx context.Context, id string) error {
	return e.rescan(ctx, []string{id})
}

func (e *Engine) rescan(ctx context.Context, changed []string) error {
	began := time.Now()
	e.scans.begin()
	r, err := e.discovery.Scan(ctx)
	e.scans.end(time.Since(began), err == nil)
	if err != nil {
		return err
	}
	return e.sync(ctx, r, changed)
}

func (e *Engine) sync(ctx context.Context, r discovery.Result, changed []string) error {
	e.scans.found(r.Problems)
	for _, p := range r.Problems {
		e.log.Warn("groups", "file", p.File, "code", p.Code, "params", p.Params)
	}
	if err := e.scans.inOrder(r.Number, func() error { return e.store.SyncScripts(ctx, r.Groups, r.Scripts) }); err != nil {
		return err
	}
	e.finder.changed() // before it is told: who hears of it may search at once
	e.bus.Publish(domain.Event{Type: domain.EventDiscoveryChanged, Data: domain.DiscoveryEvent{Groups: changed}})
	return nil
}
