package environment_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/environment"
)

func TestFindsCondaInEveryPlace(t *testing.T) { // ENV-1
	for name, c := range map[string]struct {
		make    func(m *machine)
		environ func(m *machine) []string
		want    []string // paths below the machine, and their names after a colon
	}{
		"in the home": {
			make: func(m *machine) {
				m.installation("home/miniconda3")
				m.conda("home/miniconda3/envs/fem", "home/miniconda3")
			},
			want: []string{"home/miniconda3:base", "home/miniconda3/envs/fem:fem"},
		},
		"for all people": {
			make: func(m *machine) { m.installation("opt/conda"); m.installation("usr/local/miniforge3") },
			want: []string{"opt/conda:base", "usr/local/miniforge3:base"},
		},
		"CONDA_EXE": {
			make:    func(m *machine) { m.installation("srv/tools/c"); m.conda("srv/tools/c/envs/a b ä", "srv/tools/c") },
			environ: func(m *machine) []string { return []string{"CONDA_EXE=" + m.path("srv/tools/c/bin/conda")} },
			want:    []string{"srv/tools/c:base", "srv/tools/c/envs/a b ä:a b ä"},
		},
		"CONDA_PREFIX leads to its installation": {
			make: func(m *machine) {
				m.installation("srv/c")
				m.conda("srv/c/envs/one", "srv/c")
				m.conda("srv/c/envs/two", "srv/c")
			},
			environ: func(m *machine) []string { return []string{"CONDA_PREFIX=" + m.path("srv/c/envs/one")} },
			want:    []string{"srv/c:base", "srv/c/envs/one:one", "srv/c/envs/two:two"},
		},
		"PATH": {
			make: func(m *machine) {
				m.installation("srv/p")
				m.conda("srv/p/envs/x", "srv/p")
				m.mkdir("srv/links")
				m.installation("srv/q")
				m.link(m.path("srv/q/bin/conda"), "srv/links/conda")
			},
			environ: func(m *machine) []string {
				return []string{"PATH=" + m.path("srv/p/condabin") + ":" + m.path("srv/links")}
			},
			want: []string{"srv/p:base", "srv/q:base", "srv/p/envs/x:x"},
		},
		"MAMBA_ROOT_PREFIX without a base": {
			make: func(m *machine) {
				m.mkdir("srv/mm/pkgs")
				m.conda("srv/mm/envs/demo", "nowhere")
			},
			environ: func(m *machine) []string { return []string{"MAMBA_ROOT_PREFIX=" + m.path("srv/mm")} },
			want:    []string{"srv/mm/envs/demo:demo"},
		},
		"environments.txt": {
			make: func(m *machine) {
				m.conda("work/mein Projekt ä/.conda", "nowhere")
				m.installation("far/anaconda")
				m.conda("far/anaconda/envs/e1", "far/anaconda")
				m.conda("far/anaconda/envs/e2", "far/anaconda")
				m.write("home/.conda/environments.txt", strings.Join([]string{
					"# comment", "", m.path("work/mein Projekt ä/.conda"), m.path("dead"), "relative/path",
					m.path("far/anaconda/envs/e1"), "\x00\xff\xfe", m.path("far/anaconda/envs/e1") + "/",
				}, "\r\n"), 0o644)
			},
			want: []string{"far/anaconda:base", "far/anaconda/envs/e1:e1", "far/anaconda/envs/e2:e2", "work/mein Projekt ä/.conda:mein Projekt ä/.conda"},
		},
		"condarc": {
			make: func(m *machine) {
				m.conda("disk/envs1/a", "x")
				m.conda("disk/envs2/b", "x")
				m.conda("home/mine/c", "x")
				m.conda("disk/envs4/d", "x")
				m.write("home/.condarc", "channels:\n  - defaults\nenvs_dirs:\n- "+m.path("disk/envs1")+"  # first\n- '"+m.path("disk/envs2")+"'\npkgs_dirs:\n  - "+m.path("disk/no")+"\n", 0o644)
				m.write("home/.config/conda/condarc", "envs_path: [~/mine]\n", 0o644)
				m.write("etc/conda/condarc.d/site.yml", "envs_dirs:\n  - $DISK/envs4\n", 0o644)
			},
			environ: func(m *machine) []string { return []string{"DISK=" + m.path("disk")} },
			want:    []string{"disk/envs1/a:a", "disk/envs2/b:b", "disk/envs4/d:d", "home/mine/c:c"},
		},
		"CONDA_ENVS_DIRS": {
			make:    func(m *machine) { m.conda("d1/a", "x"); m.conda("d2/b", "x") },
			environ: func(m *machine) []string { return []string{"CONDA_ENVS_DIRS=" + m.path("d1") + ":" + m.path("d2")} },
			want:    []string{"d1/a:a", "d2/b:b"},
		},
		"pixi and conda environments of a project in the root": {
			make: func(m *machine) {
				m.write("root/beam/.pixi/envs/default/conda-meta/pixi", "{}", 0o644)
				m.conda("root/beam/.pixi/envs/default", "x")
				m.conda("root/app/backend/script_groups/thermal/.conda", "x")
				m.conda("root/data/script_groups/hidden/.conda", "x")
			},
			want: []string{"root/app/backend/script_groups/thermal/.conda:thermal/.conda", "root/beam/.pixi/envs/default:beam/default"},
		},
		"one environment by two ways": {
			make: func(m *machine) {
				m.installation("data1/miniconda3")
				m.link(m.path("data1/miniconda3"), "home/miniconda3")
				m.conda("data1/miniconda3/envs/a", "data1/miniconda3")
				m.write("home/.conda/environments.txt", m.path("data1/miniconda3/envs/a")+"\n", 0o644)
			},
			want: []string{"home/miniconda3:base", "home/miniconda3/envs/a:a"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMachine(t)
			c.make(m)
			var environ []string
			if c.environ != nil {
				environ = c.environ(m)
			}
			o := m.options(environ...)
			o.RootDir = m.path("root")
			var got []string
			for _, f := range environment.Find(t.Context(), o) {
				if f.Kind != domain.EnvironmentConda || f.State != domain.EnvironmentOK || f.PythonVersion != "3.11.7" {
					t.Errorf("%+v", f)
				}
				got = append(got, strings.TrimPrefix(f.Path, m.dir+"/")+":"+f.Name)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}

func TestStatesByTheFilesAlone(t *testing.T) { // ENV-6
	m := newMachine(t)
	m.installation("opt/conda")
	m.conda("opt/conda/envs/ok", "opt/conda")
	m.write("opt/conda/envs/nopython/conda-meta/history", "==> 2026-11-21 01:22:10 <==\n+defaults/noarch::tzdata-2024a-h04d1e81_0\n", 0o644)
	m.write("opt/conda/envs/nopython/conda-meta/tzdata-2024a-h04d1e81_0.json", "{}", 0o644)
	m.conda("opt/conda/envs/broken", "opt/conda")
	os.Remove(m.path("opt/conda/envs/broken/bin/python"))
	m.write("opt/conda/envs/stopped/conda-meta/history", "", 0o644) // SIGTERM while creating
	m.mkdir("opt/conda/envs/killed/conda-meta")                     // SIGKILL while creating
	m.link(systemPython, "opt/conda/envs/killed/bin/python")
	m.mkdir("opt/conda/envs/empty")
	m.write("opt/conda/envs/file", "", 0o644)
	found := environment.Find(t.Context(), m.options())
	for name, want := range map[string]string{
		"ok": domain.EnvironmentOK, "nopython": domain.EnvironmentNoPython, "broken": domain.EnvironmentStateBroken,
		"stopped": domain.EnvironmentInterrupted, "killed": domain.EnvironmentInterrupted,
	} {
		f, ok := byPath(found, m.path("opt/conda/envs/"+name))
		if !ok || f.State != want || (f.Problem == nil) != (want == domain.EnvironmentOK) || f.Root != m.path("opt/conda") {
			t.Errorf("%s: %+v", name, f)
		}
	}
	for _, name := range []string{"empty", "file"} {
		if f, ok := byPath(found, m.path("opt/conda/envs/"+name)); ok {
			t.Errorf("%s is taken for an environment: %+v", name, f)
		}
	}
}

func TestFindsVenvs(t *testing.T) { // ENV-1
	m := newMachine(t)
	venv := func(p string) {
		m.write(p+"/pyvenv.cfg", "home = /usr/bin\ninclude-system-site-packages = true\nversion = 3.11.2\n", 0o644)
		m.link(systemPython, p+"/bin/python")
	}
	venv("root/app/backend/script_groups/thermal/.venv")
	venv("root/venvs/solver")
	venv("root/data/venvs/never")
	venv("shared/tools/one")
	venv("active")
	venv("home/.virtualenvs/old")
	m.link(m.path("root/venvs/solver"), "shared/again")
	m.write("root/venvs/gone/pyvenv.cfg", "home = /opt/python3.8/bin\n", 0o644)
	m.link("/opt/python3.8/bin/python3.8", "root/venvs/gone/bin/python")
	m.write("root/venvs/hollow/pyvenv.cfg", "\xff\xfe= \x00", 0o644)
	o := m.options("VIRTUAL_ENV=" + m.path("active"))
	o.RootDir, o.Folders = m.path("root"), []string{m.path("shared"), m.path("nowhere"), "relative"}
	found := environment.Find(t.Context(), o)
	var got []string
	for _, f := range found {
		got = append(got, strings.TrimPrefix(f.Path, m.dir+"/")+":"+f.Name+":"+f.Kind+":"+f.State)
	}
	want := []string{
		"active:active:venv:ok",
		"root/app/backend/script_groups/thermal/.venv:thermal/.venv:venv:ok",
		"root/venvs/gone:gone:venv:broken", "root/venvs/hollow:hollow:venv:no_python", "root/venvs/solver:solver:venv:ok",
		"shared/tools/one:one:venv:ok", "home/.virtualenvs/old:old:venv:ok",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if f, _ := byPath(found, m.path("root/venvs/gone")); f.Problem == nil || f.Problem.Params["home"] != "/opt/python3.8/bin" {
		t.Errorf("the reason does not name the Python that is gone: %v", f.Problem)
	}
}

func TestFindsSystemPythons(t *testing.T) {
	m := newMachine(t)
	program := func(p string) { m.write(p, "#!/bin/sh\nexit 1\n", 0o755) }
	program("usr/bin/python3.11")
	m.link("python3.11", "usr/bin/python3")
	m.link("usr/bin", "bin")
	program("opt/python/bin/python3.12")
	m.link(m.path("opt/python/bin/python3.12"), "usr/local/bin/python3")
	program("home/.pyenv/shims/python3")
	program("home/.pyenv/versions/3.10.1/bin/python3")
	program("home/.pyenv/versions/3.9.9/bin/python")
	m.write("home/.pyenv/version", "3.9.9\n../../../etc\nsystem\n", 0o644)
	o := m.options()
	o.Environ = []string{"PATH=" + strings.Join([]string{m.path("home/.pyenv/shims"), "relative", m.path("usr/local/bin"), m.path("bin"), m.path("usr/bin"), m.path("gone")}, ":")}
	var got []string
	for _, f := range environment.Find(t.Context(), o) {
		got = append(got, f.Name+" "+strings.TrimPrefix(f.Path, m.dir+"/")+" "+strings.TrimPrefix(f.Python, m.dir+"/"))
	}
	want := []string{
		"python-3.9.9 home/.pyenv/versions/3.9.9 home/.pyenv/versions/3.9.9/bin/python",
		"python opt/python opt/python/bin/python3.12",
		"system usr usr/bin/python3",
		"python-3.10.1 home/.pyenv/versions/3.10.1 home/.pyenv/versions/3.10.1/bin/python3",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestHugeEnvironmentsTxt(t *testing.T) {
	m := newMachine(t)
	m.conda("work/last", "x")
	var b strings.Builder
	for i := range 100_000 {
		fmt.Fprintf(&b, "/nowhere/%d\n", i)
	}
	b.WriteString(m.path("work/last") + "\n")
	m.write("home/.conda/environments.txt", b.String(), 0o644)
	if found := environment.Find(t.Context(), m.options()); len(found) != 1 || found[0].Name != "last" {
		t.Errorf("found %+v", found)
	}
}

func TestWalkIgnoresLoopsAndDepth(t *testing.T) {
	m := newMachine(t)
	m.link(m.path("root"), "root/loop")
	m.mkdir("root/a/b/c/d/e/f/g")
	m.link(m.path("root/a"), "root/a/b/c/up")
	o := m.options()
	o.RootDir, o.Folders = m.path("root"), []string{m.path("root/loop/loop")}
	if found := environment.Find(t.Context(), o); len(found) != 0 {
		t.Errorf("found %+v", found)
	}
}

// The limit: 50 environments of 300 packages, each in under 5 ms.
func BenchmarkFind50(b *testing.B) {
	m := newMachine(b)
	m.installation("opt/conda")
	for i := range 50 {
		p := fmt.Sprintf("opt/conda/envs/e%d", i)
		m.conda(p, "opt/conda")
		for j := range 300 {
			m.write(fmt.Sprintf("%s/conda-meta/package-%d-0.json", p, j), "{}", 0o644)
		}
	}
	for b.Loop() {
		if n := len(environment.Find(b.Context(), m.options())); n != 51 {
			b.Fatal(n)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/1000/float64(b.N)/51, "ms/environment")
	if perEnv := b.Elapsed().Seconds() / float64(b.N) / 51; perEnv > 0.005 {
		b.Errorf("%.1f ms for each environment, the limit is 5", perEnv*1000)
	}
}

func TestDoesNotFollowACancelledContext(t *testing.T) {
	m := newMachine(t)
	m.installation("opt/conda")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if found := environment.Find(ctx, m.options()); len(found) != 0 {
		t.Errorf("found %d", len(found))
	}
}
