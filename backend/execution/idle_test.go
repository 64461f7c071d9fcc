package execution

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// traffic is a port that is used at some seconds after the start.
type traffic struct {
	began  time.Time
	seen   time.Time
	at     []time.Duration
	broken time.Duration // from when it cannot be measured; 0 never
}

func (f *traffic) Used() (bool, error) {
	now := time.Now()
	if f.broken > 0 && now.Sub(f.began) >= f.broken {
		return false, errors.New("not to be seen")
	}
	used := slices.ContainsFunc(f.at, func(d time.Duration) bool {
		at := f.began.Add(d)
		return at.After(f.seen) && !at.After(now)
	})
	f.seen = now
	return used, nil
}

func TestIdle(t *testing.T) { // WIN-4; 1800 seconds, warned two minutes before
	const s = time.Second
	for name, c := range map[string]struct {
		traffic []time.Duration
		input   []time.Duration
		broken  time.Duration
		want    []string
	}{
		"never used":             {want: []string{"1680 warn 1800", "1800 end"}},
		"used once":              {traffic: []time.Duration{100 * s}, want: []string{"1780 warn 1900", "1900 end"}},
		"input":                  {input: []time.Duration{100 * s}, want: []string{"1780 warn 1900", "1900 end"}},
		"used while warned":      {traffic: []time.Duration{1700 * s}, want: []string{"1680 warn 1800", "1700 unwarn", "3380 warn 3500", "3500 end"}},
		"kept by a person":       {input: []time.Duration{1799 * s}, want: []string{"1680 warn 1800", "1799 unwarn", "3479 warn 3599", "3599 end"}},
		"used just before":       {traffic: []time.Duration{1799 * s}, want: []string{"1680 warn 1800", "1800 unwarn", "3480 warn 3600", "3600 end"}},
		"cannot be seen":         {broken: s, want: []string{"5 blind"}},
		"cannot be seen, warned": {broken: 1690 * s, want: []string{"1680 warn 1800", "1690 blind", "1690 unwarn"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				since := func(at time.Time) int { return int(at.Sub(began).Seconds()) }
				var got []string
				note := func(what string) { got = append(got, fmt.Sprint(since(time.Now()), " ", what)) }
				used := make(chan struct{}, 1)
				w := &idleWatch{
					limit: 1800 * s, before: 120 * s, look: 5 * s, used: used,
					meter:  &traffic{began: began, seen: began, at: c.traffic, broken: c.broken},
					warn:   func(ends time.Time) { note(fmt.Sprint("warn ", since(ends))) },
					unwarn: func() { note("unwarn") }, end: func() { note("end") }, blind: func(error) { note("blind") },
				}
				go func() {
					for _, d := range c.input {
						time.Sleep(time.Until(began.Add(d)))
						used <- struct{}{}
					}
				}()
				w.run(t.Context())
				if !slices.Equal(got, c.want) {
					t.Errorf("%v, want %v", got, c.want)
				}
			})
		})
	}
}

func TestIdleEndsWithItsPage(t *testing.T) { // WIN-4
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		w := &idleWatch{
			limit: time.Hour, before: time.Minute, look: 5 * time.Second, meter: &traffic{began: time.Now(), seen: time.Now()},
			warn: func(time.Time) { t.Error("warned") }, end: func() { t.Error("ended") },
		}
		w.run(ctx)
	})
}
