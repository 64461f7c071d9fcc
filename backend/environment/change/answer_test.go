package change

import (
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"scriptsmanager/backend/domain"
)

// What conda's and libmamba's own sources have them say, beyond what was
// recorded (conda/__init__.py, conda/exceptions.py, conda-anaconda-tos'
// exceptions.py, libmamba's problems_graph.cpp).
// A command to paste is taken by the shell as it is meant, whatever is in it.
func TestCommandsToPaste(t *testing.T) { // ENV-7
	for _, c := range []struct{ word, posix, cmd string }{
		{"/opt/conda/bin/conda", "/opt/conda/bin/conda", "/opt/conda/bin/conda"},
		{"/opt/mini conda/bin/conda", "'/opt/mini conda/bin/conda'", `"/opt/mini conda/bin/conda"`},
		{"/opt/it's/conda", `'/opt/it'\''s/conda'`, `"/opt/it's/conda"`},
		{"/opt/a$b`c;d&e", "'/opt/a$b`c;d&e'", "\"/opt/a$b`c;d&e\""},
		{`C:\Program Files\conda.exe`, `'C:\Program Files\conda.exe'`, `"C:\Program Files\conda.exe"`},
		{`C:\Users\ana\conda.exe`, `'C:\Users\ana\conda.exe'`, `C:\Users\ana\conda.exe`},
		{`C:\R&D (new)\`, `'C:\R&D (new)\'`, `"C:\R&D (new)\\"`},
		{`say "a\"`, `'say "a\"'`, `"say \"a\\\""`},
		{"", "''", `""`},
		{"~x", "'~x'", "~x"},
		{"https://u:p@h/t/tok/a?x=1", "'https://***@h/t/***/a?x=1'", `"https://***@h/t/***/a?x=1"`},
	} {
		if got := commandLine([]string{c.word}, false); got != c.posix {
			t.Errorf("%q for a POSIX shell: %s, want %s", c.word, got, c.posix)
		}
		if got := commandLine([]string{c.word}, true); got != c.cmd {
			t.Errorf("%q for cmd: %s, want %s", c.word, got, c.cmd)
		}
	}
	a, _ := parseAnswer(`{"exception_name": "CondaToSNonInteractiveError", "message": "… for the following channels:\n    - https://repo.anaconda.com/pkgs/main"}`)
	own := domain.AsError(condaError(Spec{Tool: Tool{Name: Conda, Path: "/opt/mini conda/conda"}}, outcome{code: 1}, a, true))
	want := commandLine([]string{"/opt/mini conda/conda", "tos", "accept", "--override-channels", "--channel", "https://repo.anaconda.com/pkgs/main"}, runtime.GOOS == "windows")
	if own == nil || own.Params["command"] != want || !strings.ContainsAny(want[:1], `'"`) {
		t.Errorf("the command is %v, want %s", own, want)
	}
}

// What a POSIX shell makes of it is tried.
func TestQuotedForThisShell(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there is no POSIX shell")
	}
	for _, word := range []string{"a b", "it's", "$HOME", "a\nb", "~", "~root", "*", "{a,b}", "!x", "#x", "a\\b", "ä ö", "-n", ""} {
		out, err := exec.Command("/bin/sh", "-c", "printf %s "+commandLine([]string{"--", word}, false)[3:]).Output()
		if err != nil || string(out) != word {
			t.Errorf("%q became %q: %v", word, out, err)
		}
	}
}

func TestWhatOtherCondasSay(t *testing.T) { // ENV-7
	unsatisfiable := func(tree string) outcome {
		text := strings.ReplaceAll("Encountered problems while solving:\\n\\nCould not solve for environment specs\\nThe following package could not be installed\\n"+tree, "\n", "\\n")
		return outcome{code: 1, stdout: `{"exception_name": "LibMambaUnsatisfiableError", "error": "x", "message": "` + text + `"}`}
	}
	terms := `{"caused_by": "None", "error": "CondaToSNonInteractiveError: …", "exception_name": "CondaToSNonInteractiveError",
 "message": "Terms of Service have not been accepted for the following channels. Please accept or remove them before proceeding:\n    - https://repo.anaconda.com/pkgs/main\n    • https://repo.anaconda.com/pkgs/r\n\nTo accept these channels' Terms of Service, run the following commands:\n    conda tos accept --override-channels --channel https://repo.anaconda.com/pkgs/main\n\nFor information on safely removing channels from your conda configuration,\nplease see the official documentation:\n\n    https://www.anaconda.com/docs/tools/working-with-conda/channels"}`
	pip := `{"caused_by": "None", "error": "CondaEnvException: Pip failed", "exception_name": "CondaEnvException", "message": "Pip failed"}`
	for name, c := range map[string]struct {
		o    outcome
		want domain.Code
		say  string
		not  string
	}{
		"any version": {unsatisfiable("└─ gffread =* * does not exist (perhaps a typo or a missing channel)."), domain.CodePackagesMissing, "packages:gffread ", "*"},
		"a version": {
			unsatisfiable("├─ numexpr =2.11.0 * does not exist (perhaps a typo or a missing channel);\n└─ tzdata =2025.3 * does not exist (perhaps a typo or a missing channel)."),
			domain.CodePackagesMissing, "packages:numexpr =2.11.0, tzdata =2025.3 ", "*",
		},
		"two spaces": {unsatisfiable("├─ blast 2.12**  does not exist (perhaps a typo or a missing channel);"), domain.CodePackagesMissing, "packages:blast 2.12** ", ""},
		"a build":    {unsatisfiable("├─ _openmp_mutex ==4.5 2_gnu does not exist (perhaps a typo or a missing channel);"), domain.CodePackagesMissing, "packages:_openmp_mutex ==4.5 2_gnu ", ""},
		"within": {
			unsatisfiable("└─ perl-bioperl is not installable because it requires\n   └─ perl-db-file, which does not exist (perhaps a missing channel)."),
			domain.CodePackagesMissing, "packages:perl-db-file ", "which",
		},
		"said twice": {
			outcome{code: 1, stdout: `{"success": false, "solver_problems": ["nothing provides requested r-x", "package r-x does not exist"]}`},
			domain.CodePackagesMissing, "packages:r-x ", "r-x, r-x",
		},
		"micromamba's tree": {
			outcome{code: 1, stderr: "error    libmamba Could not solve for environment specs\n    The following package could not be installed\n    └─ nosuch =* * does not exist (perhaps a typo or a missing channel).\ncritical libmamba Could not solve for environment specs\n"},
			domain.CodePackagesMissing, "packages:nosuch ", "",
		},
		"a conflict": {
			unsatisfiable("├─ pin on python 3.11.* =* * is installable and it requires\n└─ scikit-image =0.19.0 * is not installable because there are no viable options"),
			domain.CodePackagesConflict, "scikit-image", "",
		},
		"several errors, the disk among them": {
			outcome{code: 1, stdout: `{"exception_type": "<class 'conda.CondaMultiError'>", "exception_name": "CondaMultiError", "error": "Multiple Errors Encountered.",
 "errors": [{"exception_name": "CondaError", "message": "cannot link x"}, {"exception_name": "NoSpaceLeftError", "error": "NoSpaceLeftError: …", "message": "No space left on devices."}]}`},
			domain.CodeDiskFull, "", "",
		},
		"several errors, of the network": {
			outcome{code: 1, stdout: `{"error": "Multiple Errors Encountered.", "errors": [{"exception_name": "CondaHTTPError", "message": "HTTP 403 FORBIDDEN for url <https://x.example/a>"}]}`},
			domain.CodePackagesOffline, "HTTP 403", "Multiple",
		},
		"several errors": {
			outcome{code: 1, stdout: `{"error": "Multiple Errors Encountered.", "errors": [{"exception_name": "ChecksumMismatchError", "message": "Conda detected a mismatch of a"}, {"message": "and of b"}]}`},
			domain.CodeEnvironmentFailed, "mismatch of a; and of b", "Multiple",
		},
		"terms of service": {
			outcome{code: 1, stdout: terms},
			domain.CodeCondaTerms, "tos accept --override-channels --channel https://repo.anaconda.com/pkgs/main --channel https://repo.anaconda.com/pkgs/r", "docs",
		},
		"pip lacks one": {
			outcome{code: 1, stdout: pip, stderr: "Pip subprocess error:\nERROR: Could not find a version that satisfies the requirement nosuch==1 (from versions: none)\nERROR: No matching distribution found for nosuch==1\n\nfailed\n"},
			domain.CodePackagesMissing, "nosuch==1", "",
		},
		"pip cannot build": {
			outcome{code: 1, stdout: pip, stderr: "Pip subprocess error:\n  error: subprocess-exited-with-error\nERROR: Failed building wheel for ancient\n\nfailed\n"},
			domain.CodeEnvironmentFailed, "Failed building wheel for ancient", "",
		},
		"pip's conflict": {
			outcome{code: 1, stdout: pip, stderr: "ERROR: Cannot install a and b because these package versions have conflicting dependencies.\n"},
			domain.CodePackagesConflict, "Cannot install a and b", "",
		},
		"a field of another type": {
			outcome{code: 1, stdout: `{"exception_name": "PackagesNotFoundError", "error": "x", "packages": "a", "message": "not available: a"}`},
			domain.CodePackagesMissing, "a", "understood",
		},
	} {
		a, understood := parseAnswer(c.o.stdout)
		own := domain.AsError(condaError(Spec{Tool: Tool{Name: Conda, Path: "/opt/conda/bin/conda"}, Target: "/e"}, c.o, a, understood))
		if own == nil || own.Code != c.want {
			t.Errorf("%s: %v, want %s", name, own, c.want)
			continue
		}
		said := own.Error() + " "
		if !strings.Contains(said, c.say) || c.not != "" && strings.Contains(said, c.not) {
			t.Errorf("%s: %q, want %q in it and not %q", name, said, c.say, c.not)
		}
	}
}
