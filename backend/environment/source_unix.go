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
	"strconv"
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

// toolFunctions stand for those that conda's and mamba's own set-up of a shell
// defines, as scripts may call them. What would change the environment under
// the activation that is at work is refused, in words; the rest goes to the
// program, with nobody to answer its questions.
const toolFunctions = `
conda() { __scriptsmanager_tool conda "${CONDA_EXE-}" "$@"; }
mamba() { __scriptsmanager_tool mamba '' "$@"; }
micromamba() { __scriptsmanager_tool micromamba "${MAMBA_EXE-}" "$@"; }
__scriptsmanager_tool() {
	case "${3-}" in
	activate | deactivate | reactivate)
		echo "$1 $3: left out, an activation script cannot change the environment that is being activated" >&2
		return 1 ;;
	esac
	if [ -n "$2" ]; then
		( program=$2; shift 2; exec "$program" "$@" )
	else
		( name=$1; shift 2; unset -f "$name"; exec "$name" "$@" )
	fi
}
`

// sourced sources scripts of an environment in one shell, in the order given
// as conda does, and gives the variables after them and the end of what they
// printed.
func sourced(ctx context.Context, prefix string, scripts, environ []string) (after []string, said string, err error) {
	if len(scripts) == 0 {
		return environ, "", nil
	}
	what := filepath.Base(filepath.Dir(scripts[0]))
	shell := "/bin/bash"
	args := []string{"--noprofile", "--norc", "-c"}
	if !exists(shell) {
		shell, args = "/bin/sh", []string{"-c"}
	}
	var program strings.Builder
	program.WriteString(toolFunctions)
	for i, s := range scripts {
		// An entry without a name tells which one is at work.
		fmt.Fprintf(&program, "printf '=%d\\0' >&3\n. '%s' >&2 3>&-\n", i, strings.ReplaceAll(s, "'", `'\''`))
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
		return nil, "", fmt.Errorf("read the variables after %s: %w", what, err)
	}
	defer r.Close()
	limited, cancel := context.WithTimeout(ctx, sourceLimit)
	defer cancel()
	cmd := exec.CommandContext(limited, shell, append(args, program.String())...)
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
		return nil, "", fmt.Errorf("source %s of %s: %w", what, prefix, err)
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
	said = strings.TrimSpace(stderr.String())
	at, whole := 0, false
	for kv := range strings.SplitSeq(out.String(), "\x00") {
		name, value, ok := strings.Cut(kv, "=")
		switch name {
		case "":
			if n, err := strconv.Atoi(value); err == nil { // not the piece after the last NUL
				at = n
			}
		case "_", "SHLVL", "PWD", "OLDPWD": // the shell's own
			whole = true
		default:
			whole = true
			if ok {
				after = append(after, kv)
			}
		}
	}
	script := scripts[min(max(at, 0), len(scripts)-1)]
	switch {
	case timedOut(limited, ctx):
		return nil, said, fmt.Errorf("%s did not end within %d seconds: %s", script, int(sourceLimit/time.Second), said)
	case ctx.Err() != nil:
		return nil, said, fmt.Errorf("source %s of %s: %w", what, prefix, ctx.Err())
	case !whole:
		return nil, said, errors.Join(fmt.Errorf("%s ended the shell: %s", script, said), waitErr)
	case errors.Join(waitErr, readErr) != nil:
		return nil, said, fmt.Errorf("source %s of %s: %w: %s", what, prefix, errors.Join(waitErr, readErr), said)
	}
	for _, kv := range environ { // the shell's own keep what they were
		switch name, _, _ := strings.Cut(kv, "="); name {
		case "_", "SHLVL", "PWD", "OLDPWD", "BASH_ENV", "ENV":
			after = append(after, kv)
		}
	}
	return after, said, nil
}
