package engine

import (
	"context"
	"maps"
	"os"
	"path/filepath"

	"scriptsmanager/backend/document/check"
	"scriptsmanager/backend/domain"
)

// DocumentStatus says of a script in which languages it is documented, and what
// is wrong there.
type DocumentStatus struct {
	ScriptID  domain.ScriptID            `json:"script_id"`
	Name      domain.Text                `json:"name"`
	GroupID   string                     `json:"group_id"`
	GroupName domain.Text                `json:"group_name"`
	Languages map[domain.Language]string `json:"languages"` // check.There and so on
	Problems  []domain.Problem           `json:"problems"`  // File is relative to the group's folder
}

// DocumentStatus checks the documents of the scripts. Links may lead to those
// that are seen.
func (e *Engine) DocumentStatus(ctx context.Context, scripts []domain.Script, seen func(domain.Script) bool) ([]DocumentStatus, error) {
	names, err := e.groupNames(ctx)
	if err != nil {
		return nil, err
	}
	around, err := e.around(ctx, seen)
	if err != nil {
		return nil, err
	}
	folders := map[string]*os.Root{}
	defer func() {
		for root := range maps.Values(folders) {
			_ = root.Close()
		}
	}()
	list := make([]DocumentStatus, 0, len(scripts))
	for _, s := range scripts {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		one := DocumentStatus{ScriptID: s.ID, Name: s.Name, GroupID: s.GroupID, GroupName: names[s.GroupID]}
		dir := filepath.Dir(s.Path)
		root := folders[dir]
		if root == nil {
			if root, err = os.OpenRoot(dir); err != nil {
				one.Languages = map[domain.Language]string{}
				for _, l := range domain.Languages() {
					one.Languages[l] = check.Missing
				}
				one.Problems = []domain.Problem{{Code: domain.CodeFileUnreadable, Params: map[string]any{"path": s.GroupID, "detail": err.Error()}}}
				list = append(list, one)
				continue
			}
			folders[dir] = root
		}
		r := e.documents.Script(root, e.withOwnDocuments(ctx, s), around)
		one.Languages, one.Problems = r.Languages, r.Problems
		list = append(list, one)
	}
	return list, nil
}

// mostAsked is how many scripts are asked for one by one.
const mostAsked = 50

// aroundOne is around for one document: a script is asked for where a link
// names it, and few do.
func (e *Engine) aroundOne(ctx context.Context, seen func(domain.Script) bool) check.Around {
	type answer struct {
		script domain.Script
		there  bool
	}
	known := map[domain.ScriptID]answer{}
	var all check.Around
	return check.Around{Script: func(id domain.ScriptID) (domain.Script, bool) {
		if len(known) > mostAsked {
			if all.Script == nil {
				// Without them the links lead nowhere; who asked is told by ctx, or the next call.
				if all, _ = e.around(ctx, seen); all.Script == nil {
					return domain.Script{}, false
				}
			}
			return all.Script(id)
		}
		a, ok := known[id]
		if !ok {
			s, err := e.Script(ctx, id)
			a = answer{s, err == nil && s.Active && seen(s)}
			known[id] = a
		}
		return a.script, a.there
	}}
}

// around tells documents which scripts there are for who sees these.
func (e *Engine) around(ctx context.Context, seen func(domain.Script) bool) (check.Around, error) {
	all, err := e.Scripts(ctx, "")
	if err != nil {
		return check.Around{}, err
	}
	known := map[domain.ScriptID]domain.Script{}
	for _, s := range all {
		if s.Active && seen(s) {
			known[s.ID] = s
		}
	}
	return check.Around{Script: func(id domain.ScriptID) (domain.Script, bool) {
		s, ok := known[id]
		return s, ok
	}}, nil
}
