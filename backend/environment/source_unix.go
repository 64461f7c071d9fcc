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
)

// Scripts that a person's packages run at activation get so long.
const sourceLimit = 10 * time.Second

// sourced sources the environment's activate.d scripts in one shell, in order
// of name as conda does, and gives the environment after them. What they print
// goes nowhere. ran is false where there are none.
func sourced(ctx context.Context, prefix string, environ []string) (after []string, ran bool, err error) {
	scripts, _ := filepath.Glob(filepath.Join(escapeGlob(prefix), "etc", "conda", "activate.d", "*.sh")) // the pattern is good
	if len(scripts) == 0 {
		return environ, false, nil
	}
	slices.Sort(scripts)
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
		return nil, false, fmt.Errorf("read the environment after activate.d: %w", err)
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
	stderr := &tail{limit: 2000}
	cmd.Stderr = stderr
	group(cmd)
	if err := cmd.Start(); err != nil {
		w.Close()
		return nil, false, fmt.Errorf("source the activate.d scripts of %s: %w", prefix, err)
	}
	w.Close()
	var out bytes.Buffer
	read := make(chan error, 1)
	go func() {
		_, err := io.Copy(&out, io.LimitReader(r, maxFile))
		read <- err
	}()
	waitErr := cmd.Wait()
	endGroup(cmd) // whatever the scripts left behind
	if errors.Is(waitErr, exec.ErrWaitDelay) {
		waitErr = nil // something in the background kept stderr open
	}
	readErr := <-read
	if ctxErr := ctx.Err(); ctxErr != nil {
		waitErr = errors.Join(ctxErr, waitErr)
	}
	if err := errors.Join(waitErr, readErr); err != nil {
		return nil, false, fmt.Errorf("source the activate.d scripts of %s: %w: %s", prefix, err, strings.TrimSpace(stderr.String()))
	}
	if out.Len() == 0 {
		return nil, false, fmt.Errorf("source the activate.d scripts of %s: one of them ended the shell: %s", prefix, strings.TrimSpace(stderr.String()))
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
	return after, true, nil
}
