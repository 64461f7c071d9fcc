package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"scriptsmanager/backend/discovery"
	"scriptsmanager/backend/discovery/discoverytest"
	"scriptsmanager/backend/store"
)

const (
	groups  = 200
	scripts = 10_000
)

// discoveries measures a first scan with storing and a rescan with nothing
// changed, beside a Python program that reads and splits the same headers. The
// aims: twice its time or less, and a fifth of that first scan or less.
func discoveries(ctx context.Context, count int) ([]result, error) {
	dir, err := os.MkdirTemp("", "sm-bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	tree := filepath.Join(dir, "groups")
	if err := discoverytest.Tree(tree, groups, scripts); err != nil {
		return nil, err
	}
	var first, again, peer []float64
	for i := range count {
		p, err := readByPython(tree)
		if err != nil {
			return nil, err
		}
		f, a, err := scanAndStore(ctx, tree, filepath.Join(dir, strconv.Itoa(i)+".db"))
		if err != nil {
			return nil, err
		}
		peer, first, again = append(peer, p), append(first, f), append(again, a)
		runtime.GC()
	}
	return []result{
		compare("10,000 scripts in 200 groups discovered and stored, over Python reading and splitting the headers", "2.0 or less", "ms", first, peer),
		compare("rescan and store with nothing changed, over the first scan", "0.2 or less", "ms", again, first),
	}, nil
}

func scanAndStore(ctx context.Context, tree, database string) (first, again float64, err error) {
	s, err := store.Open(ctx, database)
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	d := discovery.New(tree, slog.New(slog.DiscardHandler))
	once := func() (float64, error) {
		began := time.Now()
		r, err := d.Scan(ctx)
		if err != nil {
			return 0, err
		}
		if len(r.Scripts) != scripts {
			return 0, fmt.Errorf("found %d scripts", len(r.Scripts))
		}
		if err := s.SyncScripts(ctx, r.Groups, r.Scripts); err != nil {
			return 0, err
		}
		return milliseconds(time.Since(began)), nil
	}
	if first, err = once(); err != nil {
		return 0, 0, err
	}
	again, err = once()
	return first, again, err
}

// readByPython gives the time that the peer measured itself, without the start
// of its interpreter.
func readByPython(tree string) (float64, error) {
	out, err := exec.Command("python3", "backend/discovery/testdata/peer.py", tree).Output()
	if err != nil {
		return 0, err
	}
	fields := strings.Fields(string(out))
	if len(fields) != 3 || fields[0] != strconv.Itoa(scripts) {
		return 0, fmt.Errorf("the peer says %q", out)
	}
	return strconv.ParseFloat(fields[2], 64)
}
