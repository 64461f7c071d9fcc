package engine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"scriptsmanager/backend/domain"
)

// What of the data of users can be cleared.
const (
	ClearData   = "data"   // of a project, in all groups
	ClearLogs   = "logs"   // of a user: ended executions without a bookmark
	ClearCaches = "caches" // of a user
)

// ClearRequest names what is to be cleared, as the last measurement has it.
type ClearRequest struct {
	What          string `json:"what"`
	UserFolder    string `json:"user_folder"`
	ProjectFolder string `json:"project_folder,omitempty"` // of ClearData
	Confirm       string `json:"confirm,omitempty"`        // the name, typed: of the project, else of the user
}

// ClearDataUse removes what may be removed, and records it. It fails with
// CodeNotFound where nothing of that kind was measured, CodeInvalid (confirm)
// and CodeExecutionRuns.
func (e *Engine) ClearDataUse(ctx context.Context, a Actor, r ClearRequest) (Size, error) {
	ctx = context.WithoutCancel(ctx)
	use, found := e.measured(r)
	if !found {
		return Size{}, domain.NewError(domain.CodeNotFound, "what", "folder", "name", strings.Trim(r.UserFolder+"/"+r.ProjectFolder, "/"))
	}
	name := use.User
	if r.What == ClearData {
		name = use.Project
	}
	if r.What != ClearCaches && r.Confirm != name {
		return Size{}, domain.NewError(domain.CodeInvalid).With("confirm", domain.NewError(domain.CodeFieldInvalid, "name", "confirm", "value", r.Confirm))
	}
	for _, x := range e.executions.AllLive() {
		if r.What != ClearLogs && x.UserID == use.UserID && use.UserID != 0 && (r.What == ClearCaches || x.ProjectID == use.ProjectID) {
			return Size{}, domain.NewError(domain.CodeExecutionRuns)
		}
	}
	size, err := e.clear(ctx, a, r, use)
	if err != nil {
		return size, fmt.Errorf("clear %s of %s: %w", r.What, name, err)
	}
	err = e.store.Audit(ctx, a, "data.clear", "user:"+use.User, map[string]any{"what": r.What, "project": use.Project, "bytes": size.Bytes, "files": size.Files}, nil)
	e.MeasureData(ctx)
	return size, err
}

// measured finds what is to be cleared among what was measured: so no other
// folder is ever named.
func (e *Engine) measured(r ClearRequest) (ProjectUse, bool) {
	for _, use := range e.DataUse().Projects {
		if use.UserFolder != r.UserFolder {
			continue
		}
		switch r.What {
		case ClearData:
			if use.ProjectFolder == r.ProjectFolder && r.ProjectFolder != "" {
				return use, true
			}
		case ClearLogs, ClearCaches:
			if use.ProjectFolder == "" && (r.What == ClearCaches || use.UserID != 0) {
				return use, true
			}
		}
	}
	return ProjectUse{}, false
}

func (e *Engine) clear(ctx context.Context, a Actor, r ClearRequest, use ProjectUse) (Size, error) {
	switch r.What {
	case ClearLogs:
		removed, err := e.removeLogs(ctx, a, removal{user: use.UserID, before: time.Now(), bytes: -1})
		return Size{Bytes: removed.Bytes, Files: removed.Executions}, err
	case ClearCaches:
		return e.removeFolders(ctx, e.options.Root.Caches(), []string{r.UserFolder})
	default:
		groups, err := subfolders(e.options.Root.ScriptData())
		var names []string
		for _, group := range groups {
			names = append(names, filepath.Join(group, r.UserFolder, r.ProjectFolder))
		}
		if err != nil {
			return Size{}, err
		}
		return e.removeFolders(ctx, e.options.Root.ScriptData(), names)
	}
}

// removeFolders removes folders below dir; links that lead out are not followed.
func (e *Engine) removeFolders(ctx context.Context, dir string, names []string) (Size, error) {
	var all Size
	root, err := os.OpenRoot(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return all, nil
	}
	if err != nil {
		return all, err
	}
	defer func() { _ = root.Close() }()
	m := &measurement{e: e, ctx: ctx, told: time.Now()}
	var errs []error
	for _, name := range names {
		size, err := m.size(filepath.Join(dir, name))
		if err == nil {
			err = root.RemoveAll(name)
		}
		if err != nil {
			errs = append(errs, err)
			continue
		}
		all.add(size)
	}
	return all, errors.Join(errs...)
}
