package engine_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
	"scriptsmanager/backend/execution"
	"scriptsmanager/backend/sandbox"
)

// flaskPage counts what reaches it, and echoes over a WebSocket in the way of
// simple-websocket: by the socket in the request's environ.
const flaskPage = `"""ScriptsManager Metadata:
@description: a page of Flask
%s
"""
import argparse, base64, hashlib, threading
from flask import Flask, request
p = argparse.ArgumentParser(); p.add_argument("--port", type=int)
a, rest = p.parse_known_args()
app = Flask(__name__)
lock, count = threading.Lock(), [0]
inner = app.wsgi_app
def counted(environ, start):
    with lock: count[0] += 1
    return inner(environ, start)
app.wsgi_app = counted
@app.route("/", methods=["GET", "POST"])
def index(): return "SECRET"
@app.route("/count")
def counts(): return str(count[0])
@app.route("/ws", websocket=True)
def ws():
    s = request.environ["werkzeug.socket"]
    key = base64.b64encode(hashlib.sha1((request.headers["Sec-WebSocket-Key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest())
    s.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " + key + b"\r\n\r\nSECRET")
    return ""
app.run(host="127.0.0.1", port=a.port, threaded=True)
`

// asked is a request as it goes over the wire.
type asked struct {
	kind    string // what is refused about it; "" is nothing
	request string
}

func httpRequest(method, path, host, body string, headers ...string) string {
	text := fmt.Sprintf("%s %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n", method, path, host)
	for _, h := range headers {
		text += h + "\r\n"
	}
	if body != "" {
		text += fmt.Sprintf("Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n", len(body))
	}
	return text + "\r\n" + body
}

func webSocket(host string, headers ...string) string {
	return strings.Replace(httpRequest("GET", "/ws", host, "", append([]string{
		"Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
	}, headers...)...), "Connection: close", "Connection: Upgrade", 1)
}

// foreignRequests are what web pages, and names that were made to point here,
// can send.
func foreignRequests(port int) []asked {
	own, other := fmt.Sprintf("127.0.0.1:%d", port), fmt.Sprintf("127.0.0.1:%d", port+1)
	var all []asked
	for _, host := range []string{
		"evil.example", "evil.example:" + strconv.Itoa(port), own + ".evil.example", other, "127.0.0.1", "0.0.0.0:" + strconv.Itoa(port),
		"[::1]:" + strconv.Itoa(port), "localhost.evil.example:" + strconv.Itoa(port), "x@" + own, own + ",evil.example",
	} {
		all = append(all, asked{"host", httpRequest("GET", "/", host, "")}, asked{"host", httpRequest("POST", "/", host, "a=1")},
			asked{"host", webSocket(host, "Origin: http://"+host)},
			asked{"host", httpRequest("GET", "/", host, "", "Sec-Fetch-Site: same-origin", "Origin: http://"+host)})
	}
	for _, origin := range []string{
		"http://evil.example", "https://evil.example", "null", "http://" + other, "http://localhost:" + strconv.Itoa(port), "wails://wails",
		"http://127.0.0.1", "file://", "http://" + own + ".evil.example", "http://evil.example:" + strconv.Itoa(port),
	} {
		all = append(all, asked{"origin", httpRequest("GET", "/", own, "", "Origin: "+origin)}, asked{"origin", httpRequest("POST", "/", own, "a=1", "Origin: "+origin)},
			asked{"origin", httpRequest("OPTIONS", "/", own, "", "Origin: "+origin, "Access-Control-Request-Method: PUT")},
			asked{"origin", webSocket(own, "Origin: "+origin)})
	}
	for _, site := range []string{"cross-site", "same-site", "something-new"} {
		for _, how := range [][2]string{
			{"cors", "empty"},
			{"no-cors", "image"},
			{"no-cors", "script"},
			{"no-cors", "style"},
			{"no-cors", "empty"},
			{"websocket", "empty"},
			{"navigate", "embed"},
			{"navigate", "object"},
			{"navigate", "frame"},
			{"navigate", ""},
		} {
			headers := []string{"Sec-Fetch-Site: " + site, "Sec-Fetch-Mode: " + how[0], "Sec-Fetch-Dest: " + how[1]}
			all = append(all, asked{"site", httpRequest("GET", "/", own, "", headers...)})
		}
		navigated := []string{"Sec-Fetch-Site: " + site, "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"}
		all = append(all, asked{"site", httpRequest("POST", "/", own, "a=1", navigated...)}, asked{"site", httpRequest("DELETE", "/", own, "", navigated...)})
	}
	return all
}

// ownRequests are those of the page itself, of our windows and of our tabs.
func ownRequests(port int) []string {
	own := fmt.Sprintf("127.0.0.1:%d", port)
	return []string{
		httpRequest("GET", "/", own, ""),
		httpRequest("GET", "/", fmt.Sprintf("localhost:%d", port), ""),
		httpRequest("POST", "/", own, "a=1", "Origin: http://"+own, "Sec-Fetch-Site: same-origin", "Sec-Fetch-Mode: cors", "Sec-Fetch-Dest: empty"),
		httpRequest("POST", "/", own, "a=1", "Origin: null", "Sec-Fetch-Site: same-origin", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"),
		httpRequest("GET", "/", own, "", "Sec-Fetch-Site: none", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document", "Sec-Fetch-User: ?1"),
		httpRequest("GET", "/", own, "", "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"),
		httpRequest("GET", "/", own, "", "Sec-Fetch-Site: same-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: iframe"),
		webSocket(own, "Origin: http://"+own),
	}
}

// exchange sends a request and gives all that comes back.
func exchange(port int, request string) (string, error) {
	c, err := net.DialTimeout("tcp", fmt.Sprintf("127.0.0.1:%d", port), 20*time.Second)
	if err != nil {
		return "", err
	}
	defer func() { _ = c.Close() }()
	_ = c.SetDeadline(time.Now().Add(30 * time.Second))
	if _, err := io.WriteString(c, request); err != nil {
		return "", err
	}
	b, err := io.ReadAll(c)
	return string(b), err
}

// asOther sends the requests as another user of the machine, half of them
// without waiting for an answer, and gives what came back.
const asOther = `
import json, socket, sys
port, requests = json.load(sys.stdin)
for n, r in enumerate(requests):
    s = socket.create_connection(("127.0.0.1", port), 30)
    s.sendall(r.encode())
    if n % 2: s.close(); continue
    all = b""
    try:
        while True:
            b = s.recv(65536)
            if not b: break
            all += b
    except ConnectionError: pass
    s.close()
    print(json.dumps(all.decode()), flush=True)
`

// SEC-4: of a thousand requests of other users, foreign origins and names that
// point here none is answered, and all of our own are, confined or not.
func TestLoopbackGuard(t *testing.T) {
	for _, mode := range []string{"prefer", "off"} {
		t.Run(mode, func(t *testing.T) { guardedPage(t, mode) })
	}
}

func guardedPage(t *testing.T, mode string) {
	config := strings.Replace(confinedConfig, `"prefer"`, strconv.Quote(mode), 1)
	n := newInstallation(t, map[string]string{"f.py": fmt.Sprintf(flaskPage, "@guard: off")}, config)
	if err := n.engine.ServePages(&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8420}); err != nil {
		t.Fatal(err)
	}
	e := n.ready(n.run("f"))
	if !ready(e) {
		t.Fatalf("%+v: %s", e.Error, n.output(e))
	}
	if want := sandbox.Probe().Level; mode == "prefer" && e.Confinement != string(want) {
		t.Errorf("confinement %s, want %s", e.Confinement, want)
	}
	all := foreignRequests(e.Port)
	const total = 1000
	byUser := 0
	if os.Getuid() == 0 {
		byUser = total / 4
	} else {
		t.Log("not root: nothing is sent as another user")
	}
	var sent, answered atomic.Int64
	next := make(chan asked)
	var workers sync.WaitGroup
	for range 8 {
		workers.Go(func() {
			for a := range next {
				got, err := exchange(e.Port, a.request)
				sent.Add(1)
				if strings.Contains(got, "SECRET") || got != "" && !strings.HasPrefix(got, "HTTP/1.1 403 ") {
					answered.Add(1)
					t.Errorf("%s: answered %.200q to %.300q", a.kind, got, a.request)
				}
				if err != nil && got == "" {
					t.Logf("%s: %v", a.kind, err) // refused before the request was read whole
				}
			}
		})
	}
	for i := range total - byUser {
		next <- all[i%len(all)]
	}
	close(next)
	workers.Wait()
	if byUser > 0 {
		var requests []string
		for i := range byUser {
			own := ownRequests(e.Port)
			requests = append(requests, own[i%len(own)])
		}
		for _, got := range otherUser(t, e.Port, requests) {
			if strings.Contains(got, "SECRET") || got != "" && (!strings.HasPrefix(got, "HTTP/1.1 403 ") || !strings.Contains(got, "another user")) {
				answered.Add(1)
				t.Errorf("another user was answered %.300q", got)
			}
		}
		sent.Add(int64(byUser))
	}
	if sent.Load() != total {
		t.Errorf("sent %d requests", sent.Load())
	}
	t.Logf("%d of %d requests answered", answered.Load(), total)

	// None of them came as far as the script.
	own := 0
	for range 5 {
		for _, request := range ownRequests(e.Port) {
			got, err := exchange(e.Port, request)
			if err != nil || !strings.Contains(got, "SECRET") || !(strings.HasPrefix(got, "HTTP/1.1 200 ") || strings.HasPrefix(got, "HTTP/1.1 101 ")) {
				t.Errorf("own request %q: %v: %.300q", request, err, got)
			}
			own++
			frames := "Content-Security-Policy: frame-ancestors 'self' http://127.0.0.1:8420 http://localhost:8420\r\n"
			if strings.Contains(request, "iframe") && !strings.Contains(got, frames) {
				t.Errorf("who may show it is not said: %q", got)
			}
		}
	}
	if got := get(t, e.URL+"count"); got != strconv.Itoa(own+1) {
		t.Errorf("%s requests reached the script, of which %d are ours", got, own+1)
	}

	// Each one is recorded, in few lines.
	var counts map[string]int
	lines := 0
	for deadline := time.Now().Add(60 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		counts, lines = n.refusals(e)
		sum := 0
		for _, c := range counts {
			sum += c
		}
		if sum == total {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d of %d refusals are recorded: %v", sum, total, counts)
		}
	}
	if counts["host"] == 0 || counts["origin"] == 0 || counts["site"] == 0 || byUser > 0 && counts["user"]+counts["peer"] != byUser || counts["user"] < byUser/2 {
		t.Errorf("recorded: %v", counts)
	}
	t.Logf("recorded in %d lines: %v", lines, counts)
}

// otherUser gives what another user is answered, of every second request.
func otherUser(t *testing.T, port int, requests []string) []string {
	t.Helper()
	in, err := json.Marshal([]any{port, requests})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "/usr/bin/python3", "-c", asOther)
	cmd.Dir, cmd.Stdin = "/", bytes.NewReader(in)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("as another user: %v: %s", err, out)
	}
	var answers []string
	for line := range bytes.Lines(out) {
		var got string
		if err := json.Unmarshal(line, &got); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		answers = append(answers, got)
	}
	if len(answers) != (len(requests)+1)/2 {
		t.Errorf("%d answers", len(answers))
	}
	return answers
}

// refusals sums what the debug stream says of refused requests.
func (n *installation) refusals(e domain.Execution) (counts map[string]int, lines int) {
	n.t.Helper()
	b, err := os.ReadFile(strings.TrimSuffix(e.LogPath, ".log") + ".debug.jsonl")
	if err != nil {
		n.t.Fatal(err)
	}
	counts = map[string]int{}
	for line := range bytes.Lines(b) {
		var r struct {
			Msg, Kind string
			Count     int
		}
		if json.Unmarshal(line, &r) == nil && strings.HasPrefix(r.Msg, "requests to the page refused") {
			counts[r.Kind] += r.Count
			lines++
		}
	}
	return counts, lines
}

// SEC-4: an administrator can switch the guard off for one script; that is in
// the audit, holds from the next start on, and for no other script.
func TestGuardSwitchedOff(t *testing.T) {
	n := newInstallation(t, map[string]string{"f.py": fmt.Sprintf(flaskPage, ""), "g.py": fmt.Sprintf(flaskPage, "")}, "")
	answers := func(script string) string {
		t.Helper()
		e := n.ready(n.run(script))
		if !ready(e) {
			t.Fatalf("%+v: %s", e.Error, n.output(e))
		}
		got, err := exchange(e.Port, httpRequest("GET", "/", "evil.example", ""))
		if err != nil {
			t.Fatal(err)
		}
		if err := n.engine.Stop(e.ID, execution.StopRequest{Reason: domain.ReasonStopped, Now: true}); err != nil {
			t.Fatal(err)
		}
		n.ended(e.ID)
		status, _, _ := strings.Cut(strings.TrimPrefix(got, "HTTP/1.1 "), " ")
		return status
	}
	set := func(on bool) {
		t.Helper()
		script, err := n.engine.Script(t.Context(), "g/f")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := n.engine.SetGuard(t.Context(), engine.Actor{Kind: "user", UserID: n.user.ID, Name: n.user.Name}, script, on); err != nil {
			t.Fatal(err)
		}
	}
	state := func() domain.Guard {
		t.Helper()
		g, err := n.engine.Guard(t.Context(), "g/f")
		if err != nil {
			t.Fatal(err)
		}
		return g
	}
	if g := state(); !g.On || g.ChangedBy != "" || g.ChangedAt != nil {
		t.Errorf("at first: %+v", g)
	}
	if got := answers("f"); got != strconv.Itoa(http.StatusForbidden) {
		t.Errorf("guarded: %s", got)
	}
	set(false)
	if g := state(); g.On || g.ChangedBy != n.user.Name || g.ChangedAt == nil {
		t.Errorf("switched off: %+v", g)
	}
	if got := answers("f"); got != strconv.Itoa(http.StatusOK) {
		t.Errorf("switched off: %s", got)
	}
	if got := answers("g"); got != strconv.Itoa(http.StatusForbidden) {
		t.Errorf("another script: %s", got)
	}
	set(true)
	if got := answers("f"); got != strconv.Itoa(http.StatusForbidden) {
		t.Errorf("switched on again: %s", got)
	}
}
