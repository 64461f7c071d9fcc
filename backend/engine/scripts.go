package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"scriptsmanager/backend/document"
	"scriptsmanager/backend/domain"
)

// Groups lists all groups, active or not.
func (e *Engine) Groups(ctx context.Context) ([]domain.Group, error) {
	groups, err := e.store.Groups(ctx)
	if err != nil {
		return nil, err
	}
	assigned, err := e.assignments(ctx)
	for i := range groups {
		assigned.group(&groups[i])
	}
	return groups, err
}

// Group gives one group. It fails with CodeNotFound.
func (e *Engine) Group(ctx context.Context, id string) (domain.Group, error) {
	group, err := e.store.Group(ctx, id)
	if err != nil {
		return domain.Group{}, err
	}
	assigned, err := e.assignments(ctx)
	assigned.group(&group)
	return group, err
}

// Scripts lists the scripts of a group, or of all where it is "".
func (e *Engine) Scripts(ctx context.Context, groupID string) ([]domain.Script, error) {
	scripts, err := e.store.Scripts(ctx, groupID)
	if err != nil {
		return nil, err
	}
	assigned, err := e.assignments(ctx)
	for i := range scripts {
		assigned.script(&scripts[i])
	}
	return scripts, err
}

// Script gives one script. It fails with CodeNotFound.
func (e *Engine) Script(ctx context.Context, id domain.ScriptID) (domain.Script, error) {
	script, err := e.store.Script(ctx, id)
	if err != nil {
		return domain.Script{}, err
	}
	assigned, err := e.assignments(ctx)
	assigned.script(&script)
	return script, err
}

// documentLimit bounds a document that is shown, in bytes.
const documentLimit = 10 << 20

// DocumentLanguages lists the languages in which a script has a document that
// is there.
func (e *Engine) DocumentLanguages(s domain.Script) []domain.Language {
	languages := []domain.Language{}
	root, err := os.OpenRoot(filepath.Dir(s.Path))
	if err != nil {
		return languages
	}
	defer func() { _ = root.Close() }()
	for _, l := range domain.Languages() {
		if info, err := root.Stat(filepath.FromSlash(document.Place(s, l))); err == nil && info.Mode().IsRegular() {
			languages = append(languages, l)
		}
	}
	return languages
}

// Document reads a script's document in the language, else in English, else
// in any. It fails with CodeNotFound.
func (e *Engine) Document(s domain.Script, l domain.Language) (domain.Language, string, string, error) {
	missing := domain.NewError(domain.CodeNotFound, "what", "document", "name", s.ID)
	root, err := os.OpenRoot(filepath.Dir(s.Path))
	if err != nil {
		return "", "", "", missing.Because(err)
	}
	defer func() { _ = root.Close() }()
	for _, language := range append([]domain.Language{l}, domain.Languages()...) {
		path := document.Place(s, language)
		text, err := readText(root, filepath.FromSlash(path))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return "", "", "", domain.NewError(domain.CodeFileUnreadable, "path", path, "detail", err.Error()).Because(err)
		}
		return language, path, text, nil
	}
	return "", "", "", missing
}

func readText(root *os.Root, path string) (string, error) {
	// Looked at first: opening a named pipe would wait for its other end.
	if info, err := root.Stat(path); err != nil {
		return "", err
	} else if !info.Mode().IsRegular() {
		return "", fmt.Errorf("%s is not a file", path)
	}
	f, err := root.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }()
	b, err := io.ReadAll(io.LimitReader(f, documentLimit))
	return string(b), err
}
