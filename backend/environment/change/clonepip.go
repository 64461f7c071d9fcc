package change

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// copyPip copies what pip has put into the source, which a list of conda's
// packages does not name, by the records that pip keeps of it
// (packaging.python.org, "Recording installed projects"); it needs no network.
// It gives the packages copied, and those of which there is no record.
func (j *job) copyPip(ctx context.Context) (copied, left []string, err error) {
	pattern := filepath.Join("lib", "python3*", "site-packages")
	if runtime.GOOS == "windows" {
		pattern = filepath.Join("Lib", "site-packages")
	}
	sites, err := filepath.Glob(filepath.Join(globEscape(j.spec.Source), pattern))
	if err != nil {
		return nil, nil, err
	}
	for _, site := range sites {
		entries, err := os.ReadDir(site)
		if err != nil {
			return nil, nil, err
		}
		for _, e := range entries {
			name, ok := strings.CutSuffix(e.Name(), ".dist-info")
			if !ok || !e.IsDir() {
				continue
			}
			installer, _ := os.ReadFile(filepath.Join(site, e.Name(), "INSTALLER")) // without it, conda may have made it
			if by := strings.TrimSpace(string(installer)); by == "" || by == "conda" {
				continue
			}
			done, err := j.copyRecorded(ctx, site, filepath.Join(site, e.Name(), "RECORD"))
			switch {
			case err != nil:
				return nil, nil, diskError(err, j.spec.Target)
			case done:
				j.report.say("copied %s, which was installed by pip", name)
				copied = append(copied, name)
			default:
				j.report.say("not copied: %s, of whose files pip keeps no record", name)
				left = append(left, name)
			}
		}
	}
	slices.Sort(copied)
	return copied, left, nil
}

// copyRecorded copies the files that a record names, those that lie in the
// source and are not in the target yet. It tells whether there is a record.
func (j *job) copyRecorded(ctx context.Context, site, record string) (bool, error) {
	b, err := os.ReadFile(record)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	lines := csv.NewReader(bytes.NewReader(b))
	lines.FieldsPerRecord, lines.LazyQuotes = -1, true
	for {
		if ctx.Err() != nil {
			return false, context.Cause(ctx)
		}
		fields, err := lines.Read()
		if errors.Is(err, io.EOF) {
			return true, nil
		}
		if err != nil || len(fields) == 0 {
			return false, nil //nolint:nilerr // a record that is none
		}
		name := filepath.FromSlash(fields[0])
		if filepath.IsAbs(name) || strings.HasSuffix(name, ".pyc") {
			continue
		}
		rel, err := filepath.Rel(j.spec.Source, filepath.Join(site, name))
		if err != nil || !filepath.IsLocal(rel) {
			continue // not of the environment
		}
		from, to := filepath.Join(j.spec.Source, rel), filepath.Join(j.spec.Target, rel)
		info, err := os.Stat(from)
		if err != nil || !info.Mode().IsRegular() {
			continue // removed by hand
		}
		if _, err := os.Lstat(to); err == nil {
			continue
		}
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil { //nolint:gosec // as pip makes them
			return false, err
		}
		if _, err := j.copyFile(from, to); err != nil {
			return false, err
		}
	}
}
