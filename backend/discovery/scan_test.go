package discovery_test

import (
	"context"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"scriptsmanager/backend/discovery"
	"scriptsmanager/backend/domain"
)

// tree writes files by path relative to dir.
func tree(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, content := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func newDiscovery(dir string) *discovery.Discovery {
	return discovery.New(dir, slog.New(slog.DiscardHandler))
}

func scan(t *testing.T, d *discovery.Discovery) discovery.Result {
	t.Helper()
	result, err := d.Scan(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func scriptIDs(r discovery.Result) string {
	var ids []string
	for _, s := range r.Scripts {
		ids = append(ids, s.ID)
	}
	return strings.Join(ids, " ")
}

func groupIDs(r discovery.Result) string {
	var ids []string
	for _, g := range r.Groups {
		ids = append(ids, g.ID)
	}
	return strings.Join(ids, " ")
}

func script(t *testing.T, r discovery.Result, id string) domain.Script {
	t.Helper()
	i := slices.IndexFunc(r.Scripts, func(s domain.Script) bool { return s.ID == id })
	if i < 0 {
		t.Fatalf("no script %s among %s", id, scriptIDs(r))
	}
	return r.Scripts[i]
}

func group(t *testing.T, r discovery.Result, id string) domain.Group {
	t.Helper()
	i := slices.IndexFunc(r.Groups, func(g domain.Group) bool { return g.ID == id })
	if i < 0 {
		t.Fatalf("no group %s among %s", id, groupIDs(r))
	}
	return r.Groups[i]
}

func header(lines string) string {
	return "\"\"\"\nScriptsManager Metadata:\n" + lines + "\n\"\"\"\n"
}

func TestScanFindsGroupsAndScripts(t *testing.T) { // DIS-1
	dir := t.TempDir()
	tree(t, dir, map[string]string{
		"thermal/heat_transfer.py": "import flask\n", "thermal/__init__.py": "", "thermal/_helper.py": "", "thermal/notes.txt": "",
		"thermal/tool.sh": "", "thermal/.hidden.py": "", "thermal/#heat.py#": "", "thermal/heat.py~": "", "thermal/.py": "",
		"thermal/helper.py":    header("@ignore: true"),
		"thermal/docs/conf.py": "", "thermal/examples/e.py": "", "thermal/scripts/s.py": "", "thermal/__pycache__/c.py": "",
		"thermal/templates/t.py": "", "thermal/static/s.py": "", "thermal/.git/g.py": "", "thermal/sub/x.py": "",
		"thermal/folder.py/inner.py": "",
		"docs/a.py":                  "", "examples/a.py": "", "scripts/a.py": "", "__pycache__/a.py": "", ".hidden/a.py": "", "loose.py": "",
		"empty/readme.md": "", "onlyhelpers/_a.py": "", "onlyhelpers/b.py": "# @ignore: true\n",
		"described/metadata.json": `{"name": "Described"}`,
		"wärme/prüfung.py":        "",
	})
	r := scan(t, newDiscovery(dir))
	if got := groupIDs(r); got != "described thermal wärme" {
		t.Errorf("groups %s", got)
	}
	if got := scriptIDs(r); got != "thermal/heat_transfer wärme/prüfung" {
		t.Errorf("scripts %s", got)
	}
	s := script(t, r, "thermal/heat_transfer")
	if s.Name[domain.English] != "Heat transfer" || !s.Active || s.Filename != "heat_transfer.py" || s.GroupID != "thermal" ||
		s.Path != filepath.Join(dir, "thermal", "heat_transfer.py") || s.Size != 13 || s.ModifiedAt.IsZero() ||
		s.Interface != domain.InterfaceWeb || s.Network != "full" || !s.AutoOpenInterface || s.RequiredLevel != domain.LevelOperator ||
		s.Tags == nil || s.Parameters == nil || s.Problems == nil || s.Paths == nil {
		t.Errorf("script %+v", s)
	}
	if g := group(t, r, "thermal"); g.ScriptCount != 1 || g.Name[domain.English] != "Thermal" || !g.Active || !g.AutoDiscovery || len(g.Problems) != 0 {
		t.Errorf("group %+v", g)
	}
}

func TestScanOfNoFolder(t *testing.T) {
	r := scan(t, newDiscovery(filepath.Join(t.TempDir(), "nothing")))
	if len(r.Groups) != 0 || len(r.Scripts) != 0 {
		t.Errorf("found %+v", r)
	}
	file := filepath.Join(t.TempDir(), "file")
	tree(t, filepath.Dir(file), map[string]string{"file": ""})
	if _, err := newDiscovery(file).Scan(t.Context()); err == nil {
		t.Error("a file passes as folder of groups")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	dir := t.TempDir()
	tree(t, dir, map[string]string{"g/a.py": ""})
	if _, err := newDiscovery(dir).Scan(ctx); err == nil {
		t.Error("scans after its end")
	}
}

func TestGroupMetadata(t *testing.T) { // DIS-2
	dir := t.TempDir()
	tree(t, dir, map[string]string{
		"g/a.py": "", "g/metadata.json": `{
"name": "System Administration",
"description": {"en": "System scripts", "es": "Scripts de sistema"},
"icon": "server", "required_level": "developer", "category": "system",
"conda_environment": "base", "auto_discovery": true, "execution_timeout": 300
}`,
		"m/a.py": "", "m/metadata.json": "\xEF\xBB\xBF{\r\n\"name\": {\"it\": \"Gruppo\"},\r\n\"icon\": \"bi-gear\"\r\n}",
	})
	r := scan(t, newDiscovery(dir))
	g := group(t, r, "g")
	if g.Name[domain.English] != "System Administration" || g.Description[domain.Spanish] != "Scripts de sistema" || g.Icon != "server" ||
		g.RequiredLevel != domain.LevelDeveloper || g.Category != "system" || g.Environment != "base" || g.ExecutionTimeout != 300 || len(g.Problems) != 0 {
		t.Errorf("group %+v", g)
	}
	s := script(t, r, "g/a")
	if s.RequiredLevel != domain.LevelDeveloper || s.Category != "system" || s.Environment != "" || s.ExecutionTimeout != 0 ||
		s.Sources["required_level"] != "group" || s.Sources["environment"] != "group" || s.Sources["name"] != "default" {
		t.Errorf("script %+v", s)
	}
	if m := group(t, r, "m"); m.Name.In(domain.English) != "M" && m.Name.In(domain.Italian) != "Gruppo" || m.Icon != "gear" {
		t.Errorf("group %+v", m)
	}
}

func TestPrecedence(t *testing.T) { // DIS-4, DIS-5
	dir := t.TempDir()
	tree(t, dir, map[string]string{
		"g/metadata.json": `{"required_level": "viewer", "category": "group", "execution_timeout": 9, "conda_environment": "grp"}`,
		"g/a.py":          header("@category: header\n@tags: h\n@display_name: Header\n@execution_timeout: 5\n@background: true\n@conda_environment: own"),
		"g/b.py":          header("@tags: h"),
		"g/scripts/script_metadata.json": `{"a.py": {
  "display_name": {"en": "File", "fr": "Fichier"}, "category": "file", "tags": [], "background": "no",
  "parameters": [{"name": "p", "type": "integer", "default": 3}], "auto_open_interface": false, "requires_parameters": true,
  "required_level": "admin"}, "b": {"ignore": false}}`,
	})
	r := scan(t, newDiscovery(dir))
	a := script(t, r, "g/a")
	if a.Category != "file" || len(a.Tags) != 0 || a.Name[domain.French] != "Fichier" || a.ExecutionTimeout != 5 || a.Background ||
		a.Environment != "own" || a.RequiredLevel != domain.LevelAdmin || a.AutoOpenInterface || !a.RequiresParameters || len(a.Parameters) != 1 {
		t.Errorf("a %+v", a)
	}
	want := map[string]string{
		"name": "file", "description": "default", "description_long": "default", "category": "file", "tags": "file", "required_level": "file",
		"environment": "header", "parameters": "file", "interface": "default", "auto_open_interface": "file", "requires_parameters": "file",
		"confirm_close": "default", "background": "file", "always_on": "default", "execution_timeout": "header", "flask_port": "default",
		"memory_limit": "default", "cpu_limit": "default", "network": "default", "paths": "default",
	}
	if !maps.Equal(a.Sources, want) {
		t.Errorf("sources %v", a.Sources)
	}
	b := script(t, r, "g/b")
	if b.Category != "group" || b.RequiredLevel != domain.LevelViewer || b.Sources["tags"] != "header" || b.Sources["execution_timeout"] != "group" {
		t.Errorf("b %+v", b)
	}
}

func TestAutoDiscoveryOff(t *testing.T) { // DIS-1
	dir := t.TempDir()
	tree(t, dir, map[string]string{
		"g/metadata.json": `{"auto_discovery": false}`, "g/a.py": "", "g/b.py": "", "g/c.py": "", "g/_d.py": "",
		"g/scripts/script_metadata.json": `{"a.py": {}, "c": {}, "d.py": {}, "_d.py": {}}`,
	})
	r := scan(t, newDiscovery(dir))
	if got := scriptIDs(r); got != "g/a g/c" {
		t.Errorf("scripts %s", got)
	}
	if got := brief(group(t, r, "g").Problems); got != "1 metadata_key, 1 metadata_key" {
		t.Errorf("problems %s", got)
	}
}

func TestBadFilesKeepTheLastGood(t *testing.T) { // DIS-8
	dir := t.TempDir()
	good := map[string]string{
		"g/metadata.json":                `{"name": "Good", "required_level": "viewer", "execution_timeout": 7}`,
		"g/a.py":                         header("@required_level: viewer\n@flask_port: 5300\n@category: c\n@parameters: [{\"name\": \"p\"}]"),
		"g/b.py":                         header("@category: b"),
		"g/scripts/script_metadata.json": `{"a.py": {"tags": ["t"], "execution_timeout": 11}}`,
	}
	tree(t, dir, good)
	d := newDiscovery(dir)
	before := scan(t, d)
	tree(t, dir, map[string]string{
		"g/metadata.json":                "{\n\"name\": \"Bad\",\n\"required_level\": \"boss\",\n\"execution_timeout\": \"long\"\n}",
		"g/a.py":                         header("@required_level: boss\n@flask_port: 1\n@parameters: [{\"name\": \"p\"},\n{\"name\" \"q\"}]"),
		"g/scripts/script_metadata.json": "{\"a.py\": {\"tags\": [\"u\"],\n\"execution_timeout\": -1}}",
	})
	r := scan(t, d)
	g, a := group(t, r, "g"), script(t, r, "g/a")
	if g.Name[domain.English] != "Bad" || g.RequiredLevel != domain.LevelViewer || g.ExecutionTimeout != 7 {
		t.Errorf("group %+v", g)
	}
	if got := brief(g.Problems); got != "3 metadata_value!, 4 metadata_value!" || g.Problems[0].File != "metadata.json" {
		t.Errorf("problems of the group %s", got)
	}
	if a.RequiredLevel != domain.LevelViewer || a.FlaskPort != 5300 || a.Category != "" || len(a.Parameters) != 1 || a.ExecutionTimeout != 11 || !slices.Equal(a.Tags, []string{"u"}) {
		t.Errorf("a %+v", a)
	}
	if got := brief(a.Problems); got != "3 metadata_value!, 4 metadata_value!, 6 metadata_json!, 2 metadata_value!" || a.Problems[0].File != "a.py" || a.Problems[3].File != "scripts/script_metadata.json" {
		t.Errorf("problems %s", got)
	}
	if b := script(t, r, "g/b"); b.Category != "b" || len(b.Problems) != 0 {
		t.Errorf("another script is affected: %+v", b)
	}
	tree(t, dir, map[string]string{"g/metadata.json": "{\n\"name\": ", "g/scripts/script_metadata.json": "{\"a.py\": {\n\"tags\": [}}"})
	r = scan(t, d)
	g, a = group(t, r, "g"), script(t, r, "g/a")
	if g.Name[domain.English] != "Bad" || g.RequiredLevel != domain.LevelViewer || brief(g.Problems) != "2 metadata_json!, 2 metadata_json!" {
		t.Errorf("group %+v", g)
	}
	if a.ExecutionTimeout != 11 || !slices.Equal(a.Tags, []string{"u"}) || a.Problems[len(a.Problems)-1].Code != domain.CodeMetadataJSON {
		t.Errorf("a %+v", a)
	}
	tree(t, dir, good)
	r = scan(t, d)
	if a := script(t, r, "g/a"); len(a.Problems) != 0 || a.Category != "c" || len(group(t, r, "g").Problems) != 0 {
		t.Errorf("after mending %+v", a)
	}
	if len(before.Scripts) != len(r.Scripts) {
		t.Error("scripts are lost")
	}
}

func TestUnreadableLevelClosesTheScript(t *testing.T) { // DIS-8, USR-2
	dir := t.TempDir()
	tree(t, dir, map[string]string{
		"a/x.py": header("@required_level: amdin"), "a/y.py": "",
		"b/metadata.json": `{"required_level": "amdin"}`, "b/x.py": "", "b/y.py": header("@required_level: viewer"),
		"c/x.py": header("@required_level: viewer"), "c/scripts/script_metadata.json": `{"x.py": {"required_level": "admin"}`,
		"d/x.py": header("@required_level: amdin"), "d/scripts/script_metadata.json": `{"x.py": {"required_level": "operator"}}`,
		"e/x.py": header("@required_level: amdin"), "e/metadata.json": `{"required_level": "admin"}`,
		"f/x.py": "", "f/metadata.json": `{"name": "F"`,
	})
	r := scan(t, newDiscovery(dir))
	for id, want := range map[string]domain.Level{
		"a/x": domain.LevelDeveloper, "a/y": domain.LevelOperator, "b/x": domain.LevelDeveloper, "b/y": domain.LevelViewer,
		"c/x": domain.LevelDeveloper, "d/x": domain.LevelOperator, "e/x": domain.LevelAdmin, "f/x": domain.LevelOperator,
	} {
		if got := script(t, r, id).RequiredLevel; got != want {
			t.Errorf("%s: %s, want %s", id, got, want)
		}
	}
}

func TestUnreadableFile(t *testing.T) { // DIS-8
	if os.Geteuid() == 0 || runtime.GOOS == "windows" {
		// The superuser reads everything; a folder that looks like a file is refused alike.
		dir := t.TempDir()
		tree(t, dir, map[string]string{"g/a.py": "", "g/metadata.json/x": ""})
		if r := scan(t, newDiscovery(dir)); scriptIDs(r) != "g/a" {
			t.Errorf("scripts %s", scriptIDs(r))
		}
		return
	}
	dir := t.TempDir()
	tree(t, dir, map[string]string{"g/a.py": header("@category: c"), "g/b.py": ""})
	path := filepath.Join(dir, "g", "a.py")
	d := newDiscovery(dir)
	scan(t, d)
	if err := os.Chmod(path, 0); err != nil {
		t.Fatal(err)
	}
	a := script(t, scan(t, d), "g/a")
	if len(a.Problems) != 1 || a.Problems[0].Code != domain.CodeFileUnreadable || a.Category != "c" {
		t.Errorf("a %+v", a)
	}
}

func TestRescan(t *testing.T) { // DIS-6, DIS-9
	dir := t.TempDir()
	tree(t, dir, map[string]string{"g/a.py": header("@category: one"), "g/b.py": "", "h/a.py": ""})
	d := newDiscovery(dir)
	first := scan(t, d)
	old := time.Now().Add(-time.Hour)
	path := filepath.Join(dir, "g", "a.py")
	for _, name := range []string{"g/a.py", "g/b.py", "h/a.py"} {
		if err := os.Chtimes(filepath.Join(dir, name), old, old); err != nil {
			t.Fatal(err)
		}
	}
	scan(t, d)
	// Same size and time of modification, other content.
	tree(t, dir, map[string]string{"g/a.py": header("@category: two")})
	if err := os.Chtimes(path, old, old); err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS == "linux" {
		if got := script(t, scan(t, d), "g/a").Category; got != "two" {
			t.Errorf("category %q after a change that keeps size and time", got)
		}
	}
	// Replaced as editors do it.
	tree(t, dir, map[string]string{"g/.a.py.tmp": header("@category: three")})
	if err := os.Rename(filepath.Join(dir, "g", ".a.py.tmp"), path); err != nil {
		t.Fatal(err)
	}
	r := scan(t, d)
	if got := script(t, r, "g/a").Category; got != "three" {
		t.Errorf("category %q after a replacement", got)
	}
	if g, then := group(t, r, "g"), group(t, first, "g"); !g.DiscoveredAt.Equal(then.DiscoveredAt) {
		t.Errorf("discovered at %v, then %v", g.DiscoveredAt, then.DiscoveredAt)
	}
	// Vanishing and coming back.
	if err := os.RemoveAll(filepath.Join(dir, "h")); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path, filepath.Join(dir, "g", "moved.py")); err != nil {
		t.Fatal(err)
	}
	r = scan(t, d)
	if got := scriptIDs(r); got != "g/b g/moved" || groupIDs(r) != "g" {
		t.Errorf("scripts %s, groups %s", got, groupIDs(r))
	}
	tree(t, dir, map[string]string{"h/a.py": header("@category: back")})
	if got := script(t, scan(t, d), "h/a").Category; got != "back" {
		t.Errorf("category %q after coming back", got)
	}
}

func TestScanReadsAsFarAsNeeded(t *testing.T) {
	dir := t.TempDir()
	tree(t, dir, map[string]string{
		"g/a.py": "'''" + strings.Repeat("Long \\' prose, 'quoted'.\n", 45_000) + "ScriptsManager Metadata:\n@category: far\n@flask_port: x\n'''",
		"g/b.py": strings.Repeat("# comment\n", 2_000) + header("@category: behind comments"),
		"g/c.py": header("@category: near") + strings.Repeat("x = 1\n", 500_000),
	})
	r := scan(t, newDiscovery(dir))
	if a := script(t, r, "g/a"); a.Category != "far" || brief(a.Problems) != "45003 metadata_value!" {
		t.Errorf("a %q %s", a.Category, brief(a.Problems))
	}
	if b := script(t, r, "g/b"); b.Category != "behind comments" {
		t.Errorf("b %q", b.Category)
	}
	if c := script(t, r, "g/c"); c.Category != "near" {
		t.Errorf("c %q", c.Category)
	}
}
