package engine

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"slices"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/execution/guard"
)

// guardFolder is where scripts' Pythons find the guard of pages.
func (e *Engine) guardFolder() string { return filepath.Join(e.runDir, "guard") }

// helperFolder is where they find the helper for scripts.
func (e *Engine) helperFolder() string { return filepath.Join(e.runDir, "helper") }

// guardSetting is where it is kept that the guard is off for a script, or on
// again. Neither a header nor a file of the group can say so.
func guardSetting(id domain.ScriptID) string { return "guard:" + id }

// Guard tells whether a script's page is guarded.
func (e *Engine) Guard(ctx context.Context, id domain.ScriptID) (domain.Guard, error) {
	g := domain.Guard{On: true}
	_, err := e.store.Setting(ctx, guardSetting(id), &g)
	return g, err
}

// SetGuard switches the guard of a script's page, from its next start on.
func (e *Engine) SetGuard(ctx context.Context, a Actor, script domain.Script, on bool) (domain.Guard, error) {
	now := time.Now().UTC()
	g := domain.Guard{On: on, ChangedBy: a.Name, ChangedAt: &now}
	if err := e.store.SetSetting(ctx, a, guardSetting(script.ID), g); err != nil {
		return domain.Guard{}, err
	}
	e.bus.Publish(domain.Event{Type: domain.EventDiscoveryChanged, Data: domain.DiscoveryEvent{Groups: []string{script.GroupID}}})
	return g, nil
}

// guarded is Guard for a launch: what is not known counts as on.
func (e *Engine) guarded(ctx context.Context, id domain.ScriptID) bool {
	g, err := e.Guard(ctx, id)
	if err != nil {
		e.log.Warn("whether the page is guarded is not known, so it is", "script", id, "error", err)
		return true
	}
	return g.On
}

// ServePages says at which address of this machine the headless mode answers:
// its pages may show those of scripts in a frame.
func (e *Engine) ServePages(address net.Addr) error {
	return guard.SetFrames(e.guardFolder(), guard.Origins(address))
}

// removeRunFolder takes the folder for sockets away, with what scripts' Pythons
// load in it. It stays where something runs on: that has its own folder in it,
// and its Python may load more of ours.
func (e *Engine) removeRunFolder() {
	if e.runDir == "" {
		return
	}
	entries, err := os.ReadDir(e.runDir)
	if err != nil {
		return
	}
	ours := []string{e.guardFolder(), e.helperFolder()}
	for _, entry := range entries {
		if !slices.Contains(ours, filepath.Join(e.runDir, entry.Name())) {
			return
		}
	}
	for _, dir := range ours {
		_ = os.RemoveAll(dir) // the next engine makes all anew
	}
	_ = os.Remove(e.runDir)
}
