package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"time"

	"scriptsmanager/backend/domain"
)

const (
	// mostUsed is how many scripts and projects statistics name.
	mostUsed = 10
	// trendDays is how many days a trend has at most.
	trendDays = 3660
)

// PeriodFilter chooses the executions that statistics are of.
type PeriodFilter struct {
	UserID   *int64 // nil: everyone's
	ScriptID string // "": of all scripts
	Days     int    // up to and with today; 0: all
}

// PeriodStatistics says how executions of scripts went; jobs are not counted.
type PeriodStatistics struct {
	Totals   Totals
	Duration DurationStatistics // of ended ones
	Scripts  []ScriptStatistics // most used first
	Projects []ProjectStatistics
	LogBytes int64 // what logs take now, also those from before the period
	Days     []Day // oldest first
}

// DurationStatistics are milliseconds. A percentile is the least duration that
// is not exceeded by so many of a hundred executions: one that was measured.
type DurationStatistics struct {
	Mean float64
	P50  int64
	P90  int64
	P99  int64
}

// ScriptStatistics says how a script's executions went.
type ScriptStatistics struct {
	ScriptID domain.ScriptID
	Totals   Totals
	Median   int64 // milliseconds of ended ones
}

// ProjectStatistics says how a project's executions went.
type ProjectStatistics struct {
	User, Project string // as they were called last
	Totals        Totals
}

// SuccessRate is the part of the ended executions that completed, nil where
// none ended.
func (t Totals) SuccessRate() *float64 {
	ended := t.Completed + t.Failed + t.Terminated
	if ended == 0 {
		return nil
	}
	rate := float64(t.Completed) / float64(ended)
	return &rate
}

// byState are the columns that scan reads Totals from.
const byState = `count(*), total(status = 'queued'), total(status = 'running'), total(status = 'completed'), total(status = 'failed'), total(status = 'terminated')`

func (t *Totals) scan() []any {
	return []any{&t.All, &t.Queued, &t.Running, &t.Completed, &t.Failed, &t.Terminated}
}

// period is a filter's condition, and the index that answers it.
type period struct {
	from  string
	where string
	args  []any
}

// byTime is the index of a filter by user, script and time.
func (f ExecutionFilter) byTime() string {
	if f.ScriptID != "" {
		return f.ownIndex("script")
	}
	return f.ownIndex("created")
}

// ownIndex is an index by a column, within the user's where it is one's.
func (f ExecutionFilter) ownIndex(column string) string {
	if f.UserID != nil {
		return "list_own_" + column
	}
	return "list_" + column
}

func (f PeriodFilter) executions(since time.Time) ExecutionFilter {
	return ExecutionFilter{UserID: f.UserID, ScriptID: f.ScriptID, Kind: domain.KindScript, Since: since}
}

func (f PeriodFilter) period(since time.Time) period {
	filter := f.executions(since)
	all, _ := filter.filterTerms()
	p := period{from: " FROM execution_logs INDEXED BY " + filter.byTime()}
	p.where, p.args = all.where()
	return p
}

// Statistics counts and measures the executions of a period. All is read from
// indices; SQLite sorts durations, in files where they are many.
func (s *Store) Statistics(ctx context.Context, f PeriodFilter) (st PeriodStatistics, err error) {
	st.Scripts, st.Projects, st.Days = []ScriptStatistics{}, []ProjectStatistics{}, []Day{}
	if hasNUL(f.ScriptID) {
		return st, nil
	}
	var since time.Time
	if f.Days > 0 {
		y, m, d := time.Now().Date()
		since = time.Date(y, m, d-f.Days+1, 0, 0, 0, 0, time.Local)
	}
	p := f.period(since)
	var mean sql.NullFloat64
	var first moment
	err = s.read.DB.QueryRowContext(ctx, `SELECT `+byState+`, avg(CASE WHEN duration_ms >= 0 THEN duration_ms END)`+p.from+p.where, p.args...).
		Scan(append(st.Totals.scan(), &mean)...)
	if err != nil {
		return st, s.wrap("count executions of a period", err)
	}
	st.Duration.Mean = mean.Float64
	parts, err := s.percentiles(ctx, f, since, 0.5, 0.9, 0.99)
	if err != nil {
		return st, s.wrap("measure durations", err)
	}
	st.Duration.P50, st.Duration.P90, st.Duration.P99 = parts[0], parts[1], parts[2]
	if st.Scripts, err = s.usedScripts(ctx, f, since); err != nil {
		return st, s.wrap("find the most used scripts", err)
	}
	if st.Projects, err = s.usedProjects(ctx, p); err != nil {
		return st, s.wrap("find the most used projects", err)
	}
	if st.LogBytes, err = s.logBytes(ctx, f); err != nil {
		return st, s.wrap("sum up logs", err)
	}
	days := f.Days
	if days <= 0 {
		err = s.read.DB.QueryRowContext(ctx, `SELECT created_at`+p.from+p.where+` ORDER BY created_at LIMIT 1`, p.args...).Scan(&first)
		if errors.Is(err, sql.ErrNoRows) {
			return st, nil
		}
		if err != nil {
			return st, s.wrap("find the first execution", err)
		}
		days = daysSince(first.Time, time.Now())
	}
	st.Days, err = s.days(ctx, f.executions(since), min(days, trendDays))
	return st, err
}

// daysSince counts the days from one time's up to and with another's.
func daysSince(from, to time.Time) int {
	day := func(t time.Time) time.Time {
		y, m, d := t.In(time.Local).Date()
		return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) // where every day has 24 hours
	}
	return max(1, int(day(to).Sub(day(from))/(24*time.Hour))+1)
}

// percentiles gives the durations that parts of the ended executions does not
// exceed, one for each; 0 where none ended.
func (s *Store) percentiles(ctx context.Context, f PeriodFilter, since time.Time, parts ...float64) ([]int64, error) {
	found := make([]int64, len(parts))
	p := f.period(since)
	if since.IsZero() && f.ScriptID == "" { // in order already
		p.from = " FROM execution_logs INDEXED BY " + f.executions(since).ownIndex("duration")
	}
	p.where += " AND duration_ms >= 0"
	var n int64
	if err := s.read.DB.QueryRowContext(ctx, `SELECT count(*)`+p.from+p.where, p.args...).Scan(&n); err != nil || n == 0 {
		return found, err
	}
	for i, part := range parts {
		rank := max(1, int64(math.Ceil(part*float64(n))))
		err := s.read.DB.QueryRowContext(ctx, `SELECT duration_ms`+p.from+p.where+` ORDER BY duration_ms LIMIT 1 OFFSET ?`, append(p.args, rank-1)...).Scan(&found[i])
		if err != nil && !errors.Is(err, sql.ErrNoRows) { // some may be removed meanwhile
			return nil, err
		}
	}
	return found, nil
}

func (s *Store) usedScripts(ctx context.Context, f PeriodFilter, since time.Time) ([]ScriptStatistics, error) {
	p := f.period(since)
	list := []ScriptStatistics{}
	err := s.each(ctx, `SELECT `+byState+`, script_ref`+p.from+p.where+fmt.Sprintf(` GROUP BY script_ref ORDER BY 1 DESC, script_ref LIMIT %d`, mostUsed), p.args,
		func(rows *sql.Rows) error {
			var one ScriptStatistics
			err := rows.Scan(append(one.Totals.scan(), &one.ScriptID)...)
			list = append(list, one)
			return err
		})
	if err != nil {
		return nil, err
	}
	for i := range list {
		f.ScriptID = list[i].ScriptID
		median, err := s.percentiles(ctx, f, since, 0.5)
		if err != nil {
			return nil, err
		}
		list[i].Median = median[0]
	}
	return list, nil
}

// usedProjects names them as they are called in the newest execution, which is
// what SQLite takes other columns from beside max().
func (s *Store) usedProjects(ctx context.Context, p period) ([]ProjectStatistics, error) {
	list := []ProjectStatistics{}
	err := s.each(ctx, `SELECT `+byState+`, user_name, project_name, max(created_at)`+p.from+p.where+
		fmt.Sprintf(` AND project_name <> '' GROUP BY project_id, CASE WHEN project_id IS NULL THEN user_name || '/' || project_name END
		ORDER BY 1 DESC, project_name, user_name LIMIT %d`, mostUsed), p.args,
		func(rows *sql.Rows) error {
			var one ProjectStatistics
			var last sql.RawBytes
			err := rows.Scan(append(one.Totals.scan(), &one.User, &one.Project, &last)...)
			list = append(list, one)
			return err
		})
	return list, err
}

func (s *Store) each(ctx context.Context, query string, args []any, one func(*sql.Rows) error) error {
	rows, err := s.read.DB.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := one(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// logBytes sums up what is on the disk now, of jobs too.
func (s *Store) logBytes(ctx context.Context, f PeriodFilter) (n int64, err error) {
	filter := ExecutionFilter{UserID: f.UserID, ScriptID: f.ScriptID}
	all, _ := filter.filterTerms()
	where, args := all.where()
	err = s.read.DB.QueryRowContext(ctx, `SELECT coalesce(sum(log_bytes), 0) FROM execution_logs`+where, args...).Scan(&n)
	return n, err
}
