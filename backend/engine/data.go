package engine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/project"
	"scriptsmanager/backend/project/files"
)

// DataPlace is one data folder: a user's files of a project for the scripts of
// a group.
type DataPlace struct {
	Owner   domain.User
	Project domain.Project
	GroupID string
}

// dataFolders is what is kept of data folders while the engine runs.
type dataFolders struct {
	mu      sync.Mutex // guards all below
	staging *files.Staging
	writing map[string]*sync.Mutex // by folder: see files.Folder
}

// dataPath is the folder's path below that of all data folders, with slashes.
func (e *Engine) dataPath(p DataPlace) (string, error) {
	root := e.options.Root
	path, err := filepath.Rel(root.ScriptData(), project.DataDir(root, p.Owner.Folder, p.Project.Folder, p.GroupID))
	return filepath.ToSlash(path), err
}

// DataDir is the path of a data folder.
func (e *Engine) DataDir(p DataPlace) string {
	return project.DataDir(e.options.Root, p.Owner.Folder, p.Project.Folder, p.GroupID)
}

// OpenData opens a data folder; nil where it was not used yet. Close it.
func (e *Engine) OpenData(p DataPlace) (*files.Folder, error) {
	path, err := e.dataPath(p)
	if err != nil {
		return nil, err
	}
	folder, err := files.Open(e.options.Root.ScriptData(), path, e.data.lock(path))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil //nolint:nilnil // the comment says so
	}
	return folder, err
}

// MakeData is OpenData for who writes: a folder that was not used yet is made,
// with the group's default files (SPEC PRJ-1). Where the group has gone, it
// fails with CodeNotFound.
func (e *Engine) MakeData(ctx context.Context, p DataPlace) (*files.Folder, error) {
	folder, err := e.OpenData(p)
	if err != nil || folder != nil {
		return folder, err
	}
	if info, err := os.Stat(filepath.Join(e.options.Root.Groups(), p.GroupID)); err != nil || !info.IsDir() || !filepath.IsLocal(p.GroupID) {
		return nil, domain.NewError(domain.CodeNotFound, "what", "group", "name", p.GroupID)
	}
	if _, err := project.Prepare(ctx, e.options.Root, p.Owner.Folder, p.Project.Folder, p.GroupID); err != nil {
		return nil, err
	}
	return e.OpenData(p)
}

// lock gives the lock that belongs to a folder.
func (d *dataFolders) lock(path string) *sync.Mutex {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.writing == nil {
		d.writing = map[string]*sync.Mutex{}
	}
	if d.writing[path] == nil {
		d.writing[path] = &sync.Mutex{}
	}
	return d.writing[path]
}

// Staging is where files grow until they are whole.
func (e *Engine) Staging() (*files.Staging, error) {
	e.data.mu.Lock()
	defer e.data.mu.Unlock()
	if e.data.staging == nil {
		s, err := files.OpenStaging(e.options.Root.Uploads())
		if err != nil {
			return nil, err
		}
		e.data.staging = s
	}
	return e.data.staging, nil
}

// sweepUploads removes what a crash left of uploads.
func (e *Engine) sweepUploads() {
	if _, err := os.Stat(e.options.Root.Uploads()); err != nil {
		return
	}
	if _, err := e.Staging(); err != nil {
		e.log.Warn("clean the folder for uploads", "error", err)
	}
}

func (d *dataFolders) close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.staging == nil {
		return nil
	}
	err := d.staging.Close()
	d.staging = nil
	return err
}

// DataGroups lists by id the groups for which a project has a data folder. One
// that is no group any more is named as its folder is.
func (e *Engine) DataGroups(ctx context.Context, owner domain.User, p domain.Project) ([]string, error) {
	groups, err := e.Groups(ctx)
	if err != nil {
		return nil, err
	}
	ids := map[string]string{} // by folder
	for _, g := range groups {
		path, err := e.dataPath(DataPlace{owner, p, g.ID})
		if err != nil {
			return nil, err
		}
		folder, _, _ := strings.Cut(path, "/")
		ids[folder] = g.ID
	}
	entries, err := os.ReadDir(e.options.Root.ScriptData())
	if err != nil {
		return nil, fmt.Errorf("list data folders: %w", err)
	}
	found := []string{}
	for _, entry := range entries {
		if !entry.IsDir() || !strings.HasPrefix(entry.Name(), "group_") {
			continue
		}
		id, known := ids[entry.Name()]
		if !known {
			id = entry.Name()
		}
		info, err := os.Lstat(e.DataDir(DataPlace{owner, p, id}))
		if err == nil && info.IsDir() {
			found = append(found, id)
		}
	}
	slices.Sort(found)
	return found, nil
}

// RecordData records what somebody did with a file of a project.
func (e *Engine) RecordData(ctx context.Context, a Actor, action string, p DataPlace, path string, what map[string]any) error {
	object := strings.Join([]string{p.Owner.Name, p.Project.Name, p.GroupID}, "/")
	if path != "" {
		object += "/" + path
	}
	return e.store.Audit(ctx, a, action, object, nil, what)
}

// DataChanged tells who looks at a folder that something changed in it.
func (e *Engine) DataChanged(p DataPlace, paths ...string) {
	e.bus.Publish(domain.Event{Type: domain.EventDataChanged, UserID: p.Owner.ID, Data: domain.DataEvent{
		ProjectID: p.Project.ID, GroupID: p.GroupID, Paths: paths,
	}})
}
