"""The helper for scripts that ScriptsManager runs.

It does what every script with a page needs: it reads the arguments that the
application passes, ends cleanly when it is asked to, keeps JSON safe, and gives
a Flask app with the logo, the theme, the language and the project's name. A
script with a form and a result:

    import math
    from scriptsmanager import Number, Script

    script = Script("Falling")

    @script.form(Number("height", "Height", "m", default=2.5, low=0.1, high=500))
    def calculate(height):
        return {"Time": (math.sqrt(2 * height / 9.81), "s")}

    script.run()

Whoever wants the page to be his own takes `parse_arguments`, `Store` and
`make_app`, and leaves the rest. It needs Python 3.8 or later, and Flask 2.2 or
later where the script has a page.
"""

from __future__ import annotations

import argparse
import atexit
import contextlib
import html
import json
import math
import os
import signal
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from typing import Any, Callable, Iterable, Iterator, Mapping, Sequence, Union

__all__ = [
    "COMMON_TEXTS",
    "FIELDS",
    "LANGUAGES",
    "Choice",
    "FieldErrors",
    "Flag",
    "Number",
    "Plot",
    "Result",
    "Script",
    "Store",
    "Text",
    "busy",
    "check_number",
    "field_text",
    "fixed",
    "in_language",
    "install_stop_handler",
    "make_app",
    "nice_ticks",
    "parse_arguments",
    "parse_number",
    "progress",
    "show",
    "starting_inputs",
    "translations",
]

LANGUAGES = ("en", "es", "it", "fr")

# A text as it is, or one for each language: {"en": "Height", "it": "Altezza"}.
Words = Union[str, Mapping[str, str]]

COMMON_TEXTS = {
    "project": {"en": "Project", "es": "Proyecto", "it": "Progetto", "fr": "Projet"},
    "inputs": {"en": "Inputs", "es": "Datos de entrada", "it": "Dati di ingresso", "fr": "Données d'entrée"},
    "results": {"en": "Results", "es": "Resultados", "it": "Risultati", "fr": "Résultats"},
    "calculate": {"en": "Calculate", "es": "Calcular", "it": "Calcola", "fr": "Calculer"},
    "saved": {"en": "Saved in this project", "es": "Guardado en este proyecto", "it": "Salvato in questo progetto", "fr": "Enregistré dans ce projet"},
    "err_number": {"en": "Enter a number, without thousands separators.", "es": "Introduzca un número, sin separadores de miles.", "it": "Inserire un numero, senza separatori delle migliaia.", "fr": "Saisissez un nombre, sans séparateur de milliers."},
    "err_range": {"en": "Enter a value from {low} to {high}.", "es": "Introduzca un valor entre {low} y {high}.", "it": "Inserire un valore da {low} a {high}.", "fr": "Saisissez une valeur de {low} à {high}."},
    "err_check": {"en": "Some values need to be corrected. They are marked below.", "es": "Hay valores que corregir. Están marcados abajo.", "it": "Alcuni valori sono da correggere. Sono evidenziati sotto.", "fr": "Certaines valeurs sont à corriger. Elles sont signalées ci-dessous."},
    "err_page": {"en": "This page does not exist or the request was refused.", "es": "Esta página no existe o la petición fue rechazada.", "it": "Questa pagina non esiste o la richiesta è stata rifiutata.", "fr": "Cette page n'existe pas ou la requête a été refusée."},
    "source": {"en": "Source", "es": "Fuente", "it": "Fonte", "fr": "Source"},
    "back": {"en": "Back to the script", "es": "Volver al script", "it": "Torna allo script", "fr": "Retour au script"},
    "not_calculated": {"en": "Not calculated: {reason}", "es": "No se ha calculado: {reason}", "it": "Calcolo non eseguito: {reason}", "fr": "Calcul non effectué : {reason}"},
    "err_choice": {"en": "Choose one of the values.", "es": "Elija uno de los valores.", "it": "Scegliere uno dei valori.", "fr": "Choisissez l'une des valeurs."},
    "err_whole": {"en": "Enter a whole number.", "es": "Introduzca un número entero.", "it": "Inserire un numero intero.", "fr": "Saisissez un nombre entier."},
    "err_text": {"en": "Enter a text of at most {most} characters.", "es": "Introduzca un texto de {most} caracteres como máximo.", "it": "Inserire un testo di al massimo {most} caratteri.", "fr": "Saisissez un texte de {most} caractères au plus."},
    "err_object": {"en": "A JSON object with the inputs is expected.", "es": "Se espera un objeto JSON con los datos de entrada.", "it": "È atteso un oggetto JSON con i dati di ingresso.", "fr": "Un objet JSON avec les données d'entrée est attendu."},
}


def install_stop_handler(name: str) -> None:
    """End with exit code 0 on SIGTERM (Windows: CTRL_BREAK) and Ctrl-C."""

    def stop(_signum: int, _frame: Any) -> None:
        # os.write, not print: the signal may arrive in the middle of a print.
        os.write(1, f"{name}: stopped on request\n".encode())
        raise SystemExit(0)

    for signal_name in ("SIGTERM", "SIGINT", "SIGBREAK"):
        if hasattr(signal, signal_name):
            signal.signal(getattr(signal, signal_name), stop)


def in_language(words: Words, language: str) -> str:
    """A text in a language; in English, else in any, where that is missing."""
    if isinstance(words, str):
        return words
    return words.get(language) or words.get("en") or next(iter(words.values()), "")


def script_file() -> str:
    """The script that was started."""
    return os.path.abspath(sys.argv[0])


def locales_folder() -> str:
    """Where the script's texts lie: as the application says, else `locales` beside the script."""
    return os.environ.get("SCRIPTSMANAGER_LOCALES") or os.path.join(os.path.dirname(script_file()), "locales")


def brand_style() -> str:
    """The colours of pages: as the application says, else those of this file."""
    path = os.environ.get("SCRIPTSMANAGER_BRAND_CSS")
    if path:
        try:
            with open(path, encoding="utf-8") as file:
                # It stands inside an element of the page, which it must not end.
                # Colours that it does not name stay.
                return COLORS + file.read().replace("</", "<\\/")
        except (OSError, ValueError) as error:
            print(f"The brand's colours are not read: {error}", file=sys.stderr, flush=True)
    return COLORS


def translations(folder: str | None = None) -> dict[str, dict[str, str]]:
    """The texts of the files en.json, es.json, it.json and fr.json of a folder, by key and language.

    Each holds one JSON object of key and text. The folder is `locales` beside
    the script where none is given. What is missing or cannot be read is left
    out; the latter is told.
    """
    folder = folder or locales_folder()
    texts: dict[str, dict[str, str]] = {}
    for language in LANGUAGES:
        path = os.path.join(folder, language + ".json")
        try:
            with open(path, encoding="utf-8") as file:
                entries = json.load(file)
            if not isinstance(entries, dict):
                raise ValueError("not a JSON object")
        except FileNotFoundError:
            continue
        except (OSError, ValueError) as error:
            print(f"{path} is left out: {error}", file=sys.stderr, flush=True)
            continue
        for key, text in entries.items():
            texts.setdefault(key, {})[language] = str(text)
    return texts


class _Telling:
    """What the script tells the application of its work, in the file that it was given for that.

    Each line is the whole of it, and only the last one counts.
    """

    EVERY = 0.1  # seconds between two lines
    LONGEST = 1 << 20  # bytes, then the file begins anew

    def __init__(self, path: str) -> None:
        self.path = path
        self.lock = threading.RLock()  # a signal's handler may come in between
        self.told: dict[str, Any] = {}
        self.written: dict[str, Any] = {}
        self.working = 0  # how many are busy
        self.next = 0.0
        self.later: threading.Timer | None = None

    def tell(self, now: bool, **what: Any) -> None:
        """Write it; not at once where a line was written just now, unless it must be."""
        with self.lock:
            self.told.update(what)
            wait = self.next - time.monotonic()
            if now or wait <= 0:
                self.write()
            elif self.later is None:
                self.later = threading.Timer(wait, self.write)
                self.later.daemon = True
                self.later.start()

    def write(self) -> None:
        with self.lock:
            if self.later is not None:
                self.later.cancel()
                self.later = None
            if not self.path or self.told == self.written:
                return
            self.next = time.monotonic() + self.EVERY
            self.written = dict(self.told)
            line = json.dumps({name: value for name, value in self.told.items() if value}).encode() + b"\n"
            # Where it cannot be told, the work is done all the same.
            with contextlib.suppress(OSError):
                file = os.open(self.path, os.O_WRONLY | os.O_APPEND)
                try:
                    if os.fstat(file).st_size > self.LONGEST:
                        os.ftruncate(file, 0)
                    os.write(file, line)
                finally:
                    os.close(file)


_telling = _Telling(os.environ.get("SCRIPTSMANAGER_PROGRESS", ""))
atexit.register(_telling.write)


def progress(done: float | None, total: float = 100, text: str = "") -> None:
    """Show in the script's window, and in the list of executions, how far the work is.

    progress(30) is thirty percent, progress(3, 10, "Reading") three parts of
    ten; progress(0, text="Reading") shows that it works, and not how far it is.
    progress(None) takes it away. It may be called as often as one likes, from any thread.
    """
    if done is None:
        _telling.tell(True, percent_done=0, text="")
        return
    percent = round(min(max(100 * done / total, 0), 100), 1) if total > 0 and math.isfinite(done) else 0
    _telling.tell(percent >= 100, percent_done=percent, text=str(text)[:200])


@contextlib.contextmanager
def busy() -> Iterator[None]:
    """While it lasts, closing the script's window asks first, and the limit of idle time does not count.

    with busy():
        write_the_report()
    """
    with _telling.lock:
        _telling.working += 1
        _telling.tell(True, busy=True)
    try:
        yield
    finally:
        with _telling.lock:
            _telling.working -= 1
            _telling.tell(True, busy=_telling.working > 0)


def _contract(declared: Sequence[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--data-dir", required=True)
    parser.add_argument("--user-level", default="operator")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--project-id", default="")
    parser.add_argument("--project-name", default="project_default")
    parser.add_argument("--theme", choices=("light", "dark"), default="light")
    parser.add_argument("--language", choices=LANGUAGES, default="en")
    for name in declared:
        parser.add_argument("--" + name, dest="parameter_" + name)
    return parser


def parse_arguments(argv: Sequence[str] | None = None, declared: Sequence[str] = ()) -> tuple[argparse.Namespace, dict[str, Any]]:
    """The arguments that every script is given, and the values of the declared parameters.

    Values come from the parameters file, which has the secret ones too, else
    from `--name value`. A parameter without a value is left out.
    """
    arguments, unknown = _contract(declared).parse_known_args(argv)
    if unknown:
        print("Arguments that this script does not know:", " ".join(unknown), file=sys.stderr, flush=True)
    parameters = {}
    path = os.environ.get("SCRIPTSMANAGER_PARAMETERS")
    if path:
        try:
            with open(path, encoding="utf-8") as file:
                given = json.load(file)
            parameters.update({name: given[name] for name in declared if name in given})
        except (OSError, ValueError, TypeError) as error:
            print(f"Parameter file not read: {error}", file=sys.stderr, flush=True)
    for name in declared:
        value = getattr(arguments, "parameter_" + name)
        if value is not None:
            parameters.setdefault(name, value)
    return arguments, parameters


class Store:
    """One JSON object below --data-dir that survives a crash half-way through a save.

    `version` is that of its contents: a script that changes what it keeps raises
    it, and gives `upgrade`, a function that takes the older contents and their
    version. What a newer script has written is left alone: saving then keeps a
    copy of it with `.newer` behind its name.
    """

    def __init__(self, folder: str, name: str, version: int = 1, upgrade: Callable[[dict[str, Any], int], dict[str, Any]] | None = None) -> None:
        self.folder = folder
        self.path = os.path.join(folder, name)
        self.version, self.upgrade = version, upgrade
        os.makedirs(folder, exist_ok=True)

    def load(self) -> dict[str, Any]:
        """The object as it was saved last, {} where there is none. A file that cannot be read is put aside."""
        try:
            with open(self.path, encoding="utf-8") as file:
                value = json.load(file)
            if not isinstance(value, dict):
                raise ValueError("not a JSON object")
            version = value.pop("version", 1)
            if not isinstance(version, int) or isinstance(version, bool):
                raise ValueError("its version is not a number")
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            self._put_aside(".broken", f"cannot be read and is put aside: {error}")
            return {}
        if version > self.version:
            self._put_aside(".newer", f"is of version {version}, and this script knows {self.version}: it is put aside")
            return {}
        if version < self.version and self.upgrade is not None:
            return self.upgrade(value, version)
        return value

    def save(self, value: Mapping[str, Any]) -> None:
        """Replace the file in one step: it holds the old or the new object, never a part."""
        handle, temporary = tempfile.mkstemp(prefix=".saving-", dir=self.folder)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump({"version": self.version, **value}, file, ensure_ascii=False, indent=1)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, self.path)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
            raise

    def _put_aside(self, ending: str, why: str) -> None:
        print(f"{self.path} {why}", file=sys.stderr, flush=True)
        with contextlib.suppress(OSError):
            os.replace(self.path, self.path + ending)


def starting_inputs(defaults: Mapping[str, Any], saved: Mapping[str, Any], parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Inputs to begin with: what was saved, unless the parameters differ from the last start's."""
    inputs, last = dict(defaults), saved.get("inputs")
    if isinstance(last, dict):
        # A value of another kind than the default was not written by this script.
        inputs.update({name: value for name, value in last.items() if name in defaults and isinstance(value, (str, int, float, type(defaults[name])))})
    if parameters and parameters != saved.get("started_with"):
        inputs.update({name: value for name, value in parameters.items() if name in defaults})
    return inputs


def parse_number(text: Any) -> float:
    """Read a decimal number written with a point or a comma; ValueError for all else."""
    text = str(text).strip().replace("\u2212", "-").replace(",", ".")
    value = float(text)
    if not math.isfinite(value):
        raise ValueError("not finite")
    return value


def show(value: float | None, digits: int = 4, language: str = "en") -> str:
    """Write a number with that many significant digits and the language's decimal sign."""
    if value is None:
        return "–"
    text = f"{value:.0f}" if 10**digits <= abs(value) < 1e12 else f"{value:.{digits}g}"
    if "e" in text:
        mantissa, _, exponent = text.partition("e")
        text = f"{mantissa}·10^{int(exponent)}"
    text = text.replace("-", "\u2212")
    return text if language == "en" else text.replace(".", ",")


def fixed(value: float, decimals: int, language: str = "en") -> str:
    """Write a number with that many decimals, so that columns of a table line up."""
    text = f"{value:.{decimals}f}".replace("-", "\u2212")
    return text if language == "en" else text.replace(".", ",")


def field_text(value: Any, language: str = "en") -> str:
    """What an input field shows for a stored value."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return str(value)
    text = f"{value:.10g}"
    return text if language == "en" else text.replace(".", ",")


def check_number(
    texts: Mapping[str, str], errors: dict[str, str], form: Mapping[str, Any], name: str, low: float, high: float, language: str
) -> float | None:
    """Read form[name]; on a bad value note the message in errors and return None."""
    try:
        value = parse_number(form.get(name, ""))
    except ValueError:
        errors[name] = texts["err_number"]
        return None
    if not low <= value <= high:
        errors[name] = texts["err_range"].format(low=show(low, 6, language), high=show(high, 6, language))
        return None
    return value


def make_app(arguments: argparse.Namespace, texts: Mapping[str, Mapping[str, str]], page: str) -> tuple[Any, dict[str, str]]:
    """A Flask app with logo, theme, language, project, /health and error pages.

    `page` is its template page.html, which extends frame.html. The texts in the
    person's language are given with it; page.html has them as `t`.
    """
    # Imported here, after the stop handler is in place: the import is the
    # longest part of the start, and a stop during it must end cleanly too.
    import logging

    from flask import Flask, jsonify, render_template, request, send_file
    from jinja2 import DictLoader

    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    language = arguments.language
    words = {key: in_language(value, language) for key, value in {**COMMON_TEXTS, **texts}.items()}
    style = brand_style() + STYLE
    logo = os.environ.get("SCRIPTSMANAGER_LOGO", "")
    if arguments.theme == "dark" and logo:
        stem, extension = os.path.splitext(logo)
        if os.path.isfile(stem + "_dark" + extension):
            logo = stem + "_dark" + extension
    app = Flask("__main__", static_folder=None)
    app.jinja_loader = DictLoader({"frame.html": FRAME, "page.html": page, "problem.html": PROBLEM})
    app.jinja_env.filters["show"] = lambda value, digits=4: show(value, digits, language)

    @app.context_processor
    def common():
        return {
            "t": words, "language": language, "theme": arguments.theme, "style": style,
            "project": arguments.project_name, "has_logo": os.path.isfile(logo),
        }

    @app.before_request
    def refuse_foreign_requests():
        # A page elsewhere must not drive this script: neither by a name that
        # it points at 127.0.0.1 nor by sending a form from its own origin.
        if request.host.rpartition(":")[0] not in ("127.0.0.1", "localhost"):
            return render_template("problem.html"), 403
        origin = request.headers.get("Origin")
        if request.method == "POST" and origin not in (None, "http://" + request.host):
            return render_template("problem.html"), 403
        return None

    @app.after_request
    def headers(response):
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    @app.get("/health")
    def health():
        return jsonify(status="ok", script=os.path.basename(script_file()), project=arguments.project_name)

    @app.get("/static/images/SIDEL.png")
    def logo_file():
        if not os.path.isfile(logo):
            return render_template("problem.html"), 404
        return send_file(os.path.abspath(logo))

    @app.errorhandler(404)
    @app.errorhandler(405)
    def missing(error):
        return render_template("problem.html"), error.code

    return app, words


# As in the brand.css of the application, for who runs the script by hand.
COLORS = """
:root{--bg:#f4f6f8;--panel:#fff;--text:#1b232c;--soft:#52606d;--line:#d9dfe5;--field:#fff;--edge:#8593a1;
--brand:#0b5cab;--on-brand:#fff;--accent:#b45309;--mark:#dce9f6;--bad:#b3261e;--bad-bg:#fdeceb;--good:#1f6f43;
--c1:#0b5cab;--c2:#b45309;--c3:#2f7d4f;color-scheme:light}
[data-theme=dark]{--bg:#12171d;--panel:#1a2129;--text:#e6ebf0;--soft:#a3b0bd;--line:#2e3843;--field:#12171d;--edge:#6b7a89;
--brand:#5aa9f0;--on-brand:#0c1520;--accent:#f0a35a;--mark:#1f3347;--bad:#ff9a92;--bad-bg:#3a1d1c;--good:#7fd0a0;
--c1:#5aa9f0;--c2:#f0a35a;--c3:#7fd0a0;color-scheme:dark}
"""

STYLE = """
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--text);font:15px/1.45 system-ui,"Segoe UI",Roboto,"Noto Sans","DejaVu Sans",sans-serif}
header{display:flex;align-items:center;gap:20px;padding:10px 24px;background:var(--panel);border-bottom:1px solid var(--line)}
header img{height:30px;width:auto}header .word{font-weight:700;letter-spacing:.2em;color:var(--brand)}
header h1{font-size:18px;font-weight:600;margin:0;flex:1}header .project{color:var(--soft);font-size:14px;text-align:right}
header .project strong{color:var(--text);font-weight:600}
main{max-width:1400px;margin:0 auto;padding:20px 24px 32px}
.lead{margin:0 0 16px;color:var(--soft);max-width:90ch}
.columns{display:grid;grid-template-columns:minmax(0,5fr) minmax(0,7fr);gap:20px;align-items:start}
@media(max-width:1240px){.columns{grid-template-columns:minmax(0,1fr)}}
.panel{background:var(--panel);border:1px solid var(--line);border-radius:6px;padding:16px 20px 20px;min-width:0}
main>.panel+.panel,.columns+.panel,.panel+.columns{margin-top:20px}
h2{font-size:15px;font-weight:600;margin:0 0 12px}h3{font-size:14px;font-weight:600;margin:20px 0 8px}
.fields{display:grid;grid-template-columns:repeat(auto-fill,minmax(190px,1fr));gap:12px 16px;align-items:end}
.fields:has(.message){align-items:start}.wide{grid-column:1/-1}
label{display:block;font-size:13px;color:var(--soft);margin-bottom:4px}
input[type=text],select,textarea{width:100%;min-height:36px;padding:6px 10px;font:inherit;color:var(--text);background:var(--field);
border:1px solid var(--edge);border-radius:4px;font-variant-numeric:tabular-nums}
textarea{display:block;min-height:72px;resize:vertical}
.unit{display:flex}.unit input{border-radius:4px 0 0 4px;min-width:0}
.unit input:only-child{border-radius:4px}.unit span{flex:none;display:flex;align-items:center;padding:0 10px;font-size:13px;color:var(--soft);border:1px solid var(--edge);border-left:0;border-radius:0 4px 4px 0;background:var(--bg)}
.check{display:flex;gap:8px;align-items:center;font-size:14px;color:var(--text);margin:0}
.wrong input,.wrong select,.wrong textarea{border-color:var(--bad)}
.message{color:var(--bad);font-size:13px;margin:4px 0 0}
.alert{background:var(--bad-bg);color:var(--bad);border-radius:4px;padding:10px 14px;margin:0 0 16px}
.note{color:var(--soft);font-size:13px;margin:8px 0 0}
button,.button{font:inherit;font-weight:600;min-height:36px;padding:6px 16px;border-radius:4px;border:1px solid var(--brand);cursor:pointer;background:var(--brand);color:var(--on-brand)}
button.plain{background:transparent;color:var(--brand);font-weight:400;border-color:var(--edge)}
button.link{background:none;border:0;padding:0;min-height:24px;color:var(--brand);font-weight:400;text-align:left;overflow-wrap:anywhere}
button.icon{min-width:36px;padding:6px 8px}
:focus-visible{outline:2px solid var(--brand);outline-offset:2px}
.actions{display:flex;gap:12px;align-items:center;margin-top:16px;flex-wrap:wrap}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(128px,1fr));gap:8px;margin:0 0 16px}
.figures div{border:1px solid var(--line);border-radius:4px;padding:10px 14px}.figures dt{font-size:13px;color:var(--soft)}
.figures dd{margin:2px 0 0;font-size:20px;font-weight:600;font-variant-numeric:tabular-nums}.figures small{display:block;font-size:13px;line-height:1.3;font-weight:400;color:var(--soft)}
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:14px;font-variant-numeric:tabular-nums}
th,td{padding:6px 10px;border-bottom:1px solid var(--line);text-align:right;white-space:nowrap}
th{font-size:13px;font-weight:600;color:var(--soft)}th:first-child,td:first-child{text-align:left;padding-left:0}
td.text,th.text{text-align:left;white-space:normal;min-width:8em}tr.total td{font-weight:600;border-bottom:0}
svg.plot{display:block;width:100%;height:auto;margin:4px 0 16px}svg.plot text{fill:var(--soft);font-size:13px;font-family:inherit}
svg.plot .grid{stroke:var(--line)}svg.plot .axis{stroke:var(--edge)}svg.plot .strong{fill:var(--text)}
footer{color:var(--soft);font-size:13px;margin-top:16px}
"""

FRAME = """<!doctype html>
<html lang="{{ language }}" data-theme="{{ theme }}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
{% block head %}{% endblock %}<link rel="icon" href="data:,">
<title>{{ t.title }} · {{ project }}</title><style>{{ style|safe }}</style></head>
<body><header>
{% if has_logo %}<img src="/static/images/SIDEL.png" alt="SIDEL">{% else %}<span class="word">SIDEL</span>{% endif %}
<h1>{{ t.title }}</h1><div class="project">{{ t.project }} <strong>{{ project }}</strong></div></header>
<main>{% block main %}{% endblock %}
{% if saved_at %}<footer>{{ t.saved }} · {{ saved_at }}</footer>{% endif %}</main></body></html>
"""

PROBLEM = """{% extends "frame.html" %}{% block main %}
<div class="panel"><p>{{ t.err_page }}</p><p><a href="/">{{ t.back }}</a></p></div>{% endblock %}
"""

# Macros for fields, for templates that do without Script.form.
FIELDS = """
{% macro number(name, label, unit) %}<div class="{{ 'wrong' if errors[name] }}"><label for="{{ name }}">{{ label }}</label>
<div class="unit"><input type="text" inputmode="decimal" autocomplete="off" id="{{ name }}" name="{{ name }}" value="{{ inputs[name] }}"
{%- if errors[name] %} aria-invalid="true" aria-describedby="{{ name }}-error"{% endif %}>{% if unit %}<span>{{ unit }}</span>{% endif %}</div>
{% if errors[name] %}<p class="message" id="{{ name }}-error">{{ errors[name] }}</p>{% endif %}</div>{% endmacro %}
{% macro choice(name, label, options) %}<div class="{{ 'wrong' if errors[name] }}"><label for="{{ name }}">{{ label }}</label>
<select id="{{ name }}" name="{{ name }}"{% if errors[name] %} aria-invalid="true" aria-describedby="{{ name }}-error"{% endif %}>{% for value, text in options %}<option value="{{ value }}"{{ ' selected' if value == inputs[name] }}>{{ text }}</option>{% endfor %}</select>
{% if errors[name] %}<p class="message" id="{{ name }}-error">{{ errors[name] }}</p>{% endif %}</div>{% endmacro %}
{% macro flag(name, label) %}<div class="{{ 'wrong' if errors[name] }}"><label class="check"><input type="checkbox" name="{{ name }}" value="true"{{ ' checked' if inputs[name] == 'true' }}
{%- if errors[name] %} aria-invalid="true" aria-describedby="{{ name }}-error"{% endif %}>{{ label }}</label>
{% if errors[name] %}<p class="message" id="{{ name }}-error">{{ errors[name] }}</p>{% endif %}</div>{% endmacro %}
{% macro text(name, label) %}<div class="{{ 'wrong' if errors[name] }}"><label for="{{ name }}">{{ label }}</label>
<input type="text" autocomplete="off" id="{{ name }}" name="{{ name }}" value="{{ inputs[name] }}"{% if errors[name] %} aria-invalid="true" aria-describedby="{{ name }}-error"{% endif %}>
{% if errors[name] %}<p class="message" id="{{ name }}-error">{{ errors[name] }}</p>{% endif %}</div>{% endmacro %}
"""

# ---- Plots ----


def nice_ticks(low: float, high: float, count: int = 5) -> list[float]:
    """Round numbers that cover low…high, about `count` of them."""
    if high - low <= 1e-12 * max(1.0, abs(low), abs(high)):
        low, high = low - 0.5 * max(1.0, abs(low) * 0.1), high + 0.5 * max(1.0, abs(high) * 0.1)
    raw = (high - low) / count
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= raw * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [index * step for index in range(first, last + 1)]


class Plot:
    """An SVG line plot of 720 × 340 whose colours follow the page's theme."""

    left, right, top, bottom = 64, 704, 16, 292

    def __init__(self, title: str, x_label: str, y_label: str, x_range: tuple[float, float], y_range: tuple[float, float], language: str = "en") -> None:
        self.title, self.x_label, self.y_label, self.language = title, x_label, y_label, language
        self.x_low, self.x_high = x_range
        self.x_marks = x_range  # the part of the axis that has ticks
        self.y_ticks = nice_ticks(*y_range)
        self.y_low, self.y_high = self.y_ticks[0], self.y_ticks[-1]
        self.under, self.over = [], []

    def x(self, value: float) -> float:
        return self.left + (value - self.x_low) / (self.x_high - self.x_low) * (self.right - self.left)

    def y(self, value: float) -> float:
        return self.bottom - (value - self.y_low) / (self.y_high - self.y_low) * (self.bottom - self.top)

    def line(self, points: Iterable[tuple[float, float]], color: str = "--c1", dash: str = "") -> None:
        path = " ".join(f"{self.x(x):.1f},{self.y(y):.1f}" for x, y in points)
        dashes = f' stroke-dasharray="{dash}"' if dash else ""
        self.over.append(f'<polyline points="{path}" fill="none" style="stroke:var({color})" stroke-width="2.5" stroke-linejoin="round"{dashes}/>')

    def dot(self, x: float, y: float, color: str = "--c1") -> None:
        self.over.append(f'<circle cx="{self.x(x):.1f}" cy="{self.y(y):.1f}" r="4" style="fill:var({color})" stroke="none"/>')

    def band(self, x1: float, x2: float, label: str, shaded: bool) -> None:
        left, right = self.x(x1), self.x(x2)
        if shaded:
            self.under.append(f'<rect x="{left:.1f}" y="{self.top}" width="{right - left:.1f}" height="{self.bottom - self.top}" style="fill:var(--mark)"/>')
        # A letter is about 7 units wide; a label that does not fit is left out.
        if right - left > 7 * len(label) + 4:
            self.over.append(f'<text class="strong" x="{(left + right) / 2:.1f}" y="{self.top + 16}" text-anchor="middle">{html.escape(label)}</text>')

    def legend(self, entries: Iterable[tuple[str, str, str]]) -> None:
        x = self.left + 12
        for label, color, dash in entries:
            dashes = f' stroke-dasharray="{dash}"' if dash else ""
            self.over.append(f'<line x1="{x}" x2="{x + 24}" y1="{self.top + 10}" y2="{self.top + 10}" style="stroke:var({color})" stroke-width="2.5"{dashes}/>'
                             f'<text class="strong" x="{x + 30}" y="{self.top + 14}">{html.escape(label)}</text>')
            x += 52 + 7 * len(label)

    def svg(self) -> str:
        parts = [f'<svg class="plot" viewBox="0 0 720 340" role="img" aria-label="{html.escape(self.title)}">', *self.under]
        for tick in self.y_ticks:
            parts.append(f'<line class="grid" x1="{self.left}" x2="{self.right}" y1="{self.y(tick):.1f}" y2="{self.y(tick):.1f}"/>'
                         f'<text x="{self.left - 8}" y="{self.y(tick) + 4:.1f}" text-anchor="end">{show(round(tick, 9), 6, self.language)}</text>')
        for tick in nice_ticks(self.x_low, self.x_high, 8):
            if self.x_marks[0] - 1e-9 <= tick <= self.x_marks[1] + 1e-9:
                parts.append(f'<line class="axis" x1="{self.x(tick):.1f}" x2="{self.x(tick):.1f}" y1="{self.bottom}" y2="{self.bottom + 5}"/>'
                             f'<text x="{self.x(tick):.1f}" y="{self.bottom + 20}" text-anchor="middle">{show(round(tick, 9), 6, self.language)}</text>')
        parts.append(f'<line class="axis" x1="{self.left}" x2="{self.right}" y1="{self.bottom}" y2="{self.bottom}"/>')
        parts.append(f'<text class="strong" x="{(self.left + self.right) / 2}" y="334" text-anchor="middle">{html.escape(self.x_label)}</text>')
        middle = (self.top + self.bottom) / 2
        parts.append(f'<text class="strong" transform="translate(14 {middle}) rotate(-90)" text-anchor="middle">{html.escape(self.y_label)}</text>')
        return "".join(parts + self.over) + "</svg>"

# ---- Scripts with a form and a result ----


@dataclass(frozen=True)
class Number:
    """A number that a person enters, with a point or a comma; the function gets a float, or an int where `whole`."""

    name: str
    label: Words
    unit: str = ""
    default: float = 0.0
    low: float = -1e300
    high: float = 1e300
    whole: bool = False

    def read(self, form: Mapping[str, Any], errors: dict[str, str], texts: Mapping[str, str], language: str) -> Any:
        value = check_number(texts, errors, form, self.name, self.low, self.high, language)
        if value is None or not self.whole:
            return value
        if value != int(value):
            errors[self.name] = texts["err_whole"]
            return None
        return int(value)

    def shown(self, value: Any, language: str) -> str:
        return field_text(value, language)


@dataclass(frozen=True)
class Choice:
    """One of several values, each with its text; the function gets the value."""

    name: str
    label: Words
    options: Mapping[str, Words]
    default: str = ""

    def read(self, form: Mapping[str, Any], errors: dict[str, str], texts: Mapping[str, str], language: str) -> Any:
        value = str(form.get(self.name, ""))
        if value not in self.options:
            errors[self.name] = texts["err_choice"]
            return None
        return value

    def shown(self, value: Any, _language: str) -> str:
        return str(value) or next(iter(self.options), "")


@dataclass(frozen=True)
class Flag:
    """Yes or no; the function gets a bool."""

    name: str
    label: Words
    default: bool = False

    def read(self, form: Mapping[str, Any], _errors: dict[str, str], _texts: Mapping[str, str], _language: str) -> Any:
        return str(form.get(self.name, "")).lower() == "true"

    def shown(self, value: Any, _language: str) -> str:
        return str(value).lower()


@dataclass(frozen=True)
class Text:
    """A line of text; the function gets a str without spaces around it."""

    name: str
    label: Words
    default: str = ""
    most: int = 200  # characters

    def read(self, form: Mapping[str, Any], errors: dict[str, str], texts: Mapping[str, str], _language: str) -> Any:
        value = str(form.get(self.name, "")).strip()
        if len(value) > self.most:
            errors[self.name] = texts["err_text"].format(most=self.most)
            return None
        return value

    def shown(self, value: Any, _language: str) -> str:
        return str(value)


Field = Union[Number, Choice, Flag, Text]


class FieldErrors(ValueError):
    """What a calculation finds wrong with fields, by name: told at the field, as a wrong number is.

    raise FieldErrors(outer={"en": "The outer diameter must be larger than the inner one.", …})
    """

    def __init__(self, **messages: Words) -> None:
        super().__init__("; ".join(f"{name}: {in_language(words, 'en')}" for name, words in messages.items()))
        self.messages = messages


@dataclass
class Result:
    """What a page shows of a calculation.

    A figure is a number, a text, or a number with its unit: (1.5, "kW"). A cell
    of a row is a number or a text. Names of figures and columns may be keys of
    the texts in `locales`. `plot` is what Plot.svg() gives, or several of them
    one after the other. `source` says where the formulas come from.
    """

    figures: Mapping[str, Any] = field(default_factory=dict)
    plot: str = ""
    columns: Sequence[str] = ()
    rows: Sequence[Sequence[Any]] = ()
    note: str = ""
    source: Words = ""


FORM = """{% extends "frame.html" %}{% block main %}""" + FIELDS + """
{% if lead %}<p class="lead">{{ lead }}</p>{% endif %}
<div class="columns"><form class="panel" method="post" novalidate><h2>{{ t.inputs }}</h2>
{% if errors %}<p class="alert" role="alert">{{ failure or t.err_check }}</p>{% endif %}
<div class="fields">{% for f in fields %}
{% if f.kind == "Number" %}{{ number(f.name, f.label, f.unit) }}
{% elif f.kind == "Choice" %}{{ choice(f.name, f.label, f.options) }}
{% elif f.kind == "Flag" %}{{ flag(f.name, f.label) }}
{% else %}{{ text(f.name, f.label) }}{% endif %}{% endfor %}</div>
<div class="actions"><button>{{ t.calculate }}</button></div></form>
<section class="panel" aria-live="polite"><h2>{{ t.results }}</h2>
{% if result %}
{% if result.figures %}<dl class="figures">{% for name, value, unit in result.figures %}<div><dt>{{ name }}</dt><dd>{{ value }} {{ unit }}</dd></div>{% endfor %}</dl>{% endif %}
{% if result.plot %}{{ result.plot|safe }}{% endif %}
{% if result.rows %}<div class="scroll"><table>{% if result.columns %}<thead><tr>{% for name in result.columns %}<th>{{ name }}</th>{% endfor %}</tr></thead>{% endif %}
<tbody>{% for row in result.rows %}<tr>{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>{% endfor %}</tbody></table></div>{% endif %}
{% if result.note %}<p class="note">{{ result.note }}</p>{% endif %}
{% if result.source %}<p class="note">{{ t.source }}: {{ result.source }}</p>{% endif %}
{% else %}<p class="note">–</p>{% endif %}</section></div>{% endblock %}
"""


class Script:
    """A script with a page: its arguments, its texts, its Flask app.

    `title`, `lead` and the labels are texts, or one for each language.
    """

    def __init__(self, title: Words, lead: Words = "", argv: Sequence[str] | None = None) -> None:
        self.name = os.path.splitext(os.path.basename(script_file()))[0]
        install_stop_handler(self.name)
        self._argv = argv
        self._title, self._lead = title, lead
        self._texts = translations()
        self.arguments, _ = _contract(()).parse_known_args(argv)  # the form knows the rest
        self.language: str = self.arguments.language
        self.data_dir: str = self.arguments.data_dir
        self.execution_id: str = os.environ.get("SCRIPTSMANAGER_EXECUTION_ID", "")
        self.logo: str = os.environ.get("SCRIPTSMANAGER_LOGO", "")  # a path, "" where none was given
        self.brand_css: str = os.environ.get("SCRIPTSMANAGER_BRAND_CSS", "")  # likewise
        self.parameters_file: str = os.environ.get("SCRIPTSMANAGER_PARAMETERS", "")  # likewise
        self.locales: str = locales_folder()
        self.app: Any = None  # the Flask app, once there is a form

    def text(self, words: Words) -> str:
        """A text in the person's language; a key of the files in `locales` gives what stands there."""
        if isinstance(words, str) and words in self._texts:
            words = self._texts[words]
        return in_language(words, self.language)

    def form(self, *fields: Field) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Makes the function the script's page.

        It is called with the fields' values by name, and gives a Result or its
        figures. FieldErrors of it are told at the fields, any other ValueError
        above the form. The inputs are kept
        in the project, and are there again at the next start.
        """

        def decorate(calculate: Callable[..., Any]) -> Callable[..., Any]:
            self._serve_form(fields, calculate)
            return calculate

        return decorate

    def run(self) -> None:
        """Serves the page until the script is asked to end."""
        if self.app is None:
            raise SystemExit("The script has no form: put @script.form(...) before a function.")
        print(f"{self.text(self._title)}: project {self.arguments.project_name}, files in {self.data_dir}", flush=True)
        self.app.run(host="127.0.0.1", port=self.arguments.port, threaded=True, use_reloader=False)

    def _serve_form(self, fields: Sequence[Field], calculate: Callable[..., Any]) -> None:
        names = tuple(f.name for f in fields)
        _, parameters = parse_arguments(self._argv, names)
        app, texts = make_app(self.arguments, {**{key: dict(text) for key, text in self._texts.items()}, "title": {self.language: self.text(self._title)}}, FORM)
        self.app = app
        from flask import jsonify, redirect, render_template, request

        language, arguments = self.language, self.arguments
        store, lock = Store(self.data_dir, self.name + ".json"), threading.Lock()
        state = store.load()
        asked = dict(parameters)
        given = starting_inputs({f.name: f.default for f in fields}, state, asked)
        inputs = {f.name: f.shown(given[f.name], language) for f in fields}
        shown_fields = [
            {
                "kind": type(f).__name__,
                "name": f.name,
                "label": self.text(f.label),
                "unit": getattr(f, "unit", ""),
                "options": [(value, self.text(words)) for value, words in f.options.items()] if isinstance(f, Choice) else [],
            }
            for f in fields
        ]

        def work(entered: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str], Result | None]:
            errors: dict[str, str] = {}
            values = {f.name: f.read(entered, errors, texts, language) for f in fields}
            if errors:
                return values, errors, None
            try:
                made = calculate(**values)
            except FieldErrors as error:
                known = {name: self.text(words) for name, words in error.messages.items() if name in names}
                # What is said of no field of this form is said above it.
                rest = [self.text(words) for name, words in error.messages.items() if name not in names]
                return values, {**known, **({"": " ".join(rest)} if rest else {})}, None
            except ValueError as error:
                print(f"not calculated: {error}", file=sys.stderr, flush=True)
                return values, {"": texts["not_calculated"].format(reason=error)}, None
            return values, {}, made if isinstance(made, Result) else Result(figures=made)

        def keep(values: Mapping[str, Any]) -> None:
            state.update(inputs=dict(values), started_with=asked, saved_at=time.strftime("%Y-%m-%d %H:%M"))
            store.save(state)

        def page(entered: Mapping[str, Any], errors: Mapping[str, str], result: Result | None) -> Any:
            status = 422 if errors and request.method == "POST" else 200
            return (
                render_template(
                    "page.html",
                    lead=self.text(self._lead),
                    fields=shown_fields,
                    inputs=entered,
                    errors=errors,
                    failure=errors.get("", ""),
                    result=self._shown(result) if result else None,
                    saved_at=state.get("saved_at"),
                ),
                status,
            )

        @app.get("/")
        def index() -> Any:
            with lock:
                _, errors, result = work(inputs)
                return page(inputs, errors, result)

        @app.post("/")
        def submit() -> Any:
            entered = {f.name: request.form.get(f.name, "")[:10000] for f in fields}
            with lock:
                values, errors, result = work(entered)
                if errors:
                    return page(entered, errors, result)
                inputs.update({f.name: f.shown(values[f.name], language) for f in fields})
                keep(values)
            return redirect("/", 303)

        @app.get("/api/config")
        def config() -> Any:
            with lock:
                return jsonify({f.name: f.read(inputs, {}, texts, language) for f in fields})

        @app.post("/api/config")
        def set_config() -> Any:
            body = request.get_json(silent=True)
            if not isinstance(body, dict):
                return jsonify(errors={"": texts["err_object"]}), 400
            with lock:
                entered = {**inputs, **{f.name: f.shown(body[f.name], language) for f in fields if f.name in body}}
                values, errors, _ = work(entered)
                if errors:
                    return jsonify(errors=errors), 422
                inputs.update({f.name: f.shown(values[f.name], language) for f in fields})
                keep(values)
            return jsonify(status="success")

        @app.get("/api/project-info")
        def project_info() -> Any:
            return jsonify(
                project_id=arguments.project_id,
                project_name=arguments.project_name,
                user_level=arguments.user_level,
                theme=arguments.theme,
                language=language,
            )

    def _shown(self, result: Result) -> dict[str, Any]:
        def cell(value: Any) -> str:
            return show(value, 4, self.language) if isinstance(value, (int, float)) and not isinstance(value, bool) else str(value)

        figures = []
        for name, value in result.figures.items():
            number, unit = value if isinstance(value, tuple) else (value, "")
            figures.append((self.text(name), cell(number), unit))
        return {
            "figures": figures,
            "plot": result.plot,
            "columns": [self.text(name) for name in result.columns],
            "rows": [[cell(value) for value in row] for row in result.rows],
            "note": result.note,
            "source": self.text(result.source),
        }
