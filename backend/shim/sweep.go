package shim

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"scriptsmanager/backend/log/format"
	"scriptsmanager/backend/process"
	"scriptsmanager/backend/shim/protocol"
)

// ErrAlive says that a shim still runs, so that there is nothing to sweep.
var ErrAlive = errors.New("the shim is alive")

// sweepLimit bounds the fight with processes that fork while they are killed.
const sweepLimit = 5 * time.Second

// Sweep cleans up behind a shim that was killed: it ends what is left of its
// tree, closes the log, notes the end (EndLost) in the state file and gives
// that. Where the run ended in order it only gives the state. It fails with
// ErrAlive where the shim still runs.
func Sweep(runDir string) (State, error) {
	state, err := ReadState(runDir)
	if errors.Is(err, os.ErrNotExist) {
		state, err = unsaved(runDir)
	}
	if err != nil {
		return State{}, fmt.Errorf("sweep %s: %w", runDir, err)
	}
	if state.Phase == protocol.PhaseEnded {
		return state, nil
	}
	if state.Shim.Alive() {
		return state, fmt.Errorf("sweep %s: %w", runDir, ErrAlive)
	}
	state.Left = endTree(state)
	now := time.Now().UTC()
	state.Phase, state.End, state.EndedAt, state.GraceEndsAt = protocol.PhaseEnded, protocol.EndLost, &now, nil
	state.Token = ""
	if lines, bytes, err := format.Finish(state.LogBase, now.UnixNano()); err == nil {
		state.Lines, state.Bytes = lines, bytes
	}
	if err := protocol.WriteFile(runDir, protocol.StateFile, state); err != nil {
		return state, fmt.Errorf("sweep %s: %w", runDir, err)
	}
	_ = os.Remove(filepath.Join(runDir, protocol.SpecFile))
	_ = os.Remove(filepath.Join(runDir, protocol.SocketFile))
	return state, nil
}

// unsaved is the state of a shim that was killed before it noted any.
func unsaved(runDir string) (State, error) {
	spec, err := protocol.ReadSpec(runDir)
	if err != nil {
		return State{}, err
	}
	return State{
		Version: protocol.Version, ExecutionID: spec.ExecutionID, Phase: protocol.PhaseStarting, Socket: spec.Socket,
		Token: spec.Token, Tag: spec.Tag, LogBase: spec.LogBase, OnLoss: spec.OnLoss, StartedAt: time.Now().UTC(),
	}, nil
}

// endTree kills the program, its descendants and all that carry its tag, until
// there is none, and gives those that could not be killed.
func endTree(state State) (left []int) {
	if self, err := process.Self(); err != nil || state.Shim.PID != 0 && self.BootID != state.Shim.BootID {
		return nil // the machine was restarted, and nothing outlives that
	}
	for until := time.Now().Add(sweepLimit); ; time.Sleep(5 * time.Millisecond) {
		found := state.Tag.Find()
		if state.Script.Alive() {
			state.Script.KillTree()
			found = append(found, state.Script)
		}
		if len(found) == 0 {
			return nil
		}
		for _, p := range found {
			_ = p.Kill()
		}
		if time.Now().After(until) {
			for _, p := range found {
				left = append(left, p.PID)
			}
			return left
		}
	}
}
