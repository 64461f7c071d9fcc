package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"scriptsmanager/app"
	"scriptsmanager/app/bridge"
	"scriptsmanager/app/desktop"
	"scriptsmanager/app/door"
	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
	"scriptsmanager/backend/platform"
)

// caller calls one method for one person with JSON, as it comes in.
type caller func(method, argument string) error

// way is a way in: it signs a user in, nobody for a zero one.
type way func(t *testing.T, w *world) func(t *testing.T, u domain.User) caller

// ways are all the ways in which a call can come.
func ways() map[string]way {
	return map[string]way{"in process": inProcess, "window": byWindow, "local socket": bySocket, "browser": byBrowser}
}

func inProcess(_ *testing.T, w *world) func(t *testing.T, u domain.User) caller {
	return func(t *testing.T, u domain.User) caller {
		c := w.client(t, u)
		return func(method, argument string) error {
			_, err := c.Call(context.Background(), method, json.RawMessage(argument))
			return err
		}
	}
}

// byWindow calls the one struct that Wails binds, with texts in and out as the
// window's JavaScript does.
func byWindow(_ *testing.T, w *world) func(t *testing.T, u domain.User) caller {
	return func(t *testing.T, u domain.User) caller {
		c := w.app.NewClient(app.ClientOptions{Kind: app.ClientDesktop, Owner: true})
		t.Cleanup(c.Close)
		bound := desktop.NewDoor(t.Context(), door.NewLocal(c), slog.New(slog.DiscardHandler), nil)
		call := func(method, argument string) error {
			var answer struct {
				Result json.RawMessage
				Error  *domain.Error
			}
			if err := json.Unmarshal([]byte(bound.Call(method, argument)), &answer); err != nil {
				return err
			}
			if answer.Error != nil {
				return answer.Error
			}
			if len(answer.Result) == 0 {
				return errors.New("neither a result nor an error")
			}
			return nil
		}
		signIn(t, u, call)
		return call
	}
}

// signIn signs in as a person does.
func signIn(t *testing.T, u domain.User, call caller) {
	t.Helper()
	if u.ID == 0 {
		return
	}
	if err := call("Session.SignIn", fmt.Sprintf(`{"name":%q,"password":%q}`, u.Name, password)); err != nil {
		t.Fatal(err)
	}
}

// bySocket serves the local socket as an owner of the root does, and reaches it
// as other programs do.
func bySocket(t *testing.T, w *world) func(t *testing.T, u domain.User) caller {
	t.Helper()
	l, token, err := w.engine.Listen()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	s := &door.Server{App: w.app, Token: token, Allowed: engine.SameAccount, Log: w.engine.Log()}
	go func() { served <- s.Serve(ctx, l) }()
	t.Cleanup(func() {
		cancel()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return func(t *testing.T, u domain.User) caller {
		conn, owner, err := engine.DialOwner(t.Context(), platform.Root{Dir: w.engine.Root().Dir})
		if err != nil {
			t.Fatal(err)
		}
		kind := app.ClientCommand
		if u.ID == 0 {
			kind = app.ClientDesktop // a command is never nobody
		}
		c, err := door.Dial(t.Context(), conn, owner.Token, kind, u.Name)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		return func(method, argument string) error {
			_, err := c.Call(context.Background(), method, json.RawMessage(argument))
			return err
		}
	}
}

// byBrowser serves HTTP and calls it with a tab's token.
func byBrowser(t *testing.T, w *world) func(t *testing.T, u domain.User) caller {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() {
		served <- bridge.Serve(ctx, l, bridge.Options{
			App: w.app, Frontend: fstest.MapFS{}, Log: w.engine.Log(),
			Owner:  func(netip.AddrPort, netip.AddrPort) bool { return true },
			Health: func(context.Context) bridge.Health { return bridge.Health{} },
		})
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	post := func(t *testing.T, path, token, body string) (int, []byte) {
		t.Helper()
		r, err := http.NewRequestWithContext(context.Background(), http.MethodPost, "http://"+l.Addr().String()+path, bytes.NewReader([]byte(body)))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+token)
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = answer.Body.Close() }()
		b, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return answer.StatusCode, b
	}
	return func(t *testing.T, u domain.User) caller {
		_, b := post(t, "/api/session", "", "")
		var tab struct{ Token string }
		if err := json.Unmarshal(b, &tab); err != nil || tab.Token == "" {
			t.Fatalf("no token: %s, %v", b, err)
		}
		call := func(method, argument string) error {
			status, b := post(t, "/api/call/"+method, tab.Token, argument)
			var answer struct{ Error *domain.Error }
			if status == http.StatusOK {
				return nil
			}
			if err := json.Unmarshal(b, &answer); err != nil || answer.Error == nil {
				return fmt.Errorf("status %d: %s", status, b)
			}
			return answer.Error
		}
		signIn(t, u, call)
		return call
	}
}

// people are those of the columns of outcomes.
func (w *world) people() []domain.User {
	return []domain.User{{}, w.users[domain.LevelViewer], w.users[domain.LevelOperator], w.users[domain.LevelDeveloper], w.users[domain.LevelAdmin]}
}

func outcome(err error) string {
	switch e := domain.AsError(err); {
	case err == nil:
		return "ok"
	case e == nil:
		return err.Error()
	default:
		return string(e.Code)
	}
}

// TestPermissions calls every method as every level, on own and on foreign
// objects, along every way in, and wants exactly the outcome of the table
// (SPEC SEC-1, USR-2, PRJ-6).
func TestPermissions(t *testing.T) {
	for name, way := range ways() {
		t.Run(name, func(whole *testing.T) {
			t := whole
			w := newWorld(t)
			open := way(t, w)
			in := map[int64]caller{} // who is signed in, and by what
			for _, c := range permissionTable(t, w) {
				if strings.HasPrefix(c.method, "Session.") {
					clear(in) // it may change or end sessions
				}
				for i, u := range w.people() {
					t.Run(c.method+" "+c.what+" by "+string(u.Level), func(t *testing.T) {
						argument := ""
						if c.argument != nil {
							argument = c.argument(u)
						}
						call := in[u.ID]
						if call == nil {
							call = open(whole, u)
						}
						if !strings.HasPrefix(c.method, "Session.") {
							in[u.ID] = call
						}
						if got := outcome(call(c.method, argument)); got != c.want[i] {
							t.Errorf("gives %s, want %s", got, c.want[i])
						}
					})
				}
			}
		})
	}
}

// TestPermissionTableIsWhole asks that every bound method is listed once with
// what it requires, and is in the table: with a foreign object too, where its
// argument names one that may be somebody's.
func TestPermissionTableIsWhole(t *testing.T) { // SEC-1
	w := newWorld(t)
	rows := map[string][]string{}
	for _, c := range permissionTable(t, w) {
		rows[c.method] = append(rows[c.method], c.what)
	}
	// A transfer is kept by the session that began it: another one has none of its own to name (data_test.go).
	bySession := []string{"Data.TransferEnd", "Data.UploadEnd", "Data.UploadPart", "Data.DownloadPart"}
	methods, required := door.Methods(new(app.Client).Structs()), app.Required()
	for name, m := range methods {
		level, listed := required[name]
		if !listed {
			t.Errorf("%s is not listed with what it requires", name)
		}
		if len(rows[name]) == 0 {
			t.Errorf("%s is in no row of the table", name)
		}
		if level == domain.LevelAdmin || slices.Contains(bySession, name) {
			continue // nothing is foreign to administrators
		}
		if field := ownedField(m.Argument); field != "" && !slices.ContainsFunc(rows[name], func(what string) bool {
			return strings.Contains(what, "foreign") || strings.Contains(what, "somebody else") || strings.Contains(what, "of another") || strings.Contains(what, "of no export")
		}) {
			t.Errorf("%s takes %s and is in no row with a foreign one", name, field)
		}
	}
	for name := range required {
		if _, there := methods[name]; !there {
			t.Errorf("%s is listed with what it requires and is no method", name)
		}
	}
	for name := range rows {
		if _, there := methods[name]; !there {
			t.Errorf("%s is in the table and is no method", name)
		}
	}
}

// ownedField gives a field of an argument that names something that belongs to
// somebody; "" where it has none.
func ownedField(argument reflect.Type) string {
	if argument == nil || argument.Kind() != reflect.Struct {
		return ""
	}
	owned := []string{"id", "execution_id", "execution_ids", "project_id", "user_id", "template_id"}
	for i := range argument.NumField() {
		f := argument.Field(i)
		if f.Anonymous {
			if name := ownedField(f.Type); name != "" {
				return name
			}
		}
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); slices.Contains(owned, name) {
			return name
		}
	}
	return ""
}

// TestNothingPassesBelowItsLevel calls every method with nothing, as everyone
// for whom it is not, along every way in: the level is asked before anything
// else is looked at. What is no method, or is not meant for callers, is none.
func TestNothingPassesBelowItsLevel(t *testing.T) { // SEC-1
	for name, way := range ways() {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			open := way(t, w)
			for _, u := range w.people() {
				call := open(t, u)
				for method, level := range app.Required() {
					want := string(domain.CodeNotAllowed)
					switch {
					case level == "" || u.ID != 0 && u.Level.AtLeast(level):
						continue
					case u.ID == 0:
						want = string(domain.CodeNotSignedIn)
					}
					if got := outcome(call(method, "{}")); got != want {
						t.Errorf("%s by %q gives %s, want %s", method, u.Level, got, want)
					}
				}
				for _, method := range []string{
					"Session.require", "Executions.own", "Executions.run", "Client.ActAs", "Users", "Users.", ".List", "users.List", "Users.list", "Door.Call", "x",
				} {
					if got := outcome(call(method, "{}")); got != string(domain.CodeNotFound) {
						t.Errorf("%s by %q gives %s", method, u.Level, got)
					}
				}
				if got := outcome(call("Session.State", `{"user":"admin"}`)); got != string(domain.CodeUsage) {
					t.Errorf("an argument that is not taken gives %s by %q", got, u.Level)
				}
				if got := outcome(call("Executions.List", `{"limit":1,"level":"admin"}`)); got != string(domain.CodeUsage) {
					t.Errorf("a field that is not known gives %s by %q", got, u.Level)
				}
			}
		})
	}
}
