"""The guard of loopback: a script's page answers to its own window, and to nobody else.

A port of 127.0.0.1 is open to every user of the machine and to every web page
in a browser on it. This wraps Flask, and Werkzeug's server, so that a request
is answered only if it comes from a process of the same user, under the page's
own name, and from the page itself. It holds nothing against the script, which
runs in the same interpreter.
"""

import _socket  # for a socket of the system's: gevent and others exchange the class in socket
import atexit
import json
import os
import socket
import struct
import sys
import threading
import time
import weakref

FRAMES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "frames.json")  # whose pages may show this one in a frame
SEEN = "scriptsmanager.guard"  # in a request's environ, where no header gets to

UID = os.getuid() if sys.platform.startswith("linux") else None  # None: the system does not tell of peers

WHY = {
    "host": "it was asked for under a name that is not its own (Host: %s)",
    "origin": "the request comes from a page of another origin (Origin: %s)",
    "site": "the request comes from another page (Sec-Fetch-Site: %s)",
    "user": "the request comes from another user of this computer (user id %s)",
    "peer": "nobody can tell which user of this computer asks (%s)",
}
TEXT = "This page was not shown: %s.\nScriptsManager protects it; an administrator can switch that off for the script.\n"


# ---- what is refused ----

def judge(environ, port):
    """(kind, detail) of what is wrong with a request's headers, or None."""
    host = environ.get("HTTP_HOST", "").lower()
    names = ["127.0.0.1:%s" % port, "localhost:%s" % port]
    if str(port) == "80":  # a browser leaves it away
        names += ["127.0.0.1", "localhost"]
    if host not in names:
        return "host", host
    site = environ.get("HTTP_SEC_FETCH_SITE", "")
    origin = environ.get("HTTP_ORIGIN")
    # A form of a page with the policy no-referrer has the origin "null"; only the
    # browser itself can say besides that it is the same origin.
    own = ("http://" + host, "https://" + host) + (("null",) if site == "same-origin" else ())
    if origin is not None and origin not in own:
        return "origin", origin
    if site not in ("", "none", "same-origin"):
        # To open a page, in a window or in a frame of ours, is not to read it.
        opened = (
            environ.get("REQUEST_METHOD") in ("GET", "HEAD")
            and environ.get("HTTP_SEC_FETCH_MODE") == "navigate"
            and environ.get("HTTP_SEC_FETCH_DEST") in ("document", "iframe")
        )
        if not opened:
            return "site", site
    return None


def connection(environ):
    """The request's socket, where its server gives it away."""
    for name in ("werkzeug.socket", "gunicorn.socket"):
        if environ.get(name) is not None:
            return environ[name]
    return getattr(getattr(environ.get("wsgi.input"), "raw", None), "_sock", None)


def ends(environ, conn):
    """(client, server) of a request's connection, each (address, port), or None; "" for a Unix socket."""
    try:
        if conn is not None:
            server, client = conn.getsockname(), conn.getpeername()
            if not isinstance(server, tuple):
                return ""
        else:
            client = environ["REMOTE_ADDR"], environ["REMOTE_PORT"]
            server = client[0], environ["SERVER_PORT"]
        return (client[0], int(client[1])), (server[0], int(server[1]))
    except (OSError, KeyError, ValueError, TypeError):
        return None


# ---- whose the other end is ----

def packed(address):
    if address.lower().startswith("::ffff:") and "." in address:
        address = address[7:]
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return family, socket.inet_pton(family, address.split("%")[0])


def ask_kernel(client, server):
    """User id of the client's socket by sock_diag(7); None where there is none with an owner."""
    family, source = packed(client[0])
    target = packed(server[0])[1]
    ask = struct.pack("=IHHII", 72, 20, 1, 1, 0)  # nlmsghdr: SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST
    ask += struct.pack("=BBBxI", family, socket.IPPROTO_TCP, 0, 0xFFFFFFFF)  # inet_diag_req_v2
    ask += struct.pack("!HH16s16s", client[1], server[1], source, target)
    ask += struct.pack("=III", 0, 0xFFFFFFFF, 0xFFFFFFFF)  # any interface, no cookie
    diag = _socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, 4)  # NETLINK_SOCK_DIAG
    try:
        diag.settimeout(2)
        diag.sendto(ask, (0, 0))
        answer, sender = diag.recvfrom(4096)
    finally:
        diag.close()
    if sender[0] != 0 or len(answer) < 88 or struct.unpack_from("=H", answer, 4)[0] != 20:
        return None
    if struct.unpack_from("!HH", answer, 20) != (client[1], server[1]):
        return None  # somebody who listens there
    uid, inode = struct.unpack_from("=II", answer, 80)
    return uid if inode else None  # closed already: the user id means nothing


def look_up(client, server):
    """The same by the table that proc(5) shows."""
    def shown(end, mapped=b""):
        raw = mapped + packed(end[0])[1]
        return "".join("%08X" % word for word in struct.unpack("=%dI" % (len(raw) // 4), raw)) + ":%04X" % end[1]

    wanted = [" ".join((shown(client, mapped), shown(server, mapped))) for mapped in (b"", bytes(10) + b"\xff\xff")]
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            with open(table, encoding="ascii") as lines:
                for line in lines:
                    field = line.split()
                    if len(field) > 9 and " ".join(field[1:3]) in wanted and field[9] != "0":
                        return int(field[7])
        except OSError:
            continue
    return None


def user_of(client, server):
    """User id of the client's end of a connection on this machine, or None."""
    for way in (ask_kernel, look_up):
        try:
            uid = way(client, server)
        except (OSError, AttributeError, ValueError, struct.error):
            continue
        if uid is not None:
            return uid
    return None


# ---- what is noted ----

class Notes:
    """Counts refusals, and writes of each kind at most one line a second."""

    LIMIT = 256 << 10  # bytes of the file

    def __init__(self, path):
        self.path = path
        self.reset()

    def reset(self):
        """What is not written yet belongs to the process before a fork, as does who held the lock."""
        self.lock, self.count, self.detail, self.next = threading.Lock(), {}, {}, {}

    def add(self, kind, detail):
        with self.lock:
            self.count[kind] = self.count.get(kind, 0) + 1
            self.detail[kind] = detail
            wait = self.next.get(kind, 0) - time.monotonic()
            if wait <= 0:
                self._write(kind)
            elif self.count[kind] == 1:  # else a timer runs
                later = threading.Timer(wait, self.flush, (kind,))
                later.daemon = True
                later.start()

    def flush(self, *kinds):
        with self.lock:
            for kind in kinds or list(self.count):
                self._write(kind)

    def _write(self, kind):
        count, self.count[kind], self.next[kind] = self.count[kind], 0, time.monotonic() + 1
        if not count or not self.path:
            return
        line = json.dumps({"kind": kind, "count": count, "detail": str(self.detail[kind])[:200]}) + "\n"
        try:  # in one write, as other processes of the script do
            with open(self.path, "ab", buffering=0) as file:
                if file.tell() < self.LIMIT:
                    file.write(line.encode("ascii"))
        except OSError:
            pass  # it is refused all the same


notes = Notes(os.environ.get("SCRIPTSMANAGER_GUARD", ""))
atexit.register(notes.flush)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=notes.reset)


# ---- in front of an application ----
known = weakref.WeakKeyDictionary()  # connection → user id: it does not change while it stands
frames = (None, "")  # what the file was when it was read, the header's text


def check(environ):
    """(kind, detail) of why a request is refused, or None."""
    conn = connection(environ)
    pair = ends(environ, conn)
    if pair == "":
        return None  # the file system says who may connect
    if pair is None:
        return "peer", "the server does not give the address"
    wrong = judge(environ, pair[1][1])
    if wrong or UID is None:
        return wrong
    try:
        uid = known[conn]
    except (KeyError, TypeError):
        uid = user_of(*pair)
        if isinstance(conn, socket.socket) and uid is not None:
            known[conn] = uid
    if uid is None:
        return "peer", "%s:%s" % pair[0]
    return None if uid == UID else ("user", uid)


def refuse(environ, start_response, kind, detail):
    notes.add(kind, detail)
    body = (TEXT % (WHY[kind] % str(detail)[:200])).encode("ascii", "backslashreplace")
    start_response("403 Forbidden", [
        ("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff"),
    ])
    return [] if environ.get("REQUEST_METHOD") == "HEAD" else [body]


def frame_ancestors():
    """Who may show the page in a frame: itself, and the headless mode's own pages."""
    global frames
    try:
        info = os.stat(FRAMES)
        state = info.st_ino, info.st_mtime_ns, info.st_size
        if state != frames[0]:
            with open(FRAMES, encoding="utf-8") as file:
                frames = state, "".join(" " + origin for origin in json.load(file))
        others = frames[1]
    except (OSError, ValueError, TypeError):
        others = ""
    return "frame-ancestors 'self'" + others


def guarded(call):
    """A WSGI application (or its method __call__) that is asked only what may be asked."""
    def answer(*args):
        environ, start_response = args[-2:]
        if environ.get(SEEN) is notes:
            return call(*args)
        wrong = check(environ)
        if wrong:
            return refuse(environ, start_response, *wrong)
        environ[SEEN] = notes
        if environ.get("HTTP_SEC_FETCH_DEST", "document") not in ("document", "iframe"):
            return call(*args)

        def start(status, headers, *more):
            return start_response(status, list(headers) + [("Content-Security-Policy", frame_ancestors())], *more)

        return call(*args[:-1], start)

    answer.__wrapped__, answer.scriptsmanager_guard = call, True
    return answer


def protect(module):
    """Guard what serves pages, and let the test clients through, which no server is behind."""
    if module.__name__ == "werkzeug.test":
        run = module.run_wsgi_app
        module.run_wsgi_app = lambda app, environ, *args, **more: run(
            app, {**environ, SEEN: notes} if isinstance(environ, dict) else environ, *args, **more)
        return
    if module.__name__ == "flask.app":
        if not hasattr(module.Flask.__call__, "scriptsmanager_guard"):
            module.Flask.__call__ = guarded(module.Flask.__call__)
    elif not hasattr(module.BaseWSGIServer.__init__, "scriptsmanager_guard"):
        start = module.BaseWSGIServer.__init__

        def __init__(self, *args, **kwargs):
            start(self, *args, **kwargs)
            self.app = guarded(self.app)  # with the debugger, and whatever else stands before Flask

        __init__.scriptsmanager_guard = True
        module.BaseWSGIServer.__init__ = __init__
    notes.add("on:" + module.__name__, "")
