package engine_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
)

// A watch follows links: by one that a script makes, a person would see when
// another's folder changes.
func TestNoWatchByALink(t *testing.T) {
	n := newInstallation(t, map[string]string{"waits.py": waits}, "")
	p, other := n.newProject("Oven"), n.newProject("Other")
	theirs := n.put(other, "deep.txt", "x")
	mine := n.put(p, "a.txt", "x")
	for _, dir := range []string{filepath.Join(mine, "sub"), filepath.Join(theirs, "sub")} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("../"+filepath.Base(theirs), filepath.Join(mine, "link")); err != nil {
		t.Fatal(err)
	}
	place := engine.DataPlace{Owner: n.user, Project: p, GroupID: "g"}
	n.engine.WatchData("window", place, []string{"", "sub", "link", "link/sub", "gone"})
	if got, want := n.engine.WatchedData(), []string{mine, filepath.Join(mine, "sub")}; !slices.Equal(got, want) {
		t.Errorf("watched are %q, want %q", got, want)
	}
}

// What a script writes between the answer of a list and the watch is told.
func TestANewWatchTells(t *testing.T) {
	n := newInstallation(t, map[string]string{"waits.py": waits}, "")
	p := n.newProject("Oven")
	n.put(p, "a.txt", "x")
	events := n.engine.Events().Subscribe(nil)
	defer events.Close()
	n.engine.WatchData("window", engine.DataPlace{Owner: n.user, Project: p, GroupID: "g"}, []string{""})
	for {
		select {
		case e := <-events.Events():
			if data, ok := e.Data.(domain.DataEvent); ok && data.ProjectID == p.ID && slices.Equal(data.Paths, []string{""}) {
				return
			}
		case <-time.After(20 * time.Second):
			t.Fatal("nothing was told")
		}
	}
}
