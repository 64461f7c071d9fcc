package app_test

import (
	"context"
	"os/exec"
	"path/filepath"
	"testing"

	"scriptsmanager/app"
	"scriptsmanager/app/door"
	"scriptsmanager/backend/domain"
)

// Who is about to remove or mend an environment must see that a group wants
// it, also where nothing of the group can run there.
func TestUsesShowWhatCannotRun(t *testing.T) { // ENV-2, ENV-4
	w := newWorld(t)
	ctx, c := context.Background(), w.client(t, w.users[domain.LevelAdmin])
	bare := filepath.Join(w.engine.VenvFolder(), "bare")
	if out, err := exec.Command("/usr/bin/python3", "-m", "venv", "--without-pip", bare).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	assign := app.AssignRequest{GroupID: "thermal_analysis", Environment: bare}
	if err := door.Call(ctx, c, "Environments.Assign", assign, nil); err != nil {
		t.Fatal(err)
	}
	script := app.AssignRequest{ScriptID: "thermal_analysis/heat_transfer", Environment: bare}
	if err := door.Call(ctx, c, "Environments.Assign", script, nil); err != nil {
		t.Fatal(err)
	}
	var uses []app.EnvironmentUse
	if err := door.Call(ctx, c, "Environments.Uses", nil, &uses); err != nil {
		t.Fatal(err)
	}
	for _, u := range uses {
		if u.Path != bare {
			continue
		}
		if len(u.Groups) != 1 || u.Groups[0].ID != assign.GroupID || !u.Groups[0].Unusable {
			t.Errorf("groups: %+v", u.Groups)
		}
		if len(u.Scripts) != 1 || u.Scripts[0].ID != script.ScriptID || !u.Scripts[0].Unusable {
			t.Errorf("scripts: %+v", u.Scripts)
		}
		return
	}
	t.Errorf("nobody uses %s: %+v", bare, uses)
}
