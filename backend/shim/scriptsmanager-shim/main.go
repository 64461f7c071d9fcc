// Scriptsmanager-shim runs one execution: it starts the program that the
// spec.json of its run folder names, writes its output into the log, tells the
// engine about it on a local socket, and ends the whole tree of processes when
// it is told to, or when the engine is gone.
//
// It promises that no byte it has read from the program is lost with the
// engine, and that nothing the program started is left when it ends itself. It
// knows nothing of users, ports or the database.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"scriptsmanager/backend/log/format"
	"scriptsmanager/backend/process"
	"scriptsmanager/backend/sandbox"
	"scriptsmanager/backend/shim/protocol"
)

// maxFolder bounds the path of a run folder.
const maxFolder = 32 << 10

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: scriptsmanager-shim RUN_FOLDER\nThis program is started by ScriptsManager.")
		os.Exit(2)
	}
	closeInherited()
	runDir := os.Args[1]
	if runDir == protocol.SpareArgument {
		if runDir = awaitFolder(); runDir == "" {
			return
		}
	}
	r, listener, err := prepare(runDir)
	ready(err)
	if err != nil {
		os.Exit(1)
	}
	r.limitTime()
	r.serve(listener)
	r.supervise()
}

// awaitFolder makes ready for what people will wait for, and waits for the run
// folder; "" says that none is to come. From then on it is as if the shim had
// been started for it.
func awaitFolder() string {
	sandbox.Rehearse()
	protocol.Rehearse()
	line, err := bufio.NewReader(io.LimitReader(os.Stdin, maxFolder)).ReadString('\n')
	leaveInput()
	runDir := strings.TrimSuffix(line, "\n")
	if err != nil || runDir == "" {
		return ""
	}
	if crash, err := os.OpenFile(filepath.Join(runDir, protocol.CrashFile), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600); err == nil {
		_ = debug.SetCrashOutput(crash, debug.CrashOptions{}) // without it a crash is only not explained
		_ = crash.Close()
	}
	return runDir
}

// prepare starts the program before anything that can wait, as people wait for
// its page.
func prepare(runDir string) (*run, net.Listener, error) {
	spec, err := protocol.ReadSpec(runDir)
	if err != nil {
		return nil, nil, err
	}
	if spec.Version > protocol.Version || len(spec.Argv) == 0 || spec.Token == "" {
		return nil, nil, fmt.Errorf("%s of version %d is not for this shim (version %d)", protocol.SpecFile, spec.Version, protocol.Version)
	}
	if err := becomeReaper(); err != nil {
		return nil, nil, err
	}
	keepFolder(runDir)
	tagged := spec.Tag.Apply()
	if tagged != nil {
		spec.Tag = process.Tag{}
	}
	writer, err := format.Create(spec.LogBase)
	if err != nil {
		return nil, nil, err
	}
	debugLog, err := os.OpenFile(spec.LogBase+format.DebugSuffix, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("open the debug log: %w", err), writer.Close())
	}
	noCore := sandbox.NoCore()
	child, startError := start(spec)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	r := newRun(runDir, spec, writer, slog.New(slog.NewJSONHandler(debugLog, nil)), child, signals)
	if startError != nil {
		r.state.StartError = startError
		r.state.End = protocol.EndStartFailed
	}
	listener, err := listen(spec.Socket)
	if err != nil {
		if child != nil {
			killAtOnce(child)
		}
		return nil, nil, err
	}
	if err := r.save(); err != nil {
		r.debug.Warn("state not written", "error", err.Error())
	} else if err := os.Remove(filepath.Join(runDir, protocol.SpecFile)); err != nil {
		r.debug.Warn("spec not removed", "error", err.Error())
	}
	if noCore != nil {
		r.debug.Warn("core dumps", "error", noCore.Error())
	}
	if tagged != nil {
		r.debug.Warn("processes not tagged", "error", tagged.Error())
	}
	return r, listener, nil
}

// killAtOnce ends what was started by a shim that cannot work.
func killAtOnce(c *child) {
	limit := time.After(unkillable)
	for {
		select {
		case <-c.treeDone:
			return
		case <-limit:
			return
		case <-time.After(5 * time.Millisecond):
			c.kill()
		}
	}
}

// ready tells whoever started us how it went, and lets go of them.
func ready(err error) {
	message := protocol.Ready{Version: protocol.Version}
	if err != nil {
		message.Error = err.Error()
		if diskFull(err) {
			message.Code = protocol.ErrorDiskFull
		}
	}
	line, _ := json.Marshal(message) // strings and a number
	writeReady(append(line, '\n'))
}
