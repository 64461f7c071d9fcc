//go:build unix

package environment

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"scriptsmanager/backend/process"
)

// Scripts that a person's packages run at activation get so long.
const sourceLimit = 10 * time.Second

// scriptsIn lists the scripts of a folder that conda would source in this
// system's shell, in order of name.
func scriptsIn(dir string) []string {
	scripts, _ := filepath.Glob(filepath.Join(escapeGlob(dir), "*.sh")) // the pattern is good
	slices.Sort(scripts)
	return scripts
}

// sourced sources scripts of an environment in one shell, in the order given
// as conda does, and gives the variables after them. What they print goes
// nowhere.
func sourced(ctx context.Context, prefix string, scripts, environ []string) (after []string, err error) {
	if len(scripts) == 0 {
		return environ, nil
	}
	what := filepath.Base(filepath.Dir(scripts[0]))
	shell := "/bin/bash"
	args := []string{"--noprofile", "--norc", "-c"}
	if !exists(shell) {
		shell, args = "/bin/sh", []string{"-c"}
	}
	var program strings.Builder
	for _, s := range scripts {
		fmt.Fprintf(&program, ". '%s' >&2 3>&-\n", strings.ReplaceAll(s, "'", `'\''`))
	}
	// The environment comes out NUL-separated on a descriptor of its own, so
	// that nothing the scripts print can get into it; by absolute path, as
	// they may have changed PATH.
	if runtime.GOOS == "linux" {
		program.WriteString("exec /bin/cat /proc/self/environ >&3\n")
	} else {
		program.WriteString("exec /usr/bin/env -0 >&3\n")
	}
	r, w, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("read the variables after %s: %w", what, err)
	}
	defer r.Close()
	ctx, cancel := context.WithTimeout(ctx, sourceLimit)
	defer cancel()
	cmd := exec.CommandContext(ctx, shell, append(args, program.String())...)
	cmd.Dir = prefix
	cmd.Env = slices.DeleteFunc(slices.Clone(environ), func(kv string) bool {
		return strings.HasPrefix(kv, "BASH_ENV=") || strings.HasPrefix(kv, "ENV=")
	})
	cmd.ExtraFiles = []*os.File{w}
	stderr := process.NewTail(2000)
	cmd.Stderr = stderr
	process.Group(cmd)
	if err := cmd.Start(); err != nil {
		w.Close()
		return nil, fmt.Errorf("source %s of %s: %w", what, prefix, err)
	}
	w.Close()
	var out bytes.Buffer
	read := make(chan error, 1)
	go func() {
		_, err := io.Copy(&out, io.LimitReader(r, maxFile))
		read <- err
	}()
	waitErr := process.Wait(cmd)
	readErr := <-read
	if ctxErr := ctx.Err(); ctxErr != nil {
		waitErr = errors.Join(ctxErr, waitErr)
	}
	if err := errors.Join(waitErr, readErr); err != nil {
		return nil, fmt.Errorf("source %s of %s: %w: %s", what, prefix, err, strings.TrimSpace(stderr.String()))
	}
	if out.Len() == 0 {
		return nil, fmt.Errorf("source %s of %s: one of them ended the shell: %s", what, prefix, strings.TrimSpace(stderr.String()))
	}
	for kv := range strings.SplitSeq(out.String(), "\x00") {
		name, _, ok := strings.Cut(kv, "=")
		switch name {
		case "", "_", "SHLVL", "PWD", "OLDPWD": // the shell's own
		default:
			if ok {
				after = append(after, kv)
			}
		}
	}
	for _, kv := range environ { // the shell's own keep what they were
		switch name, _, _ := strings.Cut(kv, "="); name {
		case "_", "SHLVL", "PWD", "OLDPWD", "BASH_ENV", "ENV":
			after = append(after, kv)
		}
	}
	return after, nil
}
