package store_test

import (
	"cmp"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/store"
)

// TestStatisticsAgreeWithLooking compares statistics with a plain look through
// all executions, by every kind of filter.
func TestStatisticsAgreeWithLooking(t *testing.T) { // LOG-9
	s, ctx := openStore(t), t.Context()
	users := []domain.User{newUser(t, s, "ann", domain.LevelOperator), newUser(t, s, "bob", domain.LevelOperator)}
	random := rand.New(rand.NewPCG(1, 2))
	pick := func(texts ...string) string { return texts[random.IntN(len(texts))] }
	y, m, d := time.Now().Date()
	noon := time.Date(y, m, d, 12, 0, 0, 0, time.Local)
	states := []domain.State{
		domain.StateCompleted, domain.StateCompleted, domain.StateCompleted, domain.StateFailed, domain.StateTerminated, domain.StateRunning, domain.StateQueued,
	}
	var every []domain.Execution
	for i := range 400 {
		e := newExecution(users[random.IntN(2)], pick("g/a", "g/a", "g/b", "gg/a"), noon.AddDate(0, 0, -i/10).Add(time.Duration(i)*time.Millisecond))
		e.Project, e.LogBytes, e.State = pick("north", "south"), int64(i), states[random.IntN(len(states))]
		if i%40 == 0 {
			e.Kind, e.ScriptID, e.GroupID = "environment", "", ""
		}
		if !e.State.Live() {
			e.DurationMS = random.Int64N(100_000)
			ended := e.CreatedAt.Add(time.Duration(e.DurationMS) * time.Millisecond)
			e.EndedAt = &ended
		}
		check(t, s.InsertExecution(ctx, e, system))
		every = append(every, e)
	}
	for _, user := range []*int64{nil, &users[0].ID} {
		for _, script := range []string{"", "g/a", "none/none"} {
			for _, days := range []int{0, 1, 7, 30} {
				f := store.PeriodFilter{UserID: user, ScriptID: script, Days: days}
				got := must(s.Statistics(ctx, f))(t)
				if want := lookedThrough(f, every, noon); !reflect.DeepEqual(got, want) && time.Now().Day() == d { // else it is midnight
					t.Fatalf("%+v\n%+v\nwant\n%+v", f, got, want)
				}
			}
		}
	}
}

func add(t *store.Totals, e domain.Execution) {
	t.All++
	switch e.State {
	case domain.StateQueued:
		t.Queued++
	case domain.StateRunning:
		t.Running++
	case domain.StateCompleted:
		t.Completed++
	case domain.StateFailed:
		t.Failed++
	case domain.StateTerminated:
		t.Terminated++
	}
}

func nearest(list []int64, part float64) int64 {
	if len(list) == 0 {
		return 0
	}
	slices.Sort(list)
	return list[int(math.Ceil(part*float64(len(list))))-1]
}

func lookedThrough(f store.PeriodFilter, every []domain.Execution, noon time.Time) store.PeriodStatistics {
	want := store.PeriodStatistics{Scripts: []store.ScriptStatistics{}, Projects: []store.ProjectStatistics{}, Days: []store.Day{}}
	scripts, projects, byDay := map[string]*store.ScriptStatistics{}, map[string]*store.ProjectStatistics{}, map[string]*store.Totals{}
	took := map[string][]int64{}
	longest, sum := 0, int64(0)
	for _, e := range every {
		if f.UserID != nil && e.UserID != *f.UserID || f.ScriptID != "" && e.ScriptID != f.ScriptID {
			continue
		}
		want.LogBytes += e.LogBytes
		age := int(math.Round(noon.Sub(e.CreatedAt).Hours() / 24))
		if e.Kind != domain.KindScript || f.Days > 0 && age >= f.Days {
			continue
		}
		longest = max(longest, age+1)
		if scripts[e.ScriptID] == nil {
			scripts[e.ScriptID] = &store.ScriptStatistics{ScriptID: e.ScriptID}
		}
		project := e.User + "/" + e.Project
		if projects[project] == nil {
			projects[project] = &store.ProjectStatistics{User: e.User, Project: e.Project}
		}
		date := noon.AddDate(0, 0, -age).Format(time.DateOnly)
		if byDay[date] == nil {
			byDay[date] = &store.Totals{}
		}
		for _, t := range []*store.Totals{&want.Totals, &scripts[e.ScriptID].Totals, &projects[project].Totals, byDay[date]} {
			add(t, e)
		}
		if e.EndedAt != nil {
			took[""], took[e.ScriptID] = append(took[""], e.DurationMS), append(took[e.ScriptID], e.DurationMS)
			sum += e.DurationMS
		}
	}
	if n := len(took[""]); n > 0 {
		want.Duration.Mean = float64(sum) / float64(n)
	}
	want.Duration.P50, want.Duration.P90, want.Duration.P99 = nearest(took[""], 0.5), nearest(took[""], 0.9), nearest(took[""], 0.99)
	for id, one := range scripts {
		one.Median = nearest(took[id], 0.5)
		want.Scripts = append(want.Scripts, *one)
	}
	slices.SortFunc(want.Scripts, func(a, b store.ScriptStatistics) int {
		return cmp.Or(cmp.Compare(b.Totals.All, a.Totals.All), cmp.Compare(a.ScriptID, b.ScriptID))
	})
	for _, one := range projects {
		want.Projects = append(want.Projects, *one)
	}
	slices.SortFunc(want.Projects, func(a, b store.ProjectStatistics) int {
		return cmp.Or(cmp.Compare(b.Totals.All, a.Totals.All), cmp.Compare(a.Project, b.Project), cmp.Compare(a.User, b.User))
	})
	if f.Days > 0 {
		longest = f.Days
	}
	for age := longest - 1; age >= 0; age-- {
		day := store.Day{Date: noon.AddDate(0, 0, -age).Format(time.DateOnly)}
		if t := byDay[day.Date]; t != nil {
			day.Completed, day.Failed, day.Terminated = t.Completed, t.Failed, t.Terminated
		}
		want.Days = append(want.Days, day)
	}
	return want
}
