package main

import (
	"cmp"
	"context"
	"database/sql" //nolint:depguard // a million rows are made past the store, which syncs each
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/store"
)

const (
	listedExecutions = 1_000_000
	listedUsers      = 50
	listedScripts    = 200
	pageOfList       = 50
	deepPage         = 10_000
)

// lists measures pages of a list of a million executions, and what statistics
// take over it.
func lists(ctx context.Context, count int) (results []result, err error) {
	dir, err := os.MkdirTemp("", "sm-bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "scriptsmanager.db")
	if err := writeExecutions(ctx, path); err != nil {
		return nil, err
	}
	s, err := store.Open(ctx, path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	now := benchNow()
	user := int64(7)
	filters := []struct {
		name string
		f    store.ExecutionFilter
		deep bool
	}{
		{"no filter", store.ExecutionFilter{}, true},
		{"one user's", store.ExecutionFilter{UserID: &user}, true},
		{"one user's that failed", store.ExecutionFilter{UserID: &user, States: []domain.State{domain.StateFailed}}, false},
		{"one script", store.ExecutionFilter{ScriptID: "group_3/script_103"}, false},
		{"one group", store.ExecutionFilter{GroupID: "group_3"}, false},
		{"one project", store.ExecutionFilter{ProjectID: 7}, false},
		{"failed", store.ExecutionFilter{States: []domain.State{domain.StateFailed}}, false},
		{"the last week", store.ExecutionFilter{Since: now.AddDate(0, 0, -7)}, false},
		{"longer than an hour", store.ExecutionFilter{Shortest: time.Hour}, false},
		{"user, script, state, year and duration", store.ExecutionFilter{
			UserID: &user, ScriptID: "group_3/script_103", States: []domain.State{domain.StateCompleted}, Since: now.AddDate(-1, 0, 0), Longest: time.Minute,
		}, false},
		{"failed of one script, longer than ten minutes", store.ExecutionFilter{
			ScriptID: "group_3/script_103", States: []domain.State{domain.StateFailed}, Shortest: 10 * time.Minute,
		}, false},
	}
	sorts := []store.ExecutionSort{
		store.SortCreated, store.SortState, store.SortScript, store.SortDuration, store.SortProject, store.SortUser, store.SortReason,
	}
	for _, c := range filters {
		var first, deep []float64
		worst := ""
		for _, sort := range sorts {
			for _, ascending := range []bool{false, true} {
				f := c.f
				f.Sort, f.Ascending, f.Limit = sort, ascending, pageOfList
				times, _, err := pagesOfList(ctx, s, f, count)
				if err != nil {
					return nil, err
				}
				if len(first) == 0 || median(times) > median(first) {
					first, worst = times, fmt.Sprintf("sort: %s, ascending %t", cmp.Or(sort, "created"), ascending)
				}
				if !c.deep || ascending {
					continue
				}
				// The place of the ten-thousandth page, or the last one there is.
				f.Limit = 1000
				for rows := 0; rows < deepPage*pageOfList; rows += f.Limit {
					_, next, err := s.Executions(ctx, f)
					if err != nil {
						return nil, err
					}
					if next == "" {
						break
					}
					f.Before = next
				}
				f.Limit = pageOfList
				if times, _, err = pagesOfList(ctx, s, f, count); err != nil {
					return nil, err
				}
				if len(deep) == 0 || median(times) > median(deep) {
					deep = times
				}
			}
		}
		one := compare("first page of 1 million executions, "+c.name+", the slowest of all sorts both ways", "2 or less", "ms", first, nil)
		one.Note = worst
		results = append(results, one)
		if c.deep {
			results = append(results, compare("page 10,000, or the last, "+c.name+", the slowest of all sorts", "2 or less", "ms", deep, nil))
		}
	}
	for _, c := range []struct {
		name string
		f    store.PeriodFilter
	}{
		{"everyone's, all", store.PeriodFilter{}},
		{"everyone's, 30 days", store.PeriodFilter{Days: 30}},
		{"one user's, all", store.PeriodFilter{UserID: &user}},
		{"one script, 30 days", store.PeriodFilter{UserID: &user, ScriptID: "group_3/script_103", Days: 30}},
	} {
		var times []float64
		for range count {
			began := time.Now()
			if _, err := s.Statistics(ctx, c.f); err != nil {
				return nil, err
			}
			times = append(times, milliseconds(time.Since(began)))
		}
		results = append(results, compare("statistics of 1 million executions, "+c.name, "", "ms", times, nil))
	}
	return results, nil
}

func pagesOfList(ctx context.Context, s *store.Store, f store.ExecutionFilter, count int) (times []float64, next string, err error) {
	for i := range count + 1 {
		began := time.Now()
		_, next, err = s.Executions(ctx, f)
		if err != nil {
			return nil, "", err
		}
		if i > 0 { // the first one reads what the others have in memory
			times = append(times, milliseconds(time.Since(began)))
		}
	}
	return times, next, nil
}

func benchNow() time.Time { return time.Now().UTC().Truncate(time.Hour) }

// writeExecutions makes a database with a million executions of three years.
func writeExecutions(ctx context.Context, path string) (err error) {
	s, err := store.Open(ctx, path)
	if err != nil {
		return err
	}
	if err := s.Close(); err != nil {
		return err
	}
	db, err := sql.Open("sqlite3", store.Address(path, url.Values{"_synchronous": {"OFF"}, "_journal_mode": {"WAL"}}))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	db.SetMaxOpenConns(1)
	indices, err := texts(ctx, db, `SELECT sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'execution_logs' AND sql IS NOT NULL`)
	if err != nil {
		return err
	}
	drops, err := texts(ctx, db, `SELECT 'DROP INDEX ' || name FROM sqlite_master WHERE type = 'index' AND tbl_name = 'execution_logs' AND sql IS NOT NULL`)
	if err != nil {
		return err
	}
	for _, statement := range drops {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	for i := 1; i <= listedUsers; i++ {
		name := "user" + strconv.Itoa(i)
		if _, err := db.ExecContext(ctx, `INSERT INTO users (username, email, password_hash, user_level, name_key, display_name, folder)
			VALUES (?1, ?1, '', 'operator', ?1, ?1, ?1)`, name); err != nil {
			return err
		}
		if _, err := db.ExecContext(ctx, `INSERT INTO user_projects (user_id, project_name, is_default, name_key, folder)
			VALUES (?, 'project_default', TRUE, 'project_default', 'project_default')`, i); err != nil {
			return err
		}
	}
	if err := fillExecutions(ctx, db); err != nil {
		return err
	}
	for _, statement := range indices {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

func fillExecutions(ctx context.Context, db *sql.DB) (err error) {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, tx.Rollback())
		}
	}()
	insert, err := tx.PrepareContext(ctx, `INSERT INTO execution_logs (execution_uuid, status, kind, script_ref, group_ref, user_id, project_id,
		created_at, start_time, end_time, data, duration_ms, user_name, project_name, reason, log_bytes)
		VALUES (?, ?, 'script', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'project_default', ?, ?)`)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, insert.Close()) }()
	random := rand.New(rand.NewPCG(7, 8)) //nolint:gosec // the same list each time
	scripts := rand.NewZipf(random, 1.2, 3, listedScripts-1)
	people := rand.NewZipf(random, 1.1, 5, listedUsers-1)
	const format = "2006-01-02T15:04:05.000000000Z"
	now := benchNow()
	step := 3 * 365 * 24 * time.Hour / listedExecutions
	for i := range listedExecutions {
		n := int(scripts.Uint64() % listedScripts)
		group := "group_" + strconv.Itoa(n%20)
		script := group + "/script_" + strconv.Itoa(n)
		user := int64(people.Uint64()%listedUsers) + 1
		created := now.Add(-time.Duration(listedExecutions-i) * step)
		took := time.Duration(random.ExpFloat64() * float64(40*time.Second))
		if random.IntN(2000) == 0 {
			took += time.Hour
		}
		state, reason := domain.StateCompleted, domain.ReasonExit
		switch random.IntN(20) {
		case 0:
			state, reason = domain.StateFailed, domain.ReasonExitCode
		case 1:
			state, reason = domain.StateTerminated, domain.ReasonStopped
		}
		ended := created.Add(took)
		e := domain.Execution{
			ID: fmt.Sprintf("00000000-0000-4000-8000-%012d", i), Name: "Script " + strconv.Itoa(n), Kind: domain.KindScript, ScriptID: script, GroupID: group,
			ScriptName: domain.Text{"en": "Script " + strconv.Itoa(n), "es": "Programa " + strconv.Itoa(n)},
			UserID:     user, User: "user" + strconv.FormatInt(user, 10), ProjectID: user, Project: "project_default", State: state, Reason: reason,
			Parameters: map[string]any{"pressure": 1.5, "temperature": 300, "file": "measurements/line_4.csv"},
			Command:    []string{"/opt/conda/envs/analysis/bin/python", "-u", "/srv/scriptsmanager/app/backend/script_groups/" + script + ".py", "--project-id", "1"},
			LogPath:    "/srv/scriptsmanager/data/logs/executions/user_x/2026-01-01/execution_x.log", LogBytes: int64(random.IntN(100_000)),
			CreatedAt: created, StartedAt: &created, EndedAt: &ended, DurationMS: took.Milliseconds(),
		}
		data, err := json.Marshal(e)
		if err != nil {
			return err
		}
		if _, err := insert.ExecContext(ctx, e.ID, string(state), script, group, user, user, created.Format(format), created.Format(format),
			ended.Format(format), string(data), took.Milliseconds(), e.User, string(reason), e.LogBytes); err != nil {
			return err
		}
	}
	return tx.Commit()
}

func texts(ctx context.Context, db *sql.DB, query string) (list []string, err error) {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, err
		}
		list = append(list, text)
	}
	return list, rows.Err()
}
