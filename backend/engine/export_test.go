package engine

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/folders"
	"scriptsmanager/backend/store"
)

// SetLookAfterJob changes how long the end of a job waits for the environments
// to be looked at.
func (e *Engine) SetLookAfterJob(d time.Duration) { e.lookAfterJob = d }

// SetKeepFree changes how much of the disk backups leave free.
func (e *Engine) SetKeepFree(bytes uint64) { e.keepFree = bytes }

// SaveProjects backs up what has changed, as it is done by itself at its time.
func (e *Engine) SaveProjects(ctx context.Context) error {
	return e.saveProjects(ctx, Actor{Kind: "system", Name: "automatic backup"})
}

// WatchedData gives the folders that are watched for what clients show.
func (e *Engine) WatchedData() []string {
	watch := folders.Open(e.log, folders.Bounds{Folders: dataWatches})
	defer watch.Close()
	f := dataFollower{e}
	return f.follow(watch)
}

// CutOffHandOver moves folders of a user's projects as DeleteUser does, and
// leaves it at that, as if the power had gone.
func (e *Engine) CutOffHandOver(userID int64, moves []store.ProjectMove) error {
	return e.handOver(userID, moves)
}

// DropUpload gives up a zip that a user brings.
func (e *Engine) DropUpload(user domain.User, id string) error {
	return e.dropUpload(filepath.Join(e.options.Root.ProjectBackups(), fmt.Sprintf("%s%d-%s", uploadPrefix, user.ID, id)))
}
