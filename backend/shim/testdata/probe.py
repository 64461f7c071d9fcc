"""Tries to leave the confinement in every way that is known. Each attempt ends with an error where
it was refused; prints a JSON object of name -> "through" or why not. Reads what to attack from a JSON
file given as argument."""
import ctypes, fcntl, json, mmap, os, shutil, signal, socket, struct, subprocess, sys

w = json.load(open(sys.argv[1]))
libc = ctypes.CDLL(None, use_errno=True)
attempts = []
DANGEROUS = {
    "write /etc", "write /usr", "write /tmp", "mount", "change the root folder", "make a device", "make a character device",
    "enter the engine's namespaces", "a new mount namespace", "a new user namespace", "type into a terminal",
    "take off the tag by which it is found", "seize the engine", "trace the engine",
}


def attempt(name):
    def take(f):
        attempts.append((name, f))
        return f
    return take


def call(number, *args):
    ctypes.set_errno(0)
    r = libc.syscall(ctypes.c_long(number), *[ctypes.c_void_p(a) if isinstance(a, int) else a for a in args])
    if r < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return r


def read(path):
    with open(path, "rb") as f:
        f.read(1)


def write(path, mode="ab"):
    with open(path, mode) as f:
        f.write(b"x")


@attempt("inherited descriptors")
def _():
    inherited = [fd for fd in range(3, 256) if os.path.lexists("/proc/self/fd/%d" % fd)]
    if inherited:
        return
    raise PermissionError(1, "none")

# What is to be kept from the script, by name.
secrets = {
    "the database": w["database"],
    "the lock's owner": w["owner"],
    "configuration": w["config"],
    "other user's data": w["other"],
    "own user's other project": w["project"],
    "other group's script": w["othergroup"],
    "other run's parameters": w["otherrun"],
    "other execution's temporary file": w["otherscratch"],
    "another log": w["log"],
    "a file of the home": w["homefile"],
    "a private key": w["key"],
}
for what, path in secrets.items():
    attempt("read " + what)(lambda path=path: read(path))
    attempt("write " + what)(lambda path=path: write(path))
for what in ("the database", "other user's data", "a file of the home"):
    path = secrets[what]
    folder = os.path.dirname(path)
    attempt("list the folder of " + what)(lambda folder=folder: os.listdir(folder))
    attempt("make a file beside " + what)(lambda folder=folder: write(folder + "/new", "xb"))
    attempt("make a folder beside " + what)(lambda folder=folder: os.mkdir(folder + "/newdir"))
    attempt("link here " + what)(lambda path=path: (os.link(path, w["data"] + "/hard"), read(w["data"] + "/hard")))
    attempt("read over a symlink " + what)(lambda path=path: (fresh(path), read(w["data"] + "/soft")))
    attempt("truncate " + what)(lambda path=path: os.truncate(path, 0))
    attempt("map " + what)(lambda path=path: mmap.mmap(os.open(path, os.O_RDWR), 1))
    attempt("put a file over " + what)(lambda path=path: (write(w["data"] + "/evil"), os.replace(w["data"] + "/evil", path)))
    attempt("rename " + what)(lambda path=path: (os.rename(path, path + ".old"), os.rename(path + ".old", path)))
    attempt("move here " + what)(lambda path=path: (os.rename(path, w["data"] + "/moved"), os.rename(w["data"] + "/moved", path)))
    attempt("delete " + what)(lambda path=path: os.remove(path))


def fresh(path):
    if os.path.lexists(w["data"] + "/soft"):
        os.remove(w["data"] + "/soft")
    os.symlink(path, w["data"] + "/soft")


@attempt("write the own group's script")
def _(): write(w["script"])
@attempt("truncate the own group's script by opening it for reading")
def _(): os.close(os.open(w["script"], os.O_RDONLY | os.O_TRUNC))
@attempt("put a file into the own group")
def _(): write(w["group"] + "/evil.py", "xb")
@attempt("write the parameters")
def _(): write(w["parameters"])
@attempt("write /etc")
def _(): write("/etc/scriptsmanager-probe", "xb")
@attempt("write /usr")
def _(): write("/usr/lib/scriptsmanager-probe", "xb")
@attempt("write /tmp")
def _(): write("/tmp/scriptsmanager-probe-%d" % os.getpid(), "xb")
@attempt("read /tmp")
def _(): os.listdir("/tmp")
@attempt("list /dev/shm")
def _(): os.listdir("/dev/shm")
@attempt("list the home")
def _(): os.listdir(w["home"])
@attempt("list the root of the product")
def _(): os.listdir(w["root"])
@attempt("read by a shell")
def _(): subprocess.run(["cat", w["database"]], check=True, capture_output=True)
@attempt("read by a copying tool")
def _(): shutil.copyfile(w["other"], w["data"] + "/copy")
@attempt("read through a folder that is open")
def _(): read("/proc/self/cwd/" + os.path.relpath(w["database"], os.getcwd()))
@attempt("read over /proc/<engine>/root")
def _(): read("/proc/%d/root%s" % (w["engine"], w["database"]))
@attempt("read over /proc/<engine>/cwd")
def _(): os.listdir("/proc/%d/cwd" % w["engine"])
@attempt("read the engine's environment")
def _(): read("/proc/%d/environ" % w["engine"])
@attempt("read the engine's memory")
def _(): read("/proc/%d/mem" % w["engine"])
@attempt("read the engine's memory map")
def _(): read("/proc/%d/maps" % w["engine"])
@attempt("list the engine's descriptors")
def _(): os.readlink("/proc/%d/fd/0" % w["engine"])
@attempt("read the shim's environment")
def _(): read("/proc/%d/environ" % os.getppid())
@attempt("write the shim's memory")
def _(): os.close(os.open("/proc/%d/mem" % os.getppid(), os.O_RDWR))
@attempt("change the engine's score for lack of memory")
def _(): write("/proc/%d/oom_score_adj" % w["engine"], "r+b")
@attempt("trace the engine")
def _(): call(101, 16, w["engine"], 0, 0)
@attempt("seize the engine")
def _(): call(101, 0x4206, w["engine"], 0, 0)
@attempt("read the engine's memory by process_vm_readv")
def _():
    b = ctypes.create_string_buffer(8)
    iov = struct.pack("QQ", ctypes.addressof(b), 8)
    call(310, w["engine"], iov, 1, iov, 1, 0)
@attempt("take a descriptor of the engine")
def _(): call(438, os.pidfd_open(w["engine"]), 1, 0)
@attempt("signal the engine")
def _(): os.kill(w["engine"], 0)
@attempt("signal the engine by a pidfd")
def _(): signal.pidfd_send_signal(os.pidfd_open(w["engine"]), 0)
@attempt("signal the shim")
def _(): os.kill(os.getppid(), 0)
@attempt("lower the engine's limits")
def _():
    import resource
    now = resource.prlimit(w["engine"], resource.RLIMIT_NOFILE)
    resource.prlimit(w["engine"], resource.RLIMIT_NOFILE, now)
@attempt("take off the tag by which it is found")
def _():
    import resource
    resource.setrlimit(resource.RLIMIT_MSGQUEUE, (1, 1))


def bind(kind, proto=0, port=None, family=socket.AF_INET):
    s = socket.socket(family, kind, proto)
    s.bind(("127.0.0.1" if family == socket.AF_INET else "::1", w["port"] + 1 if port is None else port))
    s.listen()


@attempt("bind another TCP port")
def _(): bind(socket.SOCK_STREAM)
@attempt("bind any TCP port")
def _(): bind(socket.SOCK_STREAM, port=0)
@attempt("bind another TCP port by IPv6")
def _(): bind(socket.SOCK_STREAM, family=socket.AF_INET6)
@attempt("bind the leased port by MPTCP")
def _(): bind(socket.SOCK_STREAM, 262, port=w["port"])
@attempt("bind another port by MPTCP")
def _(): bind(socket.SOCK_STREAM, 262)
@attempt("bind by SCTP")
def _(): bind(socket.SOCK_STREAM, 132)
@attempt("bind by SMC")
def _(): bind(socket.SOCK_STREAM, 256)
@attempt("a raw socket")
def _(): socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)
@attempt("a packet socket")
def _(): socket.socket(17, socket.SOCK_RAW, 0)
@attempt("a vsock")
def _(): socket.socket(40, socket.SOCK_STREAM, 0)
@attempt("a crypto socket")
def _(): socket.socket(38, socket.SOCK_SEQPACKET, 0)
@attempt("connect to the engine's socket")
def _():
    s = socket.socket(socket.AF_UNIX)
    s.connect(w["socket"])
@attempt("connect to the engine's socket by a relative path")
def _():
    os.chdir(os.path.dirname(w["socket"]))
    try:
        s = socket.socket(socket.AF_UNIX)
        s.connect(os.path.basename(w["socket"]))
    finally:
        os.chdir(w["data"])
@attempt("connect to the engine's socket over a symlink")
def _():
    if not os.path.lexists(w["data"] + "/sock"):
        os.symlink(w["socket"], w["data"] + "/sock")
    s = socket.socket(socket.AF_UNIX)
    s.connect(w["data"] + "/sock")
@attempt("connect to another execution's shim")
def _():
    s = socket.socket(socket.AF_UNIX)
    s.connect(w["othershim"])
@attempt("connect to the engine's socket through its own root folder")
def _():
    s = socket.socket(socket.AF_UNIX)
    s.connect("/proc/self/root" + w["socket"])
@attempt("connect to the engine's socket through a folder of another process")
def _():
    s = socket.socket(socket.AF_UNIX)
    s.connect("/proc/%d/root%s" % (os.getpid(), w["socket"]))
@attempt("connect to the engine's socket without waiting")
def _():
    s = socket.socket(socket.AF_UNIX)
    s.setblocking(False)
    s.connect(w["socket"])
@attempt("connect to the engine's socket from a child")
def _(): subprocess.run([sys.executable, "-c", "import socket, sys; s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1])", w["socket"]], check=True, capture_output=True)
@attempt("remove the engine's socket")
def _(): os.rename(w["socket"], w["socket"] + "x") or os.rename(w["socket"] + "x", w["socket"])
@attempt("put a socket in the place of another shim's")
def _():
    s = socket.socket(socket.AF_UNIX)
    s.bind(w["othershim"] + "x")
    os.remove(w["othershim"] + "x")
@attempt("connect to the bridge")
def _(): socket.create_connection(("127.0.0.1", w["bridge"]))
@attempt("connect to the bridge by its name")
def _(): socket.create_connection(("localhost", w["bridge"]))
@attempt("connect to the bridge by no address")
def _(): socket.create_connection(("0.0.0.0", w["bridge"]))
@attempt("connect to the bridge by another address of this machine")
def _(): socket.create_connection(("127.9.9.9", w["bridge"])) if not w.get("control") else socket.create_connection(("127.0.0.1", w["bridge"]))
@attempt("connect to the bridge by a mapped address")
def _():
    s = socket.socket(socket.AF_INET6)
    s.connect(("::ffff:127.0.0.1", w["bridge"]))
@attempt("connect to the bridge by MSG_FASTOPEN")
def _(): socket.socket().sendto(b"x", 0x20000000, ("127.0.0.1", w["bridge"]))
@attempt("connect to the own shim's socket")
def _():
    s = socket.socket(socket.AF_UNIX)
    s.connect(w["shimsocket"])
@attempt("connect to an abstract socket")
def _():
    s = socket.socket(socket.AF_UNIX)
    s.connect("\0" + w["abstract"])
@attempt("send to an abstract socket")
def _():
    s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    s.sendto(b"x", "\0" + w["abstractdgram"])
@attempt("a new user namespace")
def _(): call(272, 0x10000000)
@attempt("a new mount namespace")
def _(): call(272, 0x00020000)
@attempt("a process in a new namespace")
def _():
    pid = call(56, 0x10000000 | signal.SIGCHLD, 0, 0, 0, 0)
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
@attempt("clone3")
def _():
    if call(435, b"\0" * 88, 88) == 0:
        os._exit(0)
@attempt("enter the engine's namespaces")
def _(): call(308, os.open("/proc/self/ns/mnt", os.O_RDONLY), 0)
@attempt("mount")
def _(): call(165, b"none", w["data"].encode(), b"tmpfs", 0, 0)
@attempt("change the root folder")
def _(): os.chroot(w["data"])
@attempt("the account's keys")
def _(): call(250, 0, -3 & 0xFFFFFFFFFFFFFFFF, 0, 0, 0)
@attempt("io_uring")
def _(): call(425, 1, ctypes.create_string_buffer(120))
@attempt("bpf")
def _(): call(321, 0, ctypes.create_string_buffer(64), 64)
@attempt("measure other processes")
def _(): call(298, ctypes.create_string_buffer(128), w["engine"], -1 & 0xFFFFFFFFFFFFFFFF, -1 & 0xFFFFFFFFFFFFFFFF, 0)
@attempt("userfaultfd")
def _(): call(323, 0)
@attempt("open a file by its handle")
def _(): call(304, -100 & 0xFFFFFFFFFFFFFFFF, ctypes.create_string_buffer(128), 0)
@attempt("own another's file")
def _(): os.chown(w["other"], os.getuid(), os.getgid())
@attempt("set attributes of another's file")
def _(): os.setxattr(w["other"], "user.x", b"1")
@attempt("type into a terminal")
def _(): fcntl.ioctl(0, 0x5412, b"x")
@attempt("another interface of the kernel")
def _(): call(0x40000000 + 39)
@attempt("make a device")
def _(): os.mknod(w["data"] + "/disk", 0o600 | 0x6000, os.makedev(8, 0))
@attempt("make a character device")
def _(): os.mknod(w["data"] + "/mem", 0o600 | 0x2000, os.makedev(1, 1))
@attempt("the power to change the clock")
def _():
    caps = [l.split()[1] for l in open("/proc/self/status") if l.startswith(("CapEff", "CapBnd", "CapPrm"))]
    if os.getuid() == 0 and any(int(c, 16) & ~2 for c in caps) or os.getuid() and any(int(c, 16) for c in caps[:2]):
        return
    raise PermissionError(1, str(caps))
@attempt("gain rights by a program")
def _():
    if "NoNewPrivs:\t1" not in open("/proc/self/status").read():
        return
    raise PermissionError(1, "no_new_privs")

results = {}
for name, f in attempts:
    # To show that an attempt would work, but only what changes nothing of the machine.
    if w.get("control") and name in DANGEROUS:
        continue
    try:
        f()
        results[name] = "through"
    except (OSError, ValueError) as e:  # the module resource makes a ValueError of EPERM
        results[name] = "refused: %s" % (os.strerror(e.errno) if getattr(e, "errno", 0) else e)
    except subprocess.CalledProcessError as e:
        results[name] = "refused: %s" % e
print(json.dumps(results))
