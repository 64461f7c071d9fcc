package engine

import (
	"testing"
	"time"
)

func TestWhenProjectsAreBackedUp(t *testing.T) { // data_management: backup_interval_hours, backup_schedule_time
	at := func(day, hour, minute int) time.Time {
		return time.Date(2026, 5, day, hour, minute, 0, 0, time.Local)
	}
	for _, c := range []struct {
		what      string
		last, now time.Time
		hours     int
		want      bool
	}{
		{"before its time", at(4, 2, 0), at(5, 1, 59), 24, false},
		{"at its time", at(4, 2, 0), at(5, 2, 0), 24, true},
		{"done already", at(5, 2, 1), at(5, 23, 0), 24, false},
		{"missed for days", at(1, 2, 0), at(5, 1, 0), 24, true},
		{"made up late, and again at its time", at(4, 20, 0), at(5, 2, 0), 24, true},
		{"every two days, the next one", at(4, 2, 1), at(5, 2, 1), 48, false},
		{"every two days", at(4, 2, 1), at(6, 2, 1), 48, true},
		{"every six hours", at(5, 8, 1), at(5, 14, 0), 6, true},
		{"every six hours, in between", at(5, 8, 1), at(5, 13, 59), 6, false},
		{"every six hours, from the day before", at(4, 20, 1), at(5, 1, 59), 6, false},
		{"the clock was set back", at(30, 2, 0), at(5, 12, 0), 24, true},
	} {
		if got := due(c.last, c.now, "02:00", c.hours); got != c.want {
			t.Errorf("%s: %v", c.what, got)
		}
	}
}
