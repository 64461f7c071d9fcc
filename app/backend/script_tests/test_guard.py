"""The guard in front of scripts' pages: what it refuses, and that it breaks nothing else (SEC-4)."""

import contextlib
import http.client
import importlib.util
import json
import os
import pathlib
import socket
import subprocess
import sys
import threading
import time
import unittest

import samples

SOURCE = samples.BACKEND.parent.parent / "backend" / "execution" / "guard" / "python"


def load_guard():
    spec = importlib.util.spec_from_file_location("scriptsmanager_guard", SOURCE / "scriptsmanager_guard.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


guard = load_guard()
PORT = 5201
OWN = "127.0.0.1:5201"


class Headers(unittest.TestCase):
    """The decision by a request's headers."""

    def judge(self, method="GET", host=OWN, port=PORT, **headers):
        environ = {"REQUEST_METHOD": method, "HTTP_HOST": host}
        environ.update({"HTTP_" + name.upper(): value for name, value in headers.items()})
        wrong = guard.judge(environ, port)
        return wrong and wrong[0]

    def test_own_names(self):
        for host in (OWN, "localhost:5201", "LocalHost:5201"):
            self.assertIsNone(self.judge(host=host), host)
        for host in ("127.0.0.1", "localhost"):
            self.assertIsNone(self.judge(host=host, port=80), host)
            self.assertEqual(self.judge(host=host), "host")

    def test_other_names(self):
        for host in ("", "evil.example", "evil.example:5201", "127.0.0.1:5202", "localhost.:5201", "0.0.0.0:5201", "127.1:5201",
                     "[::1]:5201", OWN + ".evil.example", "x@" + OWN, OWN + "," + OWN, " " + OWN, OWN + "/"):
            self.assertEqual(self.judge(host=host), "host", host)
        self.assertEqual(guard.judge({"REQUEST_METHOD": "GET"}, PORT)[0], "host")

    def test_origins(self):
        self.assertIsNone(self.judge(origin="http://" + OWN))
        self.assertIsNone(self.judge(origin="https://" + OWN))
        self.assertIsNone(self.judge("POST", host="localhost:5201", origin="http://localhost:5201"))
        for origin in ("", "null", "http://evil.example", "http://127.0.0.1:5202", "http://localhost:5201", "wails://wails",
                       "HTTP://" + OWN, "http://" + OWN + "/", "http://" + OWN + ".evil.example", "file://"):
            for method in ("GET", "POST", "OPTIONS"):
                self.assertEqual(self.judge(method, origin=origin), "origin", origin)

    def test_no_referrer_form_of_the_page_itself(self):
        self.assertIsNone(self.judge("POST", origin="null", sec_fetch_site="same-origin"))
        self.assertEqual(self.judge("POST", origin="null", sec_fetch_site="cross-site"), "origin")
        self.assertEqual(self.judge("POST", origin="http://evil.example", sec_fetch_site="same-origin"), "origin")

    def test_where_a_request_starts(self):
        for site in ("", "none", "same-origin"):
            for method in ("GET", "POST", "DELETE"):
                self.assertIsNone(self.judge(method, sec_fetch_site=site), site)
        for site in ("same-site", "cross-site", "Same-Origin", "new"):
            self.assertEqual(self.judge(sec_fetch_site=site), "site", site)

    def test_opening_is_not_reading(self):
        for site in ("same-site", "cross-site"):
            for destination in ("document", "iframe"):
                opened = {"sec_fetch_site": site, "sec_fetch_mode": "navigate", "sec_fetch_dest": destination}
                self.assertIsNone(self.judge(**opened))
                self.assertIsNone(self.judge("HEAD", **opened))
                for method in ("POST", "PUT", "DELETE", "OPTIONS"):
                    self.assertEqual(self.judge(method, **opened), "site")
                self.assertEqual(self.judge(**{**opened, "sec_fetch_mode": "cors"}), "site")
                self.assertEqual(self.judge(**{**opened, "sec_fetch_mode": "websocket"}), "site")
            for destination in ("", "empty", "image", "script", "object", "embed", "frame"):
                self.assertEqual(
                    self.judge(sec_fetch_site=site, sec_fetch_mode="navigate", sec_fetch_dest=destination), "site", destination)


@unittest.skipUnless(sys.platform.startswith("linux"), "the system does not tell whose a connection is")
class Peers(unittest.TestCase):
    """Whose the other end of a connection is."""

    def pair(self, family=socket.AF_INET, address="127.0.0.1", client=None):
        listener = socket.socket(family)
        self.addCleanup(listener.close)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        listener.bind((address, 0))
        listener.listen()
        near = socket.create_connection((client or address, listener.getsockname()[1]))
        self.addCleanup(near.close)
        far, _ = listener.accept()
        self.addCleanup(far.close)
        return near, far

    def each(self, far, want):
        ends = guard.ends({}, far)
        for way in (guard.ask_kernel, guard.look_up, guard.user_of):
            self.assertEqual(way(*ends), want, way.__name__)

    def test_own(self):
        self.each(self.pair()[1], os.getuid())

    def test_own_by_both_protocols_at_once(self):
        try:
            far = self.pair(socket.AF_INET6, "::", "127.0.0.1")[1]
        except OSError as error:
            self.skipTest(str(error))
        self.each(far, os.getuid())

    def test_closed_belongs_to_nobody(self):
        near, far = self.pair()
        ends = guard.ends({}, far)
        near.close()
        self.assertEqual(far.recv(1), b"")
        for way in (guard.ask_kernel, guard.look_up, guard.user_of):
            self.assertIsNone(way(*ends), way.__name__)

    def test_listener_is_no_client(self):
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen()
            there = listener.getsockname()
            for way in (guard.ask_kernel, guard.look_up):
                self.assertIsNone(way(there, ("127.0.0.1", 1)), way.__name__)

    @unittest.skipUnless(hasattr(os, "getuid") and os.getuid() == 0, "needs root to be another user")
    def test_other_user(self):
        listener = socket.socket()
        self.addCleanup(listener.close)
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        other = subprocess.Popen(
            [sys.executable, "-c", "import os, socket, sys; os.setuid(65534); s = socket.create_connection(('127.0.0.1', int(sys.argv[1]))); s.recv(1)",
             str(listener.getsockname()[1])], cwd="/")
        far, _ = listener.accept()
        try:
            self.each(far, 65534)
        finally:
            far.close()
            other.wait(20)

    def test_servers_of_all_kinds(self):
        near, far = self.pair()
        address, port = near.getsockname()
        base = {"SERVER_SOFTWARE": "x", "REQUEST_METHOD": "GET", "HTTP_HOST": "127.0.0.1:%d" % far.getsockname()[1]}
        for extra in (
            {"werkzeug.socket": far}, {"gunicorn.socket": far}, {"wsgi.input": far.makefile("rb")},
            {"REMOTE_ADDR": address, "REMOTE_PORT": str(port), "SERVER_PORT": str(far.getsockname()[1])},
        ):
            self.assertIsNone(guard.check({**base, **extra}), extra)
        self.assertEqual(guard.check({**base, "REMOTE_ADDR": address})[0], "peer")
        self.assertEqual(guard.check({**base, "REMOTE_ADDR": address, "REMOTE_PORT": "1", "SERVER_PORT": str(far.getsockname()[1])})[0], "peer")


class Record(samples.FolderCase):
    """What is noted of refusals."""

    def lines(self):
        return [json.loads(line) for line in pathlib.Path(self.folder, "r").read_text(encoding="ascii").splitlines()]

    def test_counts_all_in_few_lines(self):
        notes = guard.Notes(os.path.join(self.folder, "r"))
        began = time.monotonic()
        workers = [threading.Thread(target=lambda: [notes.add("host", "evil") for _ in range(500)]) for _ in range(4)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        notes.add("origin", "x" * 1000 + "\n\u2028")
        notes.flush()
        seconds = time.monotonic() - began
        hosts = [line["count"] for line in self.lines() if line["kind"] == "host"]
        self.assertEqual(sum(hosts), 2000)
        self.assertLessEqual(len(hosts), 2 + seconds)
        self.assertEqual([len(line["detail"]) for line in self.lines() if line["kind"] == "origin"], [200])

    def test_a_later_line_comes_by_itself(self):
        notes = guard.Notes(os.path.join(self.folder, "r"))
        notes.add("host", "a")
        notes.add("host", "b")
        deadline = time.monotonic() + 30
        while len(self.lines()) < 2 and time.monotonic() < deadline:
            time.sleep(0.02)
        self.assertEqual([(line["count"], line["detail"]) for line in self.lines()], [(1, "a"), (1, "b")])

    def test_file_is_bounded_and_may_be_missing(self):
        notes = guard.Notes(self.write("r", b" " * guard.Notes.LIMIT))
        notes.add("host", "a")
        self.assertEqual(os.path.getsize(os.path.join(self.folder, "r")), guard.Notes.LIMIT)
        guard.Notes(os.path.join(self.folder, "none", "r")).add("host", "a")
        guard.Notes("").add("host", "a")


PAGE = """
import argparse, multiprocessing, sys
from flask import Flask
app = Flask(__name__)
@app.route("/")
def index(): return "page"
@app.route("/fail")
def fail(): return 1 / 0
%s
if __name__ == "__main__":
    app.run(host="127.0.0.1", port=int(sys.argv[1]), %s)
"""


class Interpreters(samples.FolderCase):
    """What the guard must not break, in interpreters of their own."""

    def setUp(self):
        super().setUp()
        self.record = self.write("record")
        self.environ = {
            **os.environ, "PYTHONPATH": str(SOURCE), "SCRIPTSMANAGER_GUARD": self.record, "PYTHONDONTWRITEBYTECODE": "1",
        }

    def python(self, program, *options, **environ):
        done = subprocess.run(
            [sys.executable, *options, "-c", program], env={**self.environ, **environ}, cwd=self.folder,
            capture_output=True, text=True, timeout=60)
        self.assertEqual((done.returncode, done.stderr), (0, ""), program)
        return done.stdout.strip()

    def test_without_flask_nothing_is_loaded(self):
        self.assertEqual(self.python("import sys; print([m for m in sys.modules if 'flask' in m or 'werkzeug' in m or 'guard' in m or m == 'socket'])"), "[]")

    def test_flask_looks_as_ever(self):
        self.assertEqual(self.python(
            "import flask, flask.app, inspect, importlib.util; m = flask.app; print(m.__loader__ is m.__spec__.loader, type(m.__loader__).__name__, "
            "len(inspect.getsource(m)) > 1000, importlib.util.find_spec('flask.app').name, flask.Flask.__call__.scriptsmanager_guard)"),
            "True SourceFileLoader True flask.app True")

    def test_the_test_clients_are_answered(self):
        program = PAGE % ("from werkzeug.test import Client\nprint(app.test_client().get('/').data, Client(app).get('/').data)\nsys.exit()", "")
        self.assertEqual(self.python(program), "b'page' b'page'")

    def test_other_sitecustomize_is_still_imported(self):
        other = os.path.join(self.folder, "other")
        self.write("other/sitecustomize.py", b"import sys\nsys.chained = __file__\nname = 'theirs'\n")
        path = os.pathsep.join((str(SOURCE), other))
        self.assertEqual(
            self.python("import sys, sitecustomize, flask; print(sys.chained == sitecustomize.__file__, sitecustomize.name, hasattr(flask.Flask.__call__, 'scriptsmanager_guard'))", PYTHONPATH=path),
            "True theirs True")
        # A broken one is told as Python tells it, and changes nothing here.
        self.write("other/sitecustomize.py", b"raise RuntimeError('broken')\n")
        done = subprocess.run([sys.executable, "-c", "import flask; print(hasattr(flask.Flask.__call__, 'scriptsmanager_guard'))"],
                              env={**self.environ, "PYTHONPATH": path}, capture_output=True, text=True, timeout=60)
        self.assertEqual((done.returncode, done.stdout), (0, "True\n"))
        self.assertIn("broken", done.stderr)

    def test_children_of_multiprocessing(self):
        for method in ("fork", "spawn", "forkserver"):
            if method == "fork" and not hasattr(os, "fork"):
                continue
            path = self.write("m.py", b"""
import multiprocessing as m, sys
def square(x):
    import flask
    assert flask.Flask.__call__.scriptsmanager_guard
    return x * x
if __name__ == "__main__":
    with m.get_context(sys.argv[1]).Pool(2) as pool: print(pool.map(square, range(4)))
""")
            done = subprocess.run([sys.executable, path, method], env=self.environ, capture_output=True, text=True, timeout=120)
            self.assertEqual((done.stdout, done.stderr), ("[0, 1, 4, 9]\n", ""), method)

    @contextlib.contextmanager
    def page(self, options, extra=""):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        path = self.write("page.py", (PAGE % (extra, options)).encode())
        with open(os.path.join(self.folder, "output"), "wb") as output:
            process = subprocess.Popen([sys.executable, path, str(port)], env=self.environ, stdout=output, stderr=output, start_new_session=True)
        try:
            deadline = time.monotonic() + 60
            while True:
                try:
                    self.ask(port)
                    break
                except OSError:
                    if time.monotonic() > deadline or process.poll() is not None:
                        raise AssertionError(pathlib.Path(self.folder, "output").read_text(encoding="utf-8")) from None
                    time.sleep(0.05)
            yield port
        finally:
            os.killpg(process.pid, 9)
            process.wait()

    def ask(self, port, path="/", **headers):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        with contextlib.closing(connection):
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()

    def test_reloader_and_debugger(self):
        with self.page("debug=True") as port:
            self.assertEqual(self.ask(port), (200, "page"))
            self.assertEqual(self.ask(port, "/fail")[0], 500)
            debugger = "/?__debugger__=yes&cmd=resource&f=style.css"
            self.assertEqual(self.ask(port, debugger)[0], 200)
            # The debugger stands before Flask, so it has to be guarded apart.
            self.assertEqual(self.ask(port, debugger, Host="evil.example")[0], 403)
            self.assertEqual(self.ask(port, "/console", Origin="http://evil.example")[0], 403)

    def test_processes(self):
        with self.page("threaded=False, processes=3") as port:
            self.assertEqual(self.ask(port), (200, "page"))
            self.assertEqual(self.ask(port, Host="evil.example")[0], 403)
        self.assertIn('"host"', pathlib.Path(self.record).read_text(encoding="ascii"))

    def test_behind_a_proxys_headers(self):
        extra = "from werkzeug.middleware.proxy_fix import ProxyFix\nfrom werkzeug.serving import run_simple\nif __name__ == '__main__': run_simple('127.0.0.1', int(sys.argv[1]), ProxyFix(app, x_host=1), threaded=True)"
        with self.page("", extra) as port:
            self.assertEqual(self.ask(port), (200, "page"))
            forged = {"X-Forwarded-Host": "127.0.0.1:%d" % port, "X-Forwarded-For": "127.0.0.1"}
            self.assertEqual(self.ask(port, Host="evil.example", **forged)[0], 403)

    def test_server_of_the_standard_library(self):
        extra = "from wsgiref.simple_server import make_server\nif __name__ == '__main__': make_server('127.0.0.1', int(sys.argv[1]), app).serve_forever()"
        with self.page("", extra) as port:
            self.assertEqual(self.ask(port), (200, "page"))
            self.assertEqual(self.ask(port, Host="evil.example")[0], 403)

    def test_refusal_says_why(self):
        with self.page("threaded=True") as port:
            status, text = self.ask(port, Origin="http://evil.example/\u00e9".encode("latin-1"))
            self.assertEqual(status, 403)
            self.assertIn("Origin: http://evil.example", text)
            self.assertIn("administrator", text)
