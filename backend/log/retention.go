package log

import "time"

// Rule is how long and how much of a person's logs is kept.
type Rule struct {
	Days  int   // from the beginning of an execution on
	Quota int64 // bytes; 0: none
}

// Warn is the part of a quota from which on a person is warned.
const Warn = 0.8

// Until is the time before which executions must have begun to be expired.
func (r Rule) Until(now time.Time) time.Time { return now.AddDate(0, 0, -r.Days) }

// Over is by how many bytes a quota is exceeded; 0: it is not.
func (r Rule) Over(used int64) int64 {
	if r.Quota <= 0 {
		return 0
	}
	return max(0, used-r.Quota)
}

// Shorter gives the rule with a person's own number of days, which counts where
// it is less; 0: none.
func (r Rule) Shorter(days int) Rule {
	if days > 0 {
		r.Days = min(r.Days, days)
	}
	return r
}

// Next gives the first time of day (hour and minute of the machine's zone) after
// a time.
func Next(after time.Time, hour, minute int) time.Time {
	local := after.Local()
	next := time.Date(local.Year(), local.Month(), local.Day(), hour, minute, 0, 0, time.Local)
	if !next.After(after) {
		next = time.Date(local.Year(), local.Month(), local.Day()+1, hour, minute, 0, 0, time.Local)
	}
	return next
}
