package engine

import (
	"context"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"strings"

	"scriptsmanager/backend/document"
	"scriptsmanager/backend/domain"
)

// descriptionLong is the field that names a script's documents.
const descriptionLong = "description_long"

// Who names a document in the application may not see all scripts of the group,
// and what is named would be shown to, and written by, all who see this one. So
// another script's document is refused there, and counts as not named where it
// became that afterwards. Whoever writes the files reads the folder anyway.

// place tells documents apart; on some systems case does not.
type place struct{ group, file string }

func placeOf(s domain.Script, l domain.Language) place {
	return place{s.GroupID, strings.ToLower(document.Place(s, l))}
}

// places tells of documents which scripts have them.
func places(scripts []domain.Script) map[place][]domain.ScriptID {
	owners := map[place][]domain.ScriptID{}
	for _, s := range scripts {
		for _, l := range domain.Languages() {
			at := placeOf(s, l)
			owners[at] = append(owners[at], s.ID)
		}
	}
	return owners
}

// ownDocuments gives scripts of whole groups without the documents that were
// named in the application and are those of others.
func ownDocuments(scripts []domain.Script) []domain.Script {
	var owners map[place][]domain.ScriptID
	for i, s := range scripts {
		if !documentEdited(s) {
			continue
		}
		if owners == nil {
			active := make([]domain.Script, 0, len(scripts))
			for _, one := range scripts {
				if one.Active {
					active = append(active, one)
				}
			}
			owners = places(active)
		}
		scripts[i].DescriptionLong = maps.Clone(s.DescriptionLong)
		for l := range s.DescriptionLong {
			if hasOther(owners[placeOf(s, l)], s.ID) {
				delete(scripts[i].DescriptionLong, l)
			}
		}
	}
	return scripts
}

func documentEdited(s domain.Script) bool {
	return s.Sources[descriptionLong] == domain.SourceEdited && len(s.DescriptionLong) > 0
}

func hasOther(owners []domain.ScriptID, id domain.ScriptID) bool {
	for _, owner := range owners {
		if owner != id {
			return true
		}
	}
	return false
}

// withOwnDocuments is ownDocuments for one script.
func (e *Engine) withOwnDocuments(ctx context.Context, s domain.Script) domain.Script {
	if !documentEdited(s) {
		return s
	}
	scripts, err := e.Scripts(ctx, s.GroupID)
	if err != nil { // nothing is shown rather than something wrong
		e.log.Error("look whose documents a script names", "script", s.ID, "error", err)
		s.DescriptionLong = nil
		return s
	}
	for _, one := range ownDocuments(scripts) {
		if one.ID == s.ID {
			s.DescriptionLong = one.DescriptionLong
		}
	}
	return s
}

// othersDocuments tells what is wrong where a script's documents are to be
// these: those of scripts that are there, or that the person does not see.
func (e *Engine) othersDocuments(ctx context.Context, s domain.Script, value json.RawMessage, seen func(domain.Script) bool) (map[string]*domain.Error, error) {
	var files domain.Text
	if len(value) > 0 {
		_ = json.Unmarshal(value, &files) // the check of the field tells what is no text by language
	}
	if len(files) == 0 {
		return nil, nil //nolint:nilnil // nothing is wrong
	}
	scripts, err := e.Scripts(ctx, s.GroupID)
	if err != nil {
		return nil, err
	}
	var others []domain.Script
	for _, one := range scripts {
		if one.ID != s.ID && (one.Active || seen != nil && !seen(one)) {
			others = append(others, one)
		}
	}
	owners, wrong := places(others), map[string]*domain.Error{}
	for l, file := range files {
		if len(owners[place{s.GroupID, strings.ToLower(file)}]) > 0 || sameFile(filepath.Dir(s.Path), file, others) {
			wrong[descriptionLong+"."+string(l)] = domain.NewError(domain.CodeDocumentOther, "path", file)
		}
	}
	return wrong, nil
}

// sameFile tells whether a file is the document of one of the scripts by
// another path: through a link, or by a short name on Windows.
func sameFile(dir, file string, scripts []domain.Script) bool {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return false
	}
	defer func() { _ = root.Close() }()
	info, err := root.Stat(filepath.FromSlash(file))
	if err != nil {
		return false
	}
	for _, s := range scripts {
		for _, l := range domain.Languages() {
			other, err := root.Stat(filepath.FromSlash(document.Place(s, l)))
			if err == nil && os.SameFile(info, other) {
				return true
			}
		}
	}
	return false
}
