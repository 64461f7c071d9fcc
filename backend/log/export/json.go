package export

import (
	"encoding/json"
	"path"
	"path/filepath"
	"strings"
	"time"

	"scriptsmanager/backend/domain"
)

// record is the customer's record of an execution, without its output. Where
// his identifies a script by a number, ours has GROUP/SCRIPT.
type record struct {
	ExecutionID     string         `json:"execution_id"`
	ScriptID        string         `json:"script_id"`
	ScriptName      string         `json:"script_name"`
	UserID          int64          `json:"user_id"`
	Username        string         `json:"username"`
	ProjectID       int64          `json:"project_id"`
	ProjectName     string         `json:"project_name"`
	ExecutionStart  *time.Time     `json:"execution_start"`
	ExecutionEnd    *time.Time     `json:"execution_end"`
	DurationSeconds *float64       `json:"duration_seconds"`
	Status          string         `json:"status"`
	ExitCode        *int           `json:"exit_code"`
	Parameters      map[string]any `json:"parameters"`
	Environment     environment    `json:"environment"`
}

type environment struct {
	CondaEnv      string `json:"conda_env"`
	PythonVersion string `json:"python_version"`
	FlaskPort     int    `json:"flask_port"`
}

type sessionInfo struct {
	BrowserSession  string `json:"browser_session"`
	InterfaceURL    string `json:"interface_url"`
	RealTimeViewers int    `json:"real_time_viewers"`
}

// recordOf gives the record of an execution.
func recordOf(item Item) record {
	x := item.Execution
	r := record{
		ExecutionID: x.ID, ScriptID: x.ScriptID, ScriptName: x.Name, UserID: x.UserID, Username: x.User,
		ProjectID: x.ProjectID, ProjectName: x.Project, ExecutionStart: x.StartedAt, ExecutionEnd: x.EndedAt,
		Status: string(x.State), ExitCode: x.ExitCode, Parameters: x.Parameters,
		Environment: environment{CondaEnv: x.Environment, PythonVersion: item.PythonVersion, FlaskPort: x.Port},
	}
	for _, arg := range x.Command {
		if strings.HasSuffix(arg, ".py") { // the file, as the customer has it
			r.ScriptName = path.Base(filepath.ToSlash(arg))
			break
		}
	}
	if x.EndedAt != nil {
		seconds := float64(x.DurationMS) / 1000
		r.DurationSeconds = &seconds
	}
	if r.Parameters == nil {
		r.Parameters = map[string]any{}
	}
	return r
}

// json writes one record, or an array of several.
func (w *writer) json() error {
	many := len(w.spec.Items) != 1
	if many {
		_, _ = w.out.WriteString("[\n") // the Flush at the end tells of what failed
	}
	for i, item := range w.spec.Items {
		if i > 0 {
			_, _ = w.out.WriteString(",\n")
		}
		if err := w.object(item); err != nil {
			return err
		}
	}
	if many {
		_, _ = w.out.WriteString("\n]")
	}
	return w.out.WriteByte('\n')
}

// object writes a record; what it has of output goes out as it is read.
func (w *writer) object(item Item) error {
	b, err := json.MarshalIndent(recordOf(item), "", "  ")
	if err != nil {
		return err
	}
	_, _ = w.out.Write(b[:len(b)-2]) // without its end
	_, _ = w.out.WriteString(",\n  \"output\": {")
	for i, stream := range []domain.Stream{domain.Stdout, domain.Stderr, domain.Debug} {
		if i > 0 {
			_ = w.out.WriteByte(',')
		}
		_, _ = w.out.WriteString("\n    \"" + string(stream) + "\": \"")
		first := true
		err := w.lines(item, 1, func(line domain.LogLine) (bool, error) {
			quoted, err := json.Marshal(whole(line))
			if err != nil {
				return false, err
			}
			if !first {
				_, _ = w.out.WriteString(`\n`)
			}
			first = false
			_, err = w.out.Write(quoted[1 : len(quoted)-1])
			return true, err
		}, stream)
		if err != nil {
			return err
		}
		_ = w.out.WriteByte('"')
	}
	x := item.Execution
	b, err = json.MarshalIndent(sessionInfo{InterfaceURL: x.URL, RealTimeViewers: x.Attachments}, "  ", "  ")
	if err != nil {
		return err
	}
	_, _ = w.out.WriteString("\n  },\n  \"session_info\": ")
	_, _ = w.out.Write(b)
	_, err = w.out.WriteString("\n}")
	return err
}
