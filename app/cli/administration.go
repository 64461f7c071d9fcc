package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"scriptsmanager/app"
	"scriptsmanager/app/door"
	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
)

type dataUsageCmd struct {
	Measure bool   `help:"Measure again first, which may take a while."`
	As      string `help:"Act with this user's rights." placeholder:"USER"`
}

// looksFor is how often a command looks whether something has come to its end,
// or whether there is more.
const looksFor = 200 * time.Millisecond

// Run tells what people and projects take. What was never measured is measured.
func (r dataUsageCmd) Run(ctx context.Context, s *session) error {
	return s.with(ctx, r.As, func(c *connection) error {
		var use engine.DataUse
		if err := door.Call(ctx, c, "DataUse.Get", nil, &use); err != nil {
			return err
		}
		if r.Measure || use.MeasuredAt == nil && !use.Measuring {
			if err := door.Call(ctx, c, "DataUse.Measure", nil, &use); err != nil {
				return err
			}
		}
		for use.Measuring {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(looksFor):
			}
			if err := door.Call(ctx, c, "DataUse.Get", nil, &use); err != nil {
				return err
			}
		}
		if use.Failed != "" {
			return domain.NewError(domain.CodeUnavailable, "detail", use.Failed)
		}
		return s.print(use, func(w io.Writer) {
			rows := make([][]string, len(use.Projects))
			for i, p := range use.Projects {
				user := p.User
				switch {
				case p.Deleted:
					user += " (" + s.Texts.Text(s.lang, "ui.data_use.deleted", nil) + ")"
				case p.UserID == 0:
					user += " (" + s.Texts.Text(s.lang, "ui.data_use.nobody", nil) + ")"
				}
				rows[i] = []string{user, p.Project, bytesOf(p.Data), bytesOf(p.Logs), bytesOf(p.Backups), bytesOf(p.Caches)}
			}
			table(w, []string{"USER", "PROJECT", "DATA", "LOGS", "BACKUPS", "CACHES"}, rows)
			_, _ = fmt.Fprintln(w)
			rows = make([][]string, len(use.System))
			for i, one := range use.System {
				rows[i] = []string{s.Texts.Text(s.lang, "ui.data_use."+one.What, nil), bytesOf(one.Size)}
			}
			table(w, []string{"INSTALLATION", "BYTES"}, rows)
		})
	})
}

func bytesOf(s engine.Size) string { return strconv.FormatInt(s.Bytes, 10) }

type discoveryCmds struct {
	List discoveryListCmd `cmd:"" help:"List what is wrong in groups and scripts, with file and line."`
}

type discoveryListCmd struct {
	Refresh bool   `help:"Look at all folders again first."`
	As      string `help:"Act with this user's rights." placeholder:"USER"`
}

// Run lists problems, mistakes before warnings.
func (r discoveryListCmd) Run(ctx context.Context, s *session) error {
	return s.with(ctx, r.As, func(c *connection) error {
		var status engine.DiscoveryStatus
		method := "Discovery.Get"
		if r.Refresh || c.owner {
			method = "Discovery.Refresh" // nobody has looked yet
		}
		if err := door.Call(ctx, c, method, nil, &status); err != nil {
			return err
		}
		return s.print(status, func(w io.Writer) {
			for _, p := range status.Problems {
				where := p.File
				if p.Line > 0 {
					where += ":" + strconv.Itoa(p.Line)
				}
				_, _ = fmt.Fprintln(w, where+": "+s.Texts.Error(s.lang, &domain.Error{Code: p.Code, Params: p.Params}))
			}
			_, _ = fmt.Fprintln(w, s.Texts.Text(s.lang, "cli.discovery.found", map[string]any{
				"groups": status.Groups, "scripts": status.Scripts, "problems": len(status.Problems), "time": status.ScannedAt.Local().Format(time.DateTime),
			}))
		})
	})
}

type systemLogCmds struct {
	List   systemLogListCmd   `cmd:"" help:"List the application's own logs."`
	Show   systemLogShowCmd   `cmd:"" help:"Print the last lines of one."`
	Export systemLogExportCmd `cmd:"" help:"Write one into a file, with those before it as a zip."`
}

type systemLogListCmd struct {
	As string `help:"Act with this user's rights." placeholder:"USER"`
}

// Run lists the logs.
func (r systemLogListCmd) Run(ctx context.Context, s *session) error {
	type one struct {
		Name string `json:"name"`
		Size int64  `json:"size"`
	}
	return s.with(ctx, r.As, func(c *connection) error {
		list := []one{}
		rows := [][]string{}
		for _, name := range engine.SystemLogNames() {
			var page engine.SystemLogPage
			if err := door.Call(ctx, c, "SystemLogs.Read", engine.SystemLogRequest{File: name}, &page); err != nil {
				return err
			}
			list = append(list, one{name, page.Size})
			rows = append(rows, []string{name, strconv.FormatInt(page.Size, 10)})
		}
		return s.print(list, func(w io.Writer) { table(w, []string{"NAME", "BYTES"}, rows) })
	})
}

type systemLogShowCmd struct {
	Name   string `arg:"" help:"application, error or access."`
	Level  string `help:"Only lines of this level and above: debug, info, warn or error." placeholder:"LEVEL"`
	Text   string `help:"Only lines with this text." placeholder:"TEXT"`
	Lines  int    `help:"At most so many lines." default:"50"`
	Follow bool   `short:"f" help:"Go on with what is written from now on, until Ctrl-C."`
	As     string `help:"Act with this user's rights." placeholder:"USER"`
}

// Run prints lines, the oldest first. With --json it is one array, or with
// --follow one document in each line.
func (r systemLogShowCmd) Run(ctx context.Context, s *session) error {
	level := strings.ToUpper(r.Level)
	if r.Lines < 1 {
		return domain.NewError(domain.CodeUsage, "detail", fmt.Sprintf("--lines %d (1 or more)", r.Lines))
	}
	if level != "" && !slices.Contains([]string{"DEBUG", "INFO", "WARN", "ERROR"}, level) {
		return domain.NewError(domain.CodeUsage, "detail", "--level "+r.Level+" (debug, info, warn, error)")
	}
	q := engine.SystemLogRequest{File: r.Name, Level: level, Text: r.Text}
	return s.with(ctx, r.As, func(c *connection) error {
		var last engine.SystemLogPage
		if err := door.Call(ctx, c, "SystemLogs.Read", q, &last); err != nil {
			return err
		}
		lines := last.Lines
		for before := last.Before; before > 0 && len(lines) < r.Lines; {
			var page engine.SystemLogPage
			q.Before, q.Begun = before, last.Begun
			if err := door.Call(ctx, c, "SystemLogs.Read", q, &page); err != nil {
				return err
			}
			lines, before = append(page.Lines, lines...), page.Before
		}
		lines = lines[max(0, len(lines)-r.Lines):]
		if !r.Follow {
			return s.print(lines, func(w io.Writer) { systemLogLines(w, lines) })
		}
		return r.follow(ctx, s, c, q, last, lines)
	})
}

func (r systemLogShowCmd) follow(ctx context.Context, s *session, c *connection, q engine.SystemLogRequest, last engine.SystemLogPage, lines []engine.SystemLogLine) error {
	e := json.NewEncoder(s.Stdout)
	q.Before = 0
	for {
		if s.flags.JSON {
			for _, line := range lines {
				if err := e.Encode(line); err != nil {
					return err
				}
			}
		} else {
			systemLogLines(s.Stdout, lines)
		}
		select {
		case <-ctx.Done():
			return nil // somebody has seen enough
		case <-time.After(looksFor):
		}
		began := last.Begun == ""
		q.From, q.Begun = last.End, last.Begun
		last = engine.SystemLogPage{}
		if err := door.Call(ctx, c, "SystemLogs.Read", q, &last); err != nil {
			if ctx.Err() != nil || door.Gone(err) {
				return nil //nolint:nilerr // whoever followed it, or the owner, has ended
			}
			return err
		}
		lines = last.Lines
		if began && last.Begun == "" {
			lines = nil
		}
	}
}

// systemLogLines prints them for people.
func systemLogLines(w io.Writer, lines []engine.SystemLogLine) {
	for _, line := range lines {
		text := line.Message
		for _, key := range slices.Sorted(maps.Keys(line.More)) {
			text += fmt.Sprintf(" %s=%v", key, line.More[key])
		}
		at := ""
		if !line.Time.IsZero() {
			at = line.Time.Local().Format("2006-01-02 15:04:05.000 ")
		}
		_, _ = fmt.Fprintln(w, strings.TrimSpace(fmt.Sprintf("%s%-5s %s", at, line.Level, text)))
	}
}

type systemLogExportCmd struct {
	Name   string `arg:"" help:"application, error or access."`
	Output string `short:"o" help:"The file to write, or a folder; what is there is replaced." default:"." placeholder:"FILE"`
	As     string `help:"Act with this user's rights." placeholder:"USER"`
}

// Run writes the file, which is whole or as it was.
func (r systemLogExportCmd) Run(ctx context.Context, s *session) error {
	output, err := absolutes(r.Output)
	if err != nil {
		return err
	}
	return s.with(ctx, r.As, func(c *connection) error {
		var file app.SystemLogFile
		if err := door.Call(ctx, c, "SystemLogs.Export", app.SystemLogName{File: r.Name}, &file); err != nil {
			return err
		}
		path := output[0]
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			path = filepath.Join(path, file.Name)
		}
		size, err := written(path, func(w io.Writer) error {
			if _, err := w.Write(file.Data); err != nil {
				return unwritten(path, err)
			}
			return nil
		})
		if err != nil {
			return err
		}
		return s.print(map[string]any{"path": path, "bytes": size}, func(w io.Writer) { _, _ = fmt.Fprintln(w, path) })
	})
}
