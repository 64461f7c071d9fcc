"""Says which modules Python scripts import and which of them an environment lacks.

Runs in the interpreter of the environment in question, from Python 3.6 on, as
`python -I -B -c <this text>`. Reads one JSON object from standard input and
writes one line, "@scriptsmanager " and a JSON object, to standard output.
Nothing of a script is executed: its text is parsed, and only top-level names
are looked up, which imports no module.
"""
import ast
import importlib.util
import io
import json
import os
import site
import stat
import sys
import tokenize

MAX_SOURCE = 4 << 20  # bytes of one file
MAX_FILES = 300  # a script's own modules that are followed
ABSENT = {"ImportError", "ModuleNotFoundError", "Exception", "BaseException"}
EXTENSIONS = (".so", ".pyd")


class Problem(Exception):
    def __init__(self, kind, line, detail):
        Exception.__init__(self, detail)
        self.kind, self.line, self.detail = kind, line, detail


def stamp(path):
    try:
        s = os.stat(path)
    except OSError:
        return {"path": path, "modified": 0, "size": -1}
    return {"path": path, "modified": s.st_mtime_ns, "size": 0 if stat.S_ISDIR(s.st_mode) else s.st_size}


def known(name, cache={}):
    """Whether the interpreter finds a top-level module, without importing it."""
    if name not in cache:
        try:
            cache[name] = name in sys.builtin_module_names or importlib.util.find_spec(name) is not None
        except ValueError:  # a module that is loaded already and does not say from where
            cache[name] = name in sys.modules
        except Exception:  # a finder of some package's own that does not work
            cache[name] = False
    return cache[name]


def read(path):
    """The parsed file, and its stamp from when it was read."""
    try:
        with open(path, "rb") as f:
            s = os.fstat(f.fileno())
            mark = {"path": path, "modified": s.st_mtime_ns, "size": s.st_size}
            if s.st_size > MAX_SOURCE:
                return None, mark, Problem("too_large", 0, str(s.st_size))
            source = f.read(MAX_SOURCE + 1)
    except OSError as e:
        return None, stamp(path), Problem("unreadable", 0, e.strerror or str(e))
    unreadable = undecodable(source)
    if unreadable is not None:
        return None, mark, unreadable
    try:
        return ast.parse(source, filename=path), mark, None
    except SyntaxError as e:
        return None, mark, Problem("syntax", e.lineno or 0, e.msg or "")
    except ValueError as e:
        return None, mark, Problem("syntax", 0, str(e))
    except (RecursionError, MemoryError):
        return None, mark, Problem("too_large", 0, "nested too deeply")


def undecodable(source):
    """Bytes that Python refuses in a file, which ast.parse lets pass in a comment."""
    at = source.find(b"\0")
    if at >= 0:
        return Problem("encoding", source[:at].count(b"\n") + 1, "a zero byte")
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
        source.decode(encoding)
    except UnicodeDecodeError as e:
        return Problem("encoding", source[: e.start].count(b"\n") + 1, str(e))
    except (SyntaxError, LookupError) as e:
        return Problem("encoding", 1, str(e))
    return None


def name_of(node):
    """"sys.platform" of such an expression, else ""."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return name_of(node.value) + "." + node.attr
    return ""


def names_in(node):
    return {name_of(n) for n in ast.walk(node) if isinstance(n, (ast.Name, ast.Attribute))}


def absent(kinds):
    """Whether an except clause or suppress() with these classes catches a missing module."""
    if kinds is None:
        return True
    listed = kinds.elts if isinstance(kinds, ast.Tuple) else [kinds]
    return any(name_of(k).split(".")[-1] in ABSENT for k in listed)


def gives_up(body):
    """Whether what stands there ends the script."""
    for node in body:
        if isinstance(node, ast.Raise):
            return True
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            if name_of(node.value.func) in ("sys.exit", "exit", "quit", "os._exit", "os.abort"):
                return True
    return False


class Script:
    """One script and those of its own modules that it imports."""

    def __init__(self, path):
        self.path = path
        self.folder = os.path.dirname(path)
        self.files = []
        self.seen = set()
        self.missing = {}
        self.problem = None

    def check(self):
        self.file(self.path, "")
        return {
            "path": self.path,
            "files": self.files + [stamp(self.folder)],
            "missing": sorted(self.missing.values(), key=lambda m: (m["optional"], m["file"] != self.path, m["file"], m["line"])),
            "problem": self.problem,
        }

    def file(self, path, package):
        if path in self.seen or len(self.seen) >= MAX_FILES:
            return
        self.seen.add(path)
        tree, mark, problem = read(path)
        self.files.append(mark)
        if problem is not None:
            if self.problem is None or path == self.path:
                self.problem = {"kind": problem.kind, "file": path, "line": problem.line, "detail": str(problem.detail)[:500]}
            return
        self.body(tree.body, path, package, False)

    def body(self, nodes, path, package, optional):
        for node in nodes:
            self.node(node, path, package, optional)

    def node(self, node, path, package, optional):
        if isinstance(node, ast.Import):
            for alias in node.names:
                self.wanted(alias.name, node, path, optional)
        elif isinstance(node, ast.ImportFrom):
            if node.level == 0:
                self.wanted(node.module or "", node, path, optional)
                base = node.module or ""
            else:
                parts = package.split(".") if package else []
                base = ".".join(parts[: len(parts) - node.level + 1] + ([node.module] if node.module else []))
            for alias in node.names:
                self.own(base + "." + alias.name if base else alias.name)
            if node.level:
                self.own(base)
        elif isinstance(node, ast.Try) or type(node).__name__ == "TryStar":
            self.attempt(node, path, package, optional)
        elif isinstance(node, ast.If):
            names = names_in(node.test)
            if "TYPE_CHECKING" in names or "typing.TYPE_CHECKING" in names:
                self.body(node.orelse, path, package, optional)
                return
            depends = names & {"sys.platform", "os.name", "platform.system", "sys.version_info"}
            self.body(node.body, path, package, optional or bool(depends))
            self.body(node.orelse, path, package, optional or bool(depends))
        elif isinstance(node, (ast.With, ast.AsyncWith)):
            for item in node.items:
                call = item.context_expr
                if isinstance(call, ast.Call) and name_of(call.func).split(".")[-1] == "suppress":
                    optional = optional or any(absent(a) for a in call.args)
                self.node(call, path, package, optional)
            self.body(node.body, path, package, optional)
        else:
            if isinstance(node, ast.Call):
                self.call(node, path, optional)
            for child in ast.iter_child_nodes(node):
                self.node(child, path, package, optional)

    def attempt(self, node, path, package, optional):
        catching = [h for h in node.handlers if absent(h.type)]
        before = len(self.missing)
        spared = bool(catching) and not any(gives_up(h.body) for h in catching)
        self.body(node.body, path, package, optional or spared)
        lacks = len(self.missing) > before or any(self.lacks(n) for n in node.body)
        for h in node.handlers:
            # What is imported instead is needed where the first choice is not there.
            self.body(h.body, path, package, optional or (h in catching and not lacks) or h not in catching)
        self.body(node.orelse, path, package, optional or spared)
        self.body(node.finalbody, path, package, optional)

    def lacks(self, node):
        if isinstance(node, ast.Import):
            return any(a.name.split(".")[0] in self.missing for a in node.names)
        return isinstance(node, ast.ImportFrom) and node.level == 0 and (node.module or "").split(".")[0] in self.missing

    def call(self, node, path, optional):
        if name_of(node.func) not in ("__import__", "importlib.import_module", "import_module") or not node.args:
            return
        value = getattr(node.args[0], "value", getattr(node.args[0], "s", None))
        if isinstance(value, str) and value and not value.startswith("."):
            self.wanted(value, node, path, optional)

    def wanted(self, dotted, node, path, optional):
        if not dotted or self.own(dotted):
            return
        name = dotted.split(".")[0]
        if known(name):
            return
        old = self.missing.get(name)
        if old is not None and (optional or not old["optional"]):
            return
        self.missing[name] = {
            "name": name,
            "file": path,
            "line": node.lineno,
            "optional": optional,
            "standard": name in getattr(sys, "stdlib_module_names", ()),
        }

    def own(self, dotted):
        """Whether a module lies beside the script; if so, it is read as well."""
        parts, folder, package = dotted.split("."), self.folder, ""
        for i, part in enumerate(parts):
            if not part.isidentifier():
                return i > 0
            package = package + "." + part if package else part
            inside = os.path.join(folder, part)
            if os.path.isfile(os.path.join(inside, "__init__.py")):
                self.file(os.path.join(inside, "__init__.py"), package)
            elif os.path.isfile(inside + ".py"):
                self.file(inside + ".py", package.rpartition(".")[0])
                return True
            elif not os.path.isdir(inside):
                return i > 0 or any(f.startswith(part + ".") and f.endswith(EXTENSIONS) for f in listing(folder))
            elif i == 0 and known(part):
                return False  # a plain folder of that name is the last that Python would take
            folder = inside
        return True


def listing(folder, cache={}):
    if folder not in cache:
        try:
            cache[folder] = os.listdir(folder)
        except OSError:
            cache[folder] = []
    return cache[folder]


def main():
    asked = json.loads(sys.stdin.buffer.read().decode("utf-8"))
    # Where a script would find them, too: what -I leaves out of a Python that is no venv.
    if sys.prefix == getattr(sys, "base_prefix", sys.prefix):
        try:
            user = site.getusersitepackages()
            if user not in sys.path:
                site.addsitedir(user)
        except Exception:
            pass
    for path in asked["search"]:
        if path not in sys.path:
            sys.path.insert(0, path)
    folders = [stamp(p) for p in sys.path if p]
    sys.setrecursionlimit(3000)
    scripts = []
    for path in asked["scripts"]:
        script = Script(path)
        try:
            scripts.append(script.check())
        except RecursionError:
            scripts.append({"path": path, "files": script.files, "missing": [],
                            "problem": {"kind": "too_large", "file": path, "line": 0, "detail": "nested too deeply"}})
    sys.stdout.write("\n@scriptsmanager " + json.dumps({"folders": folders, "scripts": scripts}) + "\n")


main()
