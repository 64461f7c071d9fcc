package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/execution"
	"scriptsmanager/backend/store"
	"scriptsmanager/backend/template"
)

// TemplateFilter chooses templates.
type TemplateFilter = store.TemplateFilter

// Templates lists kept templates, by script and name. See store.Templates.
func (e *Engine) Templates(ctx context.Context, f TemplateFilter) ([]domain.Template, error) {
	return e.store.Templates(ctx, f)
}

// Template gives a kept template. It fails with CodeNotFound.
func (e *Engine) Template(ctx context.Context, id int64) (domain.Template, error) {
	return e.store.Template(ctx, id)
}

// SaveTemplate keeps a new template (ID 0) or changes one, whose owner and
// script stay, and whose values stay where t has none. Secret values are left
// out. It fails with CodeInvalid (name and values, by field), and as
// store.CreateTemplate or store.UpdateTemplate.
func (e *Engine) SaveTemplate(ctx context.Context, a Actor, script domain.Script, t domain.Template) (domain.Template, error) {
	ctx = context.WithoutCancel(ctx)
	name, err := template.CheckName(t.Name)
	if err != nil {
		return domain.Template{}, domain.NewError(domain.CodeInvalid).With("name", domain.AsError(err))
	}
	t.Name = name
	if t.Parameters != nil {
		values, wrong := execution.Fit(script.Parameters, t.Parameters)
		if len(wrong) > 0 {
			return domain.Template{}, &domain.Error{Code: domain.CodeInvalid, Fields: map[string]*domain.Error{
				"parameters": {Code: domain.CodeInvalid, Fields: wrong},
			}}
		}
		text, err := json.Marshal(values)
		if err != nil {
			return domain.Template{}, err
		}
		if len(text) > template.LongestValues {
			return domain.Template{}, domain.NewError(domain.CodeTemplateLong, "maximum", template.LongestValues)
		}
		t.Parameters = values
	}
	shared := t.Shared
	if t.ID == 0 {
		t, err = e.store.CreateTemplate(ctx, a, t)
	} else {
		var before domain.Template
		if before, err = e.store.Template(ctx, t.ID); err != nil {
			return domain.Template{}, err
		}
		shared = shared || before.Shared
		if t.Parameters == nil {
			t.Parameters = before.Parameters // which may not all fit now, and fit again later
		}
		t, err = e.store.UpdateTemplate(ctx, a, t)
	}
	if err != nil {
		return domain.Template{}, named(err)
	}
	e.templateChanged(t, shared)
	return t, nil
}

// named puts a name that is taken at its field.
func named(err error) error {
	if domain.HasCode(err, domain.CodeNameTaken) {
		return domain.NewError(domain.CodeInvalid).With("name", domain.AsError(err)).Because(err)
	}
	return err
}

func (e *Engine) templateChanged(t domain.Template, shared bool) {
	ev := domain.Event{Type: domain.EventTemplateChanged, UserID: t.UserID}
	if shared {
		ev.UserID = 0
	}
	e.bus.Publish(ev)
	e.keeper.Wake() // what could not be started with it may be, now
}

// DeleteTemplate forgets a template. See store.DeleteTemplate.
func (e *Engine) DeleteTemplate(ctx context.Context, a Actor, id int64) error {
	t, err := e.store.DeleteTemplate(context.WithoutCancel(ctx), a, id)
	if err != nil {
		return err
	}
	e.templateChanged(t, t.Shared)
	return nil
}

// FitTemplate says which values of a template the script takes now.
func (e *Engine) FitTemplate(script domain.Script, t domain.Template) (map[string]any, map[string]*domain.Error) {
	return execution.Fit(script.Parameters, t.Parameters)
}

// TemplateRead records that an administrator looked at another's template, or
// at all that another has.
func (e *Engine) TemplateRead(ctx context.Context, a Actor, owner string, t *domain.Template) error {
	object, after := "user:"+owner, map[string]any(nil)
	if t != nil {
		object, after = "script:"+t.ScriptID, map[string]any{"template": t.Name, "user": owner}
	}
	return e.store.Audit(context.WithoutCancel(ctx), a, "template.read", object, nil, after)
}

// Examples gives the examples that a group brings for a script, with what is
// wrong in their files. One whose file does not even say its script is among
// those of each.
func (e *Engine) Examples(ctx context.Context, script domain.Script) ([]domain.Template, error) {
	scripts, err := e.store.Scripts(ctx, script.GroupID)
	if err != nil {
		return nil, err
	}
	all, err := e.groupExamples(script.GroupID, scripts)
	mine := []domain.Template{}
	for _, one := range all {
		if one.ScriptID == script.ID || one.ScriptID == "" {
			mine = append(mine, one)
		}
	}
	return mine, err
}

// groupExamples gives all examples of a group whose scripts these are.
func (e *Engine) groupExamples(groupID string, scripts []domain.Script) ([]domain.Template, error) {
	files, err := template.Examples(filepath.Join(e.options.Root.Groups(), groupID))
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	if err != nil {
		return nil, fmt.Errorf("examples of %s: %w", groupID, err)
	}
	list := make([]domain.Template, 0, len(files))
	for _, file := range files {
		t := domain.Template{
			Example: file.File, Title: file.Title, Name: file.Title.In(domain.English), Shared: true,
			Parameters: file.Parameters, Problems: file.Problems,
		}
		if t.Name == "" {
			t.Name = filepath.Base(file.File)
		}
		if file.Script != "" {
			fitExample(&t, file, groupID, scripts)
		}
		if t.Parameters == nil {
			t.Parameters = map[string]any{}
		}
		list = append(list, t)
	}
	return list, nil
}

func fitExample(t *domain.Template, file template.Example, groupID string, scripts []domain.Script) {
	for _, script := range scripts {
		if script.ID != groupID+"/"+file.Script || !script.Active {
			continue
		}
		t.ScriptID = script.ID
		fitting, wrong := execution.Fit(script.Parameters, file.Parameters)
		t.Parameters = fitting
		for _, name := range slices.Sorted(maps.Keys(wrong)) {
			t.Problems = append(t.Problems, domain.Problem{
				File: file.File, Line: file.Line(name), Code: wrong[name].Code, Params: wrong[name].Params, Warning: true,
			})
		}
		return
	}
	t.Problems = append(t.Problems, domain.Problem{
		File: file.File, Line: 1, Code: domain.CodeExampleScript, Params: map[string]any{"script": file.Script},
	})
}
