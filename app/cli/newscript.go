package cli

import (
	"context"
	"fmt"
	"io"
	"strings"

	"scriptsmanager/app/door"
	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
)

type scriptNewCmd struct {
	Script   string `arg:"" help:"The new script, as GROUP/SCRIPT; a group that is not there is made." name:"G/S"`
	Template string `help:"form: inputs and a result; dashboard: a page that measures; job: without a page." default:"form" placeholder:"form|dashboard|job"`
	Title    string `help:"The name that people see; made of the script's else." placeholder:"TEXT"`
	As       string `help:"Act with this user's rights." placeholder:"USER"`
}

// Run makes a script from a template and says where it lies.
func (r scriptNewCmd) Run(ctx context.Context, s *session) error {
	return s.with(ctx, r.As, func(c *connection) error {
		group, name, ok := strings.Cut(strings.TrimSuffix(r.Script, ".py"), "/")
		if !ok {
			return domain.NewError(domain.CodeUsageForm, "given", r.Script, "form", "GROUP/SCRIPT")
		}
		var script domain.Script
		request := engine.NewScript{GroupID: group, Name: name, Template: r.Template, Title: r.Title}
		if err := door.Call(ctx, c, "Scripts.Create", request, &script); err != nil {
			return err
		}
		return s.print(map[string]any{"script_id": script.ID, "path": script.Path}, func(w io.Writer) { _, _ = fmt.Fprintln(w, script.Path) })
	})
}
