package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"scriptsmanager/app"
	"scriptsmanager/app/door"
	"scriptsmanager/backend/domain"
)

type logStatsCmd struct {
	Days   int    `help:"Only executions of the last so many days, up to and with today; 0: of all." default:"30"`
	User   string `help:"Only executions of this person." placeholder:"U"`
	Script string `help:"Only executions of this script." placeholder:"G/S"`
}

// Run prints statistics, of everyone's executions where no user is named.
func (r logStatsCmd) Run(ctx context.Context, s *session) error {
	if r.Days < 0 {
		return domain.NewError(domain.CodeUsage, "detail", fmt.Sprintf("--days %d (0 or more)", r.Days))
	}
	return s.with(ctx, "", func(c *connection) error {
		var st app.LogStatistics
		err := door.Call(ctx, c, "Logs.Statistics", app.LogStatisticsRequest{
			Days: r.Days, User: r.User, AllUsers: r.User == "", ScriptID: strings.TrimSuffix(r.Script, ".py"),
		}, &st)
		if err != nil {
			return err
		}
		b, err := json.Marshal(st)
		if err != nil {
			return err
		}
		answer := map[string]any{}
		if err := json.Unmarshal(b, &answer); err != nil {
			return err
		}
		scripts := []any{}
		for _, one := range st.Scripts {
			m, err := s.named(one, one.Name)
			if err != nil {
				return err
			}
			scripts = append(scripts, m)
		}
		answer["scripts"] = scripts
		return s.print(answer, func(w io.Writer) { s.showStatistics(w, st) })
	})
}

func (s *session) showStatistics(w io.Writer, st app.LogStatistics) {
	rows := [][]string{
		{"executions", fmt.Sprint(st.Executions)},
		{"queued", fmt.Sprint(st.Queued)},
		{"running", fmt.Sprint(st.Running)},
		{"completed", fmt.Sprint(st.Completed)},
		{"failed", fmt.Sprint(st.Failed)},
		{"terminated", fmt.Sprint(st.Terminated)},
		{"success rate", rate(st.SuccessRate)},
	}
	if d := st.Duration; d != nil {
		rows = append(rows, []string{"mean duration", took(int64(d.Mean))}, []string{"50 % took at most", took(d.P50)},
			[]string{"90 % took at most", took(d.P90)}, []string{"99 % took at most", took(d.P99)})
	}
	rows = append(rows, []string{"logs now", fmt.Sprintf("%.1f MiB", float64(st.Bytes)/(1<<20))})
	table(w, []string{"WHAT", "FIGURE"}, rows)
	if len(st.Scripts) > 0 {
		rows = nil
		for _, one := range st.Scripts {
			rows = append(rows, []string{one.ScriptID, one.Name.In(s.lang), fmt.Sprint(one.Executions), rate(one.SuccessRate), took(one.Median)})
		}
		_, _ = fmt.Fprintln(w)
		table(w, []string{"SCRIPT", "NAME", "EXECUTIONS", "SUCCESS", "MEDIAN"}, rows)
	}
	if len(st.Projects) > 0 {
		rows = nil
		for _, one := range st.Projects {
			rows = append(rows, []string{one.Project, one.User, fmt.Sprint(one.Executions), rate(one.SuccessRate)})
		}
		_, _ = fmt.Fprintln(w)
		table(w, []string{"PROJECT", "USER", "EXECUTIONS", "SUCCESS"}, rows)
	}
}

func took(ms int64) string {
	return (time.Duration(ms) * time.Millisecond).Round(10 * time.Millisecond).String()
}

// rate gives a part of one in hundredths, "-" for none.
func rate(part *float64) string {
	if part == nil {
		return "-"
	}
	return fmt.Sprintf("%.0f %%", 100**part)
}
