package setting

import (
	"context"
	"fmt"
	"os"
	"reflect"
	"time"

	"scriptsmanager/backend/config"
	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/platform"
	"scriptsmanager/backend/store"
)

// Where a value comes from.
const (
	FromDefault  = "default"
	FromFile     = "file"
	FromVariable = "variable"
)

// View is the configuration as a person reads it.
type View struct {
	Path     string           `json:"path"`    // of the file
	Refused  bool             `json:"refused"` // the file has a mistake: what is in force is from Since
	Since    *time.Time       `json:"since"`
	Problems []domain.Problem `json:"problems"`
	Settings []Setting        `json:"settings"`
}

// Setting is one key with its value.
type Setting struct {
	config.Key
	Value    any    `json:"value"`              // in force, or from the next start on
	File     any    `json:"file"`               // that stands in the file; null for none
	Source   string `json:"source"`             // default, file, variable
	Variable string `json:"variable,omitempty"` // that the value comes from
	Started  any    `json:"started,omitempty"`  // in force until the next start, where that differs
}

// View gives all keys with their values.
func (s *Settings) View() View {
	state := s.state.Load()
	v := View{Path: s.options.Path, Refused: state.refused, Problems: append([]domain.Problem{}, state.problems...), Settings: []Setting{}}
	if !state.taken.IsZero() {
		v.Since = &state.taken
	}
	for _, k := range config.Keys() {
		one := Setting{Key: k, Value: config.Value(state.loaded.Config, k.Name), File: state.file[k.Name], Source: FromDefault}
		if _, there := state.loaded.Values[k.Name]; there {
			one.Source = FromFile
		}
		if variable, ok := state.loaded.Variables[k.Name]; ok {
			one.Source, one.Variable = FromVariable, variable
		}
		if was := config.Value(s.started, k.Name); k.Effect == config.EffectStart && !reflect.DeepEqual(was, one.Value) {
			one.Started = was
		}
		v.Settings = append(v.Settings, one)
	}
	return v
}

// Restore puts the content in force back into a file that is refused, and keeps
// that beside it, at the path that it gives, "" where the file is missing. It fails with CodeInvalid where the
// file is not refused.
func (s *Settings) Restore(ctx context.Context, a store.Actor) (kept string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.look(ctx); err != nil {
		return "", err
	}
	state := s.state.Load()
	if !state.refused {
		return "", domain.NewError(domain.CodeInvalid)
	}
	kept = s.options.Path + ".refused-" + time.Now().Format("20060102-150405")
	switch err := setAside(s.options.Path, kept); {
	case os.IsNotExist(err):
		kept = ""
	case err != nil:
		return "", fmt.Errorf("keep the refused configuration: %w", err)
	}
	if err := platform.WriteFile(s.options.Path, state.content, Mode(state.loaded.Config)); err != nil {
		return "", err
	}
	if _, err := s.takeUp(ctx); err != nil {
		return "", err
	}
	s.told(state)
	return kept, nil
}

// setAside gives what stands at a path another name. A file has both until it is
// replaced: without one, all defaults would hold after a crash in between.
func setAside(path, to string) error {
	info, err := os.Lstat(path)
	if os.IsNotExist(err) {
		return err
	}
	if err == nil && info.Mode().IsRegular() && os.Link(path, to) == nil {
		return nil
	}
	return os.Rename(path, to)
}
