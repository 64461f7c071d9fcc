package shim_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"scriptsmanager/backend/log/format"
	"scriptsmanager/backend/process"
	"scriptsmanager/backend/shim"
	"scriptsmanager/backend/shim/protocol"
)

// LOG-3: byte for byte.
func TestManyBytes(t *testing.T) {
	spec := script(t, `
import os, hashlib, random, sys
random.seed(1)
h, n = hashlib.sha256(), 0
while n < 50_000_000:
    b = random.randbytes(random.randint(1, 200_000)); h.update(b); n += len(b)
    while b: b = b[os.write(1, b):]
open(sys.argv[1], "w").write(h.hexdigest())`, filepath.Join(t.TempDir(), "sum"))
	s := start(t, spec)
	ended := await[shim.Ended](t, s)
	if text(ended) != "exit 0" {
		t.Fatal(text(ended))
	}
	got := output(t, spec)
	want, err := os.ReadFile(spec.Argv[3])
	if err != nil {
		t.Fatal(err)
	}
	if sum := fmt.Sprintf("%x", sha256.Sum256([]byte(got))); sum != string(want) || int64(len(got)) != ended.Bytes {
		t.Errorf("other bytes: %d of %d", len(got), ended.Bytes)
	}
	if feeds := int64(strings.Count(got, "\n")); ended.Lines != feeds && ended.Lines != feeds+1 {
		t.Errorf("%d lines for %d line feeds", ended.Lines, feeds)
	}
}

// As long as the shim keeps up, lines stand in the order of writing over both
// streams. The script waits for each to be in the log, which also shows that
// what it wrote is there without any flush of ours.
func TestOrder(t *testing.T) {
	spec := script(t, `
import os, sys, time
size = 0
for i in range(50):
    size += os.write(1 + i % 2, b"%d\n" % i)
    while os.stat(sys.argv[1]).st_size < size: time.sleep(0.001)`)
	spec.Argv = append(spec.Argv, spec.LogBase+format.LogSuffix)
	s := start(t, spec)
	await[shim.Ended](t, s)
	var want []string
	for i := range 50 {
		want = append(want, fmt.Sprintf("%s %d", []string{"stdout", "stderr"}[i%2], i))
	}
	if got := lines(t, spec); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

func TestEvents(t *testing.T) {
	spec := script(t, "for i in range(100000): print(i)")
	s := start(t, spec)
	var kinds []string
	var last shim.Output
	for e := range s.Events() {
		if o, ok := e.(shim.Output); ok {
			if o.Lines < last.Lines || o.Bytes < last.Bytes {
				t.Errorf("output goes back: %+v after %+v", o, last)
			}
			last = o
			if n := len(kinds); n > 0 && kinds[n-1] == "shim.Output" {
				continue
			}
		}
		kinds = append(kinds, fmt.Sprintf("%T", e))
	}
	if got := strings.Join(kinds, " "); got != "shim.Started shim.Output shim.Ended" {
		t.Error(got)
	}
	if last.Lines != 100000 {
		t.Errorf("last output event: %+v", last)
	}
}

// Nobody takes the events: neither script nor shim waits for that.
func TestEventsUnread(t *testing.T) {
	spec := script(t, "import time\nfor i in range(300): print('x' * 1000, flush=True); time.sleep(0.001)")
	s := start(t, spec)
	until(t, "the end", func() bool {
		state, err := shim.ReadState(spec.RunDir)
		return err == nil && state.Phase == protocol.PhaseEnded
	})
	n := 0
	for range s.Events() {
		n++
	}
	if n > 5 {
		t.Errorf("%d events were kept", n)
	}
}

// The script inherits nothing but its three streams.
func TestNoLeaks(t *testing.T) {
	leaked, err := os.CreateTemp(t.TempDir(), "leak")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = leaked.Close() }()
	// As a C library would leave it: open across exec.
	if _, err := unix.FcntlInt(leaked.Fd(), unix.F_SETFD, 0); err != nil {
		t.Fatal(err)
	}
	spec := script(t, `
import os, resource, signal
print(sorted(int(f) for f in os.listdir("/proc/self/fd") if os.path.exists("/proc/self/fd/" + f)))
print(os.readlink("/proc/self/fd/0"), os.getpgid(0) == os.getpid(), dict(os.environ).get("GOMAXPROCS"))
print([s.name for s in signal.valid_signals() if isinstance(s, signal.Signals) and signal.getsignal(s) == signal.SIG_IGN])
print(len(signal.pthread_sigmask(signal.SIG_BLOCK, [])))
print(os.listdir("/proc/%d/fd" % os.getppid()) and [l for l in (os.readlink("/proc/%d/fd/%s" % (os.getppid(), f)) for f in os.listdir("/proc/%d/fd" % os.getppid())) if "leak" in l])`)
	s := start(t, spec)
	await[shim.Ended](t, s)
	want := "[0, 1, 2]\n/dev/null True None\n['SIGPIPE', 'SIGXFSZ']\n0\n[]\n" // the two are Python's own
	if got := output(t, spec); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// A full disk is told of, does not stop the script, and is got over.
func TestDiskFull(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("a small file system can be mounted by root only")
	}
	disk := t.TempDir()
	if err := unix.Mount("tmpfs", disk, "tmpfs", 0, "size=1m"); err != nil {
		t.Skipf("a tmpfs cannot be mounted here: %v", err)
	}
	t.Cleanup(func() { _ = unix.Unmount(disk, unix.MNT_DETACH) })
	filler := filepath.Join(disk, "filler")
	if err := os.WriteFile(filler, make([]byte, 512<<10), 0o600); err != nil {
		t.Fatal(err)
	}
	flag := filepath.Join(t.TempDir(), "flag")
	spec := script(t, `
import os, sys, time
for i in range(2000): print("%0999d" % i, flush=True)
print("flood over", file=open(sys.argv[1], "w"))
while os.path.exists(sys.argv[1]): time.sleep(0.005)
print("room again", flush=True); print("err", file=sys.stderr)`, flag)
	spec.LogBase = filepath.Join(disk, "execution_1")
	s := start(t, spec)
	disk1 := await[shim.Disk](t, s)
	for !disk1.Full { // a shorter line found room again
		disk1 = await[shim.Disk](t, s)
	}
	until(t, "the script is not held up", func() bool { _, err := os.Stat(flag); return err == nil })
	until(t, "the state tells of the full disk", func() bool {
		state, err := shim.ReadState(spec.RunDir)
		return err == nil && state.Error == protocol.ErrorDiskFull && state.DiskFull
	})
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	for disk2 := disk1; disk2.Full; { // it is tried again without new output
		disk2 = await[shim.Disk](t, s)
	}
	if err := os.Remove(flag); err != nil {
		t.Fatal(err)
	}
	ended := await[shim.Ended](t, s)
	if text(ended) != "exit 0" || ended.Error != protocol.ErrorDiskFull || ended.LostBytes == 0 ||
		ended.Bytes+ended.LostBytes != 2000*1000+int64(len("room again\nerr\n")) {
		t.Errorf("%+v", ended)
	}
	got := lines(t, spec)
	if n := len(got); n < 100 || got[n-2] != "stdout room again" || got[n-1] != "stderr err" || got[0] != "stdout "+fmt.Sprintf("%0999d", 0) {
		t.Errorf("%d lines, the last %.40q", n, got[max(0, len(got)-2):])
	}
	debug, err := os.ReadFile(spec.LogBase + format.DebugSuffix)
	if err != nil || !strings.Contains(string(debug), "lost_bytes") {
		t.Errorf("debug: %s, %v", debug, err)
	}
}

// No room for the log at all: refused before anything runs.
func TestDiskFullAtStart(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("a small file system can be mounted by root only")
	}
	disk := t.TempDir()
	if err := unix.Mount("tmpfs", disk, "tmpfs", 0, "size=64k,nr_inodes=2"); err != nil {
		t.Skipf("a tmpfs cannot be mounted here: %v", err)
	}
	t.Cleanup(func() { _ = unix.Unmount(disk, unix.MNT_DETACH) })
	spec := script(t, "")
	spec.LogBase = filepath.Join(disk, "execution_1")
	if _, err := shim.Start(context.Background(), program, spec); err == nil || !strings.Contains(err.Error(), "disk_full") {
		t.Error(err)
	}
}

// A log takes its limit, then the end of the output, and says so in lines of
// its own.
func TestLogLimit(t *testing.T) {
	spec := script(t, `
import sys
for i in range(50_000): print("line %05d" % i)
sys.stdout.write("no end")`)
	spec.LogLimit = 100_005
	ended := await[shim.Ended](t, start(t, spec))
	var wrote strings.Builder
	for i := range 50_000 {
		fmt.Fprintf(&wrote, "line %05d\n", i)
	}
	wrote.WriteString("no end")
	const fits, kept = 100_005 / 11 * 11, 64 << 10
	left := int64(wrote.Len() - fits - kept)
	want := wrote.String()[:fits] +
		"[ScriptsManager: this log has reached its limit of 100,005 bytes. From here on only the last 65,536 bytes are kept.]\n" +
		wrote.String()[wrote.Len()-kept:] +
		fmt.Sprintf("\n[ScriptsManager: %d,%03d bytes before the last 65,536 are not in this log, as it reached its limit of 100,005 bytes.]\n", left/1000, left%1000)
	if got := output(t, spec); got != want {
		t.Errorf("%d bytes, %.200q at the cut, %.400q at the end; want %d", len(got), got[min(len(got), fits-20):], got[max(0, len(got)-300):], len(want))
	}
	if text(ended) != "exit 0" || ended.Error != protocol.ErrorLogLimit || ended.LostBytes != left || ended.Bytes != int64(len(want)) {
		t.Errorf("%s: %+v", text(ended), ended)
	}
}

// LOG-11: what is secret does not come into the log, however it is written.
func TestSecrets(t *testing.T) {
	spec := script(t, `
import os, time
os.write(1, b"key s3c"); time.sleep(0.05); os.write(1, b"ret!\n")
os.write(2, b"Error: s3cret is wrong, s3cr\n"); os.write(1, b"s3cre")`)
	spec.Secrets = []string{"s3cret"}
	await[shim.Ended](t, start(t, spec))
	got := lines(t, spec)
	slices.Sort(got)
	if want := []string{"stderr Error: ******** is wrong, s3cr", "stdout key ********!", "stdout s3cre"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

// DESIGN's limits: under 4 MB on the disk, under 6 MB in memory.
func TestSize(t *testing.T) {
	info, err := os.Stat(program)
	if err != nil || info.Size() >= 4<<20 {
		t.Errorf("%d bytes, %v", info.Size(), err)
	}
	spec := script(t, "print('x' * 1000, flush=True)\nimport time\ntime.sleep(1000)")
	s := start(t, spec)
	said(t, spec, "x")
	if _, err := s.Status(); err != nil {
		t.Fatal(err)
	}
	memory := process.UsageOf([]int{findShim(t, spec).PID}).Memory
	t.Logf("%d KiB on the disk, %d KiB resident", info.Size()>>10, memory>>10)
	if memory >= 6<<20 {
		t.Errorf("%d KiB resident", memory>>10)
	}
}

func TestSignalToShim(t *testing.T) {
	spec := script(t, "print('x', flush=True)\nimport time\ntime.sleep(1000)")
	s := start(t, spec)
	said(t, spec, "x")
	if err := findShim(t, spec).Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if ended := await[shim.Ended](t, s); text(ended) != "shim_stopped - SIGTERM" {
		t.Error(text(ended))
	}
}
