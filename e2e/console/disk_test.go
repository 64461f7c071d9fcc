//go:build e2e && linux

package console_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// smallDisk mounts a disk of the size given. Only root may; the caller is told
// so by a skip that the list of allowed skips must name.
func smallDisk(t *testing.T, size string) string {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("a small disk can be mounted by root alone")
	}
	dir := filepath.Join(t.TempDir(), "disk")
	mountDisk(t, dir, size)
	return dir
}

// mountDisk mounts a disk of the size given at dir, for root.
func mountDisk(t *testing.T, dir, size string) {
	t.Helper()
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size="+size+",mode=755", "tmpfs", dir).CombinedOutput(); err != nil {
		t.Fatalf("mount: %v\n%s", err, out)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", "--lazy", dir).CombinedOutput(); err != nil {
			t.Errorf("umount: %v\n%s", err, out)
		}
	})
}

// fill leaves no room on the disk, and gives the file that takes it.
func fill(t *testing.T, dir string) string {
	t.Helper()
	path := filepath.Join(dir, "ballast")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for size := 64 << 10; size > 0; {
		if _, err := f.Write(make([]byte, size)); errors.Is(err, syscall.ENOSPC) {
			size /= 2
		} else if err != nil {
			t.Fatal(err)
		}
	}
	return path
}

func TestSetupOnAFullDisk(t *testing.T) {
	t.Parallel()
	disk := smallDisk(t, "16m")
	in := rootIn(t, filepath.Join(disk, "root"), nil)
	ballast := fill(t, disk)
	setup := func() result {
		return in.command("setup", "--admin", adminName).with("SCRIPTSMANAGER_ADMIN_PASSWORD=" + password).run()
	}
	wantFailure(t, setup(), exitFailed, "space", in.dir)
	// Room for the folders, not for the database.
	for _, room := range []int64{64 << 10, 256 << 10, 512 << 10} {
		info, err := os.Stat(ballast)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(ballast, info.Size()-room); err != nil {
			t.Fatal(err)
		}
		r := setup()
		if r.code == exitOK {
			return // it fits
		}
		wantFailure(t, r, exitFailed, "space")
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	if r := setup(); r.code != exitOK {
		t.Errorf("with room again: %v", r)
	}
}

func TestRunOnAFullDisk(t *testing.T) {
	t.Parallel()
	disk := smallDisk(t, "24m")
	in := rootIn(t, filepath.Join(disk, "root"), nil)
	in.script("page", page("", ""))
	in.script("task", task("", `print("done")`))
	in.setup()
	if r := in.command("run", "tools/task", "--wait", "end").run(); r.code != exitOK {
		t.Fatal(r)
	}
	in.serve()
	ballast := fill(t, disk)
	for _, id := range []string{"tools/task", "tools/page"} {
		wantFailure(t, in.command("run", id, "--wait", "ready").run(), exitFailed, "space", in.dir)
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	command, answer := in.front("tools/page")
	get(t, answer.URL)
	command.signal(sigint)
	if r := command.end(); r.code != exitOK {
		t.Errorf("with room again: %v", r)
	}
}

// TestLogFillsTheDisk: the script is not held up, and that its log is not
// whole is told.
func TestLogFillsTheDisk(t *testing.T) {
	t.Parallel()
	disk := smallDisk(t, "24m")
	in := rootIn(t, filepath.Join(disk, "root"), nil)
	in.script("chatty", task("", `
line = "x" * 99
for i in range(400000):
    sys.stdout.write(line + "\n")
sys.stdout.flush()
`))
	in.script("small", task("", `print("done")`))
	in.setup()
	in.serve()
	r := in.command("run", "tools/chatty", "--wait", "end", "--json").run()
	shown := decode[map[string]any](t, r.stdout)
	if shown["exit_code"] != 0.0 {
		t.Errorf("the script: %v", r)
	}
	e, _ := shown["error"].(map[string]any)
	if e["code"] != "disk_full" || !strings.Contains(shown["reason_text"].(string), "space") {
		t.Errorf("error %v, %v", shown["error"], shown["reason_text"])
	}
	id, _ := shown["id"].(string)
	path, _ := shown["log_path"].(string)
	if !strings.HasPrefix(path, in.dir) {
		t.Fatalf("log_path is %q", path)
	}
	if text := in.ok(in.command("log", "show", id, "--from=-1")); !strings.HasPrefix(text, "xxx") {
		t.Errorf("the end of the log: %.200q", text)
	}
	if err := os.Truncate(path, 0); err != nil { // room
		t.Fatal(err)
	}
	if r := in.command("run", "tools/small", "--wait", "end").run(); r.code != exitOK {
		t.Errorf("with room again: %v", r)
	}
	if got := in.show(id); got["state"] != "completed" {
		t.Errorf("the first run: %v", got)
	}
}

// TestStopOnAFullDisk: who asks the owner of the root needs no room.
func TestStopOnAFullDisk(t *testing.T) {
	t.Parallel()
	disk := smallDisk(t, "24m")
	in := rootIn(t, filepath.Join(disk, "root"), nil)
	in.script("page", page("", ""))
	in.setup()
	in.serve()
	command, answer := in.front("tools/page")
	fill(t, disk)
	if got := in.show(answer.ExecutionID); got["state"] != "running" {
		t.Errorf("execution show: %v", got)
	}
	if r := in.command("stop", answer.ExecutionID).run(); r.code != exitOK {
		// That it was stopped cannot be recorded: this may be said, but must not keep the script alive.
		wantFailure(t, r, exitFailed, "space")
	}
	gone(t, answer.PID)
	command.end()
	if err := os.Remove(filepath.Join(disk, "ballast")); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the end on record and the port's release, without a restart", func() bool {
		return len(in.query("SELECT 1 FROM execution_logs WHERE status IN ('queued', 'running')")) == 0 &&
			len(in.query("SELECT 1 FROM port_allocations WHERE status <> 'released'")) == 0
	})
}
