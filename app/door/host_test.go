package door_test

import (
	"context"
	"io"
	"os"
	"sync"
	"testing"

	"scriptsmanager/app"
	"scriptsmanager/app/door"
	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
	"scriptsmanager/backend/i18n"
	"scriptsmanager/backend/platform"
	"scriptsmanager/translations"
)

func options(t *testing.T) engine.Options {
	t.Helper()
	root, err := platform.Prepare(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	texts, err := i18n.New(translations.Files)
	if err != nil {
		t.Fatal(err)
	}
	return engine.Options{
		Root: root, Kind: platform.OwnerCommand, Program: t.TempDir(), Home: t.TempDir(),
		Environ: []string{"PATH=" + os.Getenv("PATH")}, Texts: texts, Stderr: io.Discard,
	}
}

// A window is shown while the engine starts, and asks at once.
func TestCallsWaitForTheStart(t *testing.T) {
	for _, fails := range []bool{false, true} {
		host, err := door.Prepare(t.Context(), options(t))
		if err != nil {
			t.Fatal(err)
		}
		client := host.Client(app.ClientOptions{Kind: app.ClientDesktop, Owner: true})
		answered := make(chan error, 1)
		go func() {
			var state app.SetupState
			answered <- door.Call(t.Context(), client, "Setup.State", nil, &state)
		}()
		ctx, cancel := context.WithCancel(t.Context())
		if fails {
			cancel()
		}
		if err := host.Start(ctx); (err != nil) != fails {
			t.Errorf("start: %v", err)
		}
		cancel()
		if err := <-answered; (err != nil) != fails {
			t.Errorf("call: %v, the start failed: %v", err, fails)
		}
		if err := client.Close(); err != nil {
			t.Error(err)
		}
		if err := host.Close(domain.ReasonQuit); err != nil {
			t.Error(err)
		}
	}
}

// What an engine was asked before its end is answered, or the connection has
// ended: a client must not take the end for a failure of what it asked.
func TestEndAnswersOrHangsUp(t *testing.T) {
	o := options(t)
	for range 5 {
		host, err := door.Open(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		var clients, busy sync.WaitGroup
		for range 4 {
			conn, owner, err := engine.DialOwner(t.Context(), o.Root)
			if err != nil {
				t.Fatal(err)
			}
			client, err := door.Dial(t.Context(), conn, owner.Token, app.ClientCommand, "")
			if err != nil {
				t.Fatal(err)
			}
			events := client.Events(t.Context())
			for range 4 {
				busy.Add(1)
				clients.Go(func() {
					for n := 0; ; n++ {
						var page app.ExecutionPage
						err := door.Call(context.Background(), client, "Executions.List", app.ExecutionQuery{}, &page)
						if n == 0 {
							busy.Done()
						}
						if door.Gone(err) {
							break
						}
						if err != nil {
							t.Error(err)
							break
						}
					}
				})
			}
			clients.Go(func() {
				for range events { // until the connection ends
				}
			})
		}
		busy.Wait()
		if err := host.Close(domain.ReasonQuit); err != nil {
			t.Error(err)
		}
		clients.Wait()
	}
}
