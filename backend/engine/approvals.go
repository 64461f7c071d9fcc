package engine

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/sandbox"
)

// PathApproval is a folder that a script asks for in its header (paths), and
// whether it may write there when it is confined.
type PathApproval struct {
	Path     string     `json:"path"` // as in the header
	Approved bool       `json:"approved"`
	By       string     `json:"by"` // who approved it; "" where nobody did
	At       *time.Time `json:"at"`
}

// approvedPath is what is kept of an approval. Real is what the path was when
// it was approved: what somebody puts a link to later is not.
type approvedPath struct {
	Path string    `json:"path"`
	Real string    `json:"real"`
	By   string    `json:"by"`
	At   time.Time `json:"at"`
}

func approvalsKey(script domain.ScriptID) string { return "approved_paths:" + script }

func (e *Engine) approvals(ctx context.Context, script domain.ScriptID) ([]approvedPath, error) {
	var kept []approvedPath
	_, err := e.store.Setting(ctx, approvalsKey(script), &kept)
	return kept, err
}

// realPath gives where a path of a header leads now, "" where nowhere.
func (e *Engine) realPath(path string) string {
	if rest, ok := strings.CutPrefix(path, "~/"); ok && e.options.Home != "" {
		path = filepath.Join(e.options.Home, rest)
	}
	return sandbox.Resolve(path)
}

// Paths tells of each folder that a script asks for whether it is approved.
func (e *Engine) Paths(ctx context.Context, script domain.Script) ([]PathApproval, error) {
	all := make([]PathApproval, 0, len(script.Paths))
	if len(script.Paths) == 0 {
		return all, nil
	}
	kept, err := e.approvals(ctx, script.ID)
	if err != nil {
		return nil, err
	}
	for _, path := range script.Paths {
		p := PathApproval{Path: path}
		if i := slices.IndexFunc(kept, func(k approvedPath) bool { return k.Path == path && k.Real == e.realPath(path) }); i >= 0 {
			p.Approved, p.By, p.At = true, kept[i].By, &kept[i].At
		}
		all = append(all, p)
	}
	return all, nil
}

// ApprovePaths lets a script write into those of the folders of its header, and
// into no others (SPEC SEC-2). It fails with CodeNotFound for one that is not in
// the header, and with CodePathNotApprovable.
func (e *Engine) ApprovePaths(ctx context.Context, a Actor, script domain.Script, paths []string) error {
	keep := []approvedPath{}
	for _, path := range paths {
		if !slices.Contains(script.Paths, path) {
			return domain.NewError(domain.CodeNotFound, "what", "path", "name", path)
		}
		real := e.realPath(path)
		info, err := os.Stat(real)
		if real == "" || err != nil || !info.IsDir() || e.holdsOurs(real) {
			return domain.NewError(domain.CodePathNotApprovable, "path", path)
		}
		keep = append(keep, approvedPath{Path: path, Real: real, By: a.Name, At: time.Now().UTC()})
	}
	return e.store.SetSetting(ctx, a, approvalsKey(script.ID), keep)
}

// holdsOurs tells whether a folder is, holds or lies in the installation.
func (e *Engine) holdsOurs(path string) bool {
	for _, own := range []string{e.options.Root.Dir, e.runDir} {
		if real := e.realPath(own); real != "" {
			own = real
		}
		if within(path, own) || within(own, path) {
			return true
		}
	}
	return false
}

func within(path, dir string) bool {
	rest, err := filepath.Rel(dir, path)
	return err == nil && rest != ".." && !strings.HasPrefix(rest, ".."+string(filepath.Separator))
}

// Approved gives the folders that the script may write into besides, and those
// that it asks for and that nobody approved.
func (f foldersOf) Approved(ctx context.Context, script domain.Script) (approved, waiting []string, err error) {
	paths, err := f.engine.Paths(ctx, script)
	for _, p := range paths {
		if p.Approved {
			approved = append(approved, f.engine.realPath(p.Path))
		} else {
			waiting = append(waiting, p.Path)
		}
	}
	return approved, waiting, err
}
