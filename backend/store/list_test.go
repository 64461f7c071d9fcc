package store_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/store"
)

// TestListsAgreeWithLooking compares pages of every sort and many filters with
// a plain look through all executions.
func TestListsAgreeWithLooking(t *testing.T) { // LOG-4
	s, ctx := openStore(t), t.Context()
	users := []domain.User{newUser(t, s, "ann", domain.LevelOperator), newUser(t, s, "bob", domain.LevelOperator)}
	random := rand.New(rand.NewPCG(1, 2))
	pick := func(texts ...string) string { return texts[random.IntN(len(texts))] }
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	states := []domain.State{domain.StateCompleted, domain.StateFailed, domain.StateTerminated, domain.StateRunning}
	var every []domain.Execution
	for i := range 300 {
		e := newExecution(users[random.IntN(2)], pick("g/a", "g/b", "gg/a", "h/z"), start.Add(time.Duration(i/3)*time.Minute))
		e.Project, e.Reason = pick("north", "south"), domain.Reason(pick("exit", "stopped"))
		e.State = states[random.IntN(len(states))]
		if i%40 == 0 {
			e.Kind, e.ScriptID, e.GroupID = "environment", "", ""
		}
		if !e.State.Live() {
			ended := e.CreatedAt.Add(time.Duration(random.IntN(20)) * time.Second)
			e.EndedAt, e.DurationMS = &ended, ended.Sub(e.CreatedAt).Milliseconds()
		}
		check(t, s.InsertExecution(ctx, e, system))
		every = append(every, e)
	}
	value := map[store.ExecutionSort]func(e domain.Execution) string{
		store.SortCreated: func(domain.Execution) string { return "" },
		store.SortState:   func(e domain.Execution) string { return string(e.State) },
		store.SortScript:  func(e domain.Execution) string { return e.ScriptID },
		store.SortProject: func(e domain.Execution) string { return e.Project },
		store.SortUser:    func(e domain.Execution) string { return e.User },
		store.SortReason:  func(e domain.Execution) string { return string(e.Reason) },
		store.SortDuration: func(e domain.Execution) string {
			if e.EndedAt == nil {
				return "-"
			}
			return fmt.Sprintf("%09d", e.DurationMS)
		},
	}
	for round := range 800 {
		switch round {
		case 400: // as with very many
			s.LimitLists(20, 3)
		case 600:
			s.LimitLists(1, 1)
		}
		var f store.ExecutionFilter
		maybe := func() bool { return random.IntN(4) == 0 }
		if maybe() {
			f.UserID = &users[0].ID
		}
		if maybe() {
			f.ScriptID = pick("g/a", "h/z", "none/none")
		}
		if maybe() {
			f.GroupID = pick("g", "gg")
		}
		if maybe() {
			f.States = states[:1+random.IntN(3)]
		}
		if maybe() {
			f.Kind = pick(domain.KindScript, "environment")
		}
		if maybe() {
			f.Shortest = time.Duration(random.IntN(10)) * time.Second
		}
		if maybe() {
			f.Longest = time.Duration(1+random.IntN(15)) * time.Second
		}
		if maybe() {
			f.Since = start.Add(time.Duration(random.IntN(80)) * time.Minute)
		}
		if maybe() {
			f.Until = start.Add(time.Duration(random.IntN(100)) * time.Minute)
		}
		sorts := []store.ExecutionSort{
			store.SortCreated, store.SortState, store.SortScript, store.SortDuration, store.SortProject, store.SortUser, store.SortReason,
		}
		f.Sort, f.Ascending, f.Limit = sorts[round%len(sorts)], round%2 == 0, 1+random.IntN(30)

		var want []string
		sortedOnes := slices.Clone(every)
		slices.Reverse(sortedOnes) // the newest first
		if f.Ascending {
			sortedOnes = slices.Clone(every)
		}
		slices.SortStableFunc(sortedOnes, func(a, b domain.Execution) int {
			n := cmp.Compare(value[f.Sort](a), value[f.Sort](b))
			if f.Ascending {
				return n
			}
			return -n
		})
		for _, e := range sortedOnes {
			if matches(f, e) {
				want = append(want, e.ID)
			}
		}
		var got []string
		for page := f; ; {
			items, next, err := s.Executions(ctx, page)
			check(t, err)
			for _, e := range items {
				got = append(got, e.ID)
			}
			if next == "" {
				break
			}
			page.Before = next
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%+v: %d rows %v\nwant %d", f, len(got), got, len(want))
		}
	}
	_, next, err := s.Executions(ctx, store.ExecutionFilter{Sort: store.SortScript, Limit: 1})
	check(t, err)
	_, _, err = s.Executions(ctx, store.ExecutionFilter{Sort: store.SortProject, Before: next})
	wantCode(t, err, domain.CodeUsage)
	_, _, err = s.Executions(ctx, store.ExecutionFilter{Sort: "id; DROP TABLE users"})
	wantCode(t, err, domain.CodeUsage)
}

func matches(f store.ExecutionFilter, e domain.Execution) bool {
	took := time.Duration(e.DurationMS) * time.Millisecond
	return (f.UserID == nil || *f.UserID == e.UserID) && (f.ScriptID == "" || f.ScriptID == e.ScriptID) &&
		(f.GroupID == "" || strings.HasPrefix(e.ScriptID, f.GroupID+"/")) && (len(f.States) == 0 || slices.Contains(f.States, e.State)) &&
		(f.Kind == "" || f.Kind == e.Kind) && (f.Shortest == 0 || e.EndedAt != nil && took >= f.Shortest) &&
		(f.Longest == 0 || e.EndedAt != nil && took <= f.Longest) && (f.Since.IsZero() || !e.CreatedAt.Before(f.Since)) &&
		(f.Until.IsZero() || e.CreatedAt.Before(f.Until))
}
