package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	"scriptsmanager/app/door"
	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/platform"
)

type serveCmd struct {
	Listen string `help:"Address to listen on; of this machine only." placeholder:"127.0.0.1:8420"`
}

// Run serves until it is told to end.
func (r serveCmd) Run(ctx context.Context, s *session) error {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	root, err := s.root()
	if err != nil {
		return err
	}
	host, err := s.own(ctx, root)
	if err != nil {
		return err
	}
	err = r.serve(ctx, s, host)
	return errors.Join(err, host.Close(domain.ReasonQuit))
}

// own takes the root; while a command holds it, it waits.
func (s *session) own(ctx context.Context, root platform.Root) (*door.Host, error) {
	told := false
	for {
		host, err := door.Open(ctx, s.engineOptions(root, platform.OwnerServe))
		if err == nil {
			s.configuration(host)
			return host, nil
		}
		if !domain.HasCode(err, domain.CodeRootOwned) {
			return nil, err
		}
		owner, owned := platform.ReadOwner(root)
		if owned && owner.Kind != platform.OwnerCommand {
			return nil, err
		}
		if owned && !told {
			told = true
			_, _ = fmt.Fprintln(s.Stderr, s.Texts.Text(s.lang, "cli.serve.waiting", map[string]any{"pid": owner.PID}))
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func (r serveCmd) serve(ctx context.Context, s *session, host *door.Host) error {
	address := r.Listen
	if address == "" {
		address = host.Engine.Config().Serve.Listen
	}
	name, port, err := net.SplitHostPort(address)
	if err != nil {
		return domain.NewError(domain.CodeUsageForm, "given", "--listen "+address, "form", "--listen HOST:PORT").Because(err)
	}
	if ip := net.ParseIP(name); name != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return domain.NewError(domain.CodeUsage, "detail", s.Texts.Text(s.lang, "cli.serve.loopback", map[string]any{"address": address}))
	}
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", address)
	if err != nil {
		number, _ := strconv.Atoi(port)
		return domain.NewError(domain.CodePortTaken, "port", number).Because(err)
	}
	if err := host.Engine.ServePages(l.Addr()); err != nil {
		return errors.Join(err, l.Close())
	}
	if at, ok := l.Addr().(*net.TCPAddr); ok {
		host.Engine.CloseToScripts(at.Port)
	}
	url := "http://" + l.Addr().String() + "/"
	err = s.print(map[string]string{"url": url}, func(w io.Writer) { _, _ = fmt.Fprintln(w, url) })
	if err != nil {
		return errors.Join(err, l.Close())
	}
	return s.Bridge(ctx, l, host)
}
