package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"scriptsmanager/app"
	"scriptsmanager/app/door"
	"scriptsmanager/backend/domain"
)

type setupCmd struct {
	Admin    string `help:"Name of the administrator. The password is read from SCRIPTSMANAGER_ADMIN_PASSWORD, else asked for." required:"" placeholder:"NAME"`
	Language string `help:"Language of the administrator and of new accounts." default:"en" enum:"en,es,it,fr"`
}

// Run makes the administrator.
func (r setupCmd) Run(ctx context.Context, s *session) error {
	return s.with(ctx, "", func(c *connection) error {
		var state app.SessionState
		if err := door.Call(ctx, c, "Session.State", nil, &state); err != nil {
			return err
		}
		if !state.SetupNeeded {
			return domain.NewError(domain.CodeSetupDone)
		}
		password, err := s.password("SCRIPTSMANAGER_ADMIN_PASSWORD", r.Admin)
		if err != nil {
			return err
		}
		err = door.Call(ctx, c, "Setup.CreateAdministrator", app.AdministratorRequest{
			Name: r.Admin, Password: password, Language: domain.Language(r.Language), Theme: domain.ThemeSystem,
		}, &state)
		if err != nil {
			return err
		}
		return s.print(state.User, func(w io.Writer) {
			_, _ = fmt.Fprintln(w, s.Texts.Text(s.lang, "cli.setup.done", map[string]any{"name": state.User.Name}))
		})
	})
}

type userAddCmd struct {
	Name  string `arg:"" help:"What the person signs in with."`
	Level string `help:"admin, developer, operator or viewer." required:"" placeholder:"LEVEL"`
	Email string `help:"E-mail address."`
}

// Run adds an account.
func (r userAddCmd) Run(ctx context.Context, s *session) error {
	if _, err := domain.ParseLevel(r.Level); err != nil {
		return err
	}
	return s.with(ctx, "", func(c *connection) error {
		password, err := s.password("SCRIPTSMANAGER_USER_PASSWORD", r.Name)
		if err != nil {
			return err
		}
		var user domain.User
		err = door.Call(ctx, c, "Users.Add", app.AddUserRequest{
			Name: r.Name, Password: password, Level: r.Level, Email: r.Email,
		}, &user)
		if err != nil {
			return err
		}
		return s.print(user, func(w io.Writer) {
			_, _ = fmt.Fprintln(w, s.Texts.Text(s.lang, "cli.user.added",
				map[string]any{"name": user.Name, "level": string(user.Level)}))
		})
	})
}

// password takes a password from a variable, else from the terminal (asked
// for twice, not shown), else from the first line of the standard input.
func (s *session) password(variableName, user string) (string, error) {
	if p := Variable(s.Environ, variableName); p != "" {
		return p, nil
	}
	if !term.IsTerminal(int(s.Stdin.Fd())) {
		line, err := bufio.NewReader(io.LimitReader(s.Stdin, 4096)).ReadString('\n')
		if line = strings.TrimRight(line, "\r\n"); line == "" {
			return "", domain.NewError(domain.CodePasswordNotGiven, "variable", variableName).Because(err)
		}
		return line, nil
	}
	first, err := s.ask(s.Texts.Text(s.lang, "cli.password.ask", map[string]any{"name": user}))
	if err != nil {
		return "", err
	}
	second, err := s.ask(s.Texts.Text(s.lang, "cli.password.again", nil))
	if err != nil {
		return "", err
	}
	if first != second {
		return "", domain.NewError(domain.CodePasswordsDiffer)
	}
	return first, nil
}

func (s *session) ask(prompt string) (string, error) {
	_, _ = fmt.Fprint(s.Stderr, prompt+" ")
	b, err := term.ReadPassword(int(s.Stdin.Fd()))
	_, _ = fmt.Fprintln(s.Stderr)
	if errors.Is(err, io.EOF) || errors.Is(err, os.ErrClosed) {
		return "", domain.NewError(domain.CodeUsage, "detail", "no password")
	}
	return string(b), err
}
