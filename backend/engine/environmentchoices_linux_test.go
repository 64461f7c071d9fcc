package engine_test

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
)

func TestEnvironmentForAGroup(t *testing.T) { // ENV-4, ENV-7, ENV-8
	n := newInstallation(t, map[string]string{
		"j.py": "'''ScriptsManager Metadata:\n@interface: none\n'''\nprint('done')\n",
	}, "")
	c, err := n.engine.EnvironmentChoices(t.Context(), "g")
	if err != nil {
		t.Fatal(err)
	}
	if c.VenvFolder != n.engine.VenvFolder() || len(c.Tools) != 0 || !slices.ContainsFunc(c.Pythons, func(p engine.EnvironmentPython) bool {
		return p.Path == "/usr/bin/python3" && p.Environment == "system" && p.Version != ""
	}) {
		t.Errorf("choices: %+v", c)
	}
	if want := (engine.GroupNeeds{GroupID: "g", Name: "g", Lines: []string{}, Packages: []string{}}); !reflect.DeepEqual(*c.Group, want) {
		t.Errorf("what the group needs: %+v", c.Group)
	}
	if _, err := n.engine.EnvironmentChoices(t.Context(), "none"); !domain.HasCode(err, domain.CodeNotFound) {
		t.Errorf("choices for no group: %v", err)
	}

	by := engine.Actor{Kind: "user", UserID: n.user.ID, Name: n.user.Name}
	create := engine.ChangeRequest{Action: domain.JobCreate, Kind: domain.EnvironmentVenv, Python: quickPython(t)}
	e, err := n.engine.ChangeEnvironment(t.Context(), by, n.user, "user", create, "g")
	if err != nil {
		t.Fatal(err)
	}
	if e = n.done(e.ID); e.State != domain.StateCompleted || e.Job.Target != filepath.Join(c.VenvFolder, "g") {
		t.Fatalf("ended as %s at %s: %v", e.State, e.Job.Target, e.Error)
	}
	if g, err := n.engine.Group(t.Context(), "g"); err != nil || g.Environment != e.Job.Target || !g.EnvironmentAssigned {
		t.Errorf("the group runs in %q: %v", g.Environment, err)
	}

	folder := filepath.Join(n.root.Groups(), "g")
	text := "\uFEFF# what we need\r\n\r\nnumpy>=1.20 # numbers\nhttps://u:pw@example.com/x.whl#sha256=00\n  Flask_Login\n"
	if err := os.WriteFile(filepath.Join(folder, "requirements.txt"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(folder, "wheels"), 0o700); err != nil {
		t.Fatal(err)
	}
	n.write("p.py", fmt.Sprintf(page, ""))
	for until := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		if _, err := n.engine.Script(t.Context(), "g/p"); err == nil {
			break
		}
		if time.Now().After(until) {
			t.Fatal("the new script is not found")
		}
	}
	if c, err = n.engine.EnvironmentChoices(t.Context(), "g"); err != nil {
		t.Fatal(err)
	}
	if want := (engine.GroupNeeds{
		GroupID: "g", Name: "g-2", Requirements: filepath.Join(folder, "requirements.txt"), OfflineFolder: filepath.Join(folder, "wheels"),
		Lines: []string{"numpy>=1.20", "https://***@example.com/x.whl#sha256=00", "Flask_Login"}, Packages: []string{"flask"},
	}); !reflect.DeepEqual(*c.Group, want) {
		t.Errorf("what the group needs: %+v", c.Group)
	}
}

// A group runs in the environment that was made for it, also where looking at
// all environments took longer than the end of a job waits for.
func TestEnvironmentForAGroupIsItsOwnAtOnce(t *testing.T) { // ENV-4, ENV-8
	n := newInstallation(t, map[string]string{
		"j.py": "'''ScriptsManager Metadata:\n@interface: none\n'''\nimport sys\nprint(sys.prefix)\n",
	}, "")
	n.engine.SetLookAfterJob(0)
	by := engine.Actor{Kind: "user", UserID: n.user.ID, Name: n.user.Name}
	create := engine.ChangeRequest{Action: domain.JobCreate, Kind: domain.EnvironmentVenv, Python: quickPython(t)}
	e, err := n.engine.ChangeEnvironment(t.Context(), by, n.user, "user", create, "g")
	if err != nil {
		t.Fatal(err)
	}
	if e = n.done(e.ID); e.State != domain.StateCompleted {
		t.Fatalf("ended as %s: %v", e.State, e.Error)
	}
	ran := n.done(n.run("j"))
	if ran.State != domain.StateCompleted || ran.EnvironmentPath != e.Job.Target || ran.Fallback != "" {
		t.Errorf("ran in %q, in place of %q, as %s: %v", ran.EnvironmentPath, ran.Fallback, ran.State, ran.Error)
	}
}
