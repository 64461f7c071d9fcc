package execution

import (
	"testing"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/sandbox"
)

func TestLimitsOf(t *testing.T) { // EXE-4
	base := &Rules{Limits: sandbox.Limits{Memory: 1 << 30, Processes: 5, Time: time.Minute, CPUs: 2}, Idle: time.Hour}
	q := Request{Group: domain.Group{ExecutionTimeout: 7}, Script: domain.Script{MemoryLimit: "1M", CPULimit: "50%"}}
	if got, want := limitsOf(base, q, false), (sandbox.Limits{Memory: 1 << 20, Processes: 5, Time: 7 * time.Second, CPUs: 0.5}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	q.Script.ExecutionTimeout = 9
	if got := limitsOf(base, q, false).Time; got != 9*time.Second {
		t.Errorf("script's own time: %v", got)
	}
	if got := limitsOf(base, q, true).Time; got != 0 {
		t.Errorf("a page's time: %v", got)
	}
}

func TestListLimits(t *testing.T) { // EXE-4, WIN-4
	page := &Rules{Limits: sandbox.Limits{Time: time.Minute}, Idle: time.Hour}
	for name, c := range map[string]struct {
		q       Request
		hasPage bool
		want    domain.Limit // the only one
	}{
		"configured time":     {Request{}, false, domain.Limit{Kind: domain.LimitTime, Value: 60, Source: "configuration"}},
		"configured idleness": {Request{}, true, domain.Limit{Kind: domain.LimitIdle, Value: 3600, Source: "configuration"}},
		"group's": {
			Request{Group: domain.Group{ExecutionTimeout: 5}},
			true,
			domain.Limit{Kind: domain.LimitIdle, Value: 5, Source: "group"},
		},
		"script's": {
			Request{Group: domain.Group{ExecutionTimeout: 5}, Script: domain.Script{ExecutionTimeout: 6}},
			true,
			domain.Limit{Kind: domain.LimitIdle, Value: 6, Source: "script"},
		},
		"background": {Request{Script: domain.Script{ExecutionTimeout: 6, Background: true}}, true, domain.Limit{}},
		"always on":  {Request{Script: domain.Script{ExecutionTimeout: 6, AlwaysOn: true}}, true, domain.Limit{}},
	} {
		got := listLimits(page, c.q, c.hasPage)
		if (len(got) > 0) != (c.want != domain.Limit{}) || len(got) > 0 && (len(got) != 1 || got[0] != c.want) {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
	of := Request{Script: domain.Script{MemoryLimit: "1G", CPULimit: "2", Sources: map[string]string{"memory_limit": "group", "cpu_limit": "header"}}}
	sources := map[domain.LimitKind]string{}
	for _, l := range listLimits(&Rules{}, of, false) {
		sources[l.Kind] = l.Source
	}
	if sources[domain.LimitMemory] != "group" || sources[domain.LimitCPU] != "script" || len(sources) != 2 {
		t.Errorf("sources: %v", sources)
	}
}

func TestWarnings(t *testing.T) { // EXE-4: two minutes before, at most half of the limit
	for limit, want := range map[time.Duration]time.Duration{
		30 * time.Minute: 2 * time.Minute, 3 * time.Minute: 90 * time.Second, time.Second: 500 * time.Millisecond,
	} {
		if got := (Warnings{}).before(limit); got != want {
			t.Errorf("%v: %v, want %v", limit, got, want)
		}
	}
}
