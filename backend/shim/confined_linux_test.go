package shim_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"scriptsmanager/backend/sandbox"
	"scriptsmanager/backend/shim"
	"scriptsmanager/backend/shim/protocol"
)

// SEC-2: what real scripts do goes on working at the full level.
func TestRealScripts(t *testing.T) {
	if sandbox.ABI() < 6 {
		t.Skip("this kernel does not confine fully")
	}
	if os.Getuid() != 0 {
		t.Log("as an ordinary account")
	}
	// As many as without confinement.
	b, err := exec.Command(python, "-c", "import ssl; print(len(ssl.create_default_context().get_ca_certs()))").Output()
	if err != nil {
		t.Fatal(err)
	}
	certificates := strings.TrimSpace(string(b))
	for name, program := range map[string]string{
		"data folder": `open("made.txt","w").write("x"); os.mkdir("d"); os.rename("made.txt","d/moved.txt"); os.symlink("d","s"); shutil.copy("d/moved.txt","copy"); os.remove("copy"); shutil.rmtree("d")`,
		"sqlite3": `
import sqlite3
c = sqlite3.connect("x.db"); c.execute("pragma journal_mode=wal"); c.execute("create table t(a)"); c.execute("insert into t values (1)"); c.commit()
assert c.execute("select count(*) from t").fetchone()[0] == 1; c.close()`,
		"tempfile": `
import tempfile
with tempfile.NamedTemporaryFile() as f: f.write(b"x"); assert f.name.startswith(os.environ["TMPDIR"])
with tempfile.TemporaryDirectory() as d: open(d + "/x", "w").close()`,
		"multiprocessing pool, lock, shared memory, manager": `
import multiprocessing as m
from multiprocessing import shared_memory
def square(x): return x * x
if __name__ == "__main__":
    with m.Pool(2) as p: assert p.map(square, range(5)) == [0, 1, 4, 9, 16]
    with m.Lock(): pass
    s = shared_memory.SharedMemory(create=True, size=100); s.buf[0] = 1; s.close(); s.unlink()
    with m.Manager() as manager: assert manager.dict({1: 2})[1] == 2
    c = m.get_context("forkserver")
    with c.Pool(1) as p: assert p.map(square, [3]) == [9]
    c = m.get_context("spawn")
    with c.Pool(1) as p: assert p.map(square, [3]) == [9]`,
		"subprocess": `
assert subprocess.run([sys.executable, "-c", "import json, ssl; print(json.dumps(1))"], capture_output=True, text=True, check=True).stdout == "1\n"
assert subprocess.run("echo $((1+1)) | cat", shell=True, capture_output=True, text=True, check=True).stdout == "2\n"
assert subprocess.run(["/usr/bin/env"], stdout=subprocess.DEVNULL).returncode == 0`,
		"certificates": `
import ssl
c = ssl.create_default_context(); assert c.cert_store_stats()["x509_ca"] > 10 or os.path.exists(ssl.get_default_verify_paths().openssl_capath)`,
		"certificates one by one": `
import ssl
c = ssl.create_default_context(); n = len(c.get_ca_certs()); assert n == CERTIFICATES, n
for path in (ssl.get_default_verify_paths().cafile, "/etc/ssl/certs/ca-certificates.crt"):
    if path and os.path.exists(path): open(path).read()`,
		"a tool that reads its settings in the home": `
subprocess.run(["git", "config", "--global", "user.name", "anna"], check=True); subprocess.run(["git", "init", "-q", "repo"], check=True)
open("repo/f", "w").write("x"); subprocess.run(["git", "-C", "repo", "add", "f"], check=True)
subprocess.run(["git", "-C", "repo", "-c", "user.email=a@b", "commit", "-qm", "x"], check=True)
assert "anna" in subprocess.run(["git", "-C", "repo", "log"], capture_output=True, text=True, check=True).stdout
assert os.path.expanduser("~") == os.environ["HOME"] and os.path.exists(os.path.expanduser("~/.gitconfig"))`,
		"asyncio": `
import asyncio
async def main():
    s = await asyncio.start_server(lambda r, w: w.close(), "127.0.0.1", w["port"]); r, c = await asyncio.open_connection("127.0.0.1", w["port"]); c.close()
    p = await asyncio.create_subprocess_exec("/bin/true"); assert await p.wait() == 0
    assert await asyncio.to_thread(lambda: 5) == 5
asyncio.run(main())`,
		"archives and locks": `
import fcntl, gzip, zipfile, tarfile, logging.handlers
with open("lock", "w") as f: fcntl.flock(f, fcntl.LOCK_EX)
with zipfile.ZipFile("x.zip", "w") as z: z.writestr("a", "b")
with tarfile.open("x.tar.gz", "w:gz") as z: z.add("x.zip")
with tarfile.open("x.tar.gz") as z: z.extractall("out")
h = logging.handlers.RotatingFileHandler("x.log", maxBytes=10, backupCount=2); h.emit(logging.makeLogRecord({"msg": "x" * 20})); h.emit(logging.makeLogRecord({"msg": "x" * 20}))
os.utime("x.log"); os.chmod("x.log", 0o640); os.link("x.log", "y.log")`,
		"names": `
import socket
assert socket.gethostbyname("localhost") == "127.0.0.1"; socket.getaddrinfo("127.0.0.1", 80)
import pwd; pwd.getpwuid(0); time.tzset(); time.localtime()`,
		"the leased port, and connecting to it": `
import socket, threading
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); s.bind(("127.0.0.1", w["port"])); s.listen()
c = socket.create_connection(("127.0.0.1", w["port"])); p, _ = s.accept(); c.sendall(b"hello"); assert p.recv(5) == b"hello"
n = socket.socket(); n.setblocking(False)
try: n.connect(("127.0.0.1", w["port"]))
except BlockingIOError: pass
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); u.connect(("127.0.0.1", 9)); u.send(b"x")
try: socket.create_connection(("127.0.0.1", 1)); raise SystemExit("connected to nobody")
except ConnectionRefusedError: pass
try: socket.socket().connect_ex(("127.0.0.1", 1))
except ConnectionRefusedError: pass
a, b = socket.socketpair(); a.send(b"x"); assert b.recv(1) == b"x"
l = socket.socket(socket.AF_UNIX); l.bind("own.sock"); l.listen(); k = socket.socket(socket.AF_UNIX); k.connect("own.sock"); l.accept()
k = socket.socket(socket.AF_UNIX); k.connect(os.getcwd() + "/own.sock"); l.accept()`,
		"threads": `
import threading, concurrent.futures
with concurrent.futures.ThreadPoolExecutor(20) as e: assert sum(e.map(lambda x: x, range(100))) == 4950`,
		"signals and limits of its own": `
import signal, resource
p = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(100)"]); p.terminate(); assert p.wait() == -15
resource.setrlimit(resource.RLIMIT_NOFILE, (256, resource.getrlimit(resource.RLIMIT_NOFILE)[1])); os.nice(1)
p = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(100)"], start_new_session=True); os.killpg(p.pid, signal.SIGKILL); p.wait()`,
		"devices": `
open("/dev/null", "w").write("x"); assert open("/dev/zero", "rb").read(2) == b"\0\0"; assert len(open("/dev/urandom", "rb").read(9)) == 9
import pty; pty.openpty()`,
		"proc":                          `assert "MemTotal" in open("/proc/meminfo").read(); open("/proc/self/status").read(); open("/proc/cpuinfo").read(); os.cpu_count(); open("/sys/devices/system/cpu/online").read()`,
		"parameters and its own script": `assert w["port"]; open(__file__).read()`,
		"numpy":                         "import numpy; numpy.save('a.npy', numpy.linalg.inv(numpy.eye(300)+1)); numpy.memmap('a.npy', mode='r+')",
		"matplotlib":                    "import matplotlib; import matplotlib.pyplot as plt; plt.plot([1,2,3]); plt.title('x'); plt.savefig('x.png'); assert os.path.getsize('x.png') > 1000",
		"flask": `
import flask, threading, urllib.request
from werkzeug.serving import make_server
app = flask.Flask("x")
@app.route("/")
def index(): return "page"
s = make_server("127.0.0.1", w["port"], app, threaded=True); threading.Thread(target=s.serve_forever, daemon=True).start()
assert urllib.request.urlopen("http://127.0.0.1:%d/" % w["port"]).read() == b"page"`,
	} {
		t.Run(name, func(t *testing.T) {
			if module := map[string]string{"numpy": "numpy", "matplotlib": "matplotlib", "flask": "flask"}[name]; module != "" {
				if exec.Command(python, "-c", "import "+module).Run() != nil {
					t.Skip(python + " has no " + module)
				}
			}
			program = strings.ReplaceAll(program, "CERTIFICATES", certificates)
			began := time.Now()
			ended, out, report := confinedRun(t, "import json, os, shutil, subprocess, sys, time\nw = json.load(open(sys.argv[1]))\n"+program, nil)
			if ended != "exit 0" || report.Level != sandbox.Full {
				t.Errorf("%s, level %s, missing %v, %v: %s", ended, report.Level, report.Missing, report.Notes, out)
			}
			t.Logf("%v", time.Since(began).Round(time.Millisecond))
		})
	}
}

// SEC-2: what people chose is open, and nothing beside it or protected.
func TestChosenPaths(t *testing.T) {
	if sandbox.ABI() == 0 {
		t.Skip("this kernel has no Landlock")
	}
	const program = `
import json, os, sys
def tried(f):
    try: f(); return "yes"
    except OSError: return "no"
w = json.load(open(sys.argv[1])); d = w["chosen"]
print(tried(lambda: open(d + "/out/made", "w")), tried(lambda: open(d + "/beside", "w")), tried(lambda: open(d + "/in.txt").read()),
      tried(lambda: open(d + "/in.txt", "a")), tried(lambda: open(w["database"]).read()), tried(lambda: open(d + "/other.txt").read()),
      tried(lambda: open(w["key"]).read()), tried(lambda: open(w["homefile"]).read()), tried(lambda: open(w["home"] + "/.profile", "a")))`
	for name, c := range map[string]struct {
		choose func(v *victim, w *sandbox.Wish)
		want   string
	}{
		"nothing": {func(*victim, *sandbox.Wish) {}, "no no no no no no no no no"},
		"folder":  {func(v *victim, w *sandbox.Wish) { w.Write = []string{v.dir + "/chosen/out"} }, "yes no no no no no no no no"},
		"file":    {func(v *victim, w *sandbox.Wish) { w.Read = []string{v.dir + "/chosen/in.txt"} }, "no no yes no no no no no no"},
		"database": {func(v *victim, w *sandbox.Wish) {
			w.Read, w.Write = []string{v.what["database"].(string), v.what["key"].(string)}, []string{v.root}
		}, "no no no no no no no no no"},
		"link to the database": {func(v *victim, w *sandbox.Wish) {
			_ = os.Symlink(v.what["database"].(string), v.dir+"/chosen/soft")
			w.Read = []string{v.dir + "/chosen/soft"}
		}, "no no no no no no no no no"},
		"above all":      {func(v *victim, w *sandbox.Wish) { w.Write = []string{v.dir} }, "yes yes yes yes no yes no yes no"},
		"the whole home": {func(v *victim, w *sandbox.Wish) { w.Write = []string{v.home} }, "no no no no no no no yes no"},
	} {
		t.Run(name, func(t *testing.T) {
			ended, out, _ := confinedRun(t, program, func(v *victim, _ *sandbox.Policy, w *sandbox.Wish) {
				dir := filepath.Join(v.dir, "chosen")
				if err := os.MkdirAll(filepath.Join(dir, "out"), 0o700); err != nil {
					t.Fatal(err)
				}
				for _, path := range []string{dir + "/in.txt", dir + "/other.txt", v.home + "/.profile"} {
					if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
						t.Fatal(err)
					}
				}
				v.what["chosen"] = dir
				v.writeParameters(t)
				c.choose(v, w)
			})
			if ended != "exit 0" || out != c.want {
				t.Errorf("%s: %s, want %s", ended, out, c.want)
			}
		})
	}
}

// SEC-2: a link put in the place of a chosen path after it was looked at is not followed.
func TestExchangedPath(t *testing.T) {
	if sandbox.ABI() == 0 {
		t.Skip("this kernel has no Landlock")
	}
	spec := specOf(t, "/bin/cat")
	v := newVictim(t, &spec)
	chosen := filepath.Join(v.dir, "chosen")
	if err := os.Mkdir(chosen, 0o700); err != nil {
		t.Fatal(err)
	}
	v.confine(&spec, func(_ *sandbox.Policy, w *sandbox.Wish) { w.Write = []string{chosen} })
	if err := errors.Join(os.Remove(chosen), os.Symlink(filepath.Join(v.root, "data"), chosen)); err != nil {
		t.Fatal(err)
	}
	spec.Argv = []string{"/bin/cat", filepath.Join(chosen, "scriptsmanager.db")}
	if ended := await[shim.Ended](t, start(t, spec)); text(ended) != "exit 1" || !strings.Contains(output(t, spec), "Permission denied") {
		t.Errorf("%s: %s", text(ended), output(t, spec))
	}
}

// SEC-2: the network as a script's metadata say.
func TestNetwork(t *testing.T) {
	if sandbox.ABI() < 6 {
		t.Skip("this kernel does not confine fully")
	}
	const program = `
import json, os, socket, sys
w = json.load(open(sys.argv[1]))
def tried(f):
    try: f(); return "yes"
    except PermissionError: return "no"
    except OSError as e: return "yes"  # it was tried, and nobody answered
def tcp(host):
    s = socket.socket(); s.settimeout(0.3); s.connect((host, 9))
def six(host):
    s = socket.socket(socket.AF_INET6); s.settimeout(0.3); s.connect((host, 9))
def fast():
    s = socket.socket(); s.settimeout(0.3); s.sendto(b"x", 0x20000000, ("192.0.2.1", 9))
def bind():
    s = socket.socket(); s.bind(("127.0.0.1", w["port"]))
print(tried(lambda: tcp("192.0.2.1")), tried(lambda: six("2001:db8::1")), tried(lambda: six("::ffff:192.0.2.1")), tried(fast),
  tried(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM)), tried(lambda: tcp("127.0.0.1")), tried(lambda: six("::1")), tried(bind),
  tried(lambda: socket.socketpair()))`
	for _, c := range []struct {
		network string
		page    bool
		want    string
	}{
		{sandbox.NetworkFull, true, "yes yes yes no yes yes yes yes yes"},
		{sandbox.NetworkLocal, true, "no no no no no yes yes yes yes"},
		{sandbox.NetworkNone, true, "no no no no no no no yes yes"},
		{sandbox.NetworkNone, false, "no no no no no no no no yes"},
	} {
		ended, out, report := confinedRun(t, program, func(_ *victim, p *sandbox.Policy, _ *sandbox.Wish) {
			p.Network = c.network
			if !c.page {
				p.Bind = nil
			}
		})
		if ended != "exit 0" || out != c.want || report.Level != sandbox.Full {
			t.Errorf("%s, page %v: %s, %s: %s, want %s", c.network, c.page, report.Level, ended, out, c.want)
		}
	}
}

// SEC-2: where less is required than the machine gives, nothing runs.
func TestPolicy(t *testing.T) {
	spec := specOf(t, "/bin/true")
	v := newVictim(t, &spec)
	v.confine(&spec, func(p *sandbox.Policy, _ *sandbox.Wish) { p.Mode, p.MaxABI = sandbox.Require, 3 })
	ended := await[shim.Ended](t, start(t, spec))
	if ended.StartError == nil || ended.StartError.Code != protocol.CodeConfinement {
		t.Errorf("%s: %+v", text(ended), ended.StartError)
	}
	spec = specOf(t, "/bin/true")
	s := start(t, spec)
	if level := await[shim.Started](t, s).Confinement.Level; level != sandbox.None {
		t.Errorf("switched off: %s", level)
	}
}

// EXE-4: over a limit it is ended, with the reason.
func TestLimits(t *testing.T) {
	for name, c := range map[string]struct {
		program string
		limits  sandbox.Limits
		want    string
	}{
		"time":                  {"import time; time.sleep(100)", sandbox.Limits{Time: 200 * time.Millisecond}, protocol.EndTime},
		"memory":                {"x = bytearray(300 << 20)\nimport time; time.sleep(100)", sandbox.Limits{Memory: 150 << 20}, protocol.EndMemory},
		"memory of all":         {"import os, time\nfor i in range(4):\n    if os.fork() == 0:\n        x = bytearray(60 << 20); time.sleep(100)\ntime.sleep(100)", sandbox.Limits{Memory: 150 << 20}, protocol.EndMemory},
		"memory that is shared": {"import os, time\nx = bytearray(60 << 20)\nfor i in range(4):\n    if os.fork() == 0:\n        time.sleep(0.6); os._exit(0)\ntime.sleep(0.6)", sandbox.Limits{Memory: 150 << 20}, protocol.EndExit},
		"processes":             {"import os, time\nfor i in range(6):\n    if os.fork() == 0: time.sleep(100)\ntime.sleep(100)", sandbox.Limits{Processes: 4}, protocol.EndProcesses},
		"many at once":          {"import os, time\nfor i in range(7): os.fork()\ntime.sleep(100)", sandbox.Limits{Processes: 20}, protocol.EndProcesses},
		"within":                {"x = bytearray(10 << 20)\nimport time; time.sleep(0.5)", sandbox.Limits{Memory: 150 << 20, Processes: 4, Time: time.Minute}, protocol.EndExit},
	} {
		t.Run(name, func(t *testing.T) {
			spec := script(t, c.program)
			spec.Limits, spec.Grace = c.limits, time.Second
			ended := await[shim.Ended](t, start(t, spec))
			if ended.End != c.want || ended.Limits != c.limits {
				t.Errorf("%+v, want %s", ended, c.want)
			}
		})
	}
}

// EXE-4: the limit of time can be moved while it runs, and taken away.
func TestExtend(t *testing.T) {
	file := filepath.Join(t.TempDir(), "end")
	spec := script(t, "import os, sys, time\nwhile not os.path.exists(sys.argv[1]): time.sleep(0.02)", file)
	spec.Limits, spec.Grace = sandbox.Limits{Time: time.Hour, Memory: 1 << 30, CPUs: 1}, time.Second
	s := start(t, spec)
	began := await[shim.Started](t, s)
	if m := began.Means; m.Time != protocol.MeansWatched || m.Memory == "" || m.Processes != "" || m.CPUs == "" || began.Limits != spec.Limits {
		t.Errorf("%+v %+v", m, began.Limits)
	}
	if err := s.Extend(-time.Second); err == nil {
		t.Error("a negative limit was taken")
	}
	for _, limit := range []time.Duration{2 * time.Hour, 0, 3 * time.Hour} {
		if err := s.Extend(limit); err != nil {
			t.Fatal(err)
		}
		state, err := s.Status()
		if err != nil || state.Limits.Time != limit || (state.Means.Time != "") != (limit > 0) || state.Limits.Memory != 1<<30 {
			t.Errorf("%v: %+v %+v %v", limit, state.Limits, state.Means, err)
		}
	}
	noted, err := shim.ReadState(spec.RunDir)
	if err != nil || noted.Limits.Time != 3*time.Hour {
		t.Errorf("for the next engine: %+v %v", noted.Limits, err)
	}
	// One that is over already ends it.
	if err := s.Extend(time.Nanosecond); err != nil {
		t.Fatal(err)
	}
	if ended := await[shim.Ended](t, s); ended.End != protocol.EndTime || ended.Limits.Time != time.Nanosecond {
		t.Errorf("%+v", ended)
	}
	if err := s.Extend(time.Hour); err == nil {
		t.Error("what has ended was extended")
	}
}

// EXE-4: CPUs are kept to also where nothing is confined.
func TestProcessors(t *testing.T) {
	spec := script(t, "import os; print(len(os.sched_getaffinity(0)))")
	spec.Confine = sandbox.Policy{Mode: sandbox.Off, CPUs: 1}
	spec.Limits.CPUs = 1
	s := start(t, spec)
	if m := await[shim.Started](t, s).Means; m.CPUs != protocol.MeansProcessors {
		t.Errorf("%+v", m)
	}
	await[shim.Ended](t, s)
	if got := output(t, spec); got != "1\n" {
		t.Errorf("%q", got)
	}
}
