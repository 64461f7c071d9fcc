package engine

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/platform"
	"scriptsmanager/backend/store"
)

const (
	bundledLog        = 2 << 20 // bytes of the end of each system log
	bundledExecutions = 200
)

// SupportBundle makes a zip that tells of the installation to who is to help:
// versions, the machine, the configuration in force, findings, what is in the
// database by number, the last executions without their parameters and output,
// problems of groups, and the ends of the system logs. No password, parameter,
// output or environment variable is in it. The finding's language is l.
func (e *Engine) SupportBundle(ctx context.Context, a Actor, l domain.Language) (name string, data []byte, err error) {
	now := time.Now()
	parts, err := e.supportParts(ctx, l, now)
	if err != nil {
		return "", nil, err
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	add := func(name string, content []byte) error {
		return putIn(z, &zip.FileHeader{Name: name, Method: zip.Deflate, Modified: now}, content)
	}
	for _, p := range parts {
		content, err := json.MarshalIndent(p.content, "", "  ")
		if err != nil {
			return "", nil, err
		}
		if err := add(p.name, append(content, '\n')); err != nil {
			return "", nil, err
		}
	}
	for _, name := range []string{"application.log", "error.log"} {
		end, err := endOf(filepath.Join(e.options.Root.SystemLogs(), name), bundledLog)
		if err != nil {
			return "", nil, fmt.Errorf("read system log: %w", err)
		}
		if err := add("logs/"+name, end); err != nil {
			return "", nil, err
		}
	}
	if err := z.Close(); err != nil {
		return "", nil, err
	}
	name = "scriptsmanager-support-" + now.Format("20060102-150405") + ".zip"
	return name, b.Bytes(), e.store.Audit(ctx, a, "support_bundle.create", "system", nil, nil)
}

// putIn puts a whole file into a zip.
func putIn(z *zip.Writer, header *zip.FileHeader, content []byte) error {
	w, err := z.CreateHeader(header)
	if err == nil {
		_, err = w.Write(content)
	}
	return err
}

type supportPart struct {
	name    string
	content any
}

func (e *Engine) supportParts(ctx context.Context, l domain.Language, now time.Time) ([]supportPart, error) {
	host, err := os.Hostname()
	if err != nil {
		host = err.Error()
	}
	free, total, err := platform.DiskUsage(e.options.Root.Dir)
	disk := any(map[string]any{"free": free, "total": total})
	if err != nil {
		disk = err.Error()
	}
	about := map[string]any{
		"version": domain.Version, "go": runtime.Version(), "platform": runtime.GOOS + "/" + runtime.GOARCH, "processors": runtime.NumCPU(),
		"host": host, "time": now, "root": e.options.Root.Dir, "kind": e.options.Kind, "disk": disk, "confinement": e.Confinement(),
	}
	findings, err := e.Doctor(ctx, l)
	if err != nil {
		return nil, err
	}
	counts, err := e.store.Counts(ctx)
	if err != nil {
		return nil, err
	}
	groups, err := e.Groups(ctx)
	if err != nil {
		return nil, err
	}
	scripts, err := e.Scripts(ctx, "")
	if err != nil {
		return nil, err
	}
	executions, err := e.supportExecutions(ctx)
	if err != nil {
		return nil, err
	}
	problems := map[string]any{}
	for _, g := range groups {
		if len(g.Problems) > 0 {
			problems[g.ID] = g.Problems
		}
	}
	for _, s := range scripts {
		if len(s.Problems) > 0 {
			problems[s.ID] = s.Problems
		}
	}
	return []supportPart{
		{"about.json", about},
		{"configuration.json", map[string]any{"in_force": e.Config(), "problems": e.Notices()}},
		{"findings.json", findings},
		{"database.json", counts},
		{"problems.json", problems},
		{"environments.json", e.Environments()},
		{"executions.json", executions},
	}, nil
}

// supportExecution is what is told of an execution: nothing that a person gave
// it or that it said.
type supportExecution struct {
	ID         string          `json:"id"`
	Kind       string          `json:"kind"`
	ScriptID   domain.ScriptID `json:"script_id"`
	UserID     int64           `json:"user_id"`
	State      domain.State    `json:"state"`
	Reason     domain.Reason   `json:"reason"`
	ErrorCode  domain.Code     `json:"error_code,omitempty"`
	ExitCode   *int            `json:"exit_code,omitempty"`
	CreatedAt  time.Time       `json:"created_at"`
	StartedAt  *time.Time      `json:"started_at,omitempty"`
	EndedAt    *time.Time      `json:"ended_at,omitempty"`
	LogBytes   int64           `json:"log_bytes"`
	Confined   string          `json:"confinement"`
	DurationMS int64           `json:"duration_ms"`
}

func (e *Engine) supportExecutions(ctx context.Context) ([]supportExecution, error) {
	list, _, err := e.store.Executions(ctx, store.ExecutionFilter{Limit: bundledExecutions})
	if err != nil {
		return nil, err
	}
	told := make([]supportExecution, 0, len(list))
	for _, x := range list {
		one := supportExecution{
			ID: x.ID, Kind: x.Kind, ScriptID: x.ScriptID, UserID: x.UserID, State: x.State, Reason: x.Reason, ExitCode: x.ExitCode,
			CreatedAt: x.CreatedAt, StartedAt: x.StartedAt, EndedAt: x.EndedAt, LogBytes: x.LogBytes, DurationMS: x.DurationMS,
			Confined: x.Confinement,
		}
		if x.Error != nil {
			one.ErrorCode = x.Error.Code
		}
		told = append(told, one)
	}
	return told, nil
}

// endOf reads the last bytes of a file, from a whole line on. One that is not
// there is empty.
func endOf(path string, most int64) ([]byte, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	from := max(0, info.Size()-most)
	b, err := io.ReadAll(io.NewSectionReader(f, from, info.Size()-from))
	if err != nil || from == 0 {
		return b, err
	}
	_, b, _ = bytes.Cut(b, []byte{'\n'})
	return b, nil
}
