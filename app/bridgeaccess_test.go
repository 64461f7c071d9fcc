package app_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"scriptsmanager/app/bridge"
	"scriptsmanager/backend/domain"
)

func TestAccessLogHasRefusalsAndNotItsOwnFollowing(t *testing.T) { // ADM-6, SEC-4
	w := newWorld(t)
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	var kept strings.Builder // written by one request at a time
	go func() {
		served <- bridge.Serve(ctx, l, bridge.Options{
			App: w.app, Frontend: fstest.MapFS{}, Log: w.engine.Log(),
			Owner:  func(netip.AddrPort, netip.AddrPort) bool { return true },
			Health: func(context.Context) bridge.Health { return bridge.Health{} },
			Access: slog.New(slog.NewTextHandler(&kept, nil)),
		})
	}()
	stop := func() {
		cancel()
		if err := <-served; err != nil {
			t.Error(err)
		}
	}
	post := func(path, token, body string, change func(*http.Request)) []byte {
		t.Helper()
		r, err := http.NewRequestWithContext(context.Background(), http.MethodPost, "http://"+l.Addr().String()+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+token)
		if change != nil {
			change(r)
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = answer.Body.Close() }()
		b, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	var session struct{ Token string }
	if err := json.Unmarshal(post("/api/session", "", "", nil), &session); err != nil {
		t.Fatal(err)
	}
	const read = "/api/call/SystemLogs.Read"
	post(read, session.Token, `{"file":"access","from":0}`, nil) // nobody is signed in: this is recorded
	signIn(t, w.users[domain.LevelAdmin], func(method, argument string) error {
		post("/api/call/"+method, session.Token, argument, nil)
		return nil
	})
	write(t, filepath.Join(w.engine.Root().SystemLogs(), "access.log"), "{}\n")
	post(read, session.Token, `{"file":"access"}`, nil)
	for range 3 {
		post(read, session.Token, `{"file":"access","from":1}`, nil)
	}
	post(read, "unknown", `{"file":"access"}`, nil)
	post(read, session.Token, "", func(r *http.Request) { r.Host = "elsewhere.example" })
	for range 50 {
		post(read, session.Token, "", func(r *http.Request) { r.Header.Set("Origin", "http://elsewhere.example") })
	}
	stop()
	text := kept.String()
	if n := strings.Count(text, "method=SystemLogs.Read"); n != 2 {
		t.Errorf("%d looks are recorded, not the refused one and the first:\n%s", n, text)
	}
	for _, want := range []string{"outcome=not_signed_in", "outcome=host host=elsewhere.example", "outcome=origin"} {
		if !strings.Contains(text, "msg=refused path="+read+" "+want) {
			t.Errorf("no refusal %q in\n%s", want, text)
		}
	}
	if n := strings.Count(text, "msg=refused"); n > 40 {
		t.Errorf("%d refusals are recorded", n)
	}
}
