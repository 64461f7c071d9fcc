package account

import (
	"strconv"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"
)

func TestThrottleForgetsTheOldestName(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	th := throttle{now: func() time.Time { return now }, free: 1, longest: time.Hour, names: map[string]guesses{}}
	for i := range maxNames + 1 {
		if err := th.begin(strconv.Itoa(i)); err != nil {
			t.Fatal(err)
		}
		now = now.Add(time.Microsecond)
	}
	if len(th.names) != maxNames {
		t.Errorf("%d names", len(th.names))
	}
	if err := th.begin("0"); err != nil {
		t.Error("the oldest was kept: ", err)
	}
	if th.begin(strconv.Itoa(maxNames)) == nil {
		t.Error("the newest was forgotten")
	}
}

func TestDummyHashCostsAsMuch(t *testing.T) {
	if cost, err := bcrypt.Cost([]byte(dummyHash)); err != nil || cost != defaultCost {
		t.Errorf("cost %d, %v", cost, err)
	}
}
