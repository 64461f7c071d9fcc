//go:build desktop

package desktop

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/wailsapp/wails/v2"
	"github.com/wailsapp/wails/v2/pkg/logger"
	"github.com/wailsapp/wails/v2/pkg/options"
	"github.com/wailsapp/wails/v2/pkg/options/assetserver"
	"github.com/wailsapp/wails/v2/pkg/options/linux"
	windowsoptions "github.com/wailsapp/wails/v2/pkg/options/windows"
	webview "github.com/wailsapp/wails/v2/pkg/runtime"

	"scriptsmanager/backend/domain"
)

// eventName is under which the frontend hears of events: a list of them.
const eventName = "door"

// leastWidth and leastHeight are the smallest size for which the pages are made.
const leastWidth, leastHeight = 1024, 640

// mainApp is the main window.
type mainApp struct {
	caller   Caller
	options  Options
	windows  *windows
	ctx      context.Context // of Run
	window   context.Context // Wails' own; set before anything uses it
	native   *hooks
	quitting atomic.Bool
	asking   atomic.Bool

	notifying sync.Mutex // guards notified
	notified  int
}

// Run shows the main window with the frontend in assets until it is closed,
// the person quits, or ctx ends, which asks nothing. It opens and ends the
// windows of scripts as the caller's events say, and returns when all of them
// are gone and their attachments released. It must be called on the program's
// first goroutine, and fails with CodeDisplayMissing where no window can be
// shown.
func Run(ctx context.Context, caller Caller, assets fs.FS, o Options) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if !displayReady() {
		return domain.NewError(domain.CodeDisplayMissing)
	}
	program, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find the program itself: %w", err)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	a := &mainApp{caller: caller, options: o, ctx: ctx}
	a.windows = newWindows(caller, o, a, func(dir string) *exec.Cmd { return viewerProcess(program, dir) })
	started := make(chan struct{})
	loaded := make(chan struct{}, 1)
	go func() {
		select {
		case <-started:
		case <-ctx.Done():
		}
		<-ctx.Done()
		a.quitting.Store(true)
		<-started
		webview.Quit(a.window) //nolint:contextcheck // the window's own context is Wails' handle to it
	}()
	go func() {
		<-started
		a.pump(loaded)
	}()
	width, height := fit(1280, 800)
	err = wails.Run(&options.App{
		Title: o.Title, Width: max(width, leastWidth), Height: max(height, leastHeight),
		MinWidth: leastWidth, MinHeight: leastHeight,
		AssetServer:      &assetserver.Options{Assets: assets},
		BackgroundColour: &options.RGBA{R: 255, G: 255, B: 255, A: 255},
		OnStartup: func(window context.Context) {
			a.window = window
			a.native = newHooks(window, a, nil)
			close(started)
			o.ComesUp()
			a.native.install(false)
		},
		OnDomReady: func(context.Context) {
			select {
			case loaded <- struct{}{}:
			default:
			}
		},
		OnBeforeClose:            func(context.Context) bool { return a.keepOpen() },
		Bind:                     []any{NewDoor(ctx, caller, o.log(), func() { go a.settle() })},
		Logger:                   wailsLog{o.log()},
		LogLevelProduction:       logger.WARNING,
		EnableDefaultContextMenu: false,
		Linux: &linux.Options{
			Icon: o.Icon, ProgramName: "scriptsmanager", WebviewGpuPolicy: linux.WebviewGpuPolicyOnDemand,
		},
		Windows: &windowsoptions.Options{IsZoomControlEnabled: true},
	})
	a.quitting.Store(true)
	cancel()
	a.windows.close()
	return err
}

// pump passes events on: to the windows of scripts at once, to the frontend in
// batches once it is there.
func (a *mainApp) pump(loaded <-chan struct{}) {
	out := make(chan domain.Event, 1024)
	go func() {
		select {
		case <-loaded:
		case <-a.ctx.Done():
			return
		}
		batch(a.ctx, out, func(events []domain.Event) { webview.EventsEmit(a.window, eventName, events) })
	}()
	defer close(out)
	lost := false
	for e := range a.caller.Events(a.ctx) {
		a.windows.handle(a.ctx, e)
		if e.Type == domain.EventUserChanged {
			go a.settle()
		}
		if e.Type == domain.EventWindowRaise {
			if r, ok := decode[domain.RaiseEvent](e.Data); ok && r.ExecutionID == "" {
				a.raise()
			}
		}
		if lost {
			select {
			case out <- domain.Event{Seq: e.Seq, Type: domain.EventMissed}:
				lost = false
			default:
				continue
			}
		}
		select {
		case out <- e:
		default:
			lost = true // the frontend asks for everything again
		}
	}
}

func (a *mainApp) raise() {
	webview.WindowShow(a.window)
	webview.WindowUnminimise(a.window)
}

// ShowLog brings the main window to the front, with an execution's log.
func (a *mainApp) ShowLog(executionID string) {
	a.raise()
	webview.WindowExecJS(a.window, "location.hash = "+string(mustJSON("#/executions/"+executionID)))
}

// OpenURL opens an address in the system's browser.
func (a *mainApp) OpenURL(address string) {
	if externalAddress(address) {
		webview.BrowserOpenURL(a.window, address)
	}
}

// Notify tells the person something by the desktop's own notifications. Where
// there are none, it is only seen in our windows.
func (a *mainApp) Notify(title, text string) {
	go func() {
		a.notifying.Lock()
		defer a.notifying.Unlock()
		err := webview.InitializeNotifications(a.window)
		if err == nil {
			a.notified++
			err = webview.SendNotification(a.window, webview.NotificationOptions{
				ID: "execution-" + strconv.Itoa(a.notified), Title: title, Body: text,
			})
		}
		if err != nil {
			a.options.log().Info("the desktop shows no notification", "error", err)
		}
	}()
}

func (a *mainApp) keep() {}

func (a *mainApp) input() {}

func (a *mainApp) placed(place) {}

func (a *mainApp) painted() {}

func (a *mainApp) showFile(path string) { go a.ShowFile(path) }

// ShowFile shows a file in its folder. A path that leads to none shows nothing.
func (a *mainApp) ShowFile(path string) {
	if info, err := os.Lstat(path); err == nil && info.Mode().IsRegular() {
		a.native.showFile(path)
	}
}

// script asks for a script. One that is gone is like any other with a page.
func (a *mainApp) script(id domain.ScriptID) domain.Script {
	detail, err := call[struct {
		Script domain.Script `json:"script"`
	}](a.ctx, a.caller, "Scripts.Get", map[string]any{"script_id": id})
	if err != nil {
		return domain.Script{}
	}
	return detail.Script
}

// keepOpen asks before the application quits while something runs. A signal
// or the end of Run's context asks nothing.
func (a *mainApp) keepOpen() bool {
	if a.quitting.Load() || a.ctx.Err() != nil {
		return false
	}
	if !a.asking.CompareAndSwap(false, true) {
		return true // the question is on the screen already
	}
	defer a.asking.Store(false)
	page, err := call[struct {
		Items []domain.Execution `json:"items"`
	}](a.ctx, a.caller, "Executions.List", map[string]any{"states": []domain.State{domain.StateQueued, domain.StateRunning}, "limit": 100})
	if err == nil {
		page.Items = ending(page.Items, a.script)
	}
	if err != nil || len(page.Items) == 0 { // nobody is signed in, or nothing is stopped by it
		a.quitting.Store(true)
		return false
	}
	l := a.settle()
	var names []string
	for i, x := range page.Items {
		if i == 10 {
			names = append(names, "…")
			break
		}
		names = append(names, "• "+x.ScriptName.In(l)+" — "+x.Project)
	}
	count := map[string]any{"count": len(page.Items)}
	quit := a.native.choose(a.ctx, a.options.Text(l, "viewer.quit_title", count),
		a.options.Text(l, "viewer.quit_text", count)+"\n\n"+strings.Join(names, "\n"),
		a.options.Text(l, "viewer.quit", nil), a.options.Text(l, "viewer.cancel", nil)) == 0
	if quit {
		a.quitting.Store(true)
	}
	return !quit
}

func (a *mainApp) decide(r Request) Decision {
	r.Ours = true
	return Decide("", ownOrigin, r)
}

func (a *mainApp) external(address string) { go a.OpenURL(address) }

// failed starts the frontend again when the web view's process for it ended.
func (a *mainApp) failed(crashed bool, _ string) bool {
	if crashed {
		a.options.log().Error("the main window's page crashed and is loaded again")
		a.native.load(ownOrigin+"/", false)
	}
	return crashed
}

func (a *mainApp) downloadFailed(reason string) {
	l := a.windows.language()
	go a.native.choose(a.ctx, a.options.Text(l, "viewer.save_title", nil),
		a.options.Text(l, "viewer.download_failed", map[string]any{"reason": reason}), a.options.Text(l, "viewer.close", nil))
}

func (a *mainApp) hooked(found bool) {
	if !found {
		a.options.log().Error("the main window's web view was not found")
	}
	go a.settle()
}

// settle has what is native speak and look as the person wishes, and gives the
// language.
func (a *mainApp) settle() domain.Language {
	state := a.windows.ask(a.ctx)
	l := state.Language
	a.native.look(state.Theme)
	a.native.speak(nativeTexts(a.windows.texts(l)))
	return l
}

// wailsLog passes what Wails has to say on to our log.
type wailsLog struct{ log *slog.Logger }

func (l wailsLog) Print(s string)   { l.log.Info(s, "from", "wails") }
func (l wailsLog) Trace(s string)   { l.log.Debug(s, "from", "wails") }
func (l wailsLog) Debug(s string)   { l.log.Debug(s, "from", "wails") }
func (l wailsLog) Info(s string)    { l.log.Info(s, "from", "wails") }
func (l wailsLog) Warning(s string) { l.log.Warn(s, "from", "wails") }
func (l wailsLog) Error(s string)   { l.log.Error(s, "from", "wails") }

// Fatal is logged only: the program decides when it ends.
func (l wailsLog) Fatal(s string) { l.log.Error(s, "from", "wails") }
