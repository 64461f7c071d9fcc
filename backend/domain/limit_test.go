package domain_test

import (
	"testing"
	"time"

	"scriptsmanager/backend/domain"
)

func TestShortDuration(t *testing.T) {
	for d, want := range map[time.Duration]string{
		1800 * time.Second: "30 min", 90 * time.Minute: "1 h 30 min", time.Second: "1 s",
		3725 * time.Second: "1 h 2 min 5 s", 250 * time.Millisecond: "0.25 s", 1400 * time.Millisecond: "1 s",
	} {
		if got := domain.ShortDuration(d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
}
