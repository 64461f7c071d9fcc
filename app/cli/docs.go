package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"scriptsmanager/app"
	"scriptsmanager/app/door"
	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
)

type docsRenderCmd struct {
	Script   string `arg:"" help:"The script: group/name."`
	Language string `name:"language" help:"Language of the documentation: en, es, it or fr; else the one that is printed in." placeholder:"LANG"`
	As       string `help:"Act with this user's rights." placeholder:"USER"`
}

// Run prints the document; what is wrong with it goes to the standard error.
func (r docsRenderCmd) Run(ctx context.Context, s *session) error {
	language := s.lang
	if r.Language != "" {
		if language = domain.Language(r.Language); !language.Valid() {
			return domain.NewError(domain.CodeUsage, "detail", fmt.Sprintf("--language %s: en, es, it, fr", r.Language))
		}
	}
	return s.with(ctx, r.As, func(c *connection) error {
		var d engine.DocumentView
		if err := door.Call(ctx, c, "Documents.Get", app.DocumentRequest{ScriptID: r.Script, Language: language}, &d); err != nil {
			return err
		}
		if s.flags.JSON {
			return json.NewEncoder(s.Stdout).Encode(d)
		}
		if d.Fallback {
			s.note(s.Texts.Text(s.lang, "cli.docs.fallback", map[string]any{"wanted": string(d.Requested), "shown": string(d.Language)}))
		}
		for _, p := range d.Problems {
			s.note(s.problem(p))
		}
		_, err := fmt.Fprintln(s.Stdout, strings.TrimRight(d.HTML, "\n"))
		return err
	})
}

// note says something beside what is printed.
func (s *session) note(text string) { _, _ = fmt.Fprintln(s.Stderr, oneLine(text)) }
