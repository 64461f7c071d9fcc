"""What the tests of the sample scripts share: finding, importing, starting them."""

import contextlib
import http.client
import importlib.util
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import unittest.mock
import urllib.parse

BACKEND = pathlib.Path(__file__).resolve().parent.parent
GROUPS = BACKEND / "script_groups"
HELPER = BACKEND / "script_sdk"
LOGO = BACKEND.parent / "static" / "images" / "SIDEL.png"
LANGUAGES = ("en", "es", "it", "fr")
SCRIPTS = sorted(GROUPS.glob("*/[!_]*.py"))
PAGES = [path for path in SCRIPTS if "@interface: none" not in path.read_text(encoding="utf-8")]

sys.dont_write_bytecode = True
sys.path.insert(0, str(HELPER))


def load(name):
    """Import a sample by its file name without starting anything."""
    path = next(path for path in SCRIPTS if path.stem == name)
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    # What the application passes; a Script reads it as it is made, and takes the signals that end it.
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    with tempfile.TemporaryDirectory(prefix="samples-") as folder, unittest.mock.patch.object(sys, "argv", [str(path), "--data-dir", folder, "--port", "0"]):
        spec.loader.exec_module(module)
    for number, handler in handlers.items():
        signal.signal(number, handler)
    return module


class FolderCase(unittest.TestCase):
    """A test with an empty folder of its own."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="samples-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def write(self, name, content=b""):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content)
        return path


class Running:
    """A sample as a process of its own, started the way the engine starts it."""

    def __init__(self, path, data_dir, parameters=(), theme="light", language="en", project="Line 3", logo=LOGO, environment=None):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        variables = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(HELPER), **(environment or {})}
        variables.pop("SCRIPTSMANAGER_LOGO", None)
        if logo:
            variables["SCRIPTSMANAGER_LOGO"] = str(logo)
        contract = [
            "--data-dir", data_dir, "--user-level", "operator", "--port", str(self.port), "--project-id", "7",
            "--project-name", project, "--theme", theme, "--language", language,
        ]
        self.process = subprocess.Popen(
            [sys.executable, str(path), *contract, *parameters], cwd=path.parent, env=variables,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
        )

    def __enter__(self):
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and self.process.poll() is None:
            with contextlib.suppress(OSError):
                if self.request("GET", "/health")[0] == 200:
                    return self
            time.sleep(0.02)
        self.process.kill()
        raise AssertionError(f"the script does not answer: {self.process.communicate()}")

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()

    def request(self, method, path, form=None, headers=None):
        """(status, text or bytes for images, headers) of one request."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            body = urllib.parse.urlencode(form) if form is not None else None
            kind = {"Content-Type": "application/x-www-form-urlencoded"} if form is not None else {}
            connection.request(method, path, body, {**kind, **(headers or {})})
            response = connection.getresponse()
            content = response.read()
            text = content if response.getheader("Content-Type", "").startswith("image/") else content.decode("utf-8")
            return response.status, text, dict(response.getheaders())
        finally:
            connection.close()

    def json(self, method, path, value, headers=None):
        """(status, decoded answer) of a request with JSON."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, json.dumps(value), {"Content-Type": "application/json", **(headers or {})})
            response = connection.getresponse()
            content = response.read()
            is_json = response.getheader("Content-Type", "").startswith("application/json")
            return response.status, json.loads(content) if is_json else content
        finally:
            connection.close()

    def upload(self, name, content, fields):
        """POST a file as a browser's form does; the status."""
        mark = "----samples-boundary"
        parts = [f'--{mark}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode() for key, value in fields.items()]
        parts.append(f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: text/csv\r\n\r\n'.encode() + content + b"\r\n")
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request("POST", "/", b"".join(parts) + f"--{mark}--\r\n".encode(), {"Content-Type": f"multipart/form-data; boundary={mark}"})
            return connection.getresponse().status
        finally:
            connection.close()

    def wait_until(self, condition):
        deadline = time.monotonic() + 30
        while not condition():
            if time.monotonic() > deadline:
                raise AssertionError("waited 30 s in vain")
            time.sleep(0.02)

    def stop(self):
        """SIGTERM, then (exit code, stdout, stderr)."""
        self.process.send_signal(signal.SIGTERM)
        output, errors = self.process.communicate(timeout=20)
        return self.process.returncode, output, errors


def saved(folder, name):
    with open(os.path.join(folder, name), encoding="utf-8") as file:
        return json.load(file)
