package app

import (
	"context"
	"encoding/json"
	"strings"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
)

// Metadata is what people set for scripts in the application, before what the
// scripts' files say (SPEC DIS-5, DIS-6, ADM-5, USR-2).
type Metadata struct{ c *Client }

const metadataPage = 50

// Get tells where each field of a script comes from. It fails with CodeNotFound.
func (m *Metadata) Get(ctx context.Context, r ScriptRequest) (engine.Metadata, error) {
	w, err := m.c.require(ctx, "Metadata.Get")
	if err != nil {
		return engine.Metadata{}, err
	}
	script, err := m.c.script(ctx, w, r.ScriptID)
	if err != nil {
		return engine.Metadata{}, err
	}
	return m.c.app.engine.Metadata(ctx, script)
}

// MetadataCheckRequest has values by field, as JSON.
type MetadataCheckRequest struct {
	ScriptID domain.ScriptID            `json:"script_id"`
	Values   map[string]json.RawMessage `json:"values"`
}

// MetadataChecked is what would be kept.
type MetadataChecked struct {
	Values map[string]json.RawMessage `json:"values"`
}

// Check tells what Set would keep, and fails as it would.
func (m *Metadata) Check(ctx context.Context, r MetadataCheckRequest) (MetadataChecked, error) {
	w, err := m.c.require(ctx, "Metadata.Check")
	if err != nil {
		return MetadataChecked{}, err
	}
	script, err := m.c.script(ctx, w, r.ScriptID)
	if err != nil {
		return MetadataChecked{}, err
	}
	clean, err := m.c.app.engine.CheckMetadata(ctx, script, r.Values, m.seen(w))
	if err != nil {
		return MetadataChecked{}, err
	}
	if level, ok := clean["required_level"]; ok {
		no := w.mayMake("required_level", level)
		if no == nil {
			no = w.mayHave(script.RequiredLevel)
		}
		if no != nil {
			return MetadataChecked{}, domain.NewError(domain.CodeInvalid).With("required_level", no)
		}
	}
	return MetadataChecked{Values: clean}, nil
}

// MetadataSetRequest changes fields, all or none of them.
type MetadataSetRequest struct {
	ScriptID domain.ScriptID            `json:"script_id"`
	Values   map[string]json.RawMessage `json:"values,omitempty"`
	Back     []string                   `json:"back,omitempty"`    // fields that are to be as the files say
	Version  *int64                     `json:"version,omitempty"` // as it was read; without it, whatever others changed
}

// Set changes fields. It fails with CodeNotFound, CodeInvalid, whose fields are
// paths as "parameters.2.min", CodeMetadataChanged where somebody changed
// something meanwhile, and CodeScriptInactive.
func (m *Metadata) Set(ctx context.Context, r MetadataSetRequest) (engine.Metadata, error) {
	w, err := m.c.require(ctx, "Metadata.Set")
	if err != nil {
		return engine.Metadata{}, err
	}
	script, err := m.c.script(ctx, w, r.ScriptID)
	if err != nil {
		return engine.Metadata{}, err
	}
	change := engine.MetadataRequest{Values: r.Values, Back: r.Back, Version: versionOf(r.Version), May: w.mayMake, Seen: m.seen(w)}
	if err := m.c.app.engine.SetMetadata(ctx, w.Actor, script, change); err != nil {
		return engine.Metadata{}, err
	}
	return m.now(ctx, script.ID)
}

func (m *Metadata) now(ctx context.Context, id domain.ScriptID) (engine.Metadata, error) {
	script, err := m.c.app.engine.Script(ctx, id)
	if err != nil {
		return engine.Metadata{}, err
	}
	return m.c.app.engine.Metadata(ctx, script)
}

func (m *Metadata) seen(w who) func(domain.Script) bool {
	return func(s domain.Script) bool { return m.c.app.engine.CanSee(w.User, s) }
}

func versionOf(v *int64) int64 {
	if v == nil {
		return -1
	}
	return *v
}

// mayMake keeps people from making a script need a higher level than theirs
// (SPEC USR-2), also by taking an edit out. The engine asks it of the value
// before, too: who was let in by the matrix leaves the level alone.
func (w who) mayMake(field string, value json.RawMessage) *domain.Error {
	var level domain.Level
	if field == "required_level" {
		_ = json.Unmarshal(value, &level) // nothing to refuse in no value
	}
	return w.mayHave(level)
}

func (w who) mayHave(level domain.Level) *domain.Error {
	if level == "" || w.User.Level.AtLeast(level) {
		return nil
	}
	return domain.NewError(domain.CodeNotAllowed, "level", string(level))
}

// MetadataHistoryRequest names a script.
type MetadataHistoryRequest struct {
	ScriptID domain.ScriptID `json:"script_id"`
	Before   int64           `json:"before,omitempty"` // next of the page before
}

// MetadataHistoryPage is a page of changes, newest first.
type MetadataHistoryPage struct {
	Changes []engine.MetadataChange `json:"changes"`
	Next    int64                   `json:"next"` // 0: there are no more
}

// History gives a page of a script's changes. It fails with CodeNotFound.
func (m *Metadata) History(ctx context.Context, r MetadataHistoryRequest) (MetadataHistoryPage, error) {
	w, err := m.c.require(ctx, "Metadata.History")
	if err != nil {
		return MetadataHistoryPage{}, err
	}
	script, err := m.c.script(ctx, w, r.ScriptID)
	if err != nil {
		return MetadataHistoryPage{}, err
	}
	list, err := m.c.app.engine.MetadataChanges(ctx, script.ID, r.Before, metadataPage+1)
	if err != nil {
		return MetadataHistoryPage{}, err
	}
	if len(list) > metadataPage {
		return MetadataHistoryPage{Changes: list[:metadataPage], Next: list[metadataPage-1].ID}, nil
	}
	return MetadataHistoryPage{Changes: list}, nil
}

// MetadataTakeBackRequest names a change of a script.
type MetadataTakeBackRequest struct {
	ScriptID domain.ScriptID `json:"script_id"`
	ID       int64           `json:"id"`
	Version  *int64          `json:"version,omitempty"` // as of Set
}

// TakeBack makes the fields of a change as they were before it. It fails with
// CodeNotFound, and as Set does.
func (m *Metadata) TakeBack(ctx context.Context, r MetadataTakeBackRequest) (engine.Metadata, error) {
	w, err := m.c.require(ctx, "Metadata.TakeBack")
	if err != nil {
		return engine.Metadata{}, err
	}
	script, err := m.c.script(ctx, w, r.ScriptID)
	if err != nil {
		return engine.Metadata{}, err
	}
	change := engine.MetadataRequest{Version: versionOf(r.Version), May: w.mayMake, Seen: m.seen(w)}
	if err := m.c.app.engine.TakeBackMetadata(ctx, w.Actor, script, r.ID, change); err != nil {
		return engine.Metadata{}, err
	}
	return m.now(ctx, script.ID)
}

// RereadRequest names a group, or one script.
type RereadRequest struct {
	GroupID  string          `json:"group_id,omitempty"`
	ScriptID domain.ScriptID `json:"script_id,omitempty"`
}

// Reread reads headers and JSON files again. What people edited stays. It fails
// with CodeNotFound and CodeUsage.
func (m *Metadata) Reread(ctx context.Context, r RereadRequest) ([]engine.RereadScript, error) {
	w, err := m.c.require(ctx, "Metadata.Reread")
	if err != nil {
		return nil, err
	}
	switch {
	case r.ScriptID != "" && r.GroupID == "":
		script, err := m.c.script(ctx, w, r.ScriptID)
		if err != nil {
			return nil, err
		}
		r.GroupID, _, _ = strings.Cut(script.ID, "/")
	case r.GroupID != "" && r.ScriptID == "":
		if _, err := m.c.group(ctx, w, r.GroupID); err != nil {
			return nil, err
		}
	default:
		return nil, domain.NewError(domain.CodeUsage, "detail", "name a group or a script")
	}
	found, err := m.c.app.engine.Reread(ctx, w.Actor, r.GroupID, r.ScriptID)
	if err != nil {
		return nil, err
	}
	scripts, err := (&Scripts{m.c}).visible(ctx, w, r.GroupID)
	if err != nil {
		return nil, err
	}
	seen := map[domain.ScriptID]bool{}
	for _, s := range scripts {
		seen[s.ID] = true
	}
	list := []engine.RereadScript{}
	for _, one := range found {
		if seen[one.ScriptID] {
			list = append(list, one)
		}
	}
	return list, nil
}
