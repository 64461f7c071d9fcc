// Command scriptsmanager runs engineers' Python scripts. Built with the tag
// desktop it shows windows; without, it is the command line and the headless
// mode. It only picks the mode and hands over what the process was started
// with.
package main

import (
	"context"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"path/filepath"

	"scriptsmanager/app/backend/script_groups"
	"scriptsmanager/app/bridge"
	"scriptsmanager/app/cli"
	"scriptsmanager/app/door"
	"scriptsmanager/app/static"
	"scriptsmanager/backend/engine"
	"scriptsmanager/backend/i18n"
	"scriptsmanager/frontend"
	"scriptsmanager/translations"
)

func main() { os.Exit(run(os.Args[1:])) }

// setup is what all modes start from.
func setup(args []string) (cli.Options, error) {
	texts, err := i18n.New(translations.Files)
	if err != nil {
		return cli.Options{}, err
	}
	program, err := os.Executable()
	if err != nil {
		return cli.Options{}, fmt.Errorf("find the program itself: %w", err)
	}
	if real, err := filepath.EvalSymlinks(program); err == nil {
		program = real
	}
	brand, err := fs.Sub(static.Images, "images")
	if err != nil {
		return cli.Options{}, err
	}
	home, err := os.UserHomeDir()
	if err != nil {
		home = "" // an account without a home has no environments there
	}
	return cli.Options{
		Args: args, Environ: os.Environ(), Program: filepath.Dir(program), Home: home,
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Samples: samples.Groups, Brand: brand, BrandCSS: static.BrandCSS, Texts: texts, Bridge: serve,
	}, nil
}

// serve is the headless mode's web server for a host.
func serve(ctx context.Context, l net.Listener, host *door.Host) error {
	return bridge.Serve(ctx, l, bridge.Options{
		App: host.App, Frontend: frontend.Dist(), Brand: host.Engine.BrandFolder(),
		Owner: func(client, server netip.AddrPort) bool { return engine.OwnConnection(client, server) },
		Health: func(ctx context.Context) bridge.Health {
			h := host.Engine.Health(ctx)
			return bridge.Health(h)
		},
		Log: host.Engine.Log(), Access: host.Engine.AccessLog(),
	})
}

func console(args []string) int {
	o, err := setup(args)
	if err != nil {
		fmt.Fprintln(os.Stderr, "scriptsmanager:", err)
		return cli.ExitFailed
	}
	return cli.Main(context.Background(), o)
}
