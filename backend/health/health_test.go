package health_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/health"
	"scriptsmanager/backend/i18n"
	"scriptsmanager/translations"
)

func good(t *testing.T) health.Input {
	t.Helper()
	dir := t.TempDir()
	name := "scriptsmanager-shim"
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	if err := os.WriteFile(filepath.Join(dir, name), []byte("x"), 0o755); err != nil {
		t.Fatal(err)
	}
	return health.Input{
		Root: t.TempDir(), ProgramDir: dir, Desktop: true, Display: ":7",
		Environments: []domain.Environment{
			{Name: "base", Path: "/opt/conda", Kind: domain.EnvironmentConda, PythonVersion: "3.11.7", FlaskVersion: "3.1.0", State: domain.EnvironmentOK, Default: true},
			{Name: "system", Path: "/usr", Kind: domain.EnvironmentSystem, PythonVersion: "3.11.2", State: domain.EnvironmentNoFlask},
		},
		PortStart: 5200, PortEnd: 5219, PortFree: func(int) bool { return true },
		DiskUsage: func(string) (uint64, uint64, error) { return 50 << 30, 100 << 30, nil },
	}
}

func find(findings []health.Finding, id string) (health.Finding, bool) {
	i := slices.IndexFunc(findings, func(f health.Finding) bool { return f.ID == id })
	if i < 0 {
		return health.Finding{}, false
	}
	return findings[i], true
}

func TestCheck(t *testing.T) {
	texts, err := i18n.New(translations.Files)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change func(t *testing.T, in *health.Input)
		id     string
		state  health.State
		text   string // part of the English text
	}{
		"Flask":     {func(*testing.T, *health.Input) {}, "python_with_flask", health.OK, "Python 3.11.7, Flask 3.1.0"},
		"no Flask":  {func(_ *testing.T, in *health.Input) { in.Environments = in.Environments[1:] }, "python_with_flask", health.Missing, "no environment has Flask"},
		"no Python": {func(_ *testing.T, in *health.Input) { in.Environments = nil }, "python_with_flask", health.Missing, "apt install python3 python3-flask"},
		"conda":     {func(*testing.T, *health.Input) {}, "conda", health.OK, "One conda environment was found"},
		"no conda":  {func(_ *testing.T, in *health.Input) { in.Environments = in.Environments[1:] }, "conda", health.OK, "not needed"},
		"broken conda": {
			func(_ *testing.T, in *health.Input) {
				in.Environments = append(in.Environments, domain.Environment{Name: "fem", Kind: domain.EnvironmentConda, State: domain.EnvironmentInterrupted})
			}, "conda", health.Warning, "to their end: fem",
		},
		"shim": {func(*testing.T, *health.Input) {}, "shim", health.OK, "is there"},
		"no shim": {
			func(t *testing.T, in *health.Input) { in.ProgramDir = t.TempDir() }, "shim", health.Missing, "Install ScriptsManager again",
		},
		"shim without right": {
			func(t *testing.T, in *health.Input) {
				if runtime.GOOS == "windows" {
					t.Skip("no such right on Windows")
				}
				if err := os.Chmod(filepath.Join(in.ProgramDir, "scriptsmanager-shim"), 0o644); err != nil {
					t.Fatal(err)
				}
			}, "shim", health.Missing, "chmod +x",
		},
		"root":         {func(*testing.T, *health.Input) {}, "root", health.OK, "can be written"},
		"no root":      {func(_ *testing.T, in *health.Input) { in.Root = filepath.Join(in.Root, "gone") }, "root", health.Missing, "--root"},
		"disk":         {func(*testing.T, *health.Input) {}, "disk", health.OK, "50 GiB of 100 GiB"},
		"disk low":     {usage(500<<20, nil), "disk", health.Warning, "Only 500 MiB"},
		"disk full":    {usage(0, nil), "disk", health.Missing, "0 KiB"},
		"disk unknown": {usage(0, errors.New("stale handle")), "disk", health.Warning, "stale handle"},
		"ports":        {func(*testing.T, *health.Input) {}, "ports", health.OK, "20 of 20 ports between 5200 and 5219"},
		"few ports": {
			func(_ *testing.T, in *health.Input) { in.PortFree = func(p int) bool { return p == 5200 } }, "ports", health.Warning, "Only 1 of 20",
		},
		"no ports": {
			func(_ *testing.T, in *health.Input) { in.PortFree = func(int) bool { return false } }, "ports", health.Missing, "widen the port range",
		},
		"display":      {func(*testing.T, *health.Input) {}, "display", health.OK, ":7"},
		"wayland":      {func(_ *testing.T, in *health.Input) { in.Wayland = "wayland-1" }, "display", health.OK, "wayland-1"},
		"confined":     {confinedTo("prefer", "full", 7), "confinement", health.OK, "fully (Landlock, ABI 7"},
		"in part":      {confinedTo("prefer", "files", 2), "confinement", health.Warning, "Not enforced: this; that"},
		"required":     {confinedTo("require", "files", 2), "confinement", health.Missing, "no script starts"},
		"unconfined":   {confinedTo("prefer", "none", 0), "confinement", health.Warning, "offers no way"},
		"switched off": {confinedTo("off", "full", 7), "confinement", health.Warning, "switched off"},
		"headless":     {func(_ *testing.T, in *health.Input) { in.Display, in.Desktop = "", false }, "display", health.Warning, "scriptsmanager serve"},
		"no display": {
			func(_ *testing.T, in *health.Input) { in.Display = "" }, "display", health.Missing, "DISPLAY",
		},
	} {
		t.Run(name, func(t *testing.T) {
			if c.id == "display" && runtime.GOOS == "windows" {
				t.Skip("Windows always has one")
			}
			in := good(t)
			c.change(t, &in)
			findings := health.Check(t.Context(), in)
			f, ok := find(findings, c.id)
			if !ok || f.State != c.state {
				t.Fatalf("got %+v", f)
			}
			if text := texts.Text(domain.English, f.HowTo, f.Params); !strings.Contains(text, c.text) {
				t.Errorf("text %q lacks %q", text, c.text)
			}
			for _, f := range findings {
				for _, l := range domain.Languages() {
					title, text := texts.Text(l, f.Title, nil), texts.Text(l, f.HowTo, f.Params)
					if title == f.Title || text == f.HowTo || strings.Contains(text, "?") {
						t.Errorf("%s in %s: %q, %q", f.ID, l, title, text)
					}
				}
			}
		})
	}
}

func confinedTo(policy, level string, abi int) func(*testing.T, *health.Input) {
	return func(_ *testing.T, in *health.Input) {
		in.Confinement = health.Confinement{Policy: policy, Level: level, ABI: abi, Missing: []string{"this", "that"}}
	}
}

func usage(free uint64, err error) func(*testing.T, *health.Input) {
	return func(_ *testing.T, in *health.Input) {
		in.DiskUsage = func(string) (uint64, uint64, error) { return free, 100 << 30, err }
	}
}

func TestCheckLeavesNothing(t *testing.T) {
	in := good(t)
	health.Check(t.Context(), in)
	if entries, err := os.ReadDir(in.Root); err != nil || len(entries) != 0 {
		t.Errorf("left in the root: %v, %v", entries, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if findings := health.Check(ctx, in); len(findings) != 0 {
		t.Errorf("after its end: %d findings", len(findings))
	}
}

func TestWorst(t *testing.T) {
	ok, warning, missing := health.Finding{State: health.OK}, health.Finding{State: health.Warning}, health.Finding{State: health.Missing}
	for _, c := range []struct {
		in   []health.Finding
		want health.State
	}{
		{nil, health.OK},
		{[]health.Finding{ok, warning}, health.Warning},
		{[]health.Finding{missing, warning, ok}, health.Missing},
	} {
		if got := health.Worst(c.in); got != c.want {
			t.Errorf("%v = %s, want %s", c.in, got, c.want)
		}
	}
}

// What Check says of WebKitGTK is what the dynamic loader says.
func TestWebKitAgreesWithTheLoader(t *testing.T) {
	python := "/usr/bin/python3"
	if _, err := os.Stat(python); err != nil || runtime.GOOS != "linux" {
		t.Skip("needs Linux and its Python")
	}
	f, ok := find(health.Check(t.Context(), good(t)), "webkit")
	if !ok {
		t.Fatal("no finding")
	}
	err := exec.Command(python, "-I", "-c", "import ctypes; ctypes.CDLL('libwebkit2gtk-4.1.so.0')").Run()
	if (err == nil) != (f.State == health.OK) {
		t.Errorf("the loader says %v, we say %+v", err, f)
	}
}
