package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"scriptsmanager/app"
	"scriptsmanager/app/door"
	"scriptsmanager/backend/domain"
)

type logShowCmd struct {
	ID     string   `arg:"" help:"The execution's id."`
	Follow bool     `help:"Go on until the execution has ended." short:"f"`
	From   int64    `help:"Number of the first line; negative: the last so many." default:"1"`
	Stream []string `help:"stdout, stderr, debug." default:"stdout,stderr" placeholder:"STREAM"`
}

// Run prints a log. With --json it is an array of lines, or with --follow one
// object a line.
func (r logShowCmd) Run(ctx context.Context, s *session) error {
	var streams []domain.Stream
	for _, name := range r.Stream {
		stream := domain.Stream(strings.TrimSpace(name))
		if stream != domain.Stdout && stream != domain.Stderr && stream != domain.Debug {
			return domain.NewError(domain.CodeUsage, "detail", "--stream "+name+" (stdout, stderr, debug)")
		}
		streams = append(streams, stream)
	}
	return s.with(ctx, "", func(c *connection) error {
		p := &logPrinter{s: s, c: c, id: r.ID, follow: r.Follow, all: []domain.LogLine{}}
		if slices.Contains(streams, domain.Debug) {
			p.readers = append(p.readers, &streamReader{streams: []domain.Stream{domain.Debug}, next: r.From})
		}
		if rest := slices.DeleteFunc(streams, func(x domain.Stream) bool { return x == domain.Debug }); len(rest) > 0 {
			p.readers = append(p.readers, &streamReader{streams: rest, next: r.From})
		}
		return p.run(ctx)
	})
}

// streamReader is a position in streams that are read together.
type streamReader struct {
	streams []domain.Stream
	next    int64
	ended   bool
}

type logPrinter struct {
	s       *session
	c       *connection
	id      string
	follow  bool
	readers []*streamReader
	all     []domain.LogLine // with --json and without --follow
	printed int64
}

// explain says why there was nothing to print, where there should have been.
func (p *logPrinter) explain(ctx context.Context) {
	if p.printed > 0 || len(p.readers) != 1 || len(p.readers[0].streams) < 2 || p.readers[0].next > 1 {
		return
	}
	var x domain.Execution
	err := door.Call(ctx, p.c, "Executions.Get", app.ExecutionRequest{ExecutionID: p.id}, &x)
	if err == nil && x.Lines > 0 && !x.State.Live() {
		_, _ = fmt.Fprintln(p.s.Stderr, "scriptsmanager: "+p.s.Texts.Text(p.s.lang, "export.removed", nil))
	}
}

func (p *logPrinter) run(ctx context.Context) error {
	events := p.c.Events(ctx)
	f := &front{id: p.id}
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	p.count(ctx)
	for {
		lines, ended, err := p.read(ctx)
		if door.Gone(err) {
			if err := p.c.renew(ctx); err != nil {
				return err
			}
			events, err = p.c.Events(ctx), nil
			p.count(ctx)
		}
		if err != nil {
			return err
		}
		if err := p.print(lines); err != nil {
			return err
		}
		if ended || (!p.follow && len(lines) == 0) {
			p.explain(ctx)
			if p.s.flags.JSON && !p.follow {
				return p.s.print(p.all, nil)
			}
			return nil
		}
		if !p.follow || len(lines) > 0 {
			continue
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		case e, open := <-events:
			for open && !f.concerns(e) {
				select {
				case e, open = <-events:
					continue
				case <-tick.C:
				case <-ctx.Done():
				}
				break
			}
			if !open {
				events = nil
			}
		}
	}
}

// count says that the log is being followed, for those who see how many do; to
// the person here that makes no difference.
func (p *logPrinter) count(ctx context.Context) {
	if p.follow {
		_ = door.Call(ctx, p.c, "Executions.Viewing", app.ViewingRequest{ExecutionIDs: []string{p.id}}, nil)
	}
}

// read gives the next lines of all readers, in the order of their times.
func (p *logPrinter) read(ctx context.Context) (lines []domain.LogLine, ended bool, err error) {
	ended = true
	for _, r := range p.readers {
		if r.ended {
			continue
		}
		var page domain.LogPage
		err := door.Call(ctx, p.c, "Executions.Log", app.LogRequest{
			ExecutionID: p.id, From: r.next, Limit: 5000, Streams: r.streams,
		}, &page)
		if err != nil {
			return lines, false, err
		}
		for _, line := range page.Lines {
			if !line.Open || page.Ended || !p.follow {
				lines = append(lines, line)
			}
		}
		r.next = page.Next
		// Without --follow, what there is now is all.
		r.ended = page.Ended || (!p.follow && page.Next > page.Total)
		ended = ended && r.ended
	}
	slices.SortStableFunc(lines, func(a, b domain.LogLine) int { return a.Time.Compare(b.Time) })
	return lines, ended, nil
}

func (p *logPrinter) print(lines []domain.LogLine) error {
	p.printed += int64(len(lines))
	if p.s.flags.JSON && !p.follow {
		p.all = append(p.all, lines...)
		return nil
	}
	for _, line := range lines {
		if p.s.flags.JSON {
			b, err := json.Marshal(line)
			if err != nil {
				return err
			}
			line.Text = string(b)
		}
		if _, err := fmt.Fprintln(p.s.Stdout, line.Text); err != nil {
			return err
		}
	}
	return nil
}
