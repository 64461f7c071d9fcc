package environment_test

import (
	"slices"
	"strings"
	"testing"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/environment"
)

// condaOnWindows makes an environment in conda's layout on Windows.
func (m *machine) condaOnWindows(p, made string) {
	m.t.Helper()
	history := strings.ReplaceAll(condaHistory, "%ROOT%/bin/conda", made)
	m.write(p+"/conda-meta/history", history, 0o644)
	m.write(p+"/conda-meta/python-3.11.7-h955ad1f_0_cpython.json", `{}`, 0o644)
	m.write(p+"/python.exe", "", 0o755)
}

func (m *machine) installationOnWindows(p string) {
	m.t.Helper()
	m.condaOnWindows(p, m.path(p)+`/Scripts/conda-script.py`)
	m.mkdir(p + "/condabin")
	m.mkdir(p + "/envs")
	m.write(p+"/Scripts/conda.exe", "", 0o755)
}

// Every place and rule of Windows, in a tree that is like one of Windows.
func TestFindsEveryPlaceOfWindows(t *testing.T) { // ENV-1
	m := newMachine(t)
	for _, p := range []string{
		"home/Miniconda3", "home/.conda/anaconda3", "home/.local/miniforge", "Local/miniforge3", "Local/Continuum/Anaconda3",
		"Local/conda/conda/miniconda3", "Data/Anaconda3", "C/mambaforge", "srv/byexe", "srv/bymamba", "srv/bypath", "srv/byprefix",
	} {
		m.installationOnWindows(p)
	}
	script := m.path("home/Miniconda3") + "/Scripts/conda-script.py"
	m.condaOnWindows("home/Miniconda3/envs/mein Projekt ä", script)
	m.condaOnWindows("Roaming/mamba/envs/mm", "micromamba")
	m.mkdir("Roaming/mamba/pkgs")
	m.condaOnWindows("disk/envs/rc", script)
	m.write("home/.condarc", "envs_dirs:\n  - '%DISK%/envs'\n  - '%NOT_SET%/envs'\n", 0o644)
	m.condaOnWindows("site/envs/all", script)
	m.write("Data/conda/condarc.d/site.yml", "envs_dirs: ['"+m.path("site/envs")+"']\n", 0o644)
	m.condaOnWindows("far/listed", script)
	m.write("home/.conda/environments.txt", m.path("far/listed")+"\r\n", 0o644)
	m.condaOnWindows("home/Miniconda3/envs/gone", script)
	m.remove("home/Miniconda3/envs/gone/python.exe")
	m.write("home/.venvs/v/pyvenv.cfg", "home = C:\\Python311\r\nversion = 3.11.7\r\n", 0o644)
	m.write("home/.venvs/v/Scripts/python.exe", "", 0o755)
	m.write("Python312/python.exe", "", 0o755)
	m.write("Local/Microsoft/WindowsApps/python.exe", "", 0o755)

	o := m.options(
		"LOCALAPPDATA="+m.path("Local"), "APPDATA="+m.path("Roaming"), "PROGRAMDATA="+m.path("Data"), "SYSTEMDRIVE="+m.path("C"), "DISK="+m.path("disk"),
		"CONDA_EXE="+m.path("srv/byexe/Scripts/conda.exe"), "MAMBA_EXE="+m.path("srv/bymamba/Library/bin/mamba.exe"),
		"CONDA_PREFIX_2="+m.path("srv/byprefix"),
		"PATH="+m.path("srv/bypath/condabin")+":"+m.path("Python312"),
	)
	var got []string
	for _, f := range environment.FindAsOnWindows(t.Context(), o) {
		got = append(got, strings.TrimPrefix(f.Path, m.dir+"/")+": "+f.Name+" "+f.Kind+" "+f.State)
		if f.Path == m.path("home/Miniconda3/envs/mein Projekt ä") && (f.Python != f.Path+"/python.exe" || f.Root != m.path("home/Miniconda3") || f.Tool != domain.ToolConda || f.PythonVersion != "3.11.7") {
			t.Errorf("%+v", f)
		}
		if f.Name == "mm" && (f.Tool != domain.ToolMicromamba || f.Root != m.path("Roaming/mamba")) {
			t.Errorf("%+v", f)
		}
	}
	slices.Sort(got)
	want := []string{
		"C/mambaforge: base conda ok", "Data/Anaconda3: base conda ok", "Local/Continuum/Anaconda3: base conda ok",
		"Local/conda/conda/miniconda3: base conda ok", "Local/miniforge3: base conda ok", "Python312: Python312 system ok",
		"Roaming/mamba/envs/mm: mm conda ok", "disk/envs/rc: rc conda ok", "far/listed: listed conda ok",
		"home/.conda/anaconda3: base conda ok", "home/.local/miniforge: base conda ok", "home/.venvs/v: v venv ok",
		"home/Miniconda3/envs/gone: gone conda broken", "home/Miniconda3/envs/mein Projekt ä: mein Projekt ä conda ok",
		"home/Miniconda3: base conda ok", "site/envs/all: all conda ok",
		"srv/byexe: base conda ok", "srv/bymamba: base conda ok", "srv/bypath: base conda ok", "srv/byprefix: base conda ok",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestUninstallersOfWindows(t *testing.T) { // ENV-1
	for _, c := range []struct{ shown, folder, command, want string }{
		{"Miniconda3 py311_24.11.1-0 (Python 3.11.11 64-bit)", "", `"C:\Users\A B\miniconda3\Uninstall-Miniconda3.exe"`, `C:\Users\A B\miniconda3`},
		{"Anaconda3 2024.10-1", `"C:\ProgramData\anaconda3"`, `"C:\x\u.exe"`, `C:\ProgramData\anaconda3`},
		{"Miniforge3 24.11", "", `"C:\m f\Uninstall-Miniforge3.exe" /S`, `C:\m f`},
		{"Mambaforge", "", `C:\m f\Uninstall-Mambaforge.exe /S`, `C:\m f`},
		{"Miniconda3", "", "", ""},
		{"Miniconda3", "", "MsiExec.exe", ""},
		{"Python 3.12.1 (64-bit)", `C:\Python312`, "", ""},
	} {
		if got := environment.Uninstalled(c.shown, c.folder, c.command); got != c.want {
			t.Errorf("%+v: %q", c, got)
		}
	}
}
