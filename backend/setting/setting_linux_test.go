package setting_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"scriptsmanager/backend/config"
	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/setting"
	"scriptsmanager/backend/store"
)

var anna = store.Actor{Kind: store.ActorUser, Name: "anna"}

// house is a folder with a configuration and a real database.
type house struct {
	t     *testing.T
	path  string
	store *store.Store
	log   bytes.Buffer
}

func newHouse(t *testing.T, content string) *house {
	t.Helper()
	h := &house{t: t, path: filepath.Join(t.TempDir(), "config.json")}
	var err error
	if h.store, err = store.Open(t.Context(), filepath.Join(t.TempDir(), "x.db")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.store.Close(); err != nil {
			t.Error(err)
		}
	})
	if content != "" {
		h.write(content)
	}
	return h
}

func (h *house) write(content string) {
	h.t.Helper()
	if err := os.WriteFile(h.path, []byte(content), 0o600); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) content() string {
	h.t.Helper()
	b, err := os.ReadFile(h.path)
	if err != nil {
		h.t.Fatal(err)
	}
	return string(b)
}

func (h *house) open(changed func(before, after config.Config), environ ...string) *setting.Settings {
	h.t.Helper()
	s, err := setting.Open(h.t.Context(), setting.Options{
		Path: h.path, Environ: environ, Store: h.store, Log: slog.New(slog.NewTextHandler(&h.log, nil)), Changed: changed,
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return s
}

func (h *house) changes(s *setting.Settings) []store.SettingChange {
	h.t.Helper()
	list, err := s.Changes(h.t.Context(), store.SettingFilter{})
	if err != nil {
		h.t.Fatal(err)
	}
	return list
}

func codes(problems []domain.Problem) string {
	var list []string
	for _, p := range problems {
		list = append(list, string(p.Code))
	}
	return strings.Join(list, " ")
}

func grace(s *setting.Settings) int { return s.Config().Limits.GraceSeconds }

func set(values map[string]any) setting.Request { return setting.Request{Values: values} }

// A file with a mistake is refused: the last one without stays in force, also
// over a restart (SPEC section 18).
func TestARefusedFileLeavesTheLastGoodOne(t *testing.T) {
	for name, c := range map[string]struct {
		content string
		codes   string
		spoil   func(h *house)
	}{
		"broken JSON":     {"{\n\"limits\": {\n", "config_kept config_json", nil},
		"a bad value":     {`{"limits": {"grace_seconds": -1, "start_seconds": 99}}`, "config_kept config_invalid", nil},
		"an unknown key":  {`{"limits": {"grave_seconds": 1}}`, "config_kept config_invalid", nil},
		"a range":         {`{"web_interface": {"port_range": {"start": 6000, "end": 5900}}}`, "config_kept config_invalid", nil},
		"no object":       {`[]`, "config_kept config_invalid", nil},
		"UTF-16":          {"\xff\xfe{\x00}\x00", "config_kept config_encoding", nil},
		"UTF-16 unmarked": {"{\x00}\x00", "config_kept config_encoding", nil},
		"emptied":         {" \n", "config_kept config_empty", nil},
		"removed":         {"", "config_kept config_empty", func(h *house) { must(h.t, os.Remove(h.path)) }},
		"huge":            {`{"x":"` + strings.Repeat("x", 2<<20) + `"}`, "config_kept file_unreadable", nil},
		"a folder": {"", "config_kept file_unreadable", func(h *house) {
			must(h.t, os.Remove(h.path))
			must(h.t, os.Mkdir(h.path, 0o700))
		}},
		"a link that leads nowhere": {"", "config_kept file_unreadable", func(h *house) {
			must(h.t, os.Remove(h.path))
			must(h.t, os.Symlink(filepath.Join(filepath.Dir(h.path), "none"), h.path))
		}},
		"a pipe": {"", "config_kept file_unreadable", func(h *house) {
			must(h.t, os.Remove(h.path))
			must(h.t, mkfifo(h.path))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, `{"limits": {"grace_seconds": 7}}`)
			told := 0
			s := h.open(func(_, after config.Config) {
				told++
				if after.Limits.GraceSeconds != 7 {
					t.Errorf("told of %+v", after.Limits)
				}
			})
			if c.spoil != nil {
				c.spoil(h)
			} else {
				h.write(c.content)
			}
			for range 2 { // the second look has nothing to tell
				must(t, s.Look(t.Context()))
			}
			v := s.View()
			if got := codes(s.Problems()); got != c.codes || !v.Refused || v.Since == nil || grace(s) != 7 || s.Config().Limits.StartSeconds != 60 || told != 1 {
				t.Errorf("problems %s, refused %v since %v, grace %d, told %d", got, v.Refused, v.Since, grace(s), told)
			}
			if !strings.Contains(h.log.String(), "config.json") {
				t.Errorf("log %s", h.log.String())
			}
			again := h.open(nil)
			if got := codes(again.Problems()); got != c.codes || grace(again) != 7 {
				t.Errorf("after a restart: problems %s, grace %d", got, grace(again))
			}
			if list := h.changes(s); len(list) != 0 {
				t.Errorf("changes %+v", list)
			}
			// Put back, the file is as it was, and the other one is kept.
			kept, err := s.Restore(t.Context(), anna)
			if err != nil || h.content() != `{"limits": {"grace_seconds": 7}}` || len(s.Problems()) != 0 {
				t.Errorf("restored: %v, %q, problems %v", err, h.content(), s.Problems())
			}
			if _, err := os.Lstat(kept); err != nil && name != "removed" {
				t.Error(err)
			}
			if _, err := s.Restore(t.Context(), anna); !domain.HasCode(err, domain.CodeInvalid) {
				t.Errorf("restored again: %v", err)
			}
		})
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Before there is a good one, what is right in a file counts.
func TestAtFirstWhatIsRightCounts(t *testing.T) {
	h := newHouse(t, `{"limits": {"grace_seconds": -1, "start_seconds": 99}}`)
	for range 2 {
		s := h.open(nil)
		if got := codes(s.Problems()); got != "config_defaults config_invalid" || grace(s) != 5 || s.Config().Limits.StartSeconds != 99 {
			t.Errorf("problems %s, %+v", got, s.Config().Limits)
		}
	}
	s := h.open(nil)
	// Nothing can be changed beside it, but it can.
	if _, err := s.Set(t.Context(), anna, set(map[string]any{"debug": true})); !domain.HasCode(err, domain.CodeConfigRefused) {
		t.Errorf("beside a mistake: %v", err)
	}
	if _, err := s.Set(t.Context(), anna, set(map[string]any{"limits.grace_seconds": 8.0})); err != nil || grace(s) != 8 || len(s.Problems()) != 0 {
		t.Errorf("corrected: %v, grace %d, problems %v", err, grace(s), s.Problems())
	}
	if h.content() != `{"limits": {"grace_seconds": 8, "start_seconds": 99}}` {
		t.Errorf("file %s", h.content())
	}
}

// What is edited by hand is picked up by itself, in whatever way editors write.
func TestTheFileIsFollowed(t *testing.T) {
	h := newHouse(t, "")
	told := make(chan int, 10)
	s := h.open(func(_, after config.Config) { told <- after.Limits.GraceSeconds })
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { _ = s.Serve(ctx) })
	t.Cleanup(func() { cancel(); running.Wait() })
	wait := func(what string, want int) {
		t.Helper()
		for deadline := time.After(20 * time.Second); ; {
			select {
			case got := <-told:
				if got == want {
					return
				}
			case <-deadline:
				t.Fatalf("%s: not picked up, grace %d", what, grace(s))
			}
		}
	}
	h.write(`{"limits": {"grace_seconds": 11}}`)
	wait("written", 11)
	other := h.path + ".swp"
	must(t, os.WriteFile(other, []byte(`{"limits": {"grace_seconds": 12}}`), 0o600))
	must(t, os.Rename(other, h.path))
	wait("replaced", 12)
	must(t, os.Remove(h.path)) // which leaves the last good one in force
	target := filepath.Join(t.TempDir(), "elsewhere.json")
	must(t, os.WriteFile(target, []byte(`{"limits": {"grace_seconds": 13}}`), 0o600))
	must(t, os.Symlink(target, h.path))
	wait("a link", 13)
	must(t, os.WriteFile(target, []byte(`{"limits": {"grace_seconds": 14}}`), 0o600))
	wait("the link's target", 14)
	if _, err := s.Set(t.Context(), anna, set(map[string]any{"limits.grace_seconds": 15.0})); err != nil {
		t.Fatal(err)
	}
	wait("set", 15)
	if info, err := os.Lstat(h.path); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link was replaced: %v, %v", info.Mode(), err)
	}
	list := h.changes(s)
	if len(list) != 5 || list[0].Actor != "anna" || list[0].Source != store.SettingByForm || list[1].Actor != "config.json" || list[1].Source != store.SettingByFile ||
		string(list[2].Before) != "12" || string(list[1].Before) != "13" || string(list[0].After) != "15" {
		t.Errorf("changes %+v", list)
	}
	// What was edited while nobody looked is taken up at the next start.
	cancel()
	running.Wait()
	must(t, os.WriteFile(target, []byte(`{"debug": true}`), 0o600))
	if again := h.open(nil); !again.Config().Debug || len(h.changes(again)) != 7 {
		t.Errorf("after a restart %+v", h.changes(again))
	}
}

func TestSetIsCheckedAndWritten(t *testing.T) { // SPEC ADM-3
	h := newHouse(t, "{\n\t\"debug\": false,\n\t\"limits\": {\n\t\t\"grace_seconds\": 7\n\t}\n}\n")
	s := h.open(nil, "SCRIPTSMANAGER_LIMITS_CPUS=2")
	before := h.content()
	for name, c := range map[string]struct {
		values map[string]any
		key    string
		code   domain.Code
	}{
		"unknown":        {map[string]any{"limits.grave_seconds": 1.0}, "limits.grave_seconds", domain.CodeSettingUnknown},
		"a section":      {map[string]any{"limits": map[string]any{}}, "limits", domain.CodeSettingUnknown},
		"too much":       {map[string]any{"limits.grace_seconds": 4000.0, "debug": true}, "limits.grace_seconds", domain.CodeSettingInvalid},
		"text":           {map[string]any{"limits.grace_seconds": "7"}, "limits.grace_seconds", domain.CodeSettingInvalid},
		"by a variable":  {map[string]any{"limits.cpus": 3.0}, "limits.cpus", domain.CodeSettingVariable},
		"a range":        {map[string]any{"web_interface.port_range.start": 5500.0}, "web_interface.port_range.start", domain.CodeSettingInvalid},
		"unknown, taken": {map[string]any{"nothing.of.ours": nil}, "nothing.of.ours", domain.CodeSettingUnknown},
	} {
		for _, dry := range []bool{false, true} {
			_, err := s.Set(t.Context(), anna, setting.Request{Values: c.values, Dry: dry})
			e := domain.AsError(err)
			if e == nil || e.Code != domain.CodeInvalid || e.Fields[c.key] == nil || e.Fields[c.key].Code != c.code || len(e.Fields) != 1 {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	if h.content() != before || len(h.changes(s)) != 0 {
		t.Errorf("changed all the same: %s", h.content())
	}
	if _, err := s.Set(t.Context(), anna, setting.Request{Values: map[string]any{"debug": true}, Dry: true}); err != nil || h.content() != before {
		t.Errorf("dry: %v, %s", err, h.content())
	}
	changes, err := s.Set(t.Context(), anna, set(map[string]any{
		"web_interface.port_range.start": 5500.0, "web_interface.port_range.end": 5600.0, "debug": true, "security.config_file_permissions": "640",
	}))
	if err != nil || len(changes) != 4 || s.Config().WebInterface.PortRange.Start != 5500 || !s.Config().Debug || s.Config().Limits.CPUs != 2 {
		t.Fatalf("%v, %+v", err, changes)
	}
	if info, err := os.Stat(h.path); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if !strings.HasPrefix(h.content(), "{\n\t\"debug\": true,\n\t\"limits\": {\n\t\t\"grace_seconds\": 7\n\t},\n") {
		t.Errorf("file %s", h.content())
	}
	records, err := h.store.AuditRecords(t.Context(), store.AuditFilter{Action: "setting.change"})
	if err != nil || len(records) != 4 || records[0].Actor != "anna" || !strings.HasPrefix(records[0].Object, "setting:") {
		t.Errorf("audit %+v, %v", records, err)
	}
	if list := h.changes(s); len(list) != 4 || list[0].Batch != list[3].ID {
		t.Errorf("changes %+v", list)
	}
}

// Two who change the same key are told, those who change others are not in each
// other's way.
// What else stands in a refused file comes into force with the change that mends
// it, and is recorded with it.
func TestMendingARefusedFileRecordsAllOfIt(t *testing.T) { // SPEC ADM-3
	h := newHouse(t, `{"limits": {"grace_seconds": 7}}`)
	s := h.open(nil)
	h.write(`{"limits": {"grace_seconds": 77, "start_seconds": -5}}`)
	must(t, s.Look(t.Context()))
	changes, err := s.Set(t.Context(), anna, set(map[string]any{"limits.start_seconds": 30.0}))
	if err != nil || grace(s) != 77 || len(changes) != 2 {
		t.Fatalf("changes %+v, %v, grace %d", changes, err, grace(s))
	}
	if list := h.changes(s); len(list) != 2 || list[0].Actor != "anna" {
		t.Errorf("recorded %+v", list)
	}
}

func TestTwoWriters(t *testing.T) {
	h := newHouse(t, `{"limits": {"grace_seconds": 7}}`)
	s := h.open(nil)
	otto := store.Actor{Kind: store.ActorUser, Name: "otto"}
	seen := map[string]any{"limits.grace_seconds": 7.0, "debug": nil}
	if _, err := s.Set(t.Context(), anna, setting.Request{Values: map[string]any{"limits.grace_seconds": 8.0}, Seen: seen}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Set(t.Context(), otto, setting.Request{Values: map[string]any{"debug": true}, Seen: seen}); err != nil {
		t.Errorf("another key: %v", err)
	}
	_, err := s.Set(t.Context(), otto, setting.Request{Values: map[string]any{"limits.grace_seconds": 9.0}, Seen: seen})
	e := domain.AsError(err)
	if e == nil || e.Fields["limits.grace_seconds"] == nil || e.Fields["limits.grace_seconds"].Code != domain.CodeSettingChanged ||
		e.Fields["limits.grace_seconds"].Params["theirs"] != "8" || e.Fields["limits.grace_seconds"].Params["by"] != "anna" || grace(s) != 8 {
		t.Errorf("the same key: %v, grace %d", err, grace(s))
	}
	if _, err := s.Set(t.Context(), otto, setting.Request{Values: map[string]any{"limits.grace_seconds": 8.0}, Seen: seen}); err != nil {
		t.Errorf("the same value: %v", err)
	}
	h.write(`{}`) // by hand
	_, err = s.Set(t.Context(), otto, setting.Request{Values: map[string]any{"limits.grace_seconds": 9.0}, Seen: seen})
	if e := domain.AsError(err); e == nil || e.Fields["limits.grace_seconds"] == nil || e.Fields["limits.grace_seconds"].Params["theirs"] != "5" ||
		e.Fields["limits.grace_seconds"].Params["by"] != "config.json" {
		t.Errorf("taken out by hand: %v", err)
	}
	// By hand while the form is open.
	h.write(`{"debug": false, "limits": {"grace_seconds": 8}}`)
	_, err = s.Set(t.Context(), otto, setting.Request{Values: map[string]any{"debug": nil}, Seen: map[string]any{"debug": true}})
	if e := domain.AsError(err); e == nil || e.Fields["debug"] == nil || e.Fields["debug"].Params["by"] != "config.json" {
		t.Errorf("by hand: %v", err)
	}
}

// Of many who save at once, each with what he saw, one changes the key and all
// others are told.
func TestManyWritersAtOnce(t *testing.T) {
	h := newHouse(t, `{"limits": {"grace_seconds": 7}}`)
	s := h.open(nil)
	var writing sync.WaitGroup
	var done, told atomic.Int32
	for i := range 8 {
		writing.Go(func() {
			_, err := s.Set(context.Background(), anna, setting.Request{
				Values: map[string]any{"limits.grace_seconds": float64(10 + i)}, Seen: map[string]any{"limits.grace_seconds": 7.0},
			})
			if e := domain.AsError(err); e != nil && e.Fields["limits.grace_seconds"] != nil && e.Fields["limits.grace_seconds"].Code == domain.CodeSettingChanged {
				told.Add(1)
			} else if err == nil {
				done.Add(1)
			} else {
				t.Error(err)
			}
		})
	}
	writing.Wait()
	if done.Load() != 1 || told.Load() != 7 || len(h.changes(s)) != 1 || !strings.Contains(h.content(), strconv.Itoa(grace(s))) {
		t.Errorf("%d done, %d told, grace %d, file %s", done.Load(), told.Load(), grace(s), h.content())
	}
}

// full is a store on whose disk nothing can be written any more: neither what
// it keeps nor, within the same transaction, the file.
type full struct {
	*store.Store
	is bool
}

func (f *full) SetConfiguration(ctx context.Context, a store.Actor, source string, content []byte, changes []store.SettingChange, write func() error) error {
	if f.is {
		write = func() error { return domain.NewError(domain.CodeDiskFull, "path", "/") }
	}
	return f.Store.SetConfiguration(ctx, a, source, content, changes, write)
}

// unkept is a store that fails when all is written.
type unkept struct{ *store.Store }

func (unkept) SetConfiguration(_ context.Context, _ store.Actor, _ string, _ []byte, _ []store.SettingChange, write func() error) error {
	return errors.Join(write(), errors.New("commit"))
}

// Of a change that could not be recorded nothing stays in the file.
func TestNothingStaysOfAChangeThatWasNotRecorded(t *testing.T) {
	h := newHouse(t, `{"limits": {"grace_seconds": 7}}`)
	h.open(nil)
	s, err := setting.Open(t.Context(), setting.Options{Path: h.path, Store: unkept{h.store}})
	must(t, err)
	if _, err := s.Set(t.Context(), anna, set(map[string]any{"limits.grace_seconds": 8.0})); err == nil {
		t.Error("it was told as done")
	}
	if h.content() != `{"limits": {"grace_seconds": 7}}` || grace(s) != 7 {
		t.Errorf("file %s, grace %d", h.content(), grace(s))
	}
}

// What cannot be written is not in force, nor in the history; a start goes on
// all the same, and what it could not keep is taken up later.
func TestAFullDisk(t *testing.T) {
	h := newHouse(t, `{"limits": {"grace_seconds": 7}}`)
	disk := &full{Store: h.store, is: true}
	s, err := setting.Open(t.Context(), setting.Options{Path: h.path, Store: disk})
	if err != nil || grace(s) != 7 || len(s.Problems()) != 0 {
		t.Fatalf("start: %v", err)
	}
	if _, err := s.Set(t.Context(), anna, set(map[string]any{"limits.grace_seconds": 8.0})); !domain.HasCode(err, domain.CodeDiskFull) || grace(s) != 7 {
		t.Errorf("set: %v, grace %d", err, grace(s))
	}
	disk.is = false
	must(t, s.Look(t.Context()))
	if _, err := s.Set(t.Context(), anna, set(map[string]any{"limits.grace_seconds": 8.0})); err != nil || grace(s) != 8 || len(h.changes(s)) != 1 {
		t.Errorf("set later: %v, grace %d, changes %+v", err, grace(s), h.changes(s))
	}
	disk.is = true
	h.write(`{"limits": {"grace_seconds": 9}}`)
	if err := s.Look(t.Context()); !domain.HasCode(err, domain.CodeDiskFull) || grace(s) != 8 {
		t.Errorf("by hand: %v, grace %d", err, grace(s))
	}
	disk.is = false
	if must(t, s.Look(t.Context())); grace(s) != 9 {
		t.Errorf("by hand, later: grace %d", grace(s))
	}
}

func TestChangesAreTakenBack(t *testing.T) {
	h := newHouse(t, "")
	s := h.open(nil)
	for _, values := range []map[string]any{
		{"limits.grace_seconds": 8.0, "debug": true},
		{"limits.grace_seconds": 9.0},
		{"job_workers": 5.0},
	} {
		if _, err := s.Set(t.Context(), anna, set(values)); err != nil {
			t.Fatal(err)
		}
	}
	list := h.changes(s) // job_workers, grace 9, then grace 8 and debug
	id := map[string]int64{}
	for _, c := range list {
		id[c.Key+string(c.After)] = c.ID
	}
	// What another change came after is not taken back alone.
	_, err := s.TakeBack(t.Context(), anna, id["limits.grace_seconds8"], false)
	if e := domain.AsError(err); e == nil || e.Fields["limits.grace_seconds"] == nil || e.Fields["limits.grace_seconds"].Code != domain.CodeSettingChanged {
		t.Errorf("an earlier one: %v", err)
	}
	if _, err := s.TakeBack(t.Context(), anna, id["debugtrue"], false); err != nil || s.Config().Debug || grace(s) != 9 {
		t.Errorf("one: %v, %+v", err, s.Config())
	}
	if _, err := s.TakeBack(t.Context(), anna, id["limits.grace_seconds9"], true); err != nil || grace(s) != 8 || s.Config().JobWorkers != 2 || !s.Config().Debug {
		t.Errorf("to a point: %v, grace %d, workers %d, debug %v", err, grace(s), s.Config().JobWorkers, s.Config().Debug)
	}
	if _, err := s.TakeBack(t.Context(), anna, 999, false); !domain.HasCode(err, domain.CodeNotFound) {
		t.Errorf("none: %v", err)
	}
	if list := h.changes(s); list[0].Source != store.SettingBack {
		t.Errorf("changes %+v", list)
	}
}

func TestWhereValuesComeFrom(t *testing.T) {
	h := newHouse(t, `{"limits": {"grace_seconds": 7}, "serve": {"listen": "127.0.0.1:8500"}}`)
	s := h.open(nil, "MAX_PROJECTS_PER_USER=3", "SCRIPTSMANAGER_JOB_WORKERS=many")
	if got := codes(s.Problems()); got != "config_invalid" { // a variable refuses no file
		t.Errorf("problems %s", got)
	}
	if _, err := s.Set(t.Context(), anna, set(map[string]any{"serve.listen": "127.0.0.1:8600"})); err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(s.View())
	must(t, err)
	var v struct {
		Settings []struct {
			Name, Source, Variable string
			Value, File, Started   any
		}
	}
	must(t, json.Unmarshal(b, &v))
	got := map[string]string{}
	for _, one := range v.Settings {
		b, err := json.Marshal([]any{one.Source, one.Variable, one.Value, one.File, one.Started})
		must(t, err)
		got[one.Name] = string(b)
	}
	for name, want := range map[string]string{
		"limits.grace_seconds":             `["file","",7,7,null]`,
		"limits.start_seconds":             `["default","",60,null,null]`,
		"multi_user.max_projects_per_user": `["variable","MAX_PROJECTS_PER_USER",3,null,null]`,
		"serve.listen":                     `["file","","127.0.0.1:8600","127.0.0.1:8600","127.0.0.1:8500"]`,
	} {
		if got[name] != want {
			t.Errorf("%s: %s, want %s", name, got[name], want)
		}
	}
}
