package environment_test

import (
	"encoding/binary"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"scriptsmanager/backend/environment"
)

// What activate.d scripts of the environment that was active at the start have
// set goes by its own deactivate.d scripts, in conda's order; what conda put
// by comes back.
func TestActivationRunsDeactivateScripts(t *testing.T) { // ENV-5
	m := newMachine(t)
	demo(m)
	m.installation("srv/other")
	m.conda("srv/other/envs/old", "srv/other")
	old := m.path("srv/other/envs/old")
	m.write("srv/other/envs/old/conda-meta/state", `{"env_vars":{"OLD_LICENCE":"x","SHARED":"old"}}`, 0o644)
	m.write("srv/other/envs/old/etc/conda/deactivate.d/a.sh", "unset GDAL_DATA; ORDER=\"${ORDER}a\"; export ORDER; echo noise\n", 0o644)
	m.write("srv/other/envs/old/etc/conda/deactivate.d/b.sh", "export PROJ_LIB=/mine ORDER=\"${ORDER}b\" SEEN=\"$CONDA_PREFIX\"\n", 0o644)
	m.write("opt/conda/envs/demo/etc/conda/activate.d/a.sh", "export SAME=\"$CONDA_PREFIX\" TOKEN_SEEN=\"$TOKEN\"\n", 0o644)
	o := m.options()
	o.Environ = []string{
		"PATH=" + old + "/bin:/usr/bin", "CONDA_PREFIX=" + old, "CONDA_SHLVL=1", "CONDA_DEFAULT_ENV=old", "GDAL_DATA=" + old + "/share/gdal",
		"PROJ_LIB=" + old + "/share/proj", "ORDER=", "OLD_LICENCE=x", "SHARED=old", "__CONDA_SHLVL_0_SHARED=mine", "TOKEN=secret", "HOME=/h",
		"SAME=" + m.path("opt/conda/envs/demo"),
	}
	// what scripts may have of it: SAME and TOKEN are kept from them
	o.Base = []string{"PATH=" + old + "/bin:/usr/bin", "HOME=/h", "GDAL_DATA=" + old + "/share/gdal", "PROJ_LIB=" + old + "/share/proj", "ORDER=", "OLD_LICENCE=x", "SHARED=old"}
	a := activation(t, o, "demo")
	got := a.Apply(o.Base)
	for _, want := range []string{"PROJ_LIB=/mine", "ORDER=ba", "SHARED=mine", "HOME=/h", "TOKEN_SEEN=", "SAME=" + m.path("opt/conda/envs/demo"), "CONDA_SHLVL=1"} {
		if !slices.Contains(got, want) {
			t.Errorf("%s is missing in %q", want, got)
		}
	}
	for _, kv := range got {
		if strings.Contains(kv, old) || strings.HasPrefix(kv, "OLD_LICENCE") || strings.HasPrefix(kv, "TOKEN=") || strings.HasPrefix(kv, "__CONDA") {
			t.Errorf("%s is left", kv)
		}
	}
}

func TestDeactivateScriptThatFailsIsNoFaultOfTheOther(t *testing.T) { // ENV-5
	m := newMachine(t)
	demo(m)
	m.conda("opt/conda/envs/old", "opt/conda")
	m.write("opt/conda/envs/old/etc/conda/deactivate.d/a.sh", "exit 1\n", 0o644)
	o := m.options()
	o.Environ = []string{"PATH=/usr/bin", "CONDA_PREFIX=" + m.path("opt/conda/envs/old"), "CONDA_SHLVL=1"}
	if a := activation(t, o, "demo"); a.Env["CONDA_PREFIX"] != m.path("opt/conda/envs/demo") {
		t.Errorf("got %+v", a)
	}
}

// As micromamba 2.1 printed it (`micromamba shell activate -s bash demo`).
func TestActivationIsThatOfMicromamba(t *testing.T) { // ENV-5
	m := newMachine(t)
	m.mkdir("mm/pkgs")
	m.conda("mm/envs/demo", "mm")
	o := m.options()
	o.Environ = []string{"PATH=/usr/local/bin:/usr/bin:/bin", "MAMBA_ROOT_PREFIX=" + m.path("mm"), "MAMBA_EXE=/opt/bin/micromamba"}
	a := activation(t, o, "demo")
	want := map[string]string{
		"CONDA_PREFIX": m.path("mm/envs/demo"), "CONDA_SHLVL": "1", "CONDA_DEFAULT_ENV": "demo", "CONDA_PROMPT_MODIFIER": "(demo) ",
		// set by its shell hook, not by the activation
		"MAMBA_ROOT_PREFIX": m.path("mm"), "MAMBA_EXE": "/opt/bin/micromamba",
	}
	for name, value := range want {
		if a.Env[name] != value {
			t.Errorf("%s = %q, want %q", name, a.Env[name], value)
		}
	}
	if len(a.Env) != len(want) {
		t.Errorf("sets %v", a.Env)
	}
	if path := []string{m.path("mm/envs/demo/bin"), m.path("mm/condabin"), "/usr/local/bin", "/usr/bin", "/bin"}; !slices.Equal(a.Path, path) {
		t.Errorf("PATH %q, micromamba has %q", a.Path, path)
	}
}

func TestCmdLineOnWindows(t *testing.T) {
	got := environment.CmdLine(`C:\Windows\System32\cmd.exe`, `C:\T m p\v`, []string{`C:\a b\ä&1.bat`, `C:\c.bat`})
	want := `"C:\Windows\System32\cmd.exe" /d /v:off /s /c "call "C:\a b\ä&1.bat" 1>&2 & call "C:\c.bat" 1>&2 & "C:\Windows\System32\cmd.exe" /u /d /s /c set > "C:\T m p\v""`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func utf16le(s string) []byte {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return b
}

func TestParseSet(t *testing.T) {
	got := environment.ParseSet(utf16le("A=1\r\nPath=C:\\ä 🙂;C:\\b\r\nEMPTY=\r\nTWO=one\r\ntwo\r\n=C:=C:\\\r\nEQ=a=b\r\n"))
	if want := []string{"A=1", "Path=C:\\ä 🙂;C:\\b", "EMPTY=", "TWO=one\ntwo", "EQ=a=b"}; !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	if got := environment.ParseSet(append([]byte{0xff, 0xfe}, utf16le("X=y\n")...)); !slices.Equal(got, []string{"X=y"}) {
		t.Errorf("with a mark: %q", got)
	}
	own := environment.WithOwn([]string{"A=1", "ComSpec=new", "PROMPT=$P$G"}, []string{"COMSPEC=old", "B=2"})
	if !slices.Equal(own, []string{"A=1", "COMSPEC=old"}) {
		t.Errorf("own: %q", own)
	}
}

func FuzzParseSet(f *testing.F) {
	f.Add(utf16le("A=1\r\nB=2\r\n"))
	f.Add([]byte{0xff, 0xfe, 0, 0xd8, '=', 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, kv := range environment.ParseSet(b) {
			if i := strings.IndexByte(kv, '='); i <= 0 || strings.ContainsRune(kv, 0) {
				t.Errorf("%q is no variable", kv)
			}
		}
	})
}

func FuzzParseAnswer(f *testing.F) {
	f.Add("noise\n@scriptsmanager {\"version\":\"3.11.2\",\"flask\":\"2.2\"}\nmore")
	f.Add("@scriptsmanager @scriptsmanager {}")
	f.Fuzz(func(t *testing.T, s string) {
		if version, ok := environment.ParseAnswer(s); ok && version == "" {
			t.Error("an answer without a version")
		}
	})
}

func TestParseAnswer(t *testing.T) {
	for s, want := range map[string]string{
		"warning: x\n@scriptsmanager not json\n@scriptsmanager {\"version\":\"3.11.2\"}\nafter": "3.11.2",
		"@scriptsmanager {\"version\":\"\"}":                                                    "",
		"@scriptsmanager {\"vers":                                                               "",
		"":                                                                                      "",
	} {
		if got, _ := environment.ParseAnswer(s); got != want {
			t.Errorf("%q: %q", s, got)
		}
	}
}

func FuzzSplitDist(f *testing.F) {
	f.Add("python_abi-3.11-5_cp311")
	f.Add("--")
	f.Fuzz(func(t *testing.T, s string) {
		if name, version, build, ok := environment.SplitDist(s); ok && name+"-"+version+"-"+build != s {
			t.Errorf("%q became %q %q %q", s, name, version, build)
		}
	})
}

func FuzzChannels(f *testing.F) {
	f.Add([]byte("+https://u:p@x/t/tok/main/linux-64::a-1-0\n+b-1-0\n"), []byte(`{"channel":"x"}`))
	f.Fuzz(func(t *testing.T, history, record []byte) {
		environment.HistoryChannels(history)
		environment.JSONChannel(record)
	})
}

func FuzzMetadata(f *testing.F) {
	f.Add("Name: a\nVersion: 1\n\nName: b")
	f.Fuzz(func(t *testing.T, s string) {
		if name, version := environment.ParseMetadata(s); strings.ContainsAny(name+version, "\n") {
			t.Errorf("%q %q", name, version)
		}
	})
}

func TestMissingLibrary(t *testing.T) { // ENV-2
	for said, want := range map[string]string{
		"/e/bin/python: error while loading shared libraries: libpython3.11.so.1.0: cannot open shared object file: No such file or directory": "libpython3.11.so.1.0",
		"Error loading shared library libpython3.11.so.1.0: No such file or directory (needed by /e/bin/python)":                               "libpython3.11.so.1.0",
		"/e/bin/python: /lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.38' not found (required by /e/bin/python)":                           "/lib/x86_64-linux-gnu/libc.so.6 (GLIBC_2.38)",
		"ImportError: libssl.so.3: cannot open shared object file: No such file or directory":                                                  "libssl.so.3",
		"dyld: Library not loaded: @rpath/libpython3.11.dylib":                                                                                 "@rpath/libpython3.11.dylib",
		"Fatal Python error": "",
	} {
		if got := environment.MissingLibrary(said); got != want {
			t.Errorf("%q: %q, want %q", said, got, want)
		}
	}
}
