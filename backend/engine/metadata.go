package engine

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"scriptsmanager/backend/discovery"
	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/store"
)

// What people set for scripts in the application (SPEC DIS-5).
type (
	// MetadataChange is one change of it.
	MetadataChange = store.MetadataChange
	// MetadataFieldChange is one field of a change.
	MetadataFieldChange = store.MetadataFieldChange
)

// MetadataLayer is what one source says of a field.
type MetadataLayer struct {
	Source string `json:"source"`
	Value  any    `json:"value"`
}

// MetadataField is one field of a script that people may edit.
type MetadataField struct {
	Field    string          `json:"field"`
	Source   string          `json:"source"`
	Value    any             `json:"value"`  // in force
	Layers   []MetadataLayer `json:"layers"` // of all sources that say something, the strongest first; never nil
	EditedAt *time.Time      `json:"edited_at"`
	EditedBy string          `json:"edited_by"`
}

// Metadata is all that is known of where a script's metadata come from.
type Metadata struct {
	ScriptID  domain.ScriptID  `json:"script_id"`
	Version   int64            `json:"version"` // of what people edited: the last change's id
	ChangedAt *time.Time       `json:"changed_at"`
	ChangedBy string           `json:"changed_by"`
	Active    bool             `json:"active"`
	Fields    []MetadataField  `json:"fields"`
	Problems  []domain.Problem `json:"problems"`
}

// loadEdits hands all that people edited to the discovery.
func (e *Engine) loadEdits(ctx context.Context) error {
	kept, err := e.store.AllMetadataEdits(ctx)
	if err != nil {
		return err
	}
	all := make(map[domain.ScriptID]discovery.Edit, len(kept))
	for id, edit := range kept {
		all[id] = edit
	}
	e.discovery.SetEdits(all)
	return nil
}

// Metadata tells where each field of a script comes from.
func (e *Engine) Metadata(ctx context.Context, s domain.Script) (Metadata, error) {
	edits, err := e.store.MetadataEdits(ctx, s.ID)
	if err != nil {
		return Metadata{}, err
	}
	last, err := e.store.MetadataChanges(ctx, s.ID, 0, 1)
	if err != nil {
		return Metadata{}, err
	}
	m := Metadata{ScriptID: s.ID, Active: s.Active, Problems: s.Problems, Fields: []MetadataField{}}
	if len(last) > 0 {
		m.Version, m.ChangedAt, m.ChangedBy = last[0].ID, &last[0].At, last[0].Actor
	}
	layers := e.discovery.Layers(s.ID)
	for _, name := range discovery.EditableFields() {
		f := MetadataField{Field: name, Source: s.Sources[name], Value: discovery.FieldValue(s, name), Layers: []MetadataLayer{}}
		for _, l := range layers {
			if value, ok := l.Values[name]; ok {
				f.Layers = append(f.Layers, MetadataLayer{Source: l.Source, Value: value})
				if l.Source == domain.SourceGroup && f.Source == domain.SourceGroup {
					f.Value = value // the script's own stays empty
				}
			}
		}
		if one, ok := edits[name]; ok {
			f.EditedAt, f.EditedBy = &one.At, one.By
		}
		m.Fields = append(m.Fields, f)
	}
	return m, nil
}

// CheckMetadata gives what would be kept of a script's values by field, set by
// who sees these scripts. It fails with CodeInvalid, whose fields are paths as
// "parameters.2.min".
func (e *Engine) CheckMetadata(ctx context.Context, s domain.Script, values map[string]json.RawMessage, seen func(domain.Script) bool) (map[string]json.RawMessage, error) {
	clean, wrong := discovery.CheckEdit(values)
	if len(wrong) == 0 {
		var err error
		if wrong, err = e.othersDocuments(ctx, s, clean[descriptionLong], seen); err != nil {
			return nil, err
		}
	}
	if len(wrong) > 0 {
		return nil, &domain.Error{Code: domain.CodeInvalid, Fields: wrong}
	}
	return clean, nil
}

// MetadataRequest is a change of a script's metadata.
type MetadataRequest struct {
	Values  map[string]json.RawMessage
	Back    []string // fields whose edits are taken out
	Version int64    // that the person saw; below 0: any
	// May tells whether the person may change a field from or to this. nil: yes.
	May func(field string, value json.RawMessage) *domain.Error
	// Seen tells which scripts the person may see. nil: all.
	Seen func(domain.Script) bool
}

// SetMetadata sets fields of a script, which count before what its files say,
// or takes such edits out. Where nothing would change, nothing is recorded. It
// fails with CodeInvalid, CodeMetadataChanged and CodeScriptInactive.
func (e *Engine) SetMetadata(ctx context.Context, a Actor, s domain.Script, r MetadataRequest) error {
	clean, err := e.CheckMetadata(ctx, s, r.Values, r.Seen)
	if err != nil {
		return err
	}
	want := map[string]json.RawMessage{}
	maps.Copy(want, clean)
	for _, name := range r.Back {
		if !slices.Contains(discovery.EditableFields(), name) {
			_, wrong := discovery.CheckEdit(discovery.Edit{name: nil})
			return &domain.Error{Code: domain.CodeInvalid, Fields: wrong}
		}
		want[name] = nil
	}
	return e.changeMetadata(ctx, a, s.ID, want, r.Version, 0, r.May)
}

// changeMetadata keeps fields with their new values; nil is taken out.
func (e *Engine) changeMetadata(ctx context.Context, a Actor, id domain.ScriptID, want map[string]json.RawMessage, version, takesBack int64,
	may func(string, json.RawMessage) *domain.Error,
) error {
	ctx = context.WithoutCancel(ctx) // half of it would be kept and not in force
	e.editing.Lock()
	defer e.editing.Unlock()
	s, err := e.store.Script(ctx, id)
	if err != nil {
		return err
	}
	if !s.Active {
		return domain.NewError(domain.CodeScriptInactive, "script", id)
	}
	now, err := e.Metadata(ctx, s)
	if err != nil {
		return err
	}
	if version < 0 {
		version = now.Version
	}
	changes, refused := changesOf(now, want, may)
	if len(refused) > 0 {
		return &domain.Error{Code: domain.CodeInvalid, Fields: refused}
	}
	if len(changes) == 0 && version == now.Version {
		return nil
	}
	if _, err := e.store.ChangeMetadata(ctx, a, version, MetadataChange{ScriptID: id, TakesBack: takesBack, Fields: changes}); err != nil {
		return err
	}
	edit := discovery.Edit{}
	kept, err := e.store.MetadataEdits(ctx, id)
	if err != nil {
		return err
	}
	for name, one := range kept {
		edit[name] = one.Value
	}
	e.discovery.SetEdit(id, edit)
	return e.rescanGroup(ctx, s.GroupID)
}

// changesOf compares what is wanted of fields with how they are.
func changesOf(now Metadata, want map[string]json.RawMessage, may func(string, json.RawMessage) *domain.Error) ([]MetadataFieldChange, map[string]*domain.Error) {
	changes, refused := []MetadataFieldChange{}, map[string]*domain.Error{}
	for _, f := range now.Fields {
		value, ok := want[f.Field]
		if !ok {
			continue
		}
		before, err := json.Marshal(f.Value)
		if err != nil {
			continue // it came out of JSON
		}
		c := MetadataFieldChange{Field: f.Field, Before: before, BeforeSource: f.Source, After: value, AfterSource: domain.SourceEdited}
		if value == nil {
			if f.Source != domain.SourceEdited {
				continue
			}
			for _, l := range f.Layers {
				if l.Source != domain.SourceEdited {
					c.AfterSource = l.Source
					c.After, _ = json.Marshal(l.Value) // as above
					break
				}
			}
		} else if f.Source == domain.SourceEdited && discovery.Same(f.Value, value) {
			continue
		}
		if may != nil {
			for _, v := range []json.RawMessage{c.Before, c.After} {
				if no := may(f.Field, v); no != nil {
					refused[f.Field] = no
				}
			}
		}
		changes = append(changes, c)
	}
	return changes, refused
}

// MetadataChanges gives the changes of a script's metadata, newest first,
// those with ids below before (0: all), at most limit.
func (e *Engine) MetadataChanges(ctx context.Context, id domain.ScriptID, before int64, limit int) ([]MetadataChange, error) {
	return e.store.MetadataChanges(ctx, id, before, limit)
}

// TakeBackMetadata makes the fields of a change as they were before it: edited
// to that value, or as the files say. It fails with CodeNotFound, and as
// SetMetadata.
func (e *Engine) TakeBackMetadata(ctx context.Context, a Actor, s domain.Script, changeID int64, r MetadataRequest) error {
	c, err := e.store.MetadataChange(ctx, changeID)
	if err != nil {
		return err
	}
	if c.ScriptID != s.ID {
		return domain.NewError(domain.CodeNotFound, "what", "change", "name", changeID)
	}
	want := map[string]json.RawMessage{}
	for _, f := range c.Fields {
		if want[f.Field] = nil; f.BeforeSource == domain.SourceEdited {
			want[f.Field] = f.Before
		}
	}
	wrong, err := e.othersDocuments(ctx, s, want[descriptionLong], r.Seen)
	if err != nil {
		return err
	}
	if len(wrong) > 0 {
		return &domain.Error{Code: domain.CodeInvalid, Fields: wrong}
	}
	return e.changeMetadata(ctx, a, s.ID, want, r.Version, changeID, r.May)
}

// RereadScript is what reading a script's header again came to.
type RereadScript struct {
	ScriptID domain.ScriptID  `json:"script_id"`
	Changed  []string         `json:"changed"` // fields that are different now; never nil
	Edited   []string         `json:"edited"`  // fields that stay as people edited them; never nil
	Problems []domain.Problem `json:"problems"`
}

// Reread reads the headers and JSON files of a script, or of a whole group for
// "", though nothing tells that they have changed (SPEC DIS-6). What people
// edited stays.
func (e *Engine) Reread(ctx context.Context, a Actor, groupID string, id domain.ScriptID) ([]RereadScript, error) {
	before, err := e.store.Scripts(ctx, groupID)
	if err != nil {
		return nil, err
	}
	_, stem, _ := strings.Cut(id, "/")
	r, err := e.discovery.Reread(ctx, groupID, stem)
	if err != nil {
		return nil, err
	}
	if err := e.sync(ctx, r, []string{groupID}); err != nil {
		return nil, err
	}
	after, err := e.store.Scripts(ctx, groupID)
	if err != nil {
		return nil, err
	}
	found := []RereadScript{}
	for _, s := range after {
		if !s.Active || id != "" && s.ID != id {
			continue
		}
		one := RereadScript{ScriptID: s.ID, Changed: []string{}, Edited: []string{}, Problems: s.Problems}
		i := slices.IndexFunc(before, func(b domain.Script) bool { return b.ID == s.ID && b.Active })
		for _, name := range discovery.EditableFields() {
			if s.Sources[name] == domain.SourceEdited {
				one.Edited = append(one.Edited, name)
			}
			if i < 0 || !discovery.Same(discovery.FieldValue(before[i], name), discovery.FieldValue(s, name)) {
				one.Changed = append(one.Changed, name)
			}
		}
		found = append(found, one)
	}
	object := "group:" + groupID
	if id != "" {
		object = "script:" + id
	}
	return found, e.store.Audit(ctx, a, "metadata.reread", object, nil, nil)
}
