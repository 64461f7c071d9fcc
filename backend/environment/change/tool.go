package change

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/process"
)

// command is one call of a tool.
type command struct {
	name    string // for people: conda, pip
	argv    []string
	dir     string
	env     []string // settings over the job's own environment
	term    bool     // stdout is a terminal where there can be one: conda tells its progress only there
	out     func(line string) bool
	quiet   bool // nothing of it is for the log
	hideOut bool // its standard output is not
	// keepSpace keeps the spaces at the ends of lines.
	keepSpace bool
	silence   time.Duration
}

// outcome is what a tool ended with.
type outcome struct {
	code   int
	stdout string // whole, but for the lines that command.out took
	stderr string
}

const (
	// afterTerm is how long a tool that was asked to end may tidy up what is
	// removed then anyway.
	afterTerm = 4 * time.Second
	// afterTermThere is how long it may where it changes an environment that was
	// there before and stays: conda takes its whole transaction back.
	afterTermThere = 2 * time.Minute
	// afterEnd is how long what a tool left running may hold its output open.
	afterEnd = 2 * time.Second
	// maxOutput bounds what is kept of a tool's output.
	maxOutput = 64 << 20
	// maxLine bounds a line.
	maxLine = 1 << 20
)

// job is the work at hand and what it needs.
type job struct {
	spec   Spec
	report *report
	env    []string // of this process
	out    io.Writer
	errs   io.Writer
}

// run runs a tool to its end, copies what it prints into the log, and ends it
// with all that it started where ctx ends or where it says nothing for too
// long, which is CodeToolSilent. An exit code is no error.
func (j *job) run(ctx context.Context, c command) (outcome, error) {
	if err := ctx.Err(); err != nil {
		return outcome{}, err
	}
	if !c.quiet {
		j.report.say("$ %s", shown(c.argv))
	}
	cmd := exec.Command(c.argv[0], c.argv[1:]...) //nolint:noctx // ended as a tree, below
	cmd.Dir, cmd.Env = c.dir, with(j.env, c.env...)
	apart(cmd)
	stdout, slave, err := outputs(c.term)
	if err != nil {
		return outcome{}, err
	}
	stderr, errWrite, err := os.Pipe()
	if err != nil {
		_, _ = stdout.Close(), slave.Close()
		return outcome{}, fmt.Errorf("make a pipe: %w", err)
	}
	cmd.Stdout, cmd.Stderr = slave, errWrite
	err = cmd.Start()
	_, _ = slave.Close(), errWrite.Close()
	if err != nil {
		_, _ = stdout.Close(), stderr.Close()
		return outcome{}, startError(c, err)
	}
	tree := treeOf(cmd)
	heard := make(chan struct{}, 1)
	o, e := &reader{take: c.out, heard: heard}, &reader{heard: heard}
	if !c.quiet {
		e.log = j.errs
		if !c.hideOut {
			o.log = j.out
		}
	}
	o.all = c.keepSpace
	var readers sync.WaitGroup
	readers.Go(func() { o.read(stdout) })
	readers.Go(func() { e.read(stderr) })
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	waitErr, why := j.attend(ctx, c, tree, ended, heard)
	// What the tool left running must not keep us.
	_ = stdout.SetReadDeadline(time.Now().Add(afterEnd))
	_ = stderr.SetReadDeadline(time.Now().Add(afterEnd))
	readers.Wait()
	_, _ = stdout.Close(), stderr.Close()
	tree.kill()
	result := outcome{stdout: o.kept.String(), stderr: e.kept.String()}
	if why != nil {
		return result, why
	}
	var exit *exec.ExitError
	switch {
	case waitErr == nil:
	case errors.As(waitErr, &exit):
		if result.code = exit.ExitCode(); result.code < 0 {
			return result, domain.NewError(domain.CodeEnvironmentFailed, "tool", c.name, "detail", exit.Error())
		}
	default:
		return result, fmt.Errorf("run %s: %w", c.name, waitErr)
	}
	return result, nil
}

// attend waits for the tool's end, and brings it about where it must.
func (j *job) attend(ctx context.Context, c command, t *tree, ended <-chan error, heard <-chan struct{}) (waitErr, why error) {
	silence := c.silence
	if silence <= 0 {
		silence = 10 * time.Minute
	}
	if j.spec.Silence > 0 {
		silence = time.Duration(j.spec.Silence) * time.Second
	}
	timer := time.NewTimer(silence)
	defer timer.Stop()
	for {
		select {
		case waitErr = <-ended:
			return waitErr, nil
		case <-heard:
			timer.Reset(silence)
			continue
		case <-ctx.Done():
			why = context.Cause(ctx)
		case <-timer.C:
			why = domain.NewError(domain.CodeToolSilent, "tool", c.name, "seconds", int(silence/time.Second))
		}
		break
	}
	t.terminate()
	patience := afterTerm
	if j.spec.Action == domain.JobInstall {
		patience = afterTermThere
	}
	select {
	case waitErr = <-ended:
	case <-time.After(patience):
		t.kill()
		waitErr = <-ended
	}
	return waitErr, why
}

func startError(c command, err error) error {
	if errors.Is(err, os.ErrNotExist) || errors.Is(err, os.ErrPermission) {
		return domain.NewError(domain.CodeEnvironmentFailed, "tool", c.name, "detail", err.Error()).Because(err)
	}
	return fmt.Errorf("start %s: %w", c.name, err)
}

// tree is a tool and all that it has started, also where a parent among them
// ends before its child: conda leaves Python running.
type tree struct {
	root process.Identity
	seen []process.Identity
}

func treeOf(cmd *exec.Cmd) *tree {
	root, err := process.Of(cmd.Process.Pid)
	if err != nil {
		root = process.Identity{PID: cmd.Process.Pid}
	}
	return &tree{root: root}
}

// look notes who is in the tree now.
func (t *tree) look() {
	for _, pid := range process.Tree(t.root.PID) {
		if id, err := process.Of(pid); err == nil {
			t.seen = append(t.seen, id)
		}
	}
}

// kill ends what there is of the tree.
func (t *tree) kill() {
	t.root.KillTree()
	if t.root.Alive() {
		_ = t.root.Kill()
	}
	for _, id := range t.seen {
		if id.Alive() {
			id.KillTree()
			_ = id.Kill()
		}
	}
}

// reader takes in what a tool prints.
type reader struct {
	take  func(line string) bool // takes a line for itself; nil: none
	log   io.Writer
	heard chan<- struct{}
	all   bool
	kept  bytes.Buffer
	line  []byte
}

func (r *reader) read(from io.Reader) {
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		if n > 0 {
			select {
			case r.heard <- struct{}{}:
			default:
			}
			r.add(buffer[:n])
		}
		if err != nil { // of a terminal, whose other end is closed, EIO
			r.end()
			return
		}
	}
}

// add takes in bytes: a line ends with a line feed, a carriage return or NUL,
// and a backspace takes a character of a spinner back.
func (r *reader) add(b []byte) {
	for _, c := range b {
		switch c {
		case '\n', '\r', 0:
			r.end()
		case '\b':
			if len(r.line) > 0 {
				r.line = r.line[:len(r.line)-1]
			}
		default:
			if len(r.line) < maxLine {
				r.line = append(r.line, c)
			}
		}
	}
}

func (r *reader) end() {
	text := strings.ToValidUTF8(string(r.line), "\uFFFD")
	if !r.all {
		text = strings.TrimRight(text, " \t")
	}
	r.line = r.line[:0]
	if text == "" || (r.take != nil && r.take(text)) {
		return
	}
	if r.kept.Len() < maxOutput {
		r.kept.WriteString(text)
		r.kept.WriteByte('\n')
	}
	if r.log != nil {
		_, _ = fmt.Fprintln(r.log, text)
	}
}

// with sets variables over an environment.
func with(environ []string, settings ...string) []string {
	set := map[string]bool{}
	for _, kv := range settings {
		name, _, _ := strings.Cut(kv, "=")
		set[name] = true
	}
	all := make([]string, 0, len(environ)+len(settings))
	for _, kv := range environ {
		if name, _, _ := strings.Cut(kv, "="); !set[name] {
			all = append(all, kv)
		}
	}
	return append(all, settings...)
}

// shown is a command line for people, without the secrets of addresses, to be
// pasted into a shell of this system.
func shown(argv []string) string { return commandLine(argv, runtime.GOOS == "windows") }

func commandLine(argv []string, windows bool) string {
	words := make([]string, len(argv))
	for i, arg := range argv {
		words[i] = quoted(Mask(arg), windows)
	}
	return strings.Join(words, " ")
}

// quoted writes a word so that a shell takes it as one: for a POSIX shell, or
// for Windows' cmd and the rules by which programs there cut their command line
// (CommandLineToArgvW). cmd alone keeps a "%" special, for which its command
// line has no quotes.
func quoted(word string, windows bool) string {
	if windows {
		if word != "" && !strings.ContainsAny(word, " \t\"&|<>^();,=!'`") {
			return word
		}
		var b strings.Builder
		slashes := 0
		b.WriteByte('"')
		for _, c := range []byte(word) {
			switch c {
			case '\\':
				slashes++
				continue
			case '"':
				b.WriteString(strings.Repeat(`\`, 2*slashes+1))
			default:
				b.WriteString(strings.Repeat(`\`, slashes))
			}
			slashes = 0
			b.WriteByte(c)
		}
		b.WriteString(strings.Repeat(`\`, 2*slashes) + `"`)
		return b.String()
	}
	if word == "" || word[0] == '~' || strings.ContainsAny(word, " \t\r\n\"'`\\$&;|<>*?()[]{}!#") {
		return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
	}
	return word
}

// lastLine is the last line of a text that says something.
func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.TrimSpace(lines[len(lines)-1])
}
