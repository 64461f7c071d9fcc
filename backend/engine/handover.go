package engine

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/platform"
	"scriptsmanager/backend/project"
	"scriptsmanager/backend/store"
)

// handedOver is written down before folders become another account's, and
// removed when the database says so, too: what was cut off in between is
// ended, or taken back, by settleHandOver.
type handedOver struct {
	UserID int64              `json:"user_id"` // whose they were
	Plan   []project.Renaming `json:"plan"`
}

func (e *Engine) handOverFile() string {
	return filepath.Join(e.options.Root.Data(), "hand_over.json")
}

// handOver renames the folders of a user's projects.
func (e *Engine) handOver(userID int64, moves []store.ProjectMove) error {
	list := make([]project.Move, len(moves))
	for i, m := range moves {
		list[i] = project.Move(m)
	}
	plan, err := project.PlanHandOver(e.options.Root, list)
	if err != nil || len(plan) == 0 {
		return err
	}
	text, err := json.Marshal(handedOver{UserID: userID, Plan: plan})
	if err != nil {
		return err
	}
	if err := platform.WriteFile(e.handOverFile(), text, 0o600); err != nil {
		return fmt.Errorf("note a hand-over: %w", err)
	}
	return project.HandOver(e.options.Root, plan)
}

// settleHandOver lets folders lie where the database says that their projects
// are. It has nothing to do where no hand-over was cut off.
func (e *Engine) settleHandOver(ctx context.Context) error {
	text, err := os.ReadFile(e.handOverFile())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("settle a hand-over: %w", err)
	}
	var h handedOver
	if err := json.Unmarshal(text, &h); err != nil {
		return fmt.Errorf("settle a hand-over: %s: %w", e.handOverFile(), err)
	}
	deleted, err := e.store.DeletedUser(ctx, h.UserID)
	switch {
	case err == nil && deleted.Data == domain.DataHandOver:
		err = project.HandOver(e.options.Root, h.Plan)
	case err == nil || domain.HasCode(err, domain.CodeNotFound):
		err = project.TakeBack(e.options.Root, h.Plan)
	}
	if err != nil {
		return fmt.Errorf("settle a hand-over: %w", err)
	}
	if err := os.Remove(e.handOverFile()); err != nil {
		return fmt.Errorf("settle a hand-over: %w", err)
	}
	return platform.SyncFolder(e.options.Root.Data())
}

// HandOverKept makes what was kept of a deleted account another one's. It fails
// with CodeNotFound, also for to, which has to be active, and where nothing was
// kept, and with CodeProjectBusy while a project of it is backed up or put back.
func (e *Engine) HandOverKept(ctx context.Context, a Actor, id, to int64) (domain.DeletedUser, error) {
	ctx = context.WithoutCancel(ctx)
	deleted, err := e.handOverAtRest(ctx, a, id, to)
	if err != nil {
		return domain.DeletedUser{}, err
	}
	e.bus.Publish(domain.Event{Type: domain.EventUserChanged, UserID: id, Data: deleted.User})
	e.bus.Publish(domain.Event{Type: domain.EventTemplateChanged})
	e.bus.Publish(domain.Event{Type: domain.EventProjectChanged, UserID: to})
	return deleted, nil
}

func (e *Engine) handOverAtRest(ctx context.Context, a Actor, id, to int64) (domain.DeletedUser, error) {
	// What an administrator changes in them ends before their folders are others.
	projects, err := e.store.Projects(ctx, id)
	if err != nil {
		return domain.DeletedUser{}, err
	}
	slices.SortFunc(projects, func(one, other domain.Project) int { return cmp.Compare(one.ID, other.ID) })
	for _, p := range projects {
		defer e.holdChanges(p.ID)()
	}
	e.projecting.Lock()
	defer e.projecting.Unlock()
	for _, p := range projects {
		if err := e.projectAtRest(p); err != nil {
			return domain.DeletedUser{}, err
		}
	}
	if err := e.settleHandOver(ctx); err != nil {
		return domain.DeletedUser{}, err
	}
	deleted, err := e.store.HandOverKept(ctx, a, id, to, func(moves []store.ProjectMove) error { return e.handOver(id, moves) })
	if settled := e.settleHandOver(ctx); settled != nil {
		e.log.Error("settle a hand-over; tried again at the next start", "user", id, "error", settled)
	}
	return deleted, err
}
