package sandbox

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strconv"

	"golang.org/x/sys/unix"
)

// Supported tells whether there is any confinement on this system.
const Supported = true

// ErrNotFull says that the policy requires Full and the machine gives less.
var ErrNotFull = errors.New("the script cannot be confined as the policy requires")

// Start calls start on a thread that is confined by the policy, so that the
// process which start makes is confined from its first instruction on; the
// thread ends with the call, and the rest of this process stays as it was. The
// guard, where it is not nil, answers for the process: Serve it. It fails with
// ErrNotFull where the policy requires more than the machine gives, and with
// what start gives.
func Start(p Policy, start func() error) (r Report, guard *Guard, err error) {
	if p.Mode == "" || p.Mode == Off {
		r.settle()
		if p.CPUs <= 0 {
			return r, nil, start()
		}
		onOwnThread(func() {
			if err := keepTo(p.CPUs); err != nil {
				r.Notes = append(r.Notes, err.Error())
			} else {
				r.CPUs = p.CPUs
			}
			err = start()
		})
		return r, nil, err
	}
	onOwnThread(func() {
		r, guard, err = confine(p)
		if err == nil {
			err = start()
		}
	})
	if err != nil && guard != nil {
		guard.close()
		guard = nil
	}
	return r, guard, err
}

// Rehearse confines a thread that starts nothing: what Start needs of code and
// memory is there afterwards, so that it takes half the time.
func Rehearse() {
	_, guard, _ := Start(Policy{Mode: Prefer, Bind: []int{1}, Read: []string{"/usr"}, Write: []string{"/tmp"}}, func() error { return nil })
	if guard != nil {
		guard.close()
	}
}

// onOwnThread calls f on a thread of its own, which ends with it: what is put
// on a thread cannot be taken off. The first thread of a process cannot end,
// so it is left out.
func onOwnThread(f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread()
		if unix.Gettid() == os.Getpid() {
			onOwnThread(f)
			runtime.UnlockOSThread()
			return
		}
		f()
	}()
	<-done
}

// confine puts all that the machine has on this thread.
func confine(p Policy) (Report, *Guard, error) {
	if p.Network == "" {
		p.Network = NetworkFull
	}
	abi := ABI()
	if p.MaxABI > 0 {
		abi = min(abi, p.MaxABI)
	}
	r := Report{}
	note := func(err error) { r.Notes = append(r.Notes, err.Error()) }
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		note(fmt.Errorf("give up new privileges: %w", err))
	} else if err := dropPowers(); err != nil {
		note(err)
	} else {
		r.Holds = append(r.Holds, PartPrivilege)
	}
	if p.CPUs > 0 {
		if err := keepTo(p.CPUs); err != nil {
			note(err)
			p.CPUs = 0
		}
		r.CPUs = p.CPUs
	}
	switch {
	case abi == 0:
		note(errors.New("the kernel does not offer Landlock"))
	default:
		if err := landlock(p, abi); err != nil {
			note(err)
			abi = 0
		}
	}
	listener, err := filterCalls(p, abi, true)
	if err != nil {
		note(err)
		listener, err = filterCalls(p, abi, false)
		if err != nil {
			note(err)
		}
	}
	r.ABI = abi
	r.Holds = append(r.Holds, held(p, abi, err == nil, listener >= 0)...)
	r.settle()
	var guard *Guard
	if listener >= 0 {
		guard = newGuard(listener, p)
	}
	if p.Mode == Require && r.Level != Full {
		if guard != nil {
			guard.close()
		}
		return r, nil, ErrNotFull
	}
	return r, guard, nil
}

// held tells what holds by a version of Landlock, the filter of system calls
// and the guard of connections.
func held(p Policy, abi int, filtered, guarded bool) []Part {
	var parts []Part
	add := func(part Part, holds bool) {
		if holds {
			parts = append(parts, part)
		}
	}
	add(PartFiles, abi >= 1)
	add(PartTruncate, abi >= 3 || abi >= 1 && filtered)
	add(PartPort, abi >= 4 && filtered || filtered && p.Network == NetworkNone && len(p.Bind) == 0)
	add(PartDevices, abi >= 5)
	add(PartSignals, abi >= 6)
	add(PartAbstract, abi >= 6 || guarded)
	add(PartCalls, filtered)
	add(PartConnect, guarded)
	add(PartNetwork, p.Network == NetworkFull || guarded || filtered && p.Network == NetworkNone && (abi >= 4 || len(p.Bind) == 0))
	return parts
}

// Withheld tells whether the account itself could use a path, so that it was
// confinement that refused it to a script. Of what is not there, its folder
// counts.
func Withheld(path string) bool {
	if !filepath.IsAbs(path) {
		return false
	}
	err := unix.Access(path, unix.R_OK)
	if errors.Is(err, unix.ENOENT) {
		err = unix.Access(filepath.Dir(path), unix.W_OK)
	}
	return err == nil
}

// keptPowers: root reads and writes files whoever owns them, as far as it is
// granted; of root's other powers nothing is left.
const keptPowers = 1 << unix.CAP_DAC_OVERRIDE

// dropPowers takes root's powers from this thread and all that it starts. An
// ordinary account has none.
func dropPowers() error {
	if err := unix.Prctl(unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0); err != nil {
		return fmt.Errorf("drop ambient powers: %w", err)
	}
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var now [2]unix.CapUserData
	if err := unix.Capget(&header, &now[0]); err != nil {
		return fmt.Errorf("look at own powers: %w", err)
	}
	if os.Getuid() == 0 {
		for power := uintptr(0); power <= unix.CAP_LAST_CAP; power++ {
			if keptPowers&(1<<power) == 0 {
				if err := unix.Prctl(unix.PR_CAPBSET_DROP, power, 0, 0, 0); err != nil && !errors.Is(err, unix.EINVAL) {
					return fmt.Errorf("drop the powers of root: %w", err)
				}
			}
		}
	}
	if now[0].Permitted|now[1].Permitted == 0 {
		return nil
	}
	less := [2]unix.CapUserData{{
		Permitted: now[0].Permitted & keptPowers, Effective: now[0].Effective & keptPowers,
	}}
	if err := unix.Capset(&header, &less[0]); err != nil {
		return fmt.Errorf("drop own powers: %w", err)
	}
	return nil
}

// keepTo keeps this thread and what it starts to some of the processors,
// picked at random so that scripts spread.
func keepTo(n int) error {
	var now, some unix.CPUSet
	if err := unix.SchedGetaffinity(0, &now); err != nil {
		return fmt.Errorf("look at the processors: %w", err)
	}
	var mine []int
	for i := 0; i < len(now)*64; i++ {
		if now.IsSet(i) {
			mine = append(mine, i)
		}
	}
	first := rand.IntN(max(1, len(mine))) //nolint:gosec // spreads load, hides nothing
	for i := 0; i < min(n, len(mine)); i++ {
		some.Set(mine[(first+i)%len(mine)])
	}
	if err := unix.SchedSetaffinity(0, &some); err != nil {
		return fmt.Errorf("keep to %d processors: %w", n, err)
	}
	return nil
}

// Prefer to end a script, not the engine or a shim, where the machine runs out
// of memory (proc(5), oom_score_adj).
const oomScore = 500

// LastToKeep has the kernel end the process before others when memory is short.
func LastToKeep(pid int) error {
	err := os.WriteFile("/proc/"+strconv.Itoa(pid)+"/oom_score_adj", []byte(strconv.Itoa(oomScore)), 0)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("set who is ended when memory is short: %w", err)
	}
	return nil
}

// NoCore has neither this process nor what it starts write core dumps, which
// hold whatever the process had in memory.
func NoCore() error {
	if err := unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}); err != nil {
		return fmt.Errorf("switch core dumps off: %w", err)
	}
	return nil
}

// Probe tells what this machine can enforce, without enforcing it.
func Probe() Offer {
	abi := ABI()
	filtered := seccompOffered()
	r := Report{ABI: abi, Holds: append(held(Policy{Network: NetworkFull, Bind: []int{1}}, abi, filtered, filtered), PartPrivilege)}
	r.settle()
	o := Offer{Level: r.Level, ABI: abi, Holds: r.Holds, Missing: append([]Part{}, r.Missing...)}
	if abi > 0 {
		o.System = "landlock"
	}
	return o
}

// seccompOffered tries a filter on a thread that ends at once.
func seccompOffered() (ok bool) {
	onOwnThread(func() {
		if unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != nil {
			return
		}
		fd, err := filterCalls(Policy{Network: NetworkFull, Bind: []int{1}}, newestABI, true)
		if ok = err == nil; ok {
			_ = unix.Close(fd)
		}
	})
	return ok
}
