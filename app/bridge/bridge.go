// Package bridge is the headless mode's door for a browser on this machine:
// the frontend's files, calls and events of package door over HTTP and
// WebSocket, and the attachment that a script's tab is. It sets no cookies,
// since a cookie of 127.0.0.1 goes to every port and so to every script; a
// bearer token in the tab's own storage takes their place. Host, Origin and
// Sec-Fetch-Site are checked on every request (SPEC API-2, SEC-4).
package bridge

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"scriptsmanager/app"
	"scriptsmanager/backend/domain"
)

// tabGrace is how long the last tab of a page may be away before the page is
// stopped: a tab that loads again is back within a second, a sleeping one
// within some more (SPEC API-2).
const tabGrace = 5 * time.Second

const (
	maxArgument = 16 << 20 // bytes of one call's argument
	maxHeader   = 64 << 10
)

// Options is what a bridge is made of.
type Options struct {
	App      *app.App
	Frontend fs.FS  // the built frontend
	Brand    string // folder of the logo
	// Owner tells whether the other end of a TCP connection belongs to the
	// account that owns the root; false where the system does not say.
	Owner  func(client, server netip.AddrPort) bool
	Health func(ctx context.Context) Health
	Log    *slog.Logger
	// Access gets a record of each call: who, what, with what outcome; nil keeps
	// none. Arguments are in none.
	Access *slog.Logger
}

// Health is what /health answers, to anyone on this machine: no names.
type Health struct {
	Status        string    `json:"status"` // healthy or unhealthy
	Timestamp     time.Time `json:"timestamp"`
	Database      string    `json:"database"`
	Conda         string    `json:"conda"`
	ActiveScripts int       `json:"active_scripts"`
	PortUsage     string    `json:"port_usage"`
}

// Bridge serves browsers.
type Bridge struct {
	options  Options
	sessions *sessions
	hosts    map[string]bool
	files    http.Handler
	refusals refusals
}

// Serve answers on the listener until ctx ends.
func Serve(ctx context.Context, l net.Listener, o Options) error {
	b := &Bridge{options: o, sessions: newSessions(o.App), hosts: ownHosts(l.Addr())}
	b.files = http.FileServerFS(o.Frontend)
	server := &http.Server{
		Handler: b.guard(b.routes()), ReadHeaderTimeout: 10 * time.Second, MaxHeaderBytes: maxHeader,
		ErrorLog: slog.NewLogLogger(o.Log.Handler(), slog.LevelDebug), BaseContext: func(net.Listener) context.Context { return ctx },
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		<-ctx.Done()
		// Events and attachments end with ctx; calls get a moment.
		wait, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
		defer cancel()
		if server.Shutdown(wait) != nil {
			_ = server.Close()
		}
	}()
	go b.sessions.expire(ctx)
	err := server.Serve(l)
	if errors.Is(err, http.ErrServerClosed) {
		<-done
		b.sessions.closeAll()
		return nil
	}
	return err
}

// ownHosts are the Host headers under which the bridge answers. A page
// elsewhere whose name was made to point here (rebinding) has another.
func ownHosts(a net.Addr) map[string]bool {
	_, port, _ := net.SplitHostPort(a.String())
	hosts := map[string]bool{a.String(): true}
	for _, name := range []string{"127.0.0.1", "localhost", "::1"} {
		host := net.JoinHostPort(name, port)
		hosts[host] = true
		if port == "80" { // a browser leaves it away
			hosts[strings.TrimSuffix(host, ":80")] = true
		}
	}
	return hosts
}

func (b *Bridge) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /api/session", b.newSession)
	mux.HandleFunc("POST /api/call/{method}", b.call)
	mux.HandleFunc("GET /api/events", b.events)
	mux.HandleFunc("GET /api/attach/{id}", b.attach)
	mux.HandleFunc("/api/", func(w http.ResponseWriter, r *http.Request) {
		fail(w, domain.NewError(domain.CodeNotFound, "what", "address", "name", r.URL.Path))
	})
	mux.HandleFunc("GET /health", func(w http.ResponseWriter, r *http.Request) {
		h := b.options.Health(r.Context())
		status := http.StatusOK
		if h.Status != "healthy" {
			status = http.StatusServiceUnavailable
		}
		answer(w, status, h)
	})
	mux.HandleFunc("GET /static/images/{name}", b.image)
	mux.HandleFunc("/", b.file)
	return mux
}

// guard refuses what no page of ours sends.
func (b *Bridge) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !b.hosts[r.Host] {
			b.refused(r, "host")
			http.Error(w, "This address is not served under that name. Open http://"+firstHost(b.hosts)+"/ instead.", http.StatusForbidden)
			return
		}
		if origin := r.Header.Get("Origin"); origin != "" {
			u, err := url.Parse(origin)
			if err != nil || u.Scheme != "http" || u.Host != r.Host {
				b.refused(r, "origin")
				fail(w, domain.NewError(domain.CodeNotAllowed, "level", "origin"))
				return
			}
		}
		if site := r.Header.Get("Sec-Fetch-Site"); strings.HasPrefix(r.URL.Path, "/api/") && site != "" && site != "same-origin" && site != "none" {
			b.refused(r, "origin")
			fail(w, domain.NewError(domain.CodeNotAllowed, "level", "origin"))
			return
		}
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("X-Frame-Options", "DENY")
		// Frames: a script's page on its port of this machine, in its own tab.
		h.Set("Content-Security-Policy", "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; "+
			"img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self' ws://"+r.Host+"; "+
			"frame-src http://127.0.0.1:*; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'")
		next.ServeHTTP(w, r)
	})
}

func firstHost(hosts map[string]bool) string {
	for h := range hosts {
		if strings.HasPrefix(h, "127.0.0.1:") {
			return h
		}
	}
	return "127.0.0.1"
}

func (b *Bridge) newSession(w http.ResponseWriter, r *http.Request) {
	owner := false
	if b.options.Owner != nil {
		client, err := netip.ParseAddrPort(r.RemoteAddr)
		local, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
		if err == nil && ok {
			if server, err := netip.ParseAddrPort(local.String()); err == nil {
				owner = b.options.Owner(client, server)
			}
		}
	}
	token := b.sessions.add(app.ClientOptions{Kind: app.ClientBrowser, Owner: owner, Grace: tabGrace})
	answer(w, http.StatusOK, map[string]string{"token": token})
}

var errSession = domain.NewError(domain.CodeNotSignedIn, "session_unknown", true)

func (b *Bridge) call(w http.ResponseWriter, r *http.Request) {
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	s := b.sessions.get(token)
	if s == nil {
		b.refused(r, string(errSession.Code))
		fail(w, errSession)
		return
	}
	argument, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxArgument))
	if err != nil {
		fail(w, domain.NewError(domain.CodeUsage, "detail", err.Error()))
		return
	}
	// A browser that navigates away must not undo half a change.
	ctx := context.WithoutCancel(r.Context())
	began, name := time.Now(), s.client.Name()
	result, err := s.local.Call(ctx, r.PathValue("method"), argument)
	if err != nil || !follows(r.PathValue("method"), argument) {
		b.accessed(r, began, cmp.Or(s.client.Name(), name), err)
	}
	if err != nil {
		fail(w, domain.AsError(err))
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(result) //nolint:gosec // JSON under its own content type, which nosniff holds
}

// accessed records a call.
func (b *Bridge) accessed(r *http.Request, began time.Time, user string, err error) {
	if b.options.Access == nil {
		return
	}
	outcome, level := "ok", slog.LevelInfo
	if failure := domain.AsError(err); failure != nil {
		outcome, level = string(failure.Code), slog.LevelWarn
	}
	b.options.Access.Log(r.Context(), level, "call", "method", short(r.PathValue("method")), "user", user, "outcome", outcome,
		"from", r.RemoteAddr, "ms", time.Since(began).Milliseconds())
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

// fail answers an error under the status that says the same to HTTP.
func fail(w http.ResponseWriter, e *domain.Error) {
	answer(w, status(e.Code), map[string]*domain.Error{"error": e})
}

func status(c domain.Code) int {
	switch c {
	case domain.CodeNotSignedIn, domain.CodeSignInFailed, domain.CodeSystemSignIn:
		return http.StatusUnauthorized
	case domain.CodeSignInWait:
		return http.StatusTooManyRequests
	case domain.CodeNotAllowed, domain.CodeSetupNeeded:
		return http.StatusForbidden
	case domain.CodeNotFound:
		return http.StatusNotFound
	case domain.CodeInternal:
		return http.StatusInternalServerError
	case domain.CodeUnavailable:
		return http.StatusServiceUnavailable
	case domain.CodeDiskFull:
		return http.StatusInsufficientStorage
	case domain.CodeSetupDone, domain.CodeNameTaken, domain.CodeExecutionEnded, domain.CodeInterfacesRunning,
		domain.CodeTooManyInterfaces, domain.CodePortsExhausted, domain.CodeLimitReached:
		return http.StatusConflict
	default:
		return http.StatusUnprocessableEntity
	}
}
