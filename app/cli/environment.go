package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"time"

	"scriptsmanager/app"
	"scriptsmanager/app/door"
	"scriptsmanager/backend/domain"
)

type environmentCmds struct {
	List     environmentListCmd     `cmd:"" help:"List the Python environments."`
	Show     environmentShowCmd     `cmd:"" help:"Show one environment, with its packages."`
	Refresh  environmentRefreshCmd  `cmd:"" help:"Look for environments again, and ask also those again that gave no answer."`
	Activate environmentActivateCmd `cmd:"" help:"Print the variables that activating an environment sets, as commands of the shell."`

	Create  environmentCreateCmd  `cmd:"" help:"Make an environment."`
	Import  environmentImportCmd  `cmd:"" help:"Make an environment from a file."`
	Clone   environmentCloneCmd   `cmd:"" help:"Copy an environment."`
	Install environmentInstallCmd `cmd:"" help:"Install packages in an environment."`
	Export  environmentExportCmd  `cmd:"" help:"Print what is in an environment, as a file to import."`
	Remove  environmentRemoveCmd  `cmd:"" help:"Remove an environment."`
}

// environmentJSON gives the environment's object with what is wrong with it in
// the person's words under "reason".
func (s *session) environmentJSON(e domain.Environment) map[string]any {
	b, _ := json.Marshal(e) // plain fields
	m := map[string]any{}
	_ = json.Unmarshal(b, &m)
	m["reason"] = s.Texts.Problem(s.lang, e.Problem)
	return m
}

// environments prints a list, and below it what is wrong with those that
// cannot be used.
func (s *session) environments(list []domain.Environment) error {
	objects := make([]map[string]any, len(list))
	rows := make([][]string, len(list))
	for i, e := range list {
		objects[i] = s.environmentJSON(e)
		rows[i] = []string{e.Name, e.Kind, e.PythonVersion, e.FlaskVersion, e.State, e.Path}
	}
	return s.print(objects, func(w io.Writer) {
		table(w, []string{"NAME", "KIND", "PYTHON", "FLASK", "STATE", "PATH"}, rows)
		for _, e := range list {
			if e.Problem != nil && e.State != domain.EnvironmentNoFlask {
				_, _ = fmt.Fprintf(w, "\n%s: %s\n", oneLine(e.Path), oneLine(s.Texts.Problem(s.lang, e.Problem)))
			}
			if e.WritableByOthers {
				_, _ = fmt.Fprintf(w, "\n%s: %s\n", oneLine(e.Path), s.Texts.Text(s.lang, "environment.writable_by_others", nil))
			}
		}
	})
}

type environmentListCmd struct{}

// Run lists environments, looked for anew where the person may.
func (environmentListCmd) Run(ctx context.Context, s *session) error {
	return s.with(ctx, "", func(c *connection) error {
		var list []domain.Environment
		err := door.Call(ctx, c, "Environments.Look", nil, &list)
		if domain.HasCode(err, domain.CodeNotAllowed) {
			err = door.Call(ctx, c, "Environments.List", nil, &list)
		}
		if err != nil {
			return err
		}
		return s.environments(list)
	})
}

type environmentRefreshCmd struct{}

// Run looks for environments anew.
func (environmentRefreshCmd) Run(ctx context.Context, s *session) error {
	return s.with(ctx, "", func(c *connection) error {
		var list []domain.Environment
		if err := door.Call(ctx, c, "Environments.Refresh", nil, &list); err != nil {
			return err
		}
		return s.environments(list)
	})
}

// environmentPath makes an environment's path absolute where it is a path: the engine
// may run in another folder.
func environmentPath(wanted string) string {
	if wanted == "." || wanted == ".." || strings.ContainsAny(wanted, `/\`) && !filepath.IsAbs(wanted) {
		// A name may have a slash, too ("project/.venv"): what is no folder stays one.
		if p, err := filepath.Abs(wanted); err == nil && isFolder(p) {
			return p
		}
	}
	return wanted
}

type environmentShowCmd struct {
	Environment string `arg:"" help:"Name or path."`
}

// Run shows one environment.
func (r environmentShowCmd) Run(ctx context.Context, s *session) error {
	return s.with(ctx, "", func(c *connection) error {
		request := app.EnvironmentRequest{Environment: environmentPath(r.Environment)}
		var d app.EnvironmentDetail
		if err := door.Call(ctx, c, "Environments.Get", request, &d); err != nil {
			return err
		}
		request.Environment = d.Path // in between, another one may get the name
		var packages []domain.EnvironmentPackage
		if err := door.Call(ctx, c, "Environments.Packages", request, &packages); err != nil &&
			!domain.HasCode(err, domain.CodeFileUnreadable) { // told as its problem
			return err
		}
		object := s.environmentJSON(d.Environment)
		object["groups"], object["scripts"], object["packages"] = d.Groups, d.Scripts, append([]domain.EnvironmentPackage{}, packages...)
		return s.print(object, func(w io.Writer) { s.showEnvironment(w, d, packages) })
	})
}

func (s *session) showEnvironment(w io.Writer, d app.EnvironmentDetail, packages []domain.EnvironmentPackage) {
	p := func(label, text string) {
		if text != "" {
			_, _ = fmt.Fprintf(w, "%-14s %s\n", label, oneLine(text))
		}
	}
	p("Name:", d.Name)
	p("Path:", d.Path)
	p("Kind:", d.Kind)
	p("Managed by:", d.Tool)
	p("Installation:", d.Root)
	p("State:", d.State)
	p("Problem:", s.Texts.Problem(s.lang, d.Problem))
	if d.Problem != nil {
		label := "Detail:"
		for line := range strings.Lines(d.Problem.Detail) { // what a program printed
			p(label, strings.TrimRight(line, "\r\n"))
			label = ""
		}
	}
	if d.WritableByOthers {
		p("Warning:", s.Texts.Text(s.lang, "environment.writable_by_others", nil))
	}
	p("Python:", strings.TrimSpace(d.PythonVersion+" "+d.Python))
	p("Flask:", d.FlaskVersion)
	if d.Size > 0 {
		p("Size:", sizeText(d.Size))
	}
	if d.Default {
		p("Default:", "yes")
	}
	if d.VerifiedAt != nil {
		p("Verified:", d.VerifiedAt.Local().Format(time.DateTime))
	}
	p("Groups:", strings.Join(d.Groups, ", "))
	p("Scripts:", strings.Join(d.Scripts, ", "))
	if len(packages) == 0 {
		return
	}
	rows := make([][]string, len(packages))
	for i, k := range packages {
		rows[i] = []string{k.Name, k.Version, k.Build, k.Channel}
	}
	_, _ = fmt.Fprintln(w)
	table(w, []string{"PACKAGE", "VERSION", "BUILD", "CHANNEL"}, rows)
}

type environmentActivateCmd struct {
	Environment string `arg:"" help:"Name or path."`
}

// Run prints what activating the environment changes, for
// `eval "$(scriptsmanager environment activate NAME)"`.
func (r environmentActivateCmd) Run(ctx context.Context, s *session) error {
	return s.with(ctx, "", func(c *connection) error {
		var a domain.EnvironmentActivation
		if err := door.Call(ctx, c, "Environments.Activation", app.EnvironmentRequest{Environment: environmentPath(r.Environment)}, &a); err != nil {
			return err
		}
		return s.print(a, func(w io.Writer) {
			for _, name := range a.Unset {
				if runtime.GOOS != "windows" && !shellName.MatchString(name) {
					continue
				}
				_, _ = fmt.Fprintln(w, unsetCommand(name))
			}
			for _, name := range slices.Sorted(maps.Keys(a.Variables)) {
				if runtime.GOOS != "windows" && !shellName.MatchString(name) {
					continue // no shell can set it
				}
				_, _ = fmt.Fprintln(w, setCommand(name, a.Variables[name]))
			}
			if names := strings.Join(a.Withheld, " "); names != "" && !strings.ContainsAny(names, "\r\n") {
				_, _ = fmt.Fprintln(w, comment(s.Texts.Text(s.lang, "environment.withheld", map[string]any{"names": names})))
			}
		})
	})
}

var shellName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// setCommand is a line that sets a variable in the machine's shell.
func setCommand(name, value string) string {
	if runtime.GOOS == "windows" {
		return `set "` + name + "=" + value + `"`
	}
	return "export " + name + "='" + strings.ReplaceAll(value, "'", `'\''`) + "'"
}

func unsetCommand(name string) string {
	if runtime.GOOS == "windows" {
		return `set "` + name + `="`
	}
	return "unset " + name
}

// comment is a line that the machine's shell passes over.
func comment(text string) string {
	if runtime.GOOS == "windows" {
		return "rem " + text
	}
	return "# " + text
}

// sizeText is a size in the largest binary unit of which it has one.
func sizeText(n int64) string {
	units := []string{"B", "KiB", "MiB", "GiB", "TiB"}
	v, i := float64(n), 0
	for v >= 1024 && i < len(units)-1 {
		v, i = v/1024, i+1
	}
	if i == 0 {
		return fmt.Sprint(n, " B")
	}
	return fmt.Sprintf("%.1f %s", v, units[i])
}

func isFolder(p string) bool {
	info, err := os.Stat(p)
	return err == nil && info.IsDir()
}
