package cli

import (
	"context"
	"fmt"
	"io"
	"strings"

	"scriptsmanager/app"
	"scriptsmanager/app/door"
)

type tagCmds struct {
	List   tagListCmd   `cmd:"" help:"List tags with how many scripts have them, or those of one script."`
	Add    tagAddCmd    `cmd:"" help:"Give a script tags of your own, which nobody else sees."`
	Remove tagRemoveCmd `cmd:"" help:"Take tags of your own away from a script."`
	Rename tagRenameCmd `cmd:"" help:"Give a tag of your own another name on all scripts."`
}

type tagListCmd struct {
	Script string `arg:"" name:"G/S" optional:"" help:"The script; all where none is named."`
	As     string `help:"Act with this user's rights." placeholder:"USER"`
}

// Run lists tags.
func (r tagListCmd) Run(ctx context.Context, s *session) error {
	return s.with(ctx, r.As, func(c *connection) error {
		if r.Script != "" {
			var tags app.ScriptTags
			if err := door.Call(ctx, c, "Tags.Of", app.ScriptRequest{ScriptID: strings.TrimSuffix(r.Script, ".py")}, &tags); err != nil {
				return err
			}
			return s.printTags(tags)
		}
		var list app.TagList
		if err := door.Call(ctx, c, "Tags.List", nil, &list); err != nil {
			return err
		}
		rows := [][]string{}
		for _, t := range list.Tags {
			rows = append(rows, []string{t.Name, fmt.Sprint(t.Scripts), fmt.Sprint(t.System), fmt.Sprint(t.Own)})
		}
		return s.print(list.Tags, func(w io.Writer) { table(w, []string{"TAG", "SCRIPTS", "SYSTEM", "OWN"}, rows) })
	})
}

func (s *session) printTags(tags app.ScriptTags) error {
	rows := [][]string{}
	for _, name := range tags.System {
		rows = append(rows, []string{name, "system"})
	}
	for _, name := range tags.Own {
		rows = append(rows, []string{name, "own"})
	}
	return s.print(tags, func(w io.Writer) { table(w, []string{"TAG", "SOURCE"}, rows) })
}

type tagAddCmd struct {
	Script string   `arg:"" name:"G/S" help:"The script."`
	Tags   []string `arg:"" name:"TAG" help:"The tags."`
	As     string   `help:"Act with this user's rights." placeholder:"USER"`
}

// Run adds tags.
func (r tagAddCmd) Run(ctx context.Context, s *session) error {
	return s.changeTags(ctx, r.As, app.ChangeTagsRequest{ScriptID: r.Script, Add: r.Tags})
}

type tagRemoveCmd struct {
	Script string   `arg:"" name:"G/S" help:"The script."`
	Tags   []string `arg:"" name:"TAG" help:"The tags."`
	As     string   `help:"Act with this user's rights." placeholder:"USER"`
}

// Run takes tags away.
func (r tagRemoveCmd) Run(ctx context.Context, s *session) error {
	return s.changeTags(ctx, r.As, app.ChangeTagsRequest{ScriptID: r.Script, Remove: r.Tags})
}

func (s *session) changeTags(ctx context.Context, as string, q app.ChangeTagsRequest) error {
	q.ScriptID = strings.TrimSuffix(q.ScriptID, ".py")
	return s.with(ctx, as, func(c *connection) error {
		var tags app.ScriptTags
		if err := door.Call(ctx, c, "Tags.Change", q, &tags); err != nil {
			return err
		}
		return s.printTags(tags)
	})
}

type tagRenameCmd struct {
	From string `arg:"" name:"TAG" help:"The tag."`
	To   string `arg:"" name:"NAME" help:"Its new name; where a script has a tag of that name, too, they become one."`
	As   string `help:"Act with this user's rights." placeholder:"USER"`
}

// Run renames a tag.
func (r tagRenameCmd) Run(ctx context.Context, s *session) error {
	return s.with(ctx, r.As, func(c *connection) error {
		var change app.TagChange
		if err := door.Call(ctx, c, "Tags.Rename", app.RenameTagRequest{From: r.From, To: r.To}, &change); err != nil {
			return err
		}
		return s.print(change, func(w io.Writer) {
			_, _ = fmt.Fprintln(w, s.Texts.Text(s.lang, "cli.tag.renamed", map[string]any{"count": change.Scripts}))
		})
	})
}
