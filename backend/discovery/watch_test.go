package discovery_test

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"scriptsmanager/backend/discovery"
)

type report struct {
	result  discovery.Result
	changed []string
}

// watch runs Watch until the test ends and gives what it reports.
func watch(t *testing.T, d *discovery.Discovery) <-chan report {
	t.Helper()
	reports := make(chan report, 1000)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		ended <- d.Watch(ctx, func(r discovery.Result, changed []string) { reports <- report{r, changed} })
	}()
	t.Cleanup(func() {
		cancel()
		select {
		case err := <-ended:
			if err != nil {
				t.Errorf("Watch: %v", err)
			}
		case <-time.After(10 * time.Second):
			t.Error("Watch does not end")
		}
	})
	return reports
}

// await waits until a report shows the scripts, and gives the groups that
// changed until then.
func await(t *testing.T, reports <-chan report, want string) string {
	t.Helper()
	var changed []string
	last := "nothing"
	limit := time.After(10 * time.Second)
	for {
		select {
		case r := <-reports:
			changed = append(changed, r.changed...)
			var all []string
			for _, s := range r.result.Scripts {
				all = append(all, s.ID+"="+s.Category)
			}
			if last = strings.Join(all, " "); last == want {
				slices.Sort(changed)
				return strings.Join(slices.Compact(changed), " ")
			}
		case <-limit:
			t.Fatalf("saw %q, not %q", last, want)
		}
	}
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.RemoveAll(path); err != nil {
		t.Fatal(err)
	}
}

func rename(t *testing.T, from, to string) {
	t.Helper()
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
}

func TestWatchTellsChanges(t *testing.T) { // DIS-7
	base := t.TempDir()
	dir := filepath.Join(base, "groups")
	tree(t, dir, map[string]string{"g/a.py": header("@category: 1"), "idle/i.py": ""})
	d := newDiscovery(dir)
	scan(t, d)
	reports := watch(t, d)
	step := func(name, want, wantChanged string, do func()) {
		t.Helper()
		do()
		if got := await(t, reports, want); got != wantChanged {
			t.Errorf("%s: groups %q changed, want %q", name, got, wantChanged)
		}
	}
	step("edited", "g/a=2 idle/i=", "g", func() { tree(t, dir, map[string]string{"g/a.py": header("@category: 2")}) })
	step("replaced", "g/a=3 idle/i=", "g", func() {
		tree(t, dir, map[string]string{"g/.a.py.swp": "x", "g/a.py~": "x", "g/4913": "", "g/tmp": header("@category: 3")})
		rename(t, filepath.Join(dir, "g", "tmp"), filepath.Join(dir, "g", "a.py"))
	})
	step("new script", "g/a=3 g/b= idle/i=", "g", func() { tree(t, dir, map[string]string{"g/b.py": ""}) })
	step("new group", "g/a=3 g/b= h/c=4 idle/i=", "h", func() { tree(t, dir, map[string]string{"h/c.py": header("@category: 4")}) })
	step("edited in the new group", "g/a=3 g/b= h/c=5 idle/i=", "h", func() { tree(t, dir, map[string]string{"h/c.py": header("@category: 5")}) })
	step("new script_metadata.json", "g/a=3 g/b= h/c=6 idle/i=", "h", func() {
		tree(t, dir, map[string]string{"h/scripts/script_metadata.json": `{"c.py": {"category": "6"}}`})
	})
	step("edited script_metadata.json", "g/a=3 g/b= h/c=7 idle/i=", "h", func() {
		tree(t, dir, map[string]string{"h/scripts/script_metadata.json": `{"c.py": {"category": "7"}}`})
	})
	step("metadata.json", "g/a=3 g/b=8 h/c=7 idle/i=", "g", func() { tree(t, dir, map[string]string{"g/metadata.json": `{"category": "8"}`}) })
	step("moved group", "idle/i= k/c=7", "g h k", func() {
		rename(t, filepath.Join(dir, "h"), filepath.Join(dir, "k"))
		remove(t, filepath.Join(dir, "g"))
	})
	step("edited in the moved group", "idle/i= k/c=9", "k", func() {
		tree(t, dir, map[string]string{"k/scripts/script_metadata.json": `{"c.py": {"category": "9"}}`})
	})
	step("group replaced by another folder", "idle/i= k/z=1", "k", func() {
		tree(t, base, map[string]string{"new/z.py": header("@category: 1")})
		remove(t, filepath.Join(dir, "k"))
		rename(t, filepath.Join(base, "new"), filepath.Join(dir, "k"))
	})
	step("edited in the replaced group", "idle/i= k/z=2", "k", func() { tree(t, dir, map[string]string{"k/z.py": header("@category: 2")}) })
	step("all gone", "", "idle k", func() { rename(t, dir, filepath.Join(base, "away")) })
	step("all back", "idle/i= k/z=2", "idle k", func() { rename(t, filepath.Join(base, "away"), dir) })
	step("edited after all came back", "idle/i= k/z=3", "k", func() { tree(t, dir, map[string]string{"k/z.py": header("@category: 3")}) })
}

func TestWatchTellsWhatOthersScan(t *testing.T) { // DIS-7
	dir := t.TempDir()
	tree(t, dir, map[string]string{"g/a.py": ""})
	d := newDiscovery(dir)
	reports := watch(t, d)
	if got := await(t, reports, "g/a="); got != "g" {
		t.Errorf("first report of %q", got)
	}
	tree(t, dir, map[string]string{"g/b.py": ""})
	scan(t, d)
	if got := await(t, reports, "g/a= g/b="); got != "g" {
		t.Errorf("changed %q", got)
	}
}

func TestWatchFallsBackToTheClock(t *testing.T) { // DIS-7
	dir := t.TempDir()
	tree(t, dir, map[string]string{"g/a.py": "", "h/a.py": ""})
	var log strings.Builder
	d := discovery.New(dir, slog.New(slog.NewTextHandler(&log, nil)))
	discovery.LimitWatch(d, 1, 100*time.Millisecond)
	t.Cleanup(func() { // after the watch has ended
		if strings.Count(log.String(), "level=WARN") != 1 {
			t.Errorf("logged %s", log.String())
		}
	})
	scan(t, d)
	reports := watch(t, d)
	for _, category := range []string{"1", "2"} {
		tree(t, dir, map[string]string{"g/a.py": header("@category: " + category), "h/a.py": header("@category: " + category)})
		await(t, reports, "g/a="+category+" h/a="+category)
	}
}

func TestWatchIsQuietWhereNothingMatters(t *testing.T) { // DIS-7
	dir := t.TempDir()
	tree(t, dir, map[string]string{"g/a.py": ""})
	d := newDiscovery(dir)
	scan(t, d)
	reports := watch(t, d)
	tree(t, dir, map[string]string{"g/output.csv": "1", "g/__pycache__/a.pyc": "", "g/_helper.py": "", "g/data/x.py": ""})
	tree(t, dir, map[string]string{"g/b.py": ""}) // the report of this one comes after any of those
	select {
	case r := <-reports:
		if len(r.result.Scripts) != 2 {
			t.Errorf("reports %d scripts", len(r.result.Scripts))
		}
	case <-time.After(10 * time.Second):
		t.Fatal("no report")
	}
}
