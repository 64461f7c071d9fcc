package cli

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"scriptsmanager/app"
	"scriptsmanager/app/door"
	"scriptsmanager/backend/domain"
)

type userDeletedCmd struct{}

// Run lists deleted accounts.
func (userDeletedCmd) Run(ctx context.Context, s *session) error {
	return s.with(ctx, "", func(c *connection) error {
		list := []domain.DeletedUser{}
		if err := door.Call(ctx, c, "Users.Deleted", nil, &list); err != nil {
			return err
		}
		rows := make([][]string, len(list))
		for i, u := range list {
			rows[i] = []string{fmt.Sprint(u.ID), u.Name, string(u.Level), u.DeletedAt.Local().Format(time.DateTime), strings.TrimSpace(string(u.Data) + " " + u.To)}
		}
		return s.print(list, func(w io.Writer) { table(w, []string{"ID", "NAME", "LEVEL", "DELETED", "DATA"}, rows) })
	})
}

// keptAccount gives the deleted account of a name or number of which data were
// kept. Where there are several of a name, they are told apart by numbers.
func keptAccount(ctx context.Context, c *connection, name string) (domain.User, error) {
	var list []domain.DeletedUser
	if err := door.Call(ctx, c, "Users.Deleted", nil, &list); err != nil {
		return domain.User{}, err
	}
	var found []domain.User
	var numbers []string
	for _, u := range list {
		if u.Data == domain.DataKeep && (strings.EqualFold(u.Name, name) || strconv.FormatInt(u.ID, 10) == name) {
			found, numbers = append(found, u.User), append(numbers, strconv.FormatInt(u.ID, 10))
		}
	}
	switch len(found) {
	case 0:
		return domain.User{}, domain.NewError(domain.CodeNotFound, "what", "user", "name", name)
	case 1:
		return found[0], nil
	default:
		return domain.User{}, domain.NewError(domain.CodeUsage, "detail", name+": "+strings.Join(numbers, ", "))
	}
}

type userHandOverCmd struct {
	Name    string `arg:"" help:"The name of the deleted account, or its number as user deleted lists it."`
	To      string `help:"Whose projects, files and backups become." required:"" placeholder:"USER"`
	Confirm string `help:"The name once more; asked for at a terminal, else." placeholder:"NAME"`
}

// Run gives what was kept of a deleted account to another one.
func (r userHandOverCmd) Run(ctx context.Context, s *session) error {
	return s.with(ctx, "", func(c *connection) error {
		user, err := keptAccount(ctx, c, r.Name)
		if err != nil {
			return err
		}
		heir, err := accountNamed(ctx, c, r.To)
		if err != nil {
			return err
		}
		var deleted domain.DeletedUser
		request := app.HandOverRequest{UserID: user.ID, To: heir.ID, Confirm: s.confirmedUser(r.Confirm, user.Name)}
		if err := door.Call(ctx, c, "Users.HandOver", request, &deleted); err != nil {
			return err
		}
		return s.print(deleted, func(w io.Writer) {
			_, _ = fmt.Fprintln(w, s.Texts.Text(s.lang, "cli.user.handed_over", map[string]any{"name": deleted.Name, "to": deleted.To}))
		})
	})
}

type userSessionsCmd struct {
	Name string `arg:"" help:"What the person signs in with."`
	End  bool   `help:"Sign the person out everywhere."`
}

// Run tells where a person is signed in, or ends that.
func (r userSessionsCmd) Run(ctx context.Context, s *session) error {
	return s.with(ctx, "", func(c *connection) error {
		user, err := accountNamed(ctx, c, r.Name)
		if err != nil {
			return err
		}
		if r.End {
			if err := door.Call(ctx, c, "Users.EndSessions", app.UserRequest{UserID: user.ID}, nil); err != nil {
				return err
			}
		}
		list := []app.PersonSession{}
		if err := door.Call(ctx, c, "Users.Sessions", app.UserRequest{UserID: user.ID}, &list); err != nil {
			return err
		}
		rows := make([][]string, len(list))
		for i, one := range list {
			rows[i] = []string{one.Client, one.Since.Local().Format(time.DateTime), one.Used.Local().Format(time.DateTime)}
		}
		return s.print(list, func(w io.Writer) { table(w, []string{"IN", "SINCE", "USED"}, rows) })
	})
}
