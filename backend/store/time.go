package store

import (
	"database/sql/driver"
	"fmt"
	"time"
)

// timeFormat is RFC 3339 with a fixed number of digits, so that text sorts as
// time does; time.RFC3339Nano drops zeros at the end.
const timeFormat = "2006-01-02T15:04:05.000000000Z"

// moment is a time in a column; the zero time is NULL.
type moment struct{ time.Time }

// at takes off the clock reading that only this process understands.
func at(t time.Time) moment { return moment{t.UTC().Round(0)} }

func atPointer(t *time.Time) moment {
	if t == nil {
		return moment{}
	}
	return at(*t)
}

func (m moment) pointer() *time.Time {
	if m.IsZero() {
		return nil
	}
	t := m.Time
	return &t
}

// Value implements driver.Valuer.
func (m moment) Value() (driver.Value, error) {
	if m.IsZero() {
		return nil, nil //nolint:nilnil // NULL
	}
	return m.UTC().Format(timeFormat), nil
}

// Scan implements sql.Scanner. The driver parses TIMESTAMP columns by itself;
// the result of an expression comes as text.
func (m *moment) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		m.Time = time.Time{}
	case time.Time:
		m.Time = v.UTC()
	case string:
		t, err := time.Parse(time.RFC3339Nano, v)
		if err != nil {
			return fmt.Errorf("read time: %w", err)
		}
		m.Time = t.UTC()
	case []byte:
		return m.Scan(string(v))
	default:
		return fmt.Errorf("read time: %T is none", src)
	}
	return nil
}
