package cli

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	"golang.org/x/term"

	"scriptsmanager/app"
	"scriptsmanager/app/door"
	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
)

type userDataCmd struct {
	Name string `arg:"" help:"What the person signs in with."`
}

// Run tells what an account has.
func (r userDataCmd) Run(ctx context.Context, s *session) error {
	return s.with(ctx, "", func(c *connection) error {
		user, err := accountNamed(ctx, c, r.Name)
		if err != nil {
			return err
		}
		var data engine.UserData
		if err := door.Call(ctx, c, "Users.Data", app.UserRequest{UserID: user.ID}, &data); err != nil {
			return err
		}
		rows := make([][]string, len(data.Projects))
		for i, p := range data.Projects {
			rows[i] = []string{p.Name, strconv.FormatInt(p.Files, 10), strconv.FormatInt(p.Bytes, 10)}
		}
		return s.print(data, func(w io.Writer) { table(w, []string{"PROJECT", "FILES", "BYTES"}, rows) })
	})
}

type userDeleteCmd struct {
	Name    string `arg:"" help:"What the person signs in with."`
	Data    string `help:"What becomes of projects and data: keep (under the name), hand-over (to another account), delete." required:"" enum:"keep,hand-over,delete"`
	To      string `help:"Whose they become, with hand-over." placeholder:"USER"`
	Confirm string `help:"The name once more; asked for at a terminal, else." placeholder:"NAME"`
}

// Run deletes an account.
func (r userDeleteCmd) Run(ctx context.Context, s *session) error {
	return s.with(ctx, "", func(c *connection) error {
		user, err := accountNamed(ctx, c, r.Name)
		if err != nil {
			return err
		}
		request := app.DeleteUserRequest{UserID: user.ID, Data: strings.ReplaceAll(r.Data, "-", "_"), Confirm: s.confirmedUser(r.Confirm, user.Name)}
		if (r.To != "") != (request.Data == string(domain.DataHandOver)) {
			return domain.NewError(domain.CodeUsage, "detail", "--data hand-over, --to USER")
		}
		if r.To != "" {
			heir, err := accountNamed(ctx, c, r.To)
			if err != nil {
				return err
			}
			request.To = heir.ID
		}
		var deleted domain.DeletedUser
		if err := door.Call(ctx, c, "Users.Delete", request, &deleted); err != nil {
			return err
		}
		return s.print(deleted, func(w io.Writer) {
			_, _ = fmt.Fprintln(w, s.Texts.Text(s.lang, "cli.user.deleted", map[string]any{"name": deleted.Name}))
		})
	})
}

type userResetDataCmd struct {
	Name    string `arg:"" help:"What the person signs in with."`
	Deleted bool   `help:"What was kept of a deleted account: its name, or its number as user deleted lists it."`
	Confirm string `help:"The name once more; asked for at a terminal, else." placeholder:"NAME"`
}

// Run removes the data folders of an account.
func (r userResetDataCmd) Run(ctx context.Context, s *session) error {
	return s.with(ctx, "", func(c *connection) error {
		var user domain.User
		var err error
		if r.Deleted {
			user, err = keptAccount(ctx, c, r.Name)
		} else {
			user, err = accountNamed(ctx, c, r.Name)
		}
		if err != nil {
			return err
		}
		var data engine.UserData
		if err := door.Call(ctx, c, "Users.ResetData", app.ResetDataRequest{UserID: user.ID, Confirm: s.confirmedUser(r.Confirm, user.Name)}, &data); err != nil {
			return err
		}
		return s.print(data, func(w io.Writer) {
			_, _ = fmt.Fprintln(w, s.Texts.Text(s.lang, "cli.user.data_reset", map[string]any{"name": user.Name}))
		})
	})
}

type userSystemSignInCmd struct {
	Name    string `arg:"" optional:"" help:"Who signs in as the operating system's account that runs this."`
	Off     bool   `help:"Nobody does."`
	Account string `help:"The operating system's account that is meant, by its number as it is listed, where it is another one." placeholder:"NUMBER"`
}

// Run says who signs in as the operating system's user, or tells it.
func (r userSystemSignInCmd) Run(ctx context.Context, s *session) error {
	if r.Off && r.Name != "" {
		return domain.NewError(domain.CodeUsage, "detail", "NAME, --off")
	}
	return s.with(ctx, "", func(c *connection) error {
		var answer app.SystemAccountsAnswer
		method, request := "Users.SystemAccounts", any(nil)
		if r.Name != "" || r.Off {
			var user domain.User
			if r.Name != "" {
				var err error
				if user, err = accountNamed(ctx, c, r.Name); err != nil {
					return err
				}
			}
			method, request = "Users.SetSystemAccount", app.SystemAccountRequest{UserID: user.ID, Account: r.Account}
		}
		if err := door.Call(ctx, c, method, request, &answer); err != nil {
			return err
		}
		rows := make([][]string, len(answer.Set))
		for i, a := range answer.Set {
			rows[i] = []string{a.Name, a.Account, a.User}
		}
		return s.print(answer, func(w io.Writer) {
			table(w, []string{"SYSTEM ACCOUNT", "NUMBER", "SIGNS IN AS"}, rows)
			if !answer.On {
				_, _ = fmt.Fprintln(w, s.Texts.Text(s.lang, "ui.users.system_off", nil))
			}
		})
	})
}

func (s *session) confirmedUser(given, name string) string {
	return s.confirmed(given, s.Texts.Text(s.lang, "cli.user.confirm", map[string]any{"name": name}))
}

// confirmed gives the name that was typed once more, which is asked for at a
// terminal where none was given; "" where there is none.
func (s *session) confirmed(given, question string) string {
	if given != "" || s.flags.JSON || s.Stdin == nil || !term.IsTerminal(int(s.Stdin.Fd())) {
		return given
	}
	_, _ = fmt.Fprint(s.Stderr, question+" ")
	typed, _ := bufio.NewReader(s.Stdin).ReadString('\n')
	return strings.TrimSpace(typed)
}
