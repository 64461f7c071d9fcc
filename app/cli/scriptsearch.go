package cli

import (
	"context"
	"fmt"
	"io"
	"strings"

	"scriptsmanager/app"
	"scriptsmanager/app/door"
	"scriptsmanager/backend/find"
)

type scriptSearchCmd struct {
	Text  []string `arg:"" name:"TEXT" help:"Words; all of them must be there. Case and accents do not count."`
	Group string   `help:"Only in this group." placeholder:"G"`
	Limit int      `default:"20" help:"So many of the best, 200 at most." placeholder:"N"`
	As    string   `help:"Act with this user's rights." placeholder:"USER"`
}

// Run looks for scripts.
func (r scriptSearchCmd) Run(ctx context.Context, s *session) error {
	return s.with(ctx, r.As, func(c *connection) error {
		var result app.ScriptSearchResult
		q := app.ScriptSearchRequest{Text: strings.Join(r.Text, " "), GroupID: r.Group, Language: s.lang, Limit: r.Limit}
		if err := door.Call(ctx, c, "Scripts.Search", q, &result); err != nil {
			return err
		}
		rows := [][]string{}
		for _, h := range result.Hits {
			places := []string{}
			for _, m := range h.Matches {
				place := s.Texts.Text(s.lang, "ui.find.in."+m.Field, nil)
				if len(m.Parts) > 0 {
					place += ": " + partsText(m.Parts)
				}
				places = append(places, place)
			}
			rows = append(rows, []string{h.ScriptID, partsText(h.Name), strings.Join(places, "; ")})
		}
		return s.print(result, func(w io.Writer) {
			table(w, []string{"ID", "NAME", "FOUND IN"}, rows)
			if result.Total > len(rows) {
				_, _ = fmt.Fprintln(w, s.Texts.Text(s.lang, "ui.find.more", map[string]any{"count": result.Total - len(rows), "count_text": result.Total - len(rows)}))
			}
		})
	})
}

func partsText(parts []find.Part) string {
	var b strings.Builder
	for _, p := range parts {
		b.WriteString(p.Text)
	}
	return b.String()
}
