package environment

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/windows"

	"scriptsmanager/backend/process"
)

// Scripts that a person's packages run at activation get so long.
const sourceLimit = 20 * time.Second

// scriptsIn lists the scripts of a folder that conda would call in this
// system's shell, in order of name.
func scriptsIn(dir string) []string {
	entries, _ := os.ReadDir(dir) // not there: no scripts
	var scripts []string
	for _, e := range entries {
		if strings.EqualFold(filepath.Ext(e.Name()), ".bat") {
			scripts = append(scripts, filepath.Join(dir, e.Name()))
		}
	}
	slices.Sort(scripts)
	return scripts
}

// sourced calls scripts of an environment in one cmd.exe, in the order given
// as conda does, and gives the variables after them and the end of what they
// printed. conda itself writes such calls into a temporary file, of which two
// activations at once may take the same one; here each has a folder of its own.
func sourced(ctx context.Context, prefix string, scripts, environ []string) (after []string, said string, err error) {
	if len(scripts) == 0 {
		return environ, "", nil
	}
	what := filepath.Base(filepath.Dir(scripts[0]))
	system, err := windows.GetSystemDirectory()
	if err != nil {
		return nil, "", fmt.Errorf("find cmd.exe: %w", err)
	}
	dir, err := os.MkdirTemp("", "scriptsmanager-activate-")
	if err != nil {
		return nil, "", fmt.Errorf("read the variables after %s: %w", what, err)
	}
	defer func() { _ = os.RemoveAll(dir) }() // a left over temporary folder does no harm
	shell, file := filepath.Join(system, "cmd.exe"), filepath.Join(dir, "variables")
	limited, cancel := context.WithTimeout(ctx, sourceLimit)
	defer cancel()
	cmd := exec.CommandContext(limited, shell)
	cmd.Dir = prefix
	cmd.Env = environ
	printed := process.NewTail(2000)
	cmd.Stdout, cmd.Stderr = printed, printed
	process.Group(cmd)
	cmd.SysProcAttr.CmdLine = cmdLine(shell, file, scripts)
	if err := cmd.Start(); err != nil {
		return nil, "", fmt.Errorf("call %s of %s: %w", what, prefix, err)
	}
	err = process.Wait(cmd)
	said = strings.TrimSpace(printed.String())
	switch {
	case timedOut(limited, ctx):
		return nil, said, fmt.Errorf("%s of %s did not end within %d seconds: %s", what, prefix, int(sourceLimit/time.Second), said)
	case ctx.Err() != nil:
		return nil, said, fmt.Errorf("call %s of %s: %w", what, prefix, ctx.Err())
	}
	// The exit code is that of the last command, which says nothing of the scripts.
	b, readErr := readFile(file)
	if after = parseSet(b); len(after) == 0 {
		return nil, said, fmt.Errorf("call %s of %s: one of them ended the shell: %w: %s", what, prefix, errors.Join(err, readErr), said)
	}
	return withOwn(after, environ), said, nil
}
