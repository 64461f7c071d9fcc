package engine

import (
	"context"
	"errors"
	"path/filepath"
	"sync"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/project/archive"
)

// projectRest is what is kept so that a project is at rest while it is replaced.
type projectRest struct {
	mu sync.Mutex // guards all below
	// changing is held by who changes files of a project, and wholly by who
	// begins to replace it or takes it away. It comes before Engine.projecting.
	changing map[int64]*sync.RWMutex
	// unfinished are restores that were begun to be put in place and can neither
	// be brought to their end nor taken back: the folder of the work, by project.
	unfinished map[int64]string
}

func (r *projectRest) lock(id int64) *sync.RWMutex {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.changing == nil {
		r.changing = map[int64]*sync.RWMutex{}
	}
	if r.changing[id] == nil {
		r.changing[id] = &sync.RWMutex{}
	}
	return r.changing[id]
}

// ChangeData calls do, which changes files of a place. The project is neither
// replaced nor taken away meanwhile. It fails with CodeNotFound,
// CodeProjectArchived, and CodeProjectBusy while the project is being restored.
func (e *Engine) ChangeData(ctx context.Context, p DataPlace, do func() error) error {
	lock := e.rest.lock(p.Project.ID)
	lock.RLock()
	defer lock.RUnlock()
	if err := e.mayChangeData(ctx, p.Project); err != nil {
		return err
	}
	return do()
}

func (e *Engine) mayChangeData(ctx context.Context, p domain.Project) error {
	e.projecting.RLock()
	defer e.projecting.RUnlock()
	_, err := e.mayRunIn(ctx, p)
	return err
}

// holdChanges waits for the changes of a project's files that are under way and
// holds off others until the function that it gives back is called.
func (e *Engine) holdChanges(id int64) (release func()) {
	lock := e.rest.lock(id)
	lock.Lock()
	return lock.Unlock
}

// finished brings a project's restore to its end that could not be before. It
// fails with CodeProjectBusy where it cannot be now.
func (e *Engine) finished(p domain.Project) error {
	e.rest.mu.Lock()
	defer e.rest.mu.Unlock()
	work, unfinished := e.rest.unfinished[p.ID]
	if !unfinished {
		return nil
	}
	err := archive.Finish(work)
	if committed, _, failed := archive.State(work); committed || failed != nil {
		e.log.Warn("end a restore that was cut off", "job", filepath.Base(work), "error", errors.Join(err, failed))
		return domain.NewError(domain.CodeProjectBusy, "project", p.Name, "execution", filepath.Base(work)).Because(err)
	}
	delete(e.rest.unfinished, p.ID)
	return nil
}

// endRestore makes one whole state of what a restore of a project left: the new
// one, or the one of before, to which no new project belongs. Where it can
// make neither, nobody works in the project until it can.
func (e *Engine) endRestore(ctx context.Context, projectID int64, work string) error {
	committed, fresh, err := archive.State(work)
	if err != nil {
		return err
	}
	if err = archive.Finish(work); err != nil && committed {
		var failed error
		if committed, _, failed = archive.State(work); committed || failed != nil {
			e.rest.mu.Lock()
			defer e.rest.mu.Unlock()
			if e.rest.unfinished == nil {
				e.rest.unfinished = map[int64]string{}
			}
			e.rest.unfinished[projectID] = work
			return errors.Join(err, failed)
		}
		err = errors.Join(err, archive.Finish(work)) // it was taken back
	}
	if committed || fresh == 0 {
		return err
	}
	return errors.Join(err, e.dropProject(ctx, domain.Project{ID: fresh}))
}
