package engine

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"scriptsmanager/backend/domain"
)

func TestSpans(t *testing.T) { // LOG-6
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		page  bool
		ended int // seconds; 0: it runs
		said  string
		want  string
	}{
		"a page": {
			true, 9, "1 environment|2 port|3 command|3 shim started|4 script started|6 page answers|8 stop|8 stop|9 end",
			"environment 0-1, port 1-2, start 2-4, page 4-6, running 6-8, ending 8-9",
		},
		"no page, it runs": {false, 0, "1 environment|2 script started", "environment 0-1, start 1-2, running 2-"},
		"it waited":        {true, 6, "0 waits for room|3 there is room|4 environment|5 stop", "queued 0-3, environment 3-4, port 4-5, ending 5-6"},
		"another port": {
			true, 9, "1 environment|2 port|3 script started|4 port taken by another program, trying another one|5 environment|6 port|7 script started|8 page answers",
			"environment 0-1, port 1-2, start 2-3, page 3-4, environment 4-5, port 5-6, start 6-7, page 7-8, running 8-9",
		},
		"nothing said":           {true, 2, "", "environment 0-2"},
		"the clock was set back": {false, 1, "2 environment", "environment 0-2, start 2-2"},
	} {
		x := domain.Execution{HasPage: c.page, CreatedAt: start}
		if c.ended > 0 {
			at := start.Add(time.Duration(c.ended) * time.Second)
			x.EndedAt = &at
		}
		lines := []domain.LogLine{{Text: "nonsense"}, {Text: `{"time":"2020-01-01T00:00:00Z","msg":"stop"}`}}
		for _, said := range strings.Split(c.said, "|") {
			var at int
			if n, _ := fmt.Sscanf(said, "%d", &at); n == 1 {
				_, text, _ := strings.Cut(said, " ")
				when := start.Add(time.Duration(at) * time.Second).Format(time.RFC3339)
				lines = append(lines, domain.LogLine{Text: fmt.Sprintf(`{"time":%q,"msg":%q}`, when, text)})
			}
		}
		var got []string
		for _, s := range spans(x, lines) {
			to := ""
			if s.To != nil {
				to = fmt.Sprint(s.To.Sub(start).Seconds())
			}
			got = append(got, fmt.Sprintf("%s %v-%s", s.Phase, s.From.Sub(start).Seconds(), to))
		}
		if strings.Join(got, ", ") != c.want {
			t.Errorf("%s:\n     %s\nwant %s", name, strings.Join(got, ", "), c.want)
		}
	}
}
