package engine

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/execution"
	"scriptsmanager/backend/process"
	"scriptsmanager/backend/project"
)

// ContractReport says what of the contract a script breaks. A warning is
// advice alone.
type ContractReport struct {
	Execution domain.Execution `json:"execution"` // in which it was seen
	Findings  []domain.Problem `json:"findings"`
}

const (
	contractLook   = 50 * time.Millisecond // from look to look while it starts
	contractAnswer = 10 * time.Second      // for the page to be there whole
	contractHead   = 64 << 10              // bytes of an answer's head
	contractTail   = 64 << 10              // bytes of the end of its errors
)

// CheckContract runs a script and says what of the contract it breaks (SPEC
// SDK-5, by EXE-1 and SDK-1). It takes as long as the script takes to start and
// to end; what has no page is waited for. It fails as Run does, and with
// CodeContractRuns where the script runs already.
func (e *Engine) CheckContract(ctx context.Context, a Actor, q execution.Request) (ContractReport, error) {
	changed := changesIn(filepath.Dir(q.Script.Path), project.TakeFullSnapshot)
	q.Fresh = true
	x, existing, err := e.Run(ctx, a, q)
	if err != nil {
		return ContractReport{}, err
	}
	if existing {
		return ContractReport{}, domain.NewError(domain.CodeContractRuns, "script", q.Script.ID)
	}
	c := contract{findings: []domain.Problem{}}
	stop := execution.StopRequest{Reason: domain.ReasonStopped, By: a.Name}
	defer func() { _ = e.Stop(x.ID, stop) }() // it may have ended
	if x, err = e.begun(ctx, x.ID); err != nil {
		return ContractReport{}, err
	}
	if x.State.Live() {
		c.page(ctx, x)
		if err := e.Stop(x.ID, stop); err != nil {
			return ContractReport{}, err
		}
		if err := e.Wait(ctx, x.ID); err != nil {
			return ContractReport{}, err
		}
		if x, err = e.Execution(ctx, x.ID); err != nil {
			return ContractReport{}, err
		}
		c.end(x, e.Config().Limits.GraceSeconds)
	} else if x.Error != nil {
		c.failed(q.Script, x)
	}
	for _, file := range changed() {
		// Compiled Python is none of the script's doing.
		if !slices.Contains(strings.Split(file.Path, "/"), "__pycache__") {
			c.breaks(domain.CodeContractWrote, map[string]any{"file": file.Path})
		}
	}
	return ContractReport{Execution: x, Findings: c.findings}, nil
}

// begun waits until the page answers, or all is over.
func (e *Engine) begun(ctx context.Context, id string) (domain.Execution, error) {
	tick := time.NewTicker(contractLook)
	defer tick.Stop()
	for {
		x, err := e.Execution(ctx, id)
		if err != nil || !x.State.Live() || x.HasPage && x.Phase == domain.PhaseReady {
			return x, err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return x, ctx.Err()
		}
	}
}

type contract struct{ findings []domain.Problem }

func (c *contract) breaks(code domain.Code, params map[string]any) {
	c.findings = append(c.findings, domain.Problem{Code: code, Params: params})
}

func (c *contract) advises(code domain.Code, params map[string]any) {
	c.findings = append(c.findings, domain.Problem{Code: code, Params: params, Warning: true})
}

// failed tells why a script ended by itself: with its line, where only the log
// would say it.
func (c *contract) failed(script domain.Script, x domain.Execution) {
	if x.Error.Code == domain.CodeScriptFailed || x.Error.Code == domain.CodeScriptExitedEarly {
		stderr := logsOf{}.Tail(strings.TrimSuffix(x.LogPath, ".log"), domain.Stderr, contractTail)
		if what, file, line, ok := execution.Raised(script, stderr); ok {
			c.breaks(domain.CodeContractRaised, map[string]any{"error": what, "file": file, "line": line})
			return
		}
	}
	c.breaks(x.Error.Code, x.Error.Params)
}

// page looks at where the script listens and what its page says.
func (c *contract) page(ctx context.Context, x domain.Execution) {
	own := net.JoinHostPort("127.0.0.1", strconv.Itoa(x.Port))
	told := map[string]bool{own: true}
	for _, l := range listening(append(process.Tree(x.PID), x.PID)) {
		if address := net.JoinHostPort(l.IP, strconv.Itoa(int(l.Port))); !told[address] {
			told[address] = true
			c.breaks(domain.CodeContractListens, map[string]any{"address": address, "own": own})
		}
	}
	status, kind, err := ask(ctx, own)
	switch {
	case err != nil:
		c.breaks(domain.CodeContractSilent, map[string]any{"detail": err.Error()})
	case status >= 400:
		c.breaks(domain.CodeContractStatus, map[string]any{"status": status})
	case status < 300 && !strings.HasPrefix(kind, "text/html"):
		c.advises(domain.CodeContractKind, map[string]any{"kind": kind})
	}
}

// end looks at how the script ended when it was asked to.
func (c *contract) end(x domain.Execution, grace int) {
	switch {
	case x.Signal == "SIGKILL":
		c.breaks(domain.CodeContractKilled, map[string]any{"seconds": grace})
	case x.Signal != "":
		c.advises(domain.CodeContractSignal, map[string]any{"signal": x.Signal})
	case x.ExitCode != nil && *x.ExitCode != 0:
		c.breaks(domain.CodeContractExit, map[string]any{"code": *x.ExitCode})
	}
}

// ask gets the head of a page as RFC 9112 has it. Nothing in backend speaks
// HTTP otherwise, and a redirect is an answer here.
func ask(ctx context.Context, address string) (status int, kind string, err error) {
	ctx, cancel := context.WithTimeout(ctx, contractAnswer)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = conn.Close() }()
	deadline, _ := ctx.Deadline()
	_ = conn.SetDeadline(deadline)
	if _, err := fmt.Fprintf(conn, "GET / HTTP/1.1\r\nHost: %s\r\nAccept: text/html\r\nConnection: close\r\n\r\n", address); err != nil {
		return 0, "", err
	}
	head := textproto.NewReader(bufio.NewReader(io.LimitReader(conn, contractHead)))
	line, err := head.ReadLine()
	if err != nil {
		return 0, "", err
	}
	version, rest, _ := strings.Cut(line, " ")
	code, _, _ := strings.Cut(rest, " ")
	if status, err = strconv.Atoi(code); err != nil || !strings.HasPrefix(version, "HTTP/") {
		return 0, "", fmt.Errorf("%.80q is no answer of HTTP", line)
	}
	fields, err := head.ReadMIMEHeader()
	if err != nil && len(fields) == 0 {
		return 0, "", err
	}
	return status, fields.Get("Content-Type"), nil
}
