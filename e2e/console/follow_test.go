//go:build e2e && linux

package console_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/coder/websocket"
)

// flood writes numbered lines to both streams as fast as it can, some of them
// in parts, until it is told to end.
const flood = `
stop = os.path.join(sys.argv[sys.argv.index("--data-dir") + 1], "stop")
out = err = 0
while not os.path.exists(stop):
    for _ in range(200):
        out += 1
        os.write(1, b"%d " % out)
        os.write(1, b"out\n" + b"".join(b"%d out\n" % n for n in range(out + 1, out + 5)))
        out += 4
        err += 1
        os.write(2, b"%d err\n" % err)
    time.sleep(0.01)
`

// counted is what a reader of the flood has seen; each stream counts for itself.
type counted struct {
	last map[string]int
	bad  string
}

func (c *counted) line(text string) {
	number, stream, _ := strings.Cut(text, " ")
	n, err := strconv.Atoi(number)
	if c.bad == "" && (err != nil || n != c.last[stream]+1 || stream != "out" && stream != "err") {
		c.bad = fmt.Sprintf("%q after %d of it", text, c.last[stream])
	}
	c.last[stream] = n
}

func count(text string) *counted {
	c := &counted{last: map[string]int{}}
	for line := range strings.Lines(text) {
		if strings.HasSuffix(line, "\n") { // the last may be on its way
			c.line(line[:len(line)-1])
		}
	}
	return c
}

// Whoever follows a log that is written fast misses no line and gets none
// twice, however often his connection or the owner of the root goes.
func TestFollowersOutliveTheirConnections(t *testing.T) { // EXE-10, LOG-2
	in := newInstallation(t, nil)
	in.script("flood", task("", flood))
	serve, url := in.serve()
	id, _ := in.object("run", "tools/flood")["execution_id"].(string)

	// A tab, whose event stream is cut again and again, and which the server leaves once.
	tab := &tab{t: t, url: url, id: id, seen: &counted{last: map[string]int{}}, next: 1}
	tab.signIn()
	for range 5 {
		tab.read(1000)
	}
	serve.signal(syscall.SIGKILL)
	serve.end()
	restarted := in.command("serve", "--listen", strings.TrimSuffix(strings.TrimPrefix(url, "http://"), "/"), "--json").start()
	restarted.document()
	tab.signIn()
	for range 3 {
		tab.read(1000)
	}
	if tab.seen.bad != "" {
		t.Errorf("in a tab: %s", tab.seen.bad)
	}

	// Two commands: the one that is left is the owner when both others were killed.
	followers := []*running{
		in.command("log", "show", id, "--follow").start(),
		in.command("log", "show", id, "--follow", "--json").start(),
	}
	grow := func(r *running) {
		t.Helper()
		before := len(r.stdout.String())
		waitFor(t, "more lines", func() bool { return len(r.stdout.String()) > before+20_000 || r.ended() })
	}
	for _, r := range followers {
		grow(r)
	}
	restarted.signal(syscall.SIGKILL)
	restarted.end()
	for _, r := range followers {
		grow(r)
	}
	owner := ownerPID(t, in)
	left := followers[1]
	if owner == left.cmd.Process.Pid {
		left = followers[0]
	}
	for _, r := range followers {
		if r != left {
			r.signal(syscall.SIGKILL)
			r.end()
		}
	}
	grow(left)
	if owner := ownerPID(t, in); owner != left.cmd.Process.Pid {
		t.Errorf("process %d owns the root, not the command that is left, %d", owner, left.cmd.Process.Pid)
	}
	if err := os.WriteFile(filepath.Join(in.dataDir(), "stop"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if r := left.end(); r.code != exitOK {
		t.Errorf("the command that is left: exit code %d, %s", r.code, r.stderr)
	}
	logs, err := filepath.Glob(filepath.Join(in.dir, "data", "logs", "executions", "*", "*", "execution_"+id+".log"))
	if err != nil || len(logs) != 1 {
		t.Fatalf("%q, %v", logs, err)
	}
	written, err := os.ReadFile(logs[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range followers {
		text := r.stdout.String()
		if r == followers[1] {
			text = texts(t, text)
		}
		seen := count(text)
		if seen.bad != "" {
			t.Errorf("follower %d: %s", r.cmd.Process.Pid, seen.bad)
		}
		if lines := bytes.Count(written, []byte("\n")); r == left && seen.last["out"]+seen.last["err"] != lines {
			t.Errorf("the command that is left printed %v lines of %d", seen.last, lines)
		}
	}
}

// texts gives the lines in JSON objects, one a line, whose numbers follow each other.
func texts(t *testing.T, objects string) string {
	t.Helper()
	var all strings.Builder
	last := int64(0)
	for object := range strings.Lines(objects) {
		var line struct {
			Seq  int64  `json:"seq"`
			Text string `json:"text"`
		}
		if err := json.Unmarshal([]byte(object), &line); err != nil {
			break // the last may be on its way
		}
		if line.Seq != last+1 {
			t.Fatalf("line %d after %d", line.Seq, last)
		}
		last = line.Seq
		all.WriteString(line.Text + "\n")
	}
	return all.String()
}

// ownerPID is the process that owns the root.
func ownerPID(t *testing.T, in *installation) int {
	t.Helper()
	pid, _ := decode[map[string]any](t, in.owner())["pid"].(float64)
	return int(pid)
}

// tab reads a log as a browser's tab does: it subscribes, then asks for all
// that is new, and asks again when it hears that there is more.
type tab struct {
	t     *testing.T
	url   string
	token string
	id    string
	seen  *counted
	next  int64
}

func (b *tab) call(path string, argument, result any) {
	b.t.Helper()
	body, err := json.Marshal(argument)
	if err != nil {
		b.t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, b.url+path, bytes.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	if b.token != "" {
		request.Header.Set("Authorization", "Bearer "+b.token)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		b.t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		b.t.Fatalf("%s: %s", path, answer.Status)
	}
	if err := json.NewDecoder(answer.Body).Decode(result); err != nil {
		b.t.Fatal(err)
	}
}

func (b *tab) signIn() {
	b.t.Helper()
	var session struct {
		Token string `json:"token"`
	}
	b.token = ""
	b.call("api/session", nil, &session)
	b.token = session.Token
	var state any
	b.call("api/call/Session.SignIn", map[string]any{"name": adminName, "password": password}, &state)
}

// read subscribes, reads so many lines and more, and cuts the connection.
func (b *tab) read(lines int) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), patience)
	defer cancel()
	conn, answer, err := websocket.Dial(ctx, "ws"+strings.TrimPrefix(b.url, "http")+"api/events", &websocket.DialOptions{
		Subprotocols: []string{"scriptsmanager", "bearer." + b.token},
	})
	if err != nil {
		b.t.Fatal(err)
	}
	if answer.Body != nil {
		defer answer.Body.Close()
	}
	defer func() { _ = conn.CloseNow() }()
	for until := b.next + int64(lines); b.next < until; {
		_, message, err := conn.Read(ctx)
		if err != nil {
			b.t.Fatalf("waiting for more than line %d: %v", b.next, err)
		}
		if !bytes.Contains(message, []byte(`"subscribed"`)) && !bytes.Contains(message, []byte(b.id)) && !bytes.Contains(message, []byte(`"missed"`)) {
			continue
		}
		// It never comes to an end of what is written; an event tells of the rest.
		for before := int64(0); b.next > before && b.next < until; {
			before = b.next
			var page struct {
				Lines []struct {
					Text string
					Open bool
				}
				Next int64
			}
			b.call("api/call/Executions.Log", map[string]any{"execution_id": b.id, "from": b.next, "limit": 5000}, &page)
			for _, line := range page.Lines {
				if !line.Open {
					b.seen.line(line.Text)
				}
			}
			b.next = page.Next
		}
	}
}
