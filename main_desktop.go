//go:build desktop

package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"scriptsmanager/app"
	"scriptsmanager/app/cli"
	"scriptsmanager/app/desktop"
	"scriptsmanager/app/door"
	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
	"scriptsmanager/backend/platform"
	"scriptsmanager/build"
	"scriptsmanager/frontend"
)

// run shows the main window, or one script's window, or is the command line
// where a command is given.
func run(args []string) int {
	if len(args) == 2 && args[0] == desktop.ViewerCommand {
		return end(desktop.RunViewer(context.Background(), args[1], build.WindowIcon), func(err error) string { return err.Error() })
	}
	root, isDesktop := desktopArguments(args)
	if !isDesktop {
		return console(args)
	}
	o, err := setup(args)
	if err != nil {
		return end(err, func(err error) string { return err.Error() })
	}
	return end(show(o, root), func(err error) string {
		if e := domain.AsError(err); e != nil {
			return o.Texts.Error(cli.Language(o.Environ), e)
		}
		return err.Error()
	})
}

func end(err error, text func(error) string) int {
	if err == nil {
		return cli.ExitOK
	}
	fmt.Fprintln(os.Stderr, "scriptsmanager:", text(err))
	return cli.ExitFailed
}

// desktopArguments tells whether the arguments open a window: none, or --root.
func desktopArguments(args []string) (root string, ok bool) {
	switch {
	case len(args) == 0:
		return "", true
	case len(args) == 1 && strings.HasPrefix(args[0], "--root="):
		return strings.TrimPrefix(args[0], "--root="), true
	case len(args) == 2 && args[0] == "--root":
		return args[1], true
	}
	return "", false
}

// ownerEnds is how long an owner of the root may be on its way out, or in.
const ownerEnds = 30 * time.Second

// show opens the main window on the root: as its owner, or as a client of
// whoever owns it. A desktop that owns it already comes to the front instead.
func show(o cli.Options, rootFlag string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	dir, err := platform.FindRoot(rootFlag, cli.Variable(o.Environ, "SCRIPTSMANAGER_ROOT"), o.Program)
	if err != nil {
		return err
	}
	root, err := platform.Prepare(dir)
	if err != nil {
		return err
	}
	for until := time.Now().Add(ownerEnds); ; time.Sleep(20 * time.Millisecond) {
		host, err := door.Prepare(ctx, engine.Options{
			Root: root, Kind: platform.OwnerDesktop, Program: o.Program, Home: o.Home, Environ: o.Environ,
			Samples: o.Samples, Brand: o.Brand, BrandCSS: o.BrandCSS, Texts: o.Texts,
		})
		if err == nil {
			return asOwner(ctx, o, root, host)
		}
		if !domain.HasCode(err, domain.CodeRootOwned) || time.Now().After(until) {
			return err
		}
		conn, owner, err := engine.DialOwner(ctx, root)
		if domain.HasCode(err, domain.CodeNotFound) {
			continue // it has just been given free
		}
		if err != nil {
			return err
		}
		remote, err := door.Dial(ctx, conn, owner.Token, app.ClientDesktop, "")
		if door.Gone(err) {
			continue // it has just ended
		}
		if err != nil {
			return err
		}
		if owner.Kind == platform.OwnerDesktop {
			err := remote.RaiseMainWindow(ctx)
			_ = remote.Close()
			return err
		}
		err = window(ctx, o, root, remote, nil, func() {})
		_ = remote.Close()
		return err
	}
}

// asOwner shows the window, and starts the engine as soon as that comes up:
// they would only take the processor from each other. What the window asks
// waits for the engine.
func asOwner(ctx context.Context, o cli.Options, root platform.Root, host *door.Host) error {
	shown, giveUp := context.WithCancel(ctx)
	defer giveUp()
	comesUp, gone := make(chan struct{}), make(chan struct{})
	started := make(chan error, 1)
	go func() {
		select {
		case <-comesUp:
		case <-gone:
			started <- nil
			return
		}
		err := host.Start(ctx)
		if err != nil {
			giveUp()
		}
		started <- err
	}()
	client := host.Client(app.ClientOptions{Kind: app.ClientDesktop, Owner: true, Account: engine.OwnAccount()})
	windowErr := window(shown, o, root, client, host, func() { close(comesUp) })
	close(gone)
	_ = client.Close()
	startErr := <-started
	closeErr := host.Close(domain.ReasonQuit)
	for _, err := range []error{startErr, windowErr, closeErr} {
		if err != nil {
			return err
		}
	}
	return nil
}

func window(ctx context.Context, o cli.Options, root platform.Root, caller door.Caller, host *door.Host, comesUp func()) error {
	options := desktop.Options{
		Title: app.Product, Icon: build.WindowIcon, Text: o.Texts.Text,
		WindowData: filepath.Join(root.Data(), "windows"), ComesUp: comesUp,
	}
	if host != nil {
		options.Log = host.Engine.Log()
	}
	return desktop.Run(ctx, caller, withBrand{frontend.Dist(), os.DirFS(filepath.Join(root.Dir, "app", "static", "images"))}, options)
}

// withBrand is the frontend with the brand's images of the root in it, which
// an administrator may have replaced.
type withBrand struct{ frontend, images fs.FS }

// Open opens a file of either.
func (w withBrand) Open(name string) (fs.File, error) {
	if image, ok := strings.CutPrefix(name, "static/images/"); ok {
		return w.images.Open(image)
	}
	return w.frontend.Open(name)
}
