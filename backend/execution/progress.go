package execution

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/platform"
	"scriptsmanager/backend/sandbox"
)

// How often is looked at what a job and a script tell. A script's is looked at
// for all the time that it runs, which is long.
const (
	lookAtJob    = 100 * time.Millisecond
	lookAtScript = 250 * time.Millisecond
)

// progressTail is how much of the end of a script's file is read: it may write
// what it likes, and only the last line counts.
const progressTail = 8 << 10

// longestProgressText is in characters.
const longestProgressText = 200

// scriptProgress is a line of what a script tells of its work: the whole of it,
// each time. What is missing is 0, "" or false.
type scriptProgress struct {
	PercentDone float64 `json:"percent_done"`
	Text        string  `json:"text"`
	FilesDone   int64   `json:"files_done"`
	TotalFiles  int64   `json:"total_files"`
	BytesDone   int64   `json:"bytes_done"`
	TotalBytes  int64   `json:"total_bytes"`
	ETASeconds  float64 `json:"eta_seconds"`
	Busy        bool    `json:"busy"` // closing it now would cut something off
}

// parseProgress reads the last whole line that can be read; nothing of it is
// believed beyond its bounds.
func parseProgress(b []byte, secrets *strings.Replacer) (p scriptProgress, ok bool) {
	b = b[:bytes.LastIndexByte(b, '\n')+1]
	for range 20 {
		line := bytes.TrimRight(b, "\r\n")
		if len(line) == 0 {
			return scriptProgress{}, false
		}
		start := bytes.LastIndexByte(line, '\n') + 1
		p = scriptProgress{}
		if json.Unmarshal(line[start:], &p) == nil {
			if secrets != nil {
				p.Text = secrets.Replace(p.Text) // before it is cut
			}
			return p.bounded(), true
		}
		b = line[:start]
	}
	return scriptProgress{}, false
}

func (p scriptProgress) bounded() scriptProgress {
	p.PercentDone = float64(int(min(max(p.PercentDone, 0), 100)*10)) / 10
	p.ETASeconds = float64(int64(min(max(p.ETASeconds, 0), 1e9)))
	for _, n := range []*int64{&p.FilesDone, &p.TotalFiles, &p.BytesDone, &p.TotalBytes} {
		*n = max(*n, 0)
	}
	text := []rune(strings.Join(strings.FieldsFunc(p.Text, func(r rune) bool { return !unicode.IsPrint(r) }), " "))
	if len(text) > longestProgressText {
		text = append(text[:longestProgressText-1], '…')
	}
	p.Text = string(text)
	return p
}

// shown is what an execution has of it: nothing where the script tells nothing.
func (p scriptProgress) shown() *domain.Progress {
	busy := scriptProgress{Busy: p.Busy}
	if p == busy {
		return nil
	}
	return &domain.Progress{
		PercentDone: p.PercentDone, Text: p.Text, Steps: []domain.Step{}, ETASeconds: p.ETASeconds,
		FilesDone: p.FilesDone, TotalFiles: p.TotalFiles, BytesDone: p.BytesDone, TotalBytes: p.TotalBytes,
	}
}

// progressFollower reads what a script tells while it does.
type progressFollower struct {
	path    string
	size    int64
	changed time.Time
	last    scriptProgress
	secrets *strings.Replacer // takes the script's secrets out of its words; nil where none are known
}

// next gives what the script says now, where that is not what it said before.
func (f *progressFollower) next() (p scriptProgress, news bool) {
	info, err := os.Lstat(f.path)
	if err != nil || (info.Size() == f.size && info.ModTime().Equal(f.changed)) {
		return f.last, false
	}
	f.size, f.changed = info.Size(), info.ModTime()
	file, err := platform.OpenPlain(f.path)
	if err != nil {
		return f.last, false
	}
	defer func() { _ = file.Close() }()
	b, err := io.ReadAll(io.NewSectionReader(file, max(0, info.Size()-progressTail), progressTail))
	if err != nil {
		return f.last, false
	}
	p, ok := parseProgress(b, f.secrets)
	if !ok || p == f.last {
		return f.last, false
	}
	f.last = p
	return p, true
}

// makeProgressFile makes the file in which a script tells how far it is, and
// opens it to the script.
func (a *actor) makeProgressFile(policy *sandbox.Policy) (string, error) {
	path := filepath.Join(a.service.runDir(a.id), progressFile)
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		return "", fmt.Errorf("make the file for the script's progress: %w", err)
	}
	return path, opened(&policy.Write, path)
}

// followProgress takes over what the script says of its work now.
func (a *actor) followProgress() {
	p, news := a.tells.next()
	if p.Busy {
		a.use() // work that must not be cut off is use of the page
	}
	if news {
		a.change(false, func(e *domain.Execution) { e.Progress, e.Busy = p.shown(), p.Busy })
	}
}

// values are those of the script's parameters, also where an earlier engine
// began it: they lie in its run folder.
func (a *actor) values() map[string]any {
	if a.request.Values != nil {
		return a.request.Values
	}
	b, err := os.ReadFile(filepath.Join(a.service.runDir(a.id), parametersFile))
	if err != nil {
		return nil
	}
	var values map[string]any
	_ = json.Unmarshal(b, &values) // it is ours; without it nothing is known to hide
	return values
}

// watchProgress gives a channel that says when to look, and what ends that.
func (a *actor) watchProgress() (<-chan time.Time, func()) {
	path, every := filepath.Join(a.service.runDir(a.id), progressFile), lookAtScript
	if a.isJob() {
		a.told.path, every = path, lookAtJob
	} else {
		a.tells.path, a.tells.secrets = path, hiding(secretsOf(a.request.Script.Parameters, a.values()))
	}
	tick := time.NewTicker(every)
	return tick.C, tick.Stop
}
