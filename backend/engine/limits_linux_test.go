package engine_test

import (
	"strings"
	"testing"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
	"scriptsmanager/backend/execution"
	"scriptsmanager/backend/i18n"
	"scriptsmanager/translations"
)

// early warns as soon as something runs, so that a test has the whole limit
// for what it does meanwhile.
func early(o *engine.Options) {
	o.Warnings = execution.Warnings{Before: time.Hour, Share: 0.99, Look: 50 * time.Millisecond}
}

func warned(e domain.Execution) bool { return e.Warning != nil }

func (n *installation) keep(id string) {
	n.t.Helper()
	x, err := n.engine.Execution(n.t.Context(), id)
	if err == nil {
		err = n.engine.KeepRunning(n.t.Context(), engine.Actor{Kind: "user", UserID: n.user.ID, Name: n.user.Name}, x)
	}
	if err != nil {
		n.t.Fatal(err)
	}
}

func header(text, line string) string { return strings.Replace(text, "%s", line, 1) }

// waitingPage is a page that answers, and whose script can be told to end.
func waitingPage(line string) string { return strings.ReplaceAll(header(page, line), "%%", "%") }

func TestIdlePageIsWarnedAndEnded(t *testing.T) { // WIN-4
	n := newInstallation(t, map[string]string{
		"short.py": waitingPage("@execution_timeout: 2"), "long.py": waitingPage("@execution_timeout: 60"),
		"kept.py": waitingPage("@execution_timeout: 1\n@background: true"),
	}, "", early)
	hears := n.engine.Events().Subscribe(func(e domain.Event) bool { return e.Type == domain.EventExecutionWarned })
	defer hears.Close()

	kept := n.run("kept")
	n.ready(kept)
	id := n.run("short")
	x := n.ended(id)
	texts, err := i18n.New(translations.Files)
	if err != nil {
		t.Fatal(err)
	}
	for l, want := range map[domain.Language]string{
		domain.English: "Ended: not used for 2 s", domain.Spanish: "Terminada: sin uso durante 2 s",
		domain.Italian: "Terminata: non usata per 2 s", domain.French: "Arrêtée\u00a0: inutilisée pendant 2 s",
	} {
		if got := texts.Text(l, "reason."+string(x.Reason), x.ReasonParams); got != want {
			t.Errorf("%s: %q, want %q", l, got, want)
		}
	}
	if x.State != domain.StateTerminated || x.Reason != domain.ReasonIdle || x.Warning != nil {
		t.Errorf("%s %s %+v", x.State, x.Reason, x.Warning)
	}
	select {
	case e := <-hears.Events():
		w, ok := e.Data.(domain.Execution)
		if !ok || w.ID != id || w.Warning == nil || w.Warning.Reason != domain.ReasonIdle || w.Warning.Seconds != 2 || w.Warning.Source != "script" {
			t.Errorf("%+v", e.Data)
		}
	case <-time.After(30 * time.Second):
		t.Error("nobody was warned")
	}
	if e, _ := n.engine.Execution(t.Context(), kept); !e.State.Live() || e.Warning != nil || len(e.Limits) != 0 {
		t.Errorf("a background page: %s %+v %+v", e.State, e.Warning, e.Limits)
	}

	// Use, a person's word and a person's input take the warning back.
	id = n.run("long")
	e := n.await(id, "warned", warned)
	if until := time.Until(e.Warning.EndsAt); until <= 0 || until > time.Minute {
		t.Errorf("ends in %v", until)
	}
	if len(e.Limits) != 1 || e.Limits[0] != (domain.Limit{Kind: domain.LimitIdle, Value: 60, Source: "script", Means: domain.MeansWatched}) {
		t.Errorf("%+v", e.Limits)
	}
	for what, use := range map[string]func(){
		"traffic": func() { get(t, e.URL) },
		"a word":  func() { n.keep(id) },
		"input": func() {
			if err := n.engine.Used(id); err != nil {
				t.Error(err)
			}
		},
	} {
		first := n.await(id, "warned", warned).Warning.EndsAt
		use()
		n.await(id, "used by "+what, func(e domain.Execution) bool {
			return e.Warning == nil || e.Warning.EndsAt.After(first)
		})
	}
}

func TestTimeIsWarnedAndExtended(t *testing.T) { // EXE-4
	n := newInstallation(t, map[string]string{
		"slow.py": header(job, "@execution_timeout: 60\n@memory_limit: 500M\n@cpu_limit: 1") + "time.sleep(300)",
	}, "", early)
	id := n.run("slow")
	e := n.await(id, "warned", warned)
	if e.Warning.Reason != domain.ReasonTimeout || e.Warning.Source != "script" || e.StartedAt == nil {
		t.Fatalf("%+v", e.Warning)
	}
	want := []domain.Limit{
		{Kind: domain.LimitTime, Value: 60, Source: "script", Means: domain.MeansWatched},
		{Kind: domain.LimitMemory, Value: 500 << 20, Source: "script", Means: domain.MeansWatched},
		{Kind: domain.LimitCPU, Value: 1, Source: "script", Means: domain.MeansProcessors},
	}
	if len(e.Limits) != len(want) {
		t.Fatalf("%+v", e.Limits)
	}
	for i, l := range want {
		if e.Limits[i] != l && e.Limits[i].Means != domain.MeansGroup {
			t.Errorf("%+v, want %+v", e.Limits[i], l)
		}
	}
	first := e.Warning.EndsAt
	n.keep(id)
	e = n.await(id, "warned of a later end", func(e domain.Execution) bool { return e.Warning != nil && e.Warning.EndsAt.After(first) })
	if e.Warning.Seconds != 60 {
		t.Errorf("%+v", e.Warning)
	}
}

func TestGroupHasLimits(t *testing.T) { // EXE-4
	n := newInstallation(t, map[string]string{
		"metadata.json": `{"memory_limit": "300M", "execution_timeout": 50}`,
		"own.py":        header(job, "@memory_limit: 200M"), "other.py": header(job, ""),
	}, `{"web_interface":{"port_range":{"start":START,"end":END}},"limits":{"memory_megabytes":400,"processes":50}}`)
	for script, want := range map[string][2]any{"own": {float64(200 << 20), "script"}, "other": {float64(300 << 20), "group"}} {
		e := n.ended(n.run(script))
		got := map[domain.LimitKind]domain.Limit{}
		for _, l := range e.Limits {
			got[l.Kind] = l
		}
		if m := got[domain.LimitMemory]; m.Value != want[0] || m.Source != want[1] {
			t.Errorf("%s: memory %+v", script, m)
		}
		if l := got[domain.LimitTime]; l.Value != 50 || l.Source != "group" {
			t.Errorf("%s: time %+v", script, l)
		}
		if l := got[domain.LimitProcesses]; l.Value != 50 || l.Source != "configuration" {
			t.Errorf("%s: processes %+v", script, l)
		}
	}
}
