package engine

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"scriptsmanager/backend/domain"
)

// SystemLogNames are the logs of the product itself.
func SystemLogNames() []string { return []string{"application", "error", "access"} }

const (
	systemLogLines  = 500      // of a page
	systemLogWindow = 1 << 20  // bytes that are looked through at once
	systemLogLook   = 12 << 20 // bytes that a page is looked for in: a whole file
)

// SystemLogRequest asks for lines of a system log.
type SystemLogRequest struct {
	File   string `json:"file"`
	Level  string `json:"level,omitempty"`  // DEBUG, INFO, WARN, ERROR: that and above
	Text   string `json:"text,omitempty"`   // anywhere in the line, in upper or lower case
	Before int64  `json:"before,omitempty"` // lines before this place; 0: the last ones
	From   int64  `json:"from,omitempty"`   // what came since this place, in the place of Before
	Begun  string `json:"begun,omitempty"`  // the file that From or Before is a place in, as in its page
}

// SystemLogLine is a record of a system log.
type SystemLogLine struct {
	Offset  int64          `json:"offset"`
	Time    time.Time      `json:"time"`
	Level   string         `json:"level"`
	Message string         `json:"message"`
	More    map[string]any `json:"more,omitempty"`
}

// SystemLogPage is a run of lines, the oldest first.
type SystemLogPage struct {
	Lines  []SystemLogLine `json:"lines"`
	Before int64           `json:"before"` // where older ones are asked for; 0: there are none
	End    int64           `json:"end"`    // where newer ones are asked for
	Size   int64           `json:"size"`
	Begun  string          `json:"begun"` // tells the file from those before and after it; "": it has no line yet
}

// ReadSystemLog gives the last lines, those before them, or what came since:
// first what is left of the file that was read, then of those begun after it,
// each in pages of its own. It fails with CodeNotFound for a log that there is none of.
func (e *Engine) ReadSystemLog(r SystemLogRequest) (SystemLogPage, error) {
	page := SystemLogPage{Lines: []SystemLogLine{}}
	f, err := e.openSystemLog(r.File)
	if err != nil {
		return page, err
	}
	if f == nil { // or the next file is just being begun
		page.End, page.Begun = r.From, r.Begun
		return page, nil
	}
	defer func() { _ = f.Close() }()
	page.Begun = begunWith(f)
	if r.Begun != "" && r.Begun != page.Begun {
		earlier, from, err := e.earlierSystemLog(r)
		switch {
		case err != nil:
			return page, err
		case earlier != nil:
			defer func() { _ = earlier.Close() }()
			f, r.From, page.Begun = earlier, from, begunWith(earlier)
		case page.Begun == "": // the next file has nothing yet
			page.End, page.Begun = r.From, r.Begun
			return page, nil
		case r.Before > 0: // that file is gone
			return page, nil
		default:
			r.From = 0
		}
	}
	info, err := f.Stat()
	if err != nil {
		return page, err
	}
	page.Size = info.Size()
	if r.From > page.Size {
		r.From = 0 // the next file was begun
		page.End, err = page.forward(f, r)
		return page, err
	}
	if r.From > 0 || r.Begun != "" && r.Before == 0 {
		page.End, err = page.forward(f, r)
		return page, err
	}
	return page, page.backward(f, r)
}

// openSystemLog gives nil where nothing was written yet.
func (e *Engine) openSystemLog(name string) (*os.File, error) {
	if !slices.Contains(SystemLogNames(), name) {
		return nil, domain.NewError(domain.CodeNotFound, "what", "log", "name", name)
	}
	f, err := os.Open(filepath.Join(e.options.Root.SystemLogs(), name+".log"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return f, err
}

// begunWith tells files of a log apart: by their first line, which has its time.
func begunWith(f *os.File) string {
	b, err := io.ReadAll(io.NewSectionReader(f, 0, 4096))
	end := bytes.IndexByte(b, '\n')
	if err != nil || end < 0 && len(b) < 4096 {
		return ""
	}
	if end < 0 {
		end = len(b)
	}
	sum := sha256.Sum256(b[:end])
	return hex.EncodeToString(sum[:8])
}

// earlierSystemLog opens the file of before that the request is about, or where
// all of that is read, the one begun after it; nil where that is today's.
func (e *Engine) earlierSystemLog(r SystemLogRequest) (*os.File, int64, error) {
	paths, err := filepath.Glob(filepath.Join(e.options.Root.SystemLogs(), r.File+"-*.log"))
	if err != nil {
		return nil, 0, err
	}
	slices.Sort(paths) // by the time in their names
	from, found := r.From, false
	for _, path := range paths {
		f, err := os.Open(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue // it was the oldest
		}
		if err != nil {
			return nil, 0, err
		}
		info, err := f.Stat()
		found = found || begunWith(f) == r.Begun
		if err == nil && found && (r.Before > 0 || from < info.Size()) {
			return f, from, nil
		}
		if found {
			from = 0
		}
		if err := errors.Join(err, f.Close()); err != nil {
			return nil, 0, err
		}
	}
	return nil, 0, nil
}

// forward takes whole lines from r.From on, and gives where they end.
func (p *SystemLogPage) forward(f *os.File, r SystemLogRequest) (int64, error) {
	b, err := io.ReadAll(io.NewSectionReader(f, r.From, systemLogWindow))
	if err != nil {
		return r.From, err
	}
	whole := b[:bytes.LastIndexByte(b, '\n')+1]
	p.Lines = append(p.Lines, parseSystemLog(whole, r.From, r)...)
	return r.From + int64(len(whole)), nil
}

// backward takes windows from the end on until the page is full.
func (p *SystemLogPage) backward(f *os.File, r SystemLogRequest) error {
	end := p.Size
	if r.Before > 0 {
		end = min(r.Before, end)
	}
	p.End = end
	for at, first := end, true; at > 0 && len(p.Lines) < systemLogLines && end-at < systemLogLook; first = false {
		from := max(0, at-systemLogWindow)
		b, err := io.ReadAll(io.NewSectionReader(f, from, at-from))
		if err != nil {
			return err
		}
		if first { // the last line may be half written
			cut := bytes.LastIndexByte(b, '\n') + 1
			if b, p.End = b[:cut], from+int64(cut); r.Before > 0 {
				p.End = end
			}
		}
		if from > 0 { // the first line of the window is a part of one, which the next window has
			cut := bytes.IndexByte(b, '\n') + 1
			if cut == 0 {
				break // no log of ours
			}
			b, from = b[cut:], from+int64(cut)
		}
		p.Lines = append(parseSystemLog(b, from, r), p.Lines...)
		at, p.Before = from, from
		if len(b) == 0 {
			break
		}
	}
	if n := len(p.Lines) - systemLogLines; n > 0 {
		p.Lines = p.Lines[n:]
		p.Before = p.Lines[0].Offset
	}
	return nil
}

func parseSystemLog(b []byte, offset int64, r SystemLogRequest) []SystemLogLine {
	lines := []SystemLogLine{}
	text := strings.ToLower(r.Text)
	for raw := range bytes.Lines(b) {
		at := offset
		offset += int64(len(raw))
		if text != "" && !strings.Contains(strings.ToLower(string(raw)), text) {
			continue
		}
		line := SystemLogLine{Offset: at}
		if json.Unmarshal(raw, &line.More) != nil {
			line.Message = strings.ToValidUTF8(strings.TrimSpace(string(raw)), "\uFFFD")
		} else {
			line.Level, _ = line.More["level"].(string)
			line.Message, _ = line.More["msg"].(string)
			if written, ok := line.More["time"].(string); ok {
				line.Time, _ = time.Parse(time.RFC3339Nano, written) // else it is not known
			}
			for _, name := range []string{"level", "msg", "time"} {
				delete(line.More, name)
			}
		}
		if rank(line.Level) >= rank(r.Level) {
			lines = append(lines, line)
		}
	}
	return lines
}

// rank orders levels; what has none is shown with all.
func rank(level string) int {
	return slices.Index([]string{"DEBUG", "INFO", "WARN", "ERROR"}, level)
}
