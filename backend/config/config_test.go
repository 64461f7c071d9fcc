package config

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"scriptsmanager/backend/domain"
)

// parsed is Parse with all problems in one.
func parsed(data []byte, environ []string) (Config, []domain.Problem) {
	l := Parse("config.json", data, environ)
	return l.Config, append(l.FileProblems, l.VariableProblems...)
}

func loaded(path string, environ []string) (Config, []domain.Problem, error) {
	data, err := Read(path)
	c, problems := parsed(data, environ)
	return c, problems, err
}

func TestKeysMatchConfig(t *testing.T) {
	var fields []string
	var walk func(prefix string, t reflect.Type)
	walk = func(prefix string, typ reflect.Type) {
		for i := range typ.NumField() {
			f := typ.Field(i)
			name := prefix + f.Tag.Get("json")
			if f.Type.Kind() == reflect.Struct {
				walk(name+".", f.Type)
			} else {
				fields = append(fields, name)
			}
		}
	}
	walk("", reflect.TypeFor[Config]())
	slices.Sort(fields)
	if got := slices.Sorted(maps.Keys(keys())); !slices.Equal(got, fields) {
		t.Errorf("keys   %v\nfields %v", got, fields)
	}
	b, err := json.Marshal(Default())
	if err != nil {
		t.Fatal(err)
	}
	c, problems := parsed(b, nil)
	if len(problems) != 0 || !reflect.DeepEqual(c, Default()) {
		t.Errorf("the default is not allowed by its own rules: %v", problems)
	}
}

func TestCustomersFileLoads(t *testing.T) { // SPEC section 18
	c, problems, err := loaded(filepath.Join("testdata", "customer.json"), nil)
	if err != nil || len(problems) != 0 {
		t.Fatalf("problems %v, error %v", problems, err)
	}
	want := Default()
	want.Documentation.EnableDiagramRendering = false
	want.Security.DataDirectoryPermissions, want.Security.ConfigFilePermissions = "755", "644"
	if !reflect.DeepEqual(c, want) {
		t.Errorf("loaded %+v\nwant %+v", c, want)
	}
}

func TestMissingAndEmptyFile(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "config.json")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{empty, filepath.Join(t.TempDir(), "none.json")} {
		if c, problems, err := loaded(path, nil); err != nil || problems != nil || !reflect.DeepEqual(c, Default()) {
			t.Errorf("%s: %v, %v", path, problems, err)
		}
	}
}

func TestUnreadableFile(t *testing.T) {
	c, _, err := loaded(t.TempDir(), nil) // a folder
	if !domain.HasCode(err, domain.CodeFileUnreadable) || !reflect.DeepEqual(c, Default()) {
		t.Errorf("error %v", err)
	}
}

func TestBadValuesKeepTheDefault(t *testing.T) { // SPEC section 18
	for _, c := range []struct {
		json, key, allowed string
		line               int
	}{
		{"{\n\"web_interface\": {\"port_range\": {\"start\": 80}}}", "web_interface.port_range.start", "1024–65535", 2},
		{`{"web_interface": {"port_range": {"start": "5200"}}}`, "web_interface.port_range.start", "1024–65535", 1},
		{`{"web_interface": {"port_range": {"start": 5200.5}}}`, "web_interface.port_range.start", "1024–65535", 1},
		{`{"web_interface": {"port_range": {"start": 5300, "end": 5250}}}`, "web_interface.port_range", "start ≤ end", 1},
		{`{"web_interface": {"port_range": 5200}}`, "web_interface.port_range", "{end, start}", 1},
		{`{"web_interface": {"port_range": {"first": 1}}}`, "web_interface.port_range.first", "end, start", 1},
		{"{\n\n\"multi_user\": {\n\"max_projects_per_user\": 0}}", "multi_user.max_projects_per_user", "1–100000", 4},
		{`{"documentation": {"default_language": "de"}}`, "documentation.default_language", "en, es, it, fr", 1},
		{`{"documentation": {"supported_languages": ["en", "de"]}}`, "documentation.supported_languages", "[en, es, it, fr]", 1},
		{`{"backup": {"schedule_time": "24:00"}}`, "backup.schedule_time", "00:00–23:59", 1},
		{`{"backup": {"exclude_patterns": ["["]}}`, "backup.exclude_patterns", "[*.tmp]", 1},
		{`{"backup": {"enabled": "yes"}}`, "backup.enabled", "true, false", 1},
		{`{"security": {"data_directory_permissions": "999"}}`, "security.data_directory_permissions", "700, 750, 755", 1},
		{`{"serve": {"listen": "8420"}}`, "serve.listen", "127.0.0.1:8420", 1},
		{`{"serve": {"listen": "127.0.0.1:99999"}}`, "serve.listen", "127.0.0.1:8420", 1},
		{`{"environments": {"fallback": "guess"}}`, "environments.fallback", "first_with_flask, fail", 1},
		{`{"confinement": null}`, "confinement", "require, prefer, off", 1},
		{`{"backup.enabled": true}`, "backup.enabled", "", 0},
		{`[1]`, "", "{…}", 0},
	} {
		got, problems := parsed([]byte(c.json), nil)
		if len(problems) != 1 {
			t.Errorf("%s: problems %v", c.json, problems)
			continue
		}
		p := problems[0]
		if p.Code != domain.CodeConfigInvalid || p.Params["key"] != c.key || p.File != "config.json" || p.Params["file"] != "config.json" ||
			c.allowed != "" && p.Params["allowed"] != c.allowed || c.key != "" && p.Line != c.line {
			t.Errorf("%s: problem %+v", c.json, p)
		}
		if !reflect.DeepEqual(got, Default()) {
			t.Errorf("%s: changed something", c.json)
		}
	}
}

func TestOneBadValueLeavesTheOthers(t *testing.T) {
	c, problems := parsed([]byte(`{"limits": {"grace_seconds": -1, "start_seconds": 90}, "nonsense": 1}`), nil)
	if len(problems) != 2 || c.Limits.StartSeconds != 90 || c.Limits.GraceSeconds != 5 {
		t.Errorf("limits %+v, problems %v", c.Limits, problems)
	}
}

func TestBrokenJSONTellsTheLine(t *testing.T) {
	_, problems := parsed([]byte("{\n\"limits\": {},\n}"), nil)
	if len(problems) != 1 || problems[0].Code != domain.CodeConfigJSON || problems[0].Line != 3 {
		t.Errorf("problems %+v", problems)
	}
}

func TestEnvironmentOverrides(t *testing.T) {
	for _, c := range []struct {
		environ []string
		change  func(*Config)
		problem string
	}{
		{[]string{"PORT_RANGE_START=6000", "PORT_RANGE_END=6100"}, func(c *Config) { c.WebInterface.PortRange = PortRange{6000, 6100} }, ""},
		{[]string{"SCRIPTSMANAGER_WEB_INTERFACE_PORT_RANGE_START=5300", "PORT_RANGE_START=5200"}, func(c *Config) { c.WebInterface.PortRange.Start = 5300 }, ""},
		{[]string{"PORT_RANGE_START=6000"}, func(*Config) {}, "web_interface.port_range"},
		{[]string{"PORT_RANGE_START=low"}, func(*Config) {}, "web_interface.port_range.start"},
		{[]string{"PORT_AVAILABILITY_CHECK=False"}, func(c *Config) { c.WebInterface.PortAvailabilityCheck = false }, ""},
		{[]string{"PORT_CHECK_RETRIES=7"}, func(c *Config) { c.WebInterface.PortCheckRetries = 7 }, ""},
		{[]string{"MAX_PROJECTS_PER_USER=3"}, func(c *Config) { c.MultiUser.MaxProjectsPerUser = 3 }, ""},
		{[]string{"BACKUP_ENABLED=no"}, func(c *Config) { c.Backup.Enabled = false }, ""},
		{[]string{"BACKUP_SCHEDULE_TIME=03:30"}, func(c *Config) { c.Backup.ScheduleTime = "03:30" }, ""},
		{[]string{"BACKUP_SCHEDULE_TIME=3"}, func(*Config) {}, "backup.schedule_time"},
		{[]string{"BACKUP_RETENTION_DAYS=90"}, func(c *Config) { c.Backup.RetentionDays = 90 }, ""},
		{[]string{"BASE_DATA_PATH=/srv/data"}, func(c *Config) { c.DataManagement.BaseDataPath = "/srv/data" }, ""},
		{[]string{"CONDA_AUTO_DETECT=0"}, func(c *Config) { c.Environments.AutoDetect = false }, ""},
		{[]string{"DEFAULT_LANGUAGE=it"}, func(c *Config) { c.Documentation.DefaultLanguage = "it" }, ""},
		{[]string{"DEBUG=True"}, func(c *Config) { c.Debug = true }, ""},
		{[]string{"DEBUG=express:*"}, func(*Config) {}, ""},
		{[]string{"SCRIPTSMANAGER_DEBUG=loud"}, func(*Config) {}, "debug"},
		{[]string{"SCRIPTSMANAGER_LIMITS_CPUS=1.5"}, func(c *Config) { c.Limits.CPUs = 1.5 }, ""},
		{[]string{"SCRIPTSMANAGER_ENVIRONMENTS_FOLDERS=/a" + string(os.PathListSeparator) + "/b"}, func(c *Config) { c.Environments.Folders = []string{"/a", "/b"} }, ""},
		{[]string{"SCRIPTSMANAGER_ROOT=/x", "SCRIPTSMANAGER_ADMIN_PASSWORD=x", "PATH=/bin", "odd"}, func(*Config) {}, ""},
		{[]string{"PORT_RANGE_START="}, func(*Config) {}, ""},
	} {
		want := Default()
		c.change(&want)
		got, problems := parsed(nil, c.environ)
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%v: %+v", c.environ, got)
		}
		switch {
		case c.problem == "" && len(problems) != 0, c.problem != "" && (len(problems) != 1 || problems[0].Params["key"] != c.problem):
			t.Errorf("%v: problems %v", c.environ, problems)
		}
	}
	got, _ := parsed([]byte(`{"debug": true, "limits": {"grace_seconds": 9}}`), []string{"SCRIPTSMANAGER_LIMITS_GRACE_SECONDS=2"})
	if !got.Debug || got.Limits.GraceSeconds != 2 {
		t.Errorf("file and variable together: %+v", got)
	}
	if runtime.GOOS == "windows" {
		if got, _ := parsed(nil, []string{"debug=1"}); !got.Debug {
			t.Error("names of variables have no case on Windows")
		}
	}
}

func FuzzLoad(f *testing.F) {
	customer, err := os.ReadFile(filepath.Join("testdata", "customer.json"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(customer, "PORT_RANGE_START=6000")
	f.Add([]byte("\ufeff{\"limits\": {\"cpus\": 1e999}}"), "SCRIPTSMANAGER_LIMITS_CPUS=NaN")
	f.Add([]byte(`{"":{"":0},"backup":{"exclude_patterns":[null,"[a"]}}`), "=")
	f.Fuzz(func(t *testing.T, data []byte, variable string) {
		c, problems := parsed(data, []string{variable})
		b, err := json.Marshal(c)
		if err != nil {
			t.Fatalf("a configuration that is no JSON: %v", err)
		}
		// Whatever came in, what came out is allowed.
		if again, more := parsed(b, nil); len(more) != 0 || !reflect.DeepEqual(again, c) {
			t.Fatalf("result is not allowed: %v", more)
		}
		for _, p := range problems {
			if p.Line > 1+strings.Count(string(data), "\n") || p.Line < 0 {
				t.Fatalf("line %d of %q", p.Line, data)
			}
		}
	})
}
