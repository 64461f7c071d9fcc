"""Puts the guard of loopback in front of Flask, in every Python that a script starts.

Python imports this by its name when it starts, as its folder stands first in
PYTHONPATH. It does two things and no more: it watches for the modules that
serve pages, to guard them once they are imported, and it hands on to the
sitecustomize that would have been imported without it. Flask itself is never
imported from here.
"""

import os
import sys

try:  # there already; importlib.util would bring a dozen modules into every Python
    from _frozen_importlib import module_from_spec
    from _frozen_importlib_external import PathFinder, spec_from_file_location
except ImportError:
    from importlib.machinery import PathFinder
    from importlib.util import module_from_spec, spec_from_file_location

HERE = os.path.dirname(os.path.abspath(__file__))
WATCHED = frozenset(("flask.app", "werkzeug.serving", "werkzeug.test"))
GUARD = "scriptsmanager_guard"


def guard():
    """The guard's module, whatever else in sys.path has its name."""
    if GUARD not in sys.modules:
        spec = spec_from_file_location(GUARD, os.path.join(HERE, GUARD + ".py"))
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
        sys.modules[GUARD] = module
    return sys.modules[GUARD]


class Loader:
    """Loads a module as its own loader does, then guards it."""

    def __init__(self, own):
        self.own = own

    def __getattr__(self, name):
        return getattr(self.own, name)

    def create_module(self, spec):
        create = getattr(self.own, "create_module", None)
        return create(spec) if create else None

    def exec_module(self, module):
        # Nobody who looks at the module later is to find this class.
        module.__loader__ = module.__spec__.loader = self.own
        self.own.exec_module(module)
        guard().protect(module)


class Finder:
    """Finds the watched modules where the other finders find them."""

    def __init__(self):
        self.looking = set()

    def find_spec(self, name, path=None, target=None):
        if name not in WATCHED or name in self.looking:
            return None
        self.looking.add(name)
        try:
            for finder in list(sys.meta_path):
                find = getattr(finder, "find_spec", None)
                spec = find(name, path, target) if find and finder is not self else None
                if spec is not None:
                    if hasattr(spec.loader, "exec_module"):
                        spec.loader = Loader(spec.loader)
                    return spec
        finally:
            self.looking.discard(name)
        return None


def hand_on():
    """Import the sitecustomize of the environment or the system, which this one hides."""
    others = [path for path in sys.path if os.path.abspath(path or os.curdir) != HERE]
    spec = PathFinder.find_spec(__name__, others)
    if spec is None or spec.loader is None:
        return
    mine = sys.modules.get(__name__)
    sys.modules[__name__] = module = module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except BaseException:
        sys.modules[__name__] = mine
        raise


if __name__ == "sitecustomize":
    sys.meta_path.insert(0, Finder())
    hand_on()
