package engine_test

import (
	"errors"
	"io/fs"
	"os"
	"testing"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
)

// An upload whose project was asked for before it was deleted makes it no folder
// again: the next project of that name would take it over.
func TestDataOfAProjectThatHasGone(t *testing.T) { // PRJ-1
	n := newInstallation(t, map[string]string{"waits.py": waits}, "")
	p := n.newProject("Oven")
	place := engine.DataPlace{Owner: n.user, Project: p, GroupID: "g"}
	if err := n.engine.DeleteProject(t.Context(), n.actor(), p, "Oven"); err != nil {
		t.Fatal(err)
	}
	err := n.engine.ChangeData(t.Context(), place, func() error {
		folder, err := n.engine.MakeData(t.Context(), place)
		if err == nil {
			folder.Close()
		}
		return err
	})
	if !domain.HasCode(err, domain.CodeNotFound) {
		t.Errorf("a change behind the deletion: %v", err)
	}
	if _, err := os.Lstat(n.engine.DataDir(place)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the folder is there again: %v", err)
	}
}
