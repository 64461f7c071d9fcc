//go:build e2e

package desktop_e2e

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// page is the page of one window, driven by the W3C WebDriver protocol.
type page struct {
	t    *testing.T
	base string // the session's address
	pid  int    // of the window's process
}

// elementKey is how the protocol names an element in JSON.
const elementKey = "element-6066-11e4-a52e-4f735466cecf"

// drive attaches a driver of its own to the window of a process.
func (d *desk) drive(pid int) *page {
	d.t.Helper()
	var target string
	d.until("process "+strconv.Itoa(pid)+" announces its window", func() bool {
		b, err := os.ReadFile(filepath.Join(d.windows, strconv.Itoa(pid)))
		target = string(b)
		return err == nil
	})
	port := freePort(d.t)
	cmd := exec.Command("WebKitWebDriver", "--port="+strconv.Itoa(port), "--target="+target)
	start(d.t, cmd)
	p := &page{t: d.t, pid: pid}
	server := "http://127.0.0.1:" + strconv.Itoa(port)
	d.until("a session with the window of process "+strconv.Itoa(pid), func() bool {
		var session struct {
			ID string `json:"sessionId"`
		}
		err := request(http.MethodPost, server+"/session", map[string]any{"capabilities": map[string]any{}}, &session)
		p.base = server + "/session/" + session.ID
		return err == nil && session.ID != ""
	})
	return p
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

func request(method, address string, body, into any) error {
	var b []byte
	if body != nil {
		var err error
		if b, err = json.Marshal(body); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(b))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	var value struct {
		Value json.RawMessage `json:"value"`
	}
	if err := json.Unmarshal(raw, &value); err != nil {
		return fmt.Errorf("%s %s: %d %.200s", method, address, answer.StatusCode, raw)
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s %s: %d %.200s", method, address, answer.StatusCode, value.Value)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(value.Value, into)
}

func (p *page) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

func (p *page) until(what string, ok func() bool) {
	p.t.Helper()
	until(p.t, what, ok, func() string {
		var source string
		_ = p.run("return document.title + '\\n' + location.href + '\\n' + document.body.innerText", &source)
		return source
	})
}

// run runs a script in the page and gives what it returns.
func (p *page) run(script string, into any, arguments ...any) error {
	if arguments == nil {
		arguments = []any{}
	}
	return request(http.MethodPost, p.base+"/execute/sync", map[string]any{"script": script, "args": arguments}, into)
}

func (p *page) url() string {
	var s string
	_ = request(http.MethodGet, p.base+"/url", nil, &s)
	return s
}

// text is all that the page shows as text.
func (p *page) text() string {
	var s string
	_ = p.run("return document.body ? document.body.innerText : ''", &s)
	return s
}

func (p *page) element(using, value string) (string, error) {
	var e map[string]string
	err := request(http.MethodPost, p.base+"/element", map[string]any{"using": using, "value": value}, &e)
	return e[elementKey], err
}

// click waits until the element is there and can be clicked. The selector is
// CSS, or XPath where it begins with a slash or a parenthesis.
func (p *page) click(selector string) {
	p.t.Helper()
	clicked := false
	p.until("click "+selector, func() bool {
		if clicked && !running(p.pid) {
			return true // the click closed the window
		}
		id, err := p.element(using(selector), selector)
		if err != nil {
			return false
		}
		var enabled bool
		if request(http.MethodGet, p.base+"/element/"+id+"/enabled", nil, &enabled) != nil || !enabled {
			return false
		}
		clicked = true
		return request(http.MethodPost, p.base+"/element/"+id+"/click", map[string]any{}, nil) == nil
	})
}

func (p *page) fill(selector, text string) {
	p.t.Helper()
	p.until("fill "+selector, func() bool {
		id, err := p.element(using(selector), selector)
		if err != nil {
			return false
		}
		if request(http.MethodPost, p.base+"/element/"+id+"/value", map[string]any{"text": text}, nil) != nil {
			return false
		}
		var have string
		return request(http.MethodGet, p.base+"/element/"+id+"/property/value", nil, &have) == nil && have == text
	})
}

func (p *page) has(selector string) bool {
	_, err := p.element(using(selector), selector)
	return err == nil
}

func using(selector string) string {
	if strings.HasPrefix(selector, "/") || strings.HasPrefix(selector, "(") {
		return "xpath"
	}
	return "css selector"
}

// button is the XPath of a button with a text.
func button(text string) string { return fmt.Sprintf("//button[normalize-space()=%q]", text) }

// screenshot saves what the page shows.
func (p *page) screenshot(file string) {
	p.t.Helper()
	var encoded string
	var none any
	// The picture is taken when the page is painted next, and a page at rest is
	// not: it is made to be, with what nobody sees.
	p.must(p.run(`const style = document.body.style
		let n = 0
		const timer = setInterval(() => {
			style.opacity = n++ % 2 ? '' : '0.999'
			if (n >= 100) clearInterval(timer)
		}, 20)`, &none))
	p.must(request(http.MethodGet, p.base+"/screenshot", nil, &encoded))
	picture, err := base64.StdEncoding.DecodeString(encoded)
	p.must(err)
	if len(picture) < 5000 { // a white window of this size is smaller
		p.t.Errorf("%s has only %d bytes", file, len(picture))
	}
	p.must(os.MkdirAll(filepath.Dir(file), 0o755))
	p.must(os.WriteFile(file, picture, 0o644))
}
