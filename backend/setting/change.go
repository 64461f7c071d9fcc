package setting

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"time"

	"scriptsmanager/backend/config"
	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/platform"
	"scriptsmanager/backend/store"
)

// Request is what is to be changed.
type Request struct {
	// Values are new values by key, as encoding/json gives them; nil takes a key
	// out of the file, so that its default holds.
	Values map[string]any
	// Seen are the values that stood in the file when the person looked at it,
	// nil for none. A key of which they say nothing is changed in any case.
	Seen map[string]any
	// Dry only checks.
	Dry bool
}

// Set changes keys in the file, all or none of them; what else stands there
// stays as it is written. What was changed is recorded, takes effect and is
// given. It fails with CodeInvalid, whose fields are the keys with
// CodeSettingUnknown, CodeSettingInvalid, CodeSettingVariable or
// CodeSettingChanged, and with CodeConfigRefused where something else in the
// file is wrong.
func (s *Settings) Set(ctx context.Context, a store.Actor, r Request) ([]store.SettingChange, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.set(ctx, a, r, store.SettingByForm)
}

func (s *Settings) set(ctx context.Context, a store.Actor, r Request, source string) ([]store.SettingChange, error) {
	ctx = context.WithoutCancel(ctx)
	if err := s.look(ctx); err != nil { // what was changed by hand a moment ago
		return nil, err
	}
	data, err := config.Read(s.options.Path)
	if err != nil {
		e := domain.AsError(err)
		return nil, refusal(domain.Problem{File: s.name, Code: e.Code, Params: e.Params})
	}
	before := config.Parse(s.name, data, s.options.Environ)
	if err := s.check(ctx, before, r); err != nil {
		return nil, err
	}
	edited, err := config.Edit(data, r.Values)
	if err != nil {
		if len(before.FileProblems) > 0 {
			return nil, refusal(before.FileProblems[0])
		}
		return nil, err
	}
	after := config.Parse(s.name, edited, s.options.Environ)
	if err := refused(after.FileProblems, r.Values); err != nil {
		return nil, err
	}
	// Against what is in force: where the file was refused, what else stands in it
	// comes into force with this change, and is recorded with it.
	changes := differences(s.state.Load().loaded.Values, after.Values)
	if r.Dry || string(edited) == string(data) {
		return changes, nil
	}
	state := &state{loaded: after, file: after.Values, content: edited, problems: after.VariableProblems}
	wrote := false
	err = s.options.Store.SetConfiguration(ctx, a, source, edited, changes, func() error {
		err := s.write(edited, after.Config)
		wrote = err == nil
		return err
	})
	if err != nil {
		if wrote { // the record of it was not kept
			err = errors.Join(err, s.writeBack(data, before.Config))
		}
		return nil, err
	}
	if _, state.taken, _, err = s.options.Store.Configuration(ctx); err != nil {
		state.taken = time.Now().UTC() // it is recorded; only when exactly is not known
	}
	last := s.state.Swap(state)
	s.seen = look{content: string(edited)}
	s.told(last)
	return changes, nil
}

// check looks at each key by itself.
func (s *Settings) check(ctx context.Context, now config.Loaded, r Request) error {
	invalid := domain.NewError(domain.CodeInvalid)
	wrong := false
	for key, value := range r.Values {
		var found *domain.Error
		allowed, known, ok := config.Check(key, value)
		variable, overridden := now.Variables[key]
		seen, looked := r.Seen[key]
		is, there := now.Values[key]
		switch {
		case !known && value == nil && standsIn(now.FileProblems, key): // what is none of ours may go
		case !known:
			found = domain.NewError(domain.CodeSettingUnknown, "key", key)
		case overridden:
			found = domain.NewError(domain.CodeSettingVariable, "key", key, "variable", variable)
		case value != nil && !ok:
			found = domain.NewError(domain.CodeSettingInvalid, "key", key, "allowed", allowed)
		case looked && !reflect.DeepEqual(seen, is) && !reflect.DeepEqual(value, is):
			found = domain.NewError(domain.CodeSettingChanged, "key", key, "theirs", string(s.standing(key, is, there)), "by", s.lastBy(ctx, key))
		}
		if found != nil {
			invalid = invalid.With(key, found)
			wrong = true
		}
	}
	if wrong {
		return invalid
	}
	return nil
}

// standing is what holds by the file: the default where it says nothing.
func (s *Settings) standing(key string, value any, there bool) json.RawMessage {
	if !there {
		value = config.Value(config.Default(), key)
	}
	return written(value, true)
}

// writeBack puts back what stood in the file; nil is no file.
func (s *Settings) writeBack(data []byte, c config.Config) error {
	if data == nil {
		return os.Remove(s.options.Path)
	}
	return s.write(data, c)
}

// lastBy names who changed a key last: the file where nobody did.
func (s *Settings) lastBy(ctx context.Context, key string) string {
	list, err := s.options.Store.SettingChanges(ctx, store.SettingFilter{Key: key, Limit: 1})
	if err != nil || len(list) == 0 {
		return s.name
	}
	return list[0].Actor
}

func standsIn(problems []domain.Problem, key string) bool {
	return slices.ContainsFunc(problems, func(p domain.Problem) bool { return p.Params["key"] == key })
}

// refused tells what would be wrong in the file: at the keys that were given,
// or elsewhere.
func refused(problems []domain.Problem, values map[string]any) error {
	if len(problems) == 0 {
		return nil
	}
	invalid := domain.NewError(domain.CodeInvalid)
	for _, p := range problems {
		key, _ := p.Params["key"].(string)
		fields := []string{key}
		if key == config.RangeKey {
			fields = []string{key + ".start", key + ".end"}
		}
		given := false
		for _, field := range fields {
			if _, ok := values[field]; ok {
				invalid = invalid.With(field, domain.NewError(domain.CodeSettingInvalid, "key", key, "allowed", p.Params["allowed"]))
				given = true
			}
		}
		if !given {
			return refusal(p)
		}
	}
	return invalid
}

func refusal(p domain.Problem) error {
	return domain.NewError(domain.CodeConfigRefused, "file", p.File).With(p.File, &domain.Error{Code: p.Code, Params: p.Params})
}

// write puts the content into the file, or into the one that it is a link to.
func (s *Settings) write(content []byte, c config.Config) error {
	path := s.options.Path
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	return platform.WriteFile(path, content, Mode(c))
}

// Mode is that of the configuration's file: what is configured, but so that we
// can read and write it and not everybody can write.
func Mode(c config.Config) os.FileMode {
	mode, err := strconv.ParseUint(c.Security.ConfigFilePermissions, 8, 32)
	if err != nil {
		return 0o600
	}
	return os.FileMode(mode)&0o664 | 0o600
}

// Changes gives what was changed, the newest first.
func (s *Settings) Changes(ctx context.Context, f store.SettingFilter) ([]store.SettingChange, error) {
	return s.options.Store.SettingChanges(ctx, f)
}

// TakeBack undoes one change, or, with all, it and every one after it. It fails
// with CodeNotFound, as Set does, and with CodeSettingChanged at the key where a
// single change has another one after it.
func (s *Settings) TakeBack(ctx context.Context, a store.Actor, id int64, all bool) ([]store.SettingChange, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.look(ctx); err != nil { // what was changed by hand counts, too
		return nil, err
	}
	list, err := s.options.Store.SettingChanges(ctx, store.SettingFilter{From: id})
	if err != nil {
		return nil, err
	}
	if len(list) == 0 || list[len(list)-1].ID != id {
		return nil, domain.NewError(domain.CodeNotFound, "what", "setting change", "name", id)
	}
	r := Request{Values: map[string]any{}, Seen: map[string]any{}}
	if !all {
		list = list[len(list)-1:]
		if r.Seen[list[0].Key], err = read(list[0].After); err != nil {
			return nil, err
		}
	}
	for _, c := range list { // the newest first, so what was before the oldest stays
		if r.Values[c.Key], err = read(c.Before); err != nil {
			return nil, err
		}
	}
	return s.set(ctx, a, r, store.SettingBack)
}

func read(value json.RawMessage) (v any, err error) {
	if value == nil {
		return nil, nil //nolint:nilnil // the key does not stand in the file
	}
	if err := json.Unmarshal(value, &v); err != nil {
		return nil, fmt.Errorf("read a change of the configuration: %w", err)
	}
	return v, nil
}
