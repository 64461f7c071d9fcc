package environment_test

import (
	"strings"
	"testing"
	"time"
)

// A script of an environment may call conda as it would in a shell that conda
// has set up: the program answers, and an activation in the activation is left
// out and said.
func TestActivateScriptsThatCallConda(t *testing.T) { // ENV-5
	m := newMachine(t)
	demo(m)
	m.write("opt/conda/bin/conda", "#!/bin/sh\n[ \"$1\" = ask ] && { read answer && exit 0; echo \"nobody answers\" >&2; exit 3; }\necho \"asked for $*\"\n", 0o755)
	m.write("opt/conda/envs/demo/etc/conda/activate.d/a.sh", `
export INFO="$(conda info --base)" DIRECT="$("$CONDA_EXE" 'a b')"
conda activate base
export AFTER="$? $CONDA_PREFIX"
conda ask
export ASKED="$?"
mamba info
export NO_MAMBA="$?"
export FOUND="$(type -t conda)"
`, 0o644)
	o := m.options()
	o.Environ = []string{"PATH=/usr/bin:/bin", "HOME=/h"}
	began := time.Now()
	a := activation(t, o, "demo")
	for name, want := range map[string]string{
		"INFO": "asked for info --base", "DIRECT": "asked for a b", "AFTER": "1 " + m.path("opt/conda/envs/demo"), "ASKED": "3", "NO_MAMBA": "127", "FOUND": "function",
	} {
		if a.Env[name] != want {
			t.Errorf("%s = %q, want %q", name, a.Env[name], want)
		}
	}
	for _, want := range []string{"conda activate: left out", "nobody answers", "mamba"} {
		if !strings.Contains(a.Printed, want) {
			t.Errorf("%q is not in what was printed:\n%s", want, a.Printed)
		}
	}
	for name := range a.Env {
		if strings.Contains(name, "scriptsmanager") || strings.HasPrefix(name, "BASH_FUNC") {
			t.Errorf("%s is left in the environment", name)
		}
	}
	t.Logf("took %v", time.Since(began))
}
