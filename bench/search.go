package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"scriptsmanager/backend/log/format"
	"scriptsmanager/backend/log/search"
)

const (
	searchedLogs   = 100
	searchedLines  = 100_000 // of each: 10 million in all
	rareWord       = "cavitation7919"
	commonWord     = "pressure"
	letters        = "abcdefghijklmnopqrstuvwxyz"
	vocabularySize = 4000
)

// benchLogs are logs that have ended.
type benchLogs []search.Source

func (l benchLogs) LogSources(_ context.Context, after int64, limit int) ([]search.Source, error) {
	from := min(int(after), len(l))
	return l[from:min(from+limit, len(l))], nil
}

func (l benchLogs) LogsEnded(_ context.Context, ids []int64) (map[int64]bool, error) {
	ended := map[int64]bool{}
	for _, id := range ids {
		ended[id] = true
	}
	return ended, nil
}

// searches measures the index of a gigabyte of logs, and searches in it.
func searches(ctx context.Context, count int) (results []result, err error) {
	dir, err := os.MkdirTemp("", "sm-bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	logs, size, err := writeLogs(dir)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, "log_index.db")
	x, err := search.Open(ctx, path, logs)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, x.Close()) }()
	began := time.Now()
	if err := x.Build(ctx); err != nil {
		return nil, err
	}
	took := time.Since(began)
	results = append(results, compare("indexing the words of 10 million lines, 1 GB, one after the other", "20 or more", "MB/s",
		[]float64{float64(size) / 1e6 / took.Seconds()}, nil))

	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	results = append(results, compare("size of the index over the size of the logs", "12 or less", "%",
		[]float64{100 * float64(info.Size()) / float64(size)}, nil))

	var rare, common, prefix, grep []float64
	for range count + 1 {
		for _, m := range []struct {
			query string
			hits  int
			times *[]float64
		}{{rareWord, 1, &rare}, {commonWord, 100, &common}, {"cavit*", 1, &prefix}} {
			q, err := search.Parse(m.query)
			if err != nil {
				return nil, err
			}
			began := time.Now()
			answer, err := x.Search(ctx, search.Request{Query: q, Limit: 100})
			if err != nil {
				return nil, err
			}
			*m.times = append(*m.times, milliseconds(time.Since(began)))
			if len(answer.Hits) != m.hits {
				return nil, fmt.Errorf("%s: %d lines, want %d", m.query, len(answer.Hits), m.hits)
			}
		}
		began := time.Now()
		out, err := exec.CommandContext(ctx, "grep", "-rwiFh", rareWord, "--include=*"+format.LogSuffix, dir).Output()
		if err != nil || len(out) == 0 {
			return nil, fmt.Errorf("grep: %q, %w", out, err)
		}
		grep = append(grep, milliseconds(time.Since(began)))
	}
	return append(results,
		compare("a rare word in 10 million lines, warm, over grep", "10 ms or less", "ms", rare[1:], grep[1:]),
		compare("the beginning of a rare word", "10 or less", "ms", prefix[1:], nil),
		compare("the 100 newest lines with a common word", "20 or less", "ms", common[1:], nil)), nil
}

// writeLogs makes logs like those of scripts: words, numbers that differ from
// line to line, and one word that is in one line only.
func writeLogs(dir string) (logs benchLogs, size int64, err error) {
	random := rand.New(rand.NewPCG(5, 6)) //nolint:gosec // the same logs each time
	vocabulary := make([]string, vocabularySize)
	for i := range vocabulary {
		b := make([]byte, 3+random.IntN(8))
		for j := range b {
			b[j] = letters[random.IntN(len(letters))]
		}
		vocabulary[i] = string(b)
	}
	vocabulary[7] = commonWord
	zipf := rand.NewZipf(random, 1.1, 4, vocabularySize-1)
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	line := make([]byte, 0, 200)
	block := make([]byte, 0, 1<<17)
	for n := range searchedLogs {
		base := filepath.Join(dir, "execution_"+strconv.Itoa(n))
		w, err := format.Create(base)
		if err != nil {
			return nil, 0, err
		}
		flush := func() error {
			_, err := w.Write(format.Stdout, now.UnixNano(), block)
			block = block[:0]
			return err
		}
		for i := range searchedLines {
			now = now.Add(37 * time.Millisecond)
			line = now.AppendFormat(line[:0], "2006-01-02 15:04:05.000 INFO ")
			for len(line) < 70 {
				line = append(append(line, vocabulary[zipf.Uint64()]...), ' ')
			}
			line = append(line, "value="...)
			line = strconv.AppendFloat(line, random.Float64()*100, 'f', 3, 64)
			line = append(line, " step "...)
			line = strconv.AppendInt(line, int64(i), 10)
			if n == searchedLogs/2 && i == searchedLines/2 {
				line = append(append(line, ' '), rareWord...)
			}
			for len(line) < 99 {
				line = append(line, '.')
			}
			block = append(append(block, line...), '\n')
			if len(block) >= 64<<10 {
				if err := flush(); err != nil {
					return nil, 0, err
				}
			}
		}
		if err := flush(); err != nil {
			return nil, 0, err
		}
		size += w.Bytes()
		if err := errors.Join(w.Finish(now.UnixNano()), w.Close()); err != nil {
			return nil, 0, err
		}
		logs = append(logs, search.Source{
			ID: int64(n + 1), Execution: strconv.Itoa(n), Base: base, UserID: 1, Script: "group/script", ProjectID: 1, Created: now,
		})
	}
	return logs, size, nil
}
