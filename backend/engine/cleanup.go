package engine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/execution"
	"scriptsmanager/backend/log"
	"scriptsmanager/backend/store"
)

const (
	// cleanedKey is the setting that says when the clean-up last began.
	cleanedKey = "logs_cleaned_at"
	// keepKey and a user's id are the setting with his own days.
	keepKey = "log_keep_days:"
	// cleanEvery is how often is looked whether it is time.
	cleanEvery = time.Minute
	// removeBatch is how many executions are looked at in one go.
	removeBatch = 500
	// compressMost is how many logs one clean-up compresses.
	compressMost = 20_000
	// implausible is a time between two clean-ups after which the clock is not
	// trusted until the next one.
	implausible = 60 * 24 * time.Hour
	// exportsDays is how long exported files are kept.
	exportsDays = 7
)

// Removed is what was removed, or would be.
type Removed struct {
	Executions int64 `json:"executions"`
	Bytes      int64 `json:"bytes"`
}

func (r *Removed) add(bytes int64) {
	r.Executions++
	r.Bytes += bytes
}

// Cleaned is what a clean-up did, or would do.
type Cleaned struct {
	Expired  Removed `json:"expired"`  // older than their owners keep them
	Over     Removed `json:"over"`     // the oldest of those who are over their quota
	Compress Removed `json:"compress"` // finished logs; the job makes them smaller
	Exports  int     `json:"exports"`  // files that were exported and not fetched for long
	JobID    string  `json:"job_id,omitempty"`
}

// logRule is what holds for a person's logs.
func (e *Engine) logRule(ctx context.Context, u domain.User) (log.Rule, error) {
	c := e.Config().Logs
	level := u.Level
	if u.ID == 0 {
		level = domain.LevelAdmin // what was nobody's
	}
	rule := log.Rule{Days: c.RetentionDays.Of(level), Quota: int64(c.QuotaMegabytes.Of(level)) << 20}
	days, err := e.ownLogDays(ctx, u.ID)
	return rule.Shorter(days), err
}

func (e *Engine) ownLogDays(ctx context.Context, userID int64) (days int, err error) {
	_, err = e.store.Setting(ctx, keepKeyOf(userID), &days)
	return days, err
}

func keepKeyOf(userID int64) string { return keepKey + strconv.FormatInt(userID, 10) }

// LogUse is what a person's logs take, and what holds for them.
type LogUse struct {
	Executions int64        `json:"executions"`
	Bytes      int64        `json:"bytes"`
	Bookmarked int64        `json:"bookmarked_bytes"` // which no clean-up removes
	Quota      int64        `json:"quota_bytes"`      // 0: none
	Warn       bool         `json:"warn"`             // the quota is nearly used up, or is
	Over       bool         `json:"over"`
	LevelDays  int          `json:"level_days"` // how long logs are kept at the person's level
	OwnDays    int          `json:"own_days"`   // what the person chose; 0: nothing
	Days       int          `json:"days"`       // what holds
	Largest    []ScriptLogs `json:"largest"`    // the scripts whose logs take most
}

// ScriptLogs is what the logs of one script take.
type ScriptLogs struct {
	ScriptID   domain.ScriptID `json:"script_id"`
	Executions int64           `json:"executions"`
	Bytes      int64           `json:"bytes"`
}

// largestScripts is how many scripts LogUse names.
const largestScripts = 5

// LogUse tells what a person's logs take.
func (e *Engine) LogUse(ctx context.Context, u domain.User) (LogUse, error) {
	rule, err := e.logRule(ctx, u)
	if err != nil {
		return LogUse{}, err
	}
	own, err := e.ownLogDays(ctx, u.ID)
	if err != nil {
		return LogUse{}, err
	}
	all, bookmarked, err := e.store.LogUseOf(ctx, u.ID)
	if err != nil {
		return LogUse{}, err
	}
	scripts, err := e.store.LargestLogs(ctx, u.ID, largestScripts)
	if err != nil {
		return LogUse{}, err
	}
	use := LogUse{
		Executions: all.Executions, Bytes: all.Bytes, Bookmarked: bookmarked.Bytes, Quota: rule.Quota,
		Warn: rule.Quota > 0 && float64(all.Bytes) >= log.Warn*float64(rule.Quota), Over: rule.Over(all.Bytes) > 0,
		LevelDays: e.Config().Logs.RetentionDays.Of(u.Level), OwnDays: own, Days: rule.Days, Largest: []ScriptLogs{},
	}
	for _, s := range scripts {
		use.Largest = append(use.Largest, ScriptLogs{ScriptID: s.ScriptID, Executions: s.Executions, Bytes: s.Bytes})
	}
	return use, nil
}

// SetLogDays changes how long a person keeps logs; 0 is as long as the level
// has. It fails with CodeInvalid (days).
func (e *Engine) SetLogDays(ctx context.Context, a Actor, u domain.User, days int) error {
	most := e.Config().Logs.RetentionDays.Of(u.Level)
	if days < 0 {
		return domain.NewError(domain.CodeInvalid).With("days", domain.NewError(domain.CodeParameterMin, "name", "days", "min", 1))
	}
	if days > most {
		return domain.NewError(domain.CodeInvalid).With("days", domain.NewError(domain.CodeParameterMax, "name", "days", "max", most))
	}
	return e.store.SetSetting(ctx, a, keepKeyOf(u.ID), days)
}

// CleanLogs removes the logs that are kept no longer, and begins to compress
// finished ones (SPEC LOG-8); with dry it only tells what it would do. What is
// bookmarked stays.
func (e *Engine) CleanLogs(ctx context.Context, a Actor, user domain.User, actor string, dry bool) (Cleaned, error) {
	e.cleaning.Lock() // two at once would each free what is too much
	defer e.cleaning.Unlock()
	now := time.Now()
	var c Cleaned
	var errs []error // one log that cannot be removed keeps nothing else
	if !dry {
		if err := e.store.SetSetting(ctx, a, cleanedKey, now.UTC()); err != nil {
			return c, err
		}
	}
	users, err := e.store.EveryUser(ctx)
	if err != nil {
		return c, err
	}
	if err := e.sizeLogs(ctx); err != nil {
		return c, err
	}
	use, err := e.store.LogUse(ctx)
	if err != nil {
		return c, err
	}
	for _, u := range append(users, domain.User{}) {
		rule, err := e.logRule(ctx, u)
		if err != nil {
			return c, err
		}
		expired, err := e.removeLogs(ctx, a, removal{user: u.ID, before: rule.Until(now), bytes: -1, dry: dry})
		errs = append(errs, err)
		c.Expired.Executions += expired.Executions
		c.Expired.Bytes += expired.Bytes
		if over := rule.Over(use[u.ID].Bytes - expired.Bytes); over > 0 {
			removed, err := e.removeLogs(ctx, a, removal{user: u.ID, from: rule.Until(now), before: now, bytes: over, dry: dry})
			errs = append(errs, err)
			c.Over.Executions += removed.Executions
			c.Over.Bytes += removed.Bytes
		}
	}
	c.Exports, err = e.removeExports(now.AddDate(0, 0, -exportsDays), dry)
	errs = append(errs, err, e.compressLogs(ctx, a, user, actor, now, dry, &c))
	return c, errors.Join(errs...)
}

// sizeLogs finds out what those logs take of which that is not known: they were
// written before it was kept.
func (e *Engine) sizeLogs(ctx context.Context) error {
	list, err := e.store.UnsizedLogs(ctx, compressMost)
	if err != nil {
		return err
	}
	sizes := map[string]int64{}
	for _, l := range list {
		if n := log.Size(e.logBase(l.LogPath)); l.LogPath != "" && n > 0 {
			sizes[l.Execution] = n
		}
	}
	if len(sizes) == 0 {
		return nil
	}
	return e.store.SetLogBytes(ctx, sizes)
}

// removal says which executions are to go: those of a user that ended in a span
// of time, the oldest first, until so many bytes are free; below 0: all of them.
type removal struct {
	user         int64
	from, before time.Time
	bytes        int64
	dry          bool
}

// removeLogs removes executions. What cannot be removed stays, and is told of.
func (e *Engine) removeLogs(ctx context.Context, a Actor, q removal) (r Removed, err error) {
	limit := removeBatch
	if q.dry {
		limit = -1 // nothing goes away, so all at once
	}
	var errs []error
	for {
		old, err := e.store.OldLogs(ctx, q.user, q.from, q.before, limit)
		if err != nil {
			return r, errors.Join(append(errs, err)...)
		}
		gone := 0
		for _, l := range old {
			if q.bytes >= 0 && r.Bytes >= q.bytes {
				return r, errors.Join(errs...)
			}
			if err := ctx.Err(); err != nil {
				return r, errors.Join(append(errs, err)...)
			}
			if !q.dry {
				err := e.DeleteExecution(ctx, a, domain.Execution{ID: l.Execution, LogPath: l.LogPath})
				if domain.HasCode(err, domain.CodeBookmarked) || domain.HasCode(err, domain.CodeNotFound) || domain.HasCode(err, domain.CodeExecutionRuns) {
					continue // it came about meanwhile
				}
				if err != nil {
					errs = append(errs, err)
					continue
				}
			}
			gone++
			r.add(l.Bytes)
		}
		if q.dry || len(old) < limit || gone == 0 {
			return r, errors.Join(errs...)
		}
	}
}

// removeExports removes exported files that are older than a time.
func (e *Engine) removeExports(before time.Time, dry bool) (n int, err error) {
	root, err := os.OpenRoot(e.options.Root.Exports())
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("look at exports: %w", err)
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	files, err := fs.Glob(root.FS(), "*/*")
	if err != nil {
		return 0, fmt.Errorf("look at exports: %w", err)
	}
	for _, path := range files {
		info, err := root.Lstat(path)
		if err != nil || !info.Mode().IsRegular() || info.ModTime().After(before) {
			continue // one that is gone meanwhile, too
		}
		n++
		if dry {
			continue
		}
		if err := root.Remove(path); err != nil {
			return n, fmt.Errorf("remove an export: %w", err)
		}
	}
	return n, nil
}

// compressLogs begins a job that compresses logs that are old enough.
func (e *Engine) compressLogs(ctx context.Context, a Actor, user domain.User, actor string, now time.Time, dry bool, c *Cleaned) error {
	days := e.Config().Logs.CompressDays
	if days <= 0 {
		return nil
	}
	plain, err := e.plainLogs(ctx, now.AddDate(0, 0, -days), dry)
	if err != nil {
		return err
	}
	var spec log.Compressing
	for _, l := range plain {
		c.Compress.add(l.Bytes)
		spec.Logs = append(spec.Logs, log.CompressingLog{Base: e.logBase(l.LogPath), Bytes: l.Bytes})
	}
	if dry || len(spec.Logs) == 0 {
		return nil
	}
	title := domain.Text{}
	for _, l := range domain.Languages() {
		title[l] = e.options.Texts.Text(l, "job.logs.compress", nil)
	}
	for _, x := range e.AllLive() {
		if x.Kind == domain.KindCleanup { // an earlier one is at it
			c.JobID = x.ID
			return nil
		}
	}
	x, err := e.executions.StartJob(ctx, execution.JobRequest{
		Kind: domain.KindCleanup, Action: domain.JobCompress, Target: e.options.Root.ExecutionLogs(), Name: title,
		Argv: []string{e.jobProgram(), "job", "compress"}, Input: &spec, Dir: e.options.Root.Dir,
		Environ: jobEnviron(e.options.Environ, e.Config().ConfinementEnvironment),
		User:    user, Actor: actor, By: a,
	})
	c.JobID = x.ID
	return err
}

// plainLogs gives logs from before a time that are to be compressed; but for a
// dry run it notes those that are already.
func (e *Engine) plainLogs(ctx context.Context, before time.Time, dry bool) (plain []store.KeptLog, err error) {
	list, err := e.store.PlainLogs(ctx, before, compressMost)
	if err != nil {
		return nil, err
	}
	done := map[string]int64{}
	for _, l := range list {
		base := e.logBase(l.LogPath)
		_, live := e.executions.Live(l.Execution)
		switch {
		case live: // of a record from a backup
		case l.LogPath == "" || log.IsCompressed(base):
			done[l.Execution] = log.Size(base)
		case log.Size(base) > 0:
			plain = append(plain, l)
		}
	}
	if len(done) > 0 && !dry {
		err = e.store.SetCompressed(ctx, done)
	}
	return plain, err
}

// logsCompressed takes note of what a job has compressed.
func (e *Engine) logsCompressed() error {
	_, err := e.plainLogs(context.Background(), time.Now(), false)
	return err
}

// cleaner cleans the logs up once a day.
type cleaner struct{ e *Engine }

// Serve runs until ctx ends.
func (s *cleaner) Serve(ctx context.Context) error {
	tick := time.NewTicker(cleanEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case now := <-tick.C:
			if err := s.clean(ctx, now); err != nil && ctx.Err() == nil {
				s.e.log.Error("clean up logs", "error", err)
			}
		}
	}
}

func (s *cleaner) String() string { return "clean up logs" }

// clean cleans up where the time of day has come, or has passed since the last
// time, as on a machine that was off then.
func (s *cleaner) clean(ctx context.Context, now time.Time) error {
	e := s.e
	var last time.Time
	known, err := e.store.Setting(ctx, cleanedKey, &last)
	if err != nil {
		return err
	}
	a := Actor{Kind: store.ActorSystem, Name: "clean-up"}
	if !known { // a new installation has nothing to clean
		return e.store.SetSetting(ctx, a, cleanedKey, now.UTC())
	}
	at, err := time.Parse("15:04", e.Config().Logs.CleanupTime)
	if err != nil || !last.After(now) && now.Before(log.Next(last, at.Hour(), at.Minute())) {
		return err
	}
	if last.After(now) || now.Sub(last) > implausible {
		// A clock that is wrong now, or was then: what is removed does not come back.
		e.log.Warn("no clean-up of logs this time: the clock was set", "last", last)
		return e.store.SetSetting(ctx, a, cleanedKey, now.UTC())
	}
	user, found, err := e.FirstAdmin(ctx)
	if err != nil || !found {
		return err
	}
	c, err := e.CleanLogs(ctx, a, user, "system", false)
	e.log.Info("cleaned up logs", "expired", c.Expired.Executions, "over_quota", c.Over.Executions, "compressing", c.Compress.Executions)
	return err
}
