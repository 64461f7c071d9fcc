package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/environment"
	"scriptsmanager/backend/store"
)

const (
	condaEnvironments = 50
	condaPackages     = 100 // records in each
)

// environments measures finding by the file system, a start with an activation
// that is known, and how soon a change is seen.
func environments(ctx context.Context, count int) (results []result, err error) {
	dir, err := os.MkdirTemp("", "sm-bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return nil, err
	}
	found, err := finding(ctx, filepath.Join(dir, "many"), count)
	if err != nil {
		return nil, err
	}
	results = append(results, found)
	started, seen, err := activating(ctx, filepath.Join(dir, "one"), count)
	if err != nil {
		return results, err
	}
	return append(results, started, seen), nil
}

// finding looks for the environments of a conda installation whose Pythons
// leave a mark when somebody starts them.
func finding(ctx context.Context, home string, count int) (result, error) {
	root, mark := filepath.Join(home, "miniconda3"), filepath.Join(home, "started")
	for i := range condaEnvironments + 1 {
		prefix := root
		if i > 0 {
			prefix = filepath.Join(root, "envs", "work"+strconv.Itoa(i))
		}
		if err := condaLayout(prefix, mark); err != nil {
			return result{}, err
		}
	}
	options := environment.Options{Home: home, Environ: []string{"PATH=" + home}, System: filepath.Join(home, "none")}
	var each []float64
	for i := range count + 1 {
		began := time.Now()
		list := environment.Find(ctx, options)
		took := milliseconds(time.Since(began))
		if len(list) != condaEnvironments+1 {
			return result{}, fmt.Errorf("found %d environments", len(list))
		}
		if i > 0 { // the first warms the system's cache of folders
			each = append(each, took/condaEnvironments)
		}
	}
	r := compare("finding each of 50 conda environments by the file system", "under 5 ms and no process started", "ms", each, nil)
	if _, err := os.Stat(mark); !errors.Is(err, fs.ErrNotExist) {
		return r, errors.New("a Python was started to find environments")
	}
	r.Note = "no Python started"
	return r, nil
}

// condaLayout makes what conda makes of an environment, with a Python that
// only leaves a mark.
func condaLayout(prefix, mark string) error {
	records := filepath.Join(prefix, "conda-meta")
	for _, dir := range []string{records, filepath.Join(prefix, "bin"), filepath.Join(prefix, "lib", "python3.11", "site-packages")} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
	}
	files := map[string]string{"history": "==> 2026-01-01 00:00:00 <==\n# cmd: conda create\n"}
	files["python-3.11.7-h955ad1f_0.json"] = `{"name":"python","version":"3.11.7"}`
	for i := range condaPackages {
		name := "package" + strconv.Itoa(i)
		files[name+"-1.0-0.json"] = fmt.Sprintf(`{"name":%q,"version":"1.0"}`, name)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(records, name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(prefix, "bin", "python"), []byte("#!/bin/sh\n: >'"+mark+"'\n"), 0o700) //nolint:gosec // a program
}

// activating measures the start of a Python with Flask through the activation
// of its environment, over starting it by its path; and the time from a change
// of its packages to the word of it.
func activating(ctx context.Context, home string, count int) (started, seen result, err error) {
	prefix, err := condaOfVenv(home)
	if err != nil {
		return started, seen, err
	}
	db, err := store.Open(ctx, filepath.Join(home, "bench.db"))
	if err != nil {
		return started, seen, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	environ := plainEnviron()
	all := environment.New(environment.Options{
		Home: home, Environ: environ, System: filepath.Join(home, "none"), Settings: environment.Settings{Folders: []string{prefix}},
	}, db, slog.New(slog.DiscardHandler))
	env, err := all.Lookup(ctx, prefix)
	if err != nil {
		return started, seen, err
	}
	if env.Kind != domain.EnvironmentConda || !env.Usable() {
		return started, seen, fmt.Errorf("%s is %s, %s", prefix, env.Kind, env.State)
	}
	byPath := func(code string) *exec.Cmd {
		cmd := exec.Command(filepath.Join(prefix, "bin", "python"), "-c", code)
		cmd.Env = environ
		return cmd
	}
	var failed error
	activated := func(code string) *exec.Cmd {
		act, err := all.Activation(ctx, env)
		failed = errors.Join(failed, err)
		cmd := exec.Command(act.Python, "-c", code)
		cmd.Env = act.Apply(environ)
		return cmd
	}
	// Both are one Python with the same modules; asking makes all of them known
	// to the system's cache, and has the activation computed.
	const who = "import flask, sys; print(sys.executable, sys.path, sys.flags, flask.__file__)"
	plain, err := byPath(who).Output()
	if err != nil {
		return started, seen, fmt.Errorf("start %s: %w", prefix, err)
	}
	same, err := activated(who).Output()
	if err := errors.Join(failed, err); err != nil {
		return started, seen, fmt.Errorf("start %s activated: %w", prefix, err)
	}
	if string(plain) != string(same) {
		return started, seen, fmt.Errorf("two things are started: %s and %s", plain, same)
	}
	var ours, peer []float64
	for i := range count {
		// Who comes second may gain or lose by it: each is that every other time.
		for turn := range 2 {
			start, times := byPath, &peer
			if (i+turn)%2 == 0 {
				start, times = activated, &ours
			}
			took, err := runs(func() *exec.Cmd { return start("import flask") })
			if err := errors.Join(failed, err); err != nil {
				return started, seen, err
			}
			*times = append(*times, took)
		}
	}
	started = compare("start of a Python that imports Flask through the known activation of its environment, over starting it by its path", "1.02 or less", "ms", ours, peer)
	seen, err = changes(ctx, all, prefix, count)
	return started, seen, err
}

// plainEnviron is what we were started with, without what tells Python how to
// run and without an environment that is active: an activation takes that away,
// and a start by path would keep it.
func plainEnviron() []string {
	return slices.DeleteFunc(os.Environ(), func(kv string) bool {
		for _, prefix := range []string{"PYTHON", "CONDA", "_CONDA", "_CE_", "MAMBA", "VIRTUAL_ENV", "PYENV"} {
			if strings.HasPrefix(kv, prefix) {
				return true
			}
		}
		return false
	})
}

// runs gives the time that a program takes, with making its command.
func runs(command func() *exec.Cmd) (float64, error) {
	began := time.Now()
	out, err := command().CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("%w: %s", err, out)
	}
	return milliseconds(time.Since(began)), nil
}

// condaOfVenv makes an environment in conda's layout that really runs: a venv
// that sees the packages of its Python, with conda's records and an activation
// script.
func condaOfVenv(home string) (string, error) {
	prefix := filepath.Join(home, "envs", "work")
	if err := os.MkdirAll(filepath.Dir(prefix), 0o700); err != nil {
		return "", err
	}
	python := ""
	for _, name := range []string{"python3", "/usr/bin/python3"} {
		if exec.Command(name, "-c", "import flask").Run() == nil {
			python = name
			break
		}
	}
	if python == "" {
		return "", errors.New("no python3 with Flask")
	}
	if out, err := exec.Command(python, "-m", "venv", "--without-pip", "--system-site-packages", prefix).CombinedOutput(); err != nil {
		return "", fmt.Errorf("make a venv: %w: %s", err, out)
	}
	scripts := filepath.Join(prefix, "etc", "conda", "activate.d")
	for file, text := range map[string]string{
		filepath.Join(prefix, "conda-meta", "history"):      "==> 2026-01-01 00:00:00 <==\n",
		filepath.Join(prefix, "conda-meta", "flask-0.json"): `{"name":"flask","version":"0"}`,
		filepath.Join(scripts, "work.sh"):                   "export WORK_HOME=\"$CONDA_PREFIX/share\"\n",
	} {
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			return "", err
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			return "", err
		}
	}
	return prefix, nil
}

// changes installs packages, one by one, and waits until each is heard of; the
// interpreter is asked in between.
func changes(ctx context.Context, all *environment.Environments, prefix string, count int) (r result, err error) {
	sites, err := filepath.Glob(filepath.Join(prefix, "lib", "python3*", "site-packages"))
	if err != nil || len(sites) != 1 {
		return r, fmt.Errorf("%d folders of packages: %w", len(sites), err)
	}
	heard := make(chan environment.Change, 100)
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- all.Watch(ctx, func(c environment.Change) { heard <- c }) }()
	defer func() {
		cancel()
		if end := <-ended; !errors.Is(end, context.Canceled) {
			err = errors.Join(err, end)
		}
	}()
	var took []float64
	for i := range count + 1 {
		time.Sleep(1500 * time.Millisecond) // until the watch rests, as it does when people come
		for len(heard) > 0 {
			<-heard
		}
		dir := filepath.Join(sites[0], "package"+strconv.Itoa(i)+"-1.0.dist-info")
		began := time.Now()
		if err := os.Mkdir(dir, 0o700); err != nil {
			return r, err
		}
		if err := os.WriteFile(filepath.Join(dir, "METADATA"), []byte("Name: package\nVersion: 1.0\n"), 0o600); err != nil {
			return r, err
		}
		for told := false; !told; {
			select {
			case c := <-heard:
				told = slices.Contains(c.Changed, prefix)
			case <-time.After(time.Minute):
				return r, errors.New("a change was not heard of in a minute")
			}
		}
		if i > 0 {
			took = append(took, milliseconds(time.Since(began)))
		}
	}
	return compare("a package installed into an environment, until it is verified anew and told", "1,000 or less", "ms", took, nil), nil
}
