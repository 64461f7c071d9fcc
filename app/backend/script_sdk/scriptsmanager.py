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
import numbers
import os
import signal
import sys
import tempfile
import threading
import time
import traceback
from dataclasses import dataclass, field, replace
from typing import Any, Callable, Iterable, Iterator, Mapping, Sequence, Union

__all__ = [
    "COMMON_TEXTS",
    "FIELDS",
    "LANGUAGES",
    "Choice",
    "FieldErrors",
    "Flag",
    "Heading",
    "Number",
    "Plot",
    "Result",
    "Rows",
    "Script",
    "Store",
    "Table",
    "Text",
    "bar_plot",
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
    "serve",
    "show",
    "starting_inputs",
    "translations",
    "waterfall_plot",
]

LANGUAGES = ("en", "es", "it", "fr")

# A text as it is, or one for each language: {"en": "Height", "it": "Altezza"}.
Words = Union[str, Mapping[str, str]]

COMMON_TEXTS = {
    "project": {"en": "Project", "es": "Proyecto", "it": "Progetto", "fr": "Projet"},
    "inputs": {"en": "Inputs", "es": "Datos de entrada", "it": "Dati di ingresso", "fr": "Données d’entrée"},
    "results": {"en": "Results", "es": "Resultados", "it": "Risultati", "fr": "Résultats"},
    "calculate": {"en": "Calculate", "es": "Calcular", "it": "Calcola", "fr": "Calculer"},
    "saved": {"en": "Saved in this project", "es": "Guardado en este proyecto", "it": "Salvato in questo progetto", "fr": "Enregistré dans ce projet"},
    "err_number": {"en": "Enter a number, without thousands separators.", "es": "Introduzca un número, sin separadores de miles.", "it": "Inserire un numero, senza separatori delle migliaia.", "fr": "Saisissez un nombre, sans séparateur de milliers."},
    "err_range": {"en": "Enter a value from {low} to {high}.", "es": "Introduzca un valor entre {low} y {high}.", "it": "Inserire un valore da {low} a {high}.", "fr": "Saisissez une valeur de {low} à {high}."},
    "err_check": {"en": "Some values need to be corrected. They are marked below.", "es": "Hay valores que corregir. Están marcados abajo.", "it": "Alcuni valori sono da correggere. Sono evidenziati sotto.", "fr": "Certaines valeurs sont à corriger. Elles sont signalées ci-dessous."},
    "err_page": {"en": "This page does not exist or the request was refused.", "es": "Esta página no existe o la petición fue rechazada.", "it": "Questa pagina non esiste o la richiesta è stata rifiutata.", "fr": "Cette page n’existe pas ou la requête a été refusée."},
    "source": {"en": "Source", "es": "Fuente", "it": "Fonte", "fr": "Source"},
    "back": {"en": "Back to the script", "es": "Volver al script", "it": "Torna allo script", "fr": "Retour au script"},
    "not_calculated": {"en": "Not calculated: {reason}", "es": "No se ha calculado: {reason}", "it": "Calcolo non eseguito: {reason}", "fr": "Calcul non effectué : {reason}"},
    "err_choice": {"en": "Choose one of the values.", "es": "Elija uno de los valores.", "it": "Scegliere uno dei valori.", "fr": "Choisissez l’une des valeurs."},
    "err_whole": {"en": "Enter a whole number.", "es": "Introduzca un número entero.", "it": "Inserire un numero intero.", "fr": "Saisissez un nombre entier."},
    "err_text": {"en": "Enter a text of at most {most} characters.", "es": "Introduzca un texto de {most} caracteres como máximo.", "it": "Inserire un testo di al massimo {most} caratteri.", "fr": "Saisissez un texte de {most} caractères au plus."},
    "failed": {"en": "The script failed: {error} ({place}).", "es": "El script ha fallado: {error} ({place}).", "it": "Lo script non è riuscito: {error} ({place}).", "fr": "Le script a échoué : {error} ({place})."},
    "failed_line": {"en": "{file}, line {line}", "es": "{file}, línea {line}", "it": "{file}, riga {line}", "fr": "{file}, ligne {line}"},
    "failed_hint": {"en": "The whole traceback is in the log. Correct the script, save it and run it again.", "es": "La traza completa está en el registro. Corrija el script, guárdelo y ejecútelo de nuevo.", "it": "Il traceback completo è nel registro. Correggere lo script, salvarlo ed eseguirlo di nuovo.", "fr": "La trace complète est dans le journal. Corrigez le script, enregistrez-le et relancez-le."},
    "add_row": {"en": "Add row", "es": "Añadir fila", "it": "Aggiungi riga", "fr": "Ajouter une ligne"},
    "remove_row": {"en": "Remove", "es": "Quitar", "it": "Rimuovi", "fr": "Retirer"},
    "row": {"en": "Row", "es": "Fila", "it": "Riga", "fr": "Ligne"},
    "err_rows": {"en": "Enter {least} to {most} rows.", "es": "Introduzca de {least} a {most} filas.", "it": "Inserire da {least} a {most} righe.", "fr": "Saisissez de {least} à {most} lignes."},
    "err_start": {"en": "{name}: what was given at the start cannot be read; the saved values are shown.", "es": "{name}: lo indicado al inicio no se puede leer; se muestran los valores guardados.", "it": "{name}: quanto indicato all’avvio non è leggibile; si mostrano i valori salvati.", "fr": "{name} : ce qui a été indiqué au démarrage est illisible ; les valeurs enregistrées sont affichées."},
    "err_object": {"en": "A JSON object with the inputs is expected.", "es": "Se espera un objeto JSON con los datos de entrada.", "it": "È atteso un oggetto JSON con i dati di ingresso.", "fr": "Un objet JSON avec les données d’entrée est attendu."},
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


def _plain(value: Any) -> str:
    """A value as a text that can be shown and saved: JSON and arguments may hold halves of characters."""
    return str(value).encode("utf-8", "replace").decode("utf-8")


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
    version. It stands in the file as "version", a key that the contents must not have. What a newer script has written is left alone: saving then keeps a
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
        except (OSError, ValueError, RecursionError) as error:
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
        if "version" in value:
            raise ValueError('"version" is kept by the Store itself: name this value otherwise')
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


def starting_inputs(defaults: Mapping[str, Any], saved: Mapping[str, Any], parameters: Mapping[str, Any], optional: Iterable[str] = ()) -> dict[str, Any]:
    """Inputs to begin with: what was saved, unless the parameters differ from the last start's.

    The `optional` ones may have been saved as None, which is what they are then.
    """
    inputs, last, empty = dict(defaults), saved.get("inputs"), set(optional)

    def written(name: str, value: Any) -> bool:
        """A value of another kind than the default was not written by this script."""
        return name in defaults and (name in empty if value is None else isinstance(value, (str, int, float, type(defaults[name]))))

    if isinstance(last, dict):
        inputs.update({name: value for name, value in last.items() if written(name, value)})
    if parameters and parameters != saved.get("started_with"):
        inputs.update({name: value for name, value in parameters.items() if name in defaults})
    return inputs


def parse_number(text: Any) -> float:
    """Read a decimal number written with a point or a comma; ValueError for all else."""
    text = str(text).strip().replace("\u2212", "-").replace(",", ".")
    if "_" in text:  # Python's own separator of thousands
        raise ValueError("not a number")
    value = float(text)
    if not math.isfinite(value):
        raise ValueError("not finite")
    return value


def show(value: float | None, digits: int = 4, language: str = "en") -> str:
    """Write a number with that many significant digits and the language's decimal sign."""
    if value is None:
        return "–"
    text = f"{value:.{digits}g}"
    # Rounding may have made it as large: 9999.9 is 10000.
    if 10**digits <= abs(float(text)) < 1e12:
        text = f"{value:.0f}"
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
    """What an input field shows for a stored value: a number with all its digits, since it is read again."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return _plain(value)
    try:
        text = f"{value:.10g}"
        text = text if float(text) == value else str(value)
    except OverflowError:  # a whole number beyond all floats
        text = str(value)
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

    @app.errorhandler(400)
    @app.errorhandler(404)
    @app.errorhandler(405)
    @app.errorhandler(413)
    def missing(error):
        return render_template("problem.html"), error.code

    @app.errorhandler(500)
    def failed(error):
        # Flask has written the traceback to the log already.
        return render_template("problem.html", failure=failure_text(getattr(error, "original_exception", None) or error, words)), 500

    return app, words


def failure_text(error: BaseException, texts: Mapping[str, str]) -> str:
    """What went wrong in the script and on which of its own lines, for the person in front of the page."""
    folder = os.path.dirname(script_file())
    place = ""
    for frame in traceback.extract_tb(error.__traceback__):
        if os.path.dirname(os.path.abspath(frame.filename)) == folder:
            place = texts["failed_line"].format(file=os.path.basename(frame.filename), line=frame.lineno) + (f": {frame.line}" if frame.line else "")
    told = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return texts["failed"].format(error=told, place=place or os.path.basename(script_file()))


def serve(create_app: Callable[[argparse.Namespace, dict[str, Any]], Any], parameters: Sequence[str] = (), argv: Sequence[str] | None = None) -> None:
    """Runs a page of one's own until the script is asked to end.

    `create_app` is given the arguments and the values of the named parameters,
    and makes the Flask app, as `make_app` does.
    """
    name = os.path.splitext(os.path.basename(script_file()))[0]
    install_stop_handler(name)
    arguments, values = parse_arguments(argv, parameters)
    app = create_app(arguments, values)
    print(f"{name}: project {arguments.project_name}, files in {arguments.data_dir}", flush=True)
    app.run(host="127.0.0.1", port=arguments.port, threaded=True, use_reloader=False)


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
.scroll{overflow-x:auto;position:relative}table{border-collapse:collapse;width:100%;font-size:14px;font-variant-numeric:tabular-nums}
th,td{padding:6px 10px;border-bottom:1px solid var(--line);text-align:right;white-space:nowrap}
th{font-size:13px;font-weight:600;color:var(--soft)}th:first-child,td:first-child{text-align:left;padding-left:0}
td.text,th.text{text-align:left;white-space:normal;min-width:8em}tr.total td{font-weight:600;border-bottom:0}
svg.plot{display:block;width:100%;height:auto;margin:4px 0 16px}svg.plot text{fill:var(--soft);font-size:13px;font-family:inherit}
svg.plot .grid{stroke:var(--line)}svg.plot .axis{stroke:var(--edge)}svg.plot .strong{fill:var(--text)}
footer{color:var(--soft);font-size:13px;margin-top:16px}a{color:var(--brand)}
[hidden]{display:none!important}.stacked{display:grid;gap:20px;grid-template-columns:minmax(0,1fr)}.stacked>.panel{margin:0}
form>div>.fields+.fields,form>div+div>.fields{margin-top:12px}h2+div>h3,h2+.hidden+div>h3{margin-top:0}
.parts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,480px),1fr));gap:0 32px;align-items:start}.parts h3{margin-top:12px}.parts svg.plot{max-width:840px}
.verdict{margin:0 0 8px;color:var(--good)}.verdict.over{color:var(--bad)}
.entries{table-layout:fixed}.entries th,.entries td{border:0;padding:3px 8px 3px 0;text-align:left;white-space:normal;vertical-align:top}
.entries th{vertical-align:bottom}.entries .last{width:44px;padding-right:0}.entries input{padding:6px 8px}.entries [list]::-webkit-calendar-picker-indicator{display:none!important}
.entries .check{min-height:36px}
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
<div class="panel">{% if failure %}<p class="alert" role="alert">{{ failure }}</p><p>{{ t.failed_hint }}</p>{% else %}<p>{{ t.err_page }}</p>{% endif %}<p><a href="/">{{ t.back }}</a></p></div>{% endblock %}
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
        if x_range[1] == x_range[0]:  # a single point stands in the middle
            x_range = x_range[0] - 0.5, x_range[0] + 0.5
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

    def bar(self, x1: float, x2: float, value: float, color: str = "--c1", label: str = "") -> None:
        """A bar from the zero line, or the plot's edge, to the value; the label shows where the pointer rests."""
        left, right = self.x(x1), self.x(x2)
        ends = sorted((self.y(value), self.y(min(max(0.0, self.y_low), self.y_high))))
        told = f"<title>{html.escape(label)}</title>" if label else ""
        self.over.append(f'<rect x="{left:.2f}" y="{ends[0]:.1f}" width="{max(0.5, right - left):.2f}" height="{ends[1] - ends[0]:.1f}" style="fill:var({color})">{told}</rect>')

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


def _row_plot(title: str, rows: Sequence[tuple[str, float, float, str, str, bool]]) -> str:
    """Bars that lie, one below the other: (label, from, to, value as a text, colour, whether the next one begins at its end)."""
    edges = [edge for _, start, end, _, _, _ in rows for edge in (start, end)] + [0.0]
    low, high = min(edges), max(edges)
    # A letter is about 7 units wide. What is written behind the longest bar needs its place.
    left, right = 236.0 + (7 * max((len(text) for _, _, _, text, _, _ in rows), default=0) if low < 0 else 0), 700.0 - 7.5 * max((len(text) for _, _, _, text, _, _ in rows), default=0)
    scale = (right - left) / (high - low or 1.0)
    height = 27 * len(rows) + 6
    zero = left - scale * low
    parts = [f'<svg class="plot" viewBox="0 0 720 {height}" role="img" aria-label="{html.escape(title)}">', f'<line class="axis" x1="{zero:.1f}" x2="{zero:.1f}" y1="0" y2="{height}"/>']
    for index, (label, start, end, text, color, joined) in enumerate(rows):
        y, x1, x2 = 27 * index + 3, left + scale * (min(start, end) - low), left + scale * (max(start, end) - low)
        short = label if len(label) <= 32 else label[:31] + "…"
        behind = end >= start or end >= 0
        parts.append(
            f'<g><title>{html.escape(label)}: {html.escape(text)}</title><text class="strong" x="226" y="{y + 15}" text-anchor="end">{html.escape(short)}</text>'
            f'<rect x="{x1:.1f}" y="{y}" width="{max(1.0, x2 - x1):.1f}" height="20" style="fill:var({color})"/>'
            f'<text x="{x2 + 8 if behind else x1 - 8:.1f}" y="{y + 15}" text-anchor="{"start" if behind else "end"}">{html.escape(text)}</text></g>'
        )
        if joined and index + 1 < len(rows):
            at = left + scale * (end - low)
            parts.append(f'<line class="axis" x1="{at:.1f}" x2="{at:.1f}" y1="{y + 20}" y2="{y + 27}"/>')
    return "".join(parts) + "</svg>"


def bar_plot(title: str, bars: Iterable[tuple[str, float]], unit: str = "", language: str = "en", decimals: int = 1, color: str = "--c1") -> str:
    """Lying bars as SVG, one for each (label, value), with the value and its unit behind each.

    They stand as they are given: sort them to show what is largest.
    """
    return _row_plot(title, [(label, 0.0, value, f"{fixed(value, decimals, language)} {unit}".strip(), color, False) for label, value in bars])


def waterfall_plot(title: str, steps: Iterable[tuple[str, float | None]], unit: str = "", language: str = "en", decimals: int = 1) -> str:
    """What a whole comes to, step by step, as SVG: each bar begins where the one before it ended.

    A step is (label, change); (label, None) shows what is left so far:

    waterfall_plot("Time", [("Shift", 480), ("Breaks", -60), ("Planned", None), ("Jam", -47), ("Running", None)], "min")
    """
    rows, level = [], 0.0
    for index, (label, change) in enumerate(steps):
        whole = change is None or index == 0
        before, level = (0.0 if whole else level), (level if change is None else level + change)
        color = "--c1" if whole else "--c2" if level < before else "--c3"
        rows.append((label, before, level, f"{fixed(level if whole else change, decimals, language)} {unit}".strip(), color, True))
    return _row_plot(title, rows)


# ---- Scripts with a form and a result ----


def _condition() -> Any:
    return field(default_factory=dict)


@dataclass(frozen=True)
class Number:
    """A number that a person enters, with a point or a comma; the function gets a float, or an int where `whole`.

    Where it is `optional` the field may stay empty, and the function gets None.
    As every field, it is shown only where others have certain values:
    depends_on={"kind": "pin"}, or {"kind": ["pin", "disc"]}, or {"table": True}.
    Where it is not shown the function gets what it held last, or what an option
    of a Choice fills in.
    """

    name: str
    label: Words
    unit: str = ""
    default: float | None = 0.0
    low: float = -1e300
    high: float = 1e300
    whole: bool = False
    optional: bool = False
    depends_on: Mapping[str, Any] = _condition()

    def read(self, form: Mapping[str, Any], errors: dict[str, str], texts: Mapping[str, str], language: str) -> Any:
        if self.optional and not str(form.get(self.name, "")).strip():
            return None
        value = check_number(texts, errors, form, self.name, self.low, self.high, language)
        if value is None or not self.whole:
            return value
        if value != int(value):
            errors[self.name] = texts["err_whole"]
            return None
        # A float holds some sixteen digits of it.
        text = str(form.get(self.name, "")).strip().replace("\u2212", "-")
        return int(text) if text.lstrip("+-").isdecimal() else int(value)

    def shown(self, value: Any, language: str) -> str:
        return "" if value is None else field_text(value, language)


@dataclass(frozen=True)
class Choice:
    """One of several values, each with its text; the function gets the value.

    `fills` says what an option puts into other fields: {"steel": {"density": 7850}}.
    An option without it, as "own values", is chosen by itself when one of them is changed.
    A field may be shown for that option alone: it has then what the chosen one fills in.
    """

    name: str
    label: Words
    options: Mapping[str, Words]
    default: str = ""
    fills: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    depends_on: Mapping[str, Any] = _condition()

    def read(self, form: Mapping[str, Any], errors: dict[str, str], texts: Mapping[str, str], language: str) -> Any:
        value = str(form.get(self.name, ""))
        if value not in self.options:
            errors[self.name] = texts["err_choice"]
            return None
        return value

    def shown(self, value: Any, _language: str) -> str:
        return _plain(value) or next(iter(self.options), "")

    @property
    def own(self) -> str:
        """The first option that fills nothing."""
        return next((option for option in self.options if self.fills and option not in self.fills), "")

    def settled(self, values: Mapping[str, Any]) -> Any:
        """The option that what was entered belongs to."""
        chosen = values[self.name]

        def fits(option: str) -> bool:
            return all(values.get(name) == value for name, value in self.fills[option].items())

        if not self.fills or (chosen in self.fills and fits(chosen)):
            return chosen
        return next((option for option in self.fills if fits(option)), self.own or chosen)


@dataclass(frozen=True)
class Flag:
    """Yes or no; the function gets a bool."""

    name: str
    label: Words
    default: bool = False
    depends_on: Mapping[str, Any] = _condition()

    def read(self, form: Mapping[str, Any], _errors: dict[str, str], _texts: Mapping[str, str], _language: str) -> Any:
        return str(form.get(self.name, "")).lower() == "true"

    def shown(self, value: Any, _language: str) -> str:
        return str(value).lower()


@dataclass(frozen=True)
class Text:
    """A line of text; the function gets a str without spaces around it.

    `fills` are proposals with what each puts into other fields, as for a Choice.
    """

    name: str
    label: Words
    default: str = ""
    most: int = 200  # characters
    fills: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    depends_on: Mapping[str, Any] = _condition()

    def read(self, form: Mapping[str, Any], errors: dict[str, str], texts: Mapping[str, str], _language: str) -> Any:
        value = _plain(form.get(self.name, "")).strip()
        if len(value) > self.most:
            errors[self.name] = texts["err_text"].format(most=self.most)
            return None
        return value

    def shown(self, value: Any, _language: str) -> str:
        return "" if value is None else _plain(value)


@dataclass(frozen=True)
class Rows:
    """A table of inputs, with a row for each thing there is; the function gets a list of dicts.

    Rows("layers", "Layers", [Text("name", "Material"), Number("thickness", "Thickness, mm", low=0.1)], default=[{"name": "Brick", "thickness": 200}])

    Rows are added and taken away in the page; a new one holds what `new` says,
    else the columns' defaults, and the table begins with new ones where `default`
    has fewer than `least`. `new` may be a function that makes it of the rows
    above, each a dict of what was entered, as text. A parameter of that name is
    a list of objects.
    """

    name: str
    label: Words
    columns: Sequence[Union[Number, Choice, Flag, Text]]
    default: Sequence[Mapping[str, Any]] = ()
    least: int = 1
    most: int = 12
    new: Union[Mapping[str, Any], Callable[[Sequence[Mapping[str, str]]], Mapping[str, Any]]] = field(default_factory=dict)
    note: Words = ""
    depends_on: Mapping[str, Any] = _condition()

    def taken(self, value: Any) -> list[dict[str, Any]]:
        """The rows of a parameter or a saved value; ValueError where it is no list of objects, or is too long."""
        rows = json.loads(value) if isinstance(value, str) else value
        if not isinstance(rows, (list, tuple)) or not self.least <= len(rows) <= self.most or not all(isinstance(row, Mapping) for row in rows):
            raise ValueError(f"a list of {self.least} to {self.most} objects is needed")
        return [{column.name: row.get(column.name, column.default) for column in self.columns} for row in rows]

    def fresh(self, above: Sequence[Mapping[str, str]] = ()) -> dict[str, Any]:
        """A new row below others."""
        new = self.new(above) if callable(self.new) else self.new
        return {column.name: new.get(column.name, column.default) for column in self.columns}

    def beginning(self) -> list[Mapping[str, Any]]:
        """The rows where nothing was saved or given."""
        return [*self.default, *(self.fresh() for _ in range(self.least - len(self.default)))]

    def shown(self, value: Any, language: str) -> list[dict[str, str]]:
        return [{column.name: column.shown(row[column.name], language) for column in self.columns} for row in self.taken(value)]

    def read(self, form: Mapping[str, Any], errors: dict[str, str], texts: Mapping[str, str], language: str) -> Any:
        rows = form.get(self.name, ())
        if not self.least <= len(rows) <= self.most:
            errors[self.name] = texts["err_rows"].format(least=self.least, most=self.most)
        read = []
        for index, row in enumerate(rows, 1):
            cells = {column.name: replace(column, name=f"{self.name}.{index}.{column.name}") for column in self.columns}
            read.append({name: cell.read({cell.name: row.get(name, "")}, errors, texts, language) for name, cell in cells.items()})
        return read

    def entered(self, form: Mapping[str, str]) -> list[dict[str, str]] | None:
        """The rows of a form that was sent, None where the form has no such table."""
        rows = []
        for index in range(1, self.most + 1):
            start = f"{self.name}.{index}"
            if start in form or any(f"{start}.{column.name}" in form for column in self.columns):
                rows.append({column.name: form.get(f"{start}.{column.name}", "")[:1000] for column in self.columns})
        return rows if rows or self.name in form else None

    def changed(self, rows: list[dict[str, str]], action: str, language: str) -> tuple[list[dict[str, str]], str]:
        """The rows after a button that adds or takes one away, and the field to go on at."""
        what, _, which = action.partition(".")
        name, _, number = which.partition(".")
        if name != self.name:
            return rows, ""
        if what == "add" and len(rows) < self.most:
            fresh, shown = self.fresh(rows), {}
            for column in self.columns:
                shown[column.name] = column.shown(fresh[column.name], language)
            return [*rows, shown], f"{self.name}.{len(rows) + 1}.{self.columns[0].name}"
        if what == "remove" and number.isdecimal() and len(number) < 9 and 1 <= int(number) <= len(rows):
            return [row for index, row in enumerate(rows, 1) if index != int(number)], f"{self.name}.add"
        return rows, ""


@dataclass(frozen=True)
class Heading:
    """A heading between fields; `depends_on` counts for all fields up to the next one."""

    label: Words
    depends_on: Mapping[str, Any] = _condition()


Field = Union[Number, Choice, Flag, Text, Rows]


class FieldErrors(ValueError):
    """What a calculation finds wrong with fields, by name: told at the field, as a wrong number is.

    raise FieldErrors(outer={"en": "The outer diameter must be larger than the inner one.", …})

    A cell of Rows has the name ROWS.NUMBER.COLUMN: FieldErrors(**{"layers.2.thickness": "Too thin"}).
    """

    def __init__(self, **messages: Words) -> None:
        super().__init__("; ".join(f"{name}: {in_language(words, 'en')}" for name, words in messages.items()))
        self.messages = messages


@dataclass
class Table:
    """A table of a result: a cell is a number or a text; `total` sets the last row apart."""

    title: Words
    columns: Sequence[Words]
    rows: Sequence[Sequence[Any]]
    total: bool = False


@dataclass
class Result:
    """What a page shows of a calculation.

    A figure is a number, a text, or a number with its unit: (1.5, "kW"), and
    perhaps a remark: (1.5, "kW", "2 kW at the shaft"). A cell of a row is a
    number or a text. Names of figures and columns may be keys of the texts in
    `locales`. `plot` is what Plot.svg(), bar_plot() or waterfall_plot() give,
    or several of them by their headings. `source` says where the formulas come
    from. `verdict` is a sentence on it, in the colour of what is well, unless
    it is not `good`; `warnings` are further ones. `output` is printed, and
    `values` are kept in the project's file beside the inputs, when a person has
    calculated.
    """

    figures: Mapping[Any, Any] = field(default_factory=dict)
    plot: Union[str, Mapping[str, str]] = ""
    columns: Sequence[str] = ()
    rows: Sequence[Sequence[Any]] = ()
    note: str = ""
    source: Words = ""
    verdict: Words = ""
    good: bool = True
    warnings: Sequence[Words] = ()
    tables: Sequence[Table] = ()
    output: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)


FORM = """{% extends "frame.html" %}{% block main %}""" + FIELDS + """
{% macro cell(f, name, value, label, list) %}{% set e = errors[name] %}<td class="{{ 'wrong' if e }}">
{% if f.kind == "Choice" %}<select id="{{ name }}" name="{{ name }}" aria-label="{{ label }}"{% if e %} aria-invalid="true" aria-describedby="{{ name }}-error"{% endif %}>{% for key, text in f.options %}<option value="{{ key }}"{{ ' selected' if key == value }}>{{ text }}</option>{% endfor %}</select>
{% elif f.kind == "Flag" %}<label class="check"><input type="checkbox" id="{{ name }}" name="{{ name }}" value="true" aria-label="{{ label }}"{{ ' checked' if value == 'true' }}></label>
{% else %}<input type="text" id="{{ name }}" name="{{ name }}" value="{{ value }}" autocomplete="off" aria-label="{{ label }}"{% if f.kind == "Number" %} inputmode="decimal"{% endif %}{% if list %} list="{{ list }}"{% endif %}
{%- if e %} aria-invalid="true" aria-describedby="{{ name }}-error"{% endif %}>{% endif %}
{% if e %}<p class="message" id="{{ name }}-error">{{ e }}</p>{% endif %}</td>{% endmacro %}
{% macro table(f) %}{% if f.label %}<h3>{{ f.label }}</h3>{% endif %}{% if errors[f.name] %}<p class="message" id="{{ f.name }}-error">{{ errors[f.name] }}</p>{% endif %}
<input type="hidden" name="{{ f.name }}" value=""><div class="scroll"><table class="entries" style="min-width:{{ 44 + 84 * f.columns|length }}px"><thead><tr>{% for c in f.columns %}<th scope="col"{% if c.kind in ("Text", "Choice") %} style="width:{{ (200 if c.kind == "Choice" else 160) // (f.columns|length + 1) }}%"{% endif %}>{{ c.label }}{% if c.unit %}, {{ c.unit }}{% endif %}</th>{% endfor %}<th class="last"><span class="hidden">{{ t.remove_row }}</span></th></tr></thead><tbody>
{% for row in inputs[f.name] %}{% set start = f.name ~ "." ~ loop.index %}{% set label = f.label ~ " " ~ loop.index %}<tr data-prefix="{{ start }}.">{% for c in f.columns %}{{ cell(c, start ~ "." ~ c.name, row[c.name], label ~ ": " ~ c.label, f.name ~ "." ~ c.name ~ ".list" if c.fills and c.kind == "Text" else "") }}{% endfor %}
<td class="last"><input type="hidden" name="{{ start }}" value=""><button class="plain icon" name="action" value="remove.{{ start }}" aria-label="{{ t.remove_row }}: {{ label }}" title="{{ t.remove_row }}">✕</button></td></tr>{% endfor %}</tbody></table></div>
{% for c in f.columns if c.fills and c.kind == "Text" %}<datalist id="{{ f.name }}.{{ c.name }}.list">{% for text in c.fills %}<option value="{{ text }}">{% endfor %}</datalist>{% endfor %}
{% if inputs[f.name]|length < f.most %}<div class="actions"><button class="plain" id="{{ f.name }}.add" name="action" value="add.{{ f.name }}">{{ t.add_row }}</button></div>{% endif %}
{% if f.note %}<p class="note">{{ f.note }}</p>{% endif %}{% endmacro %}
{% macro shown_table(title, columns, rows, total) %}<div>{% if title %}<h3>{{ title }}</h3>{% endif %}<div class="scroll" tabindex="0" role="region" aria-label="{{ title or t.results }}"><table>{% if columns %}<thead><tr>{% for name in columns %}<th scope="col"{{ ' class="text"'|safe if loop.first }}>{{ name }}</th>{% endfor %}</tr></thead>{% endif %}
<tbody>{% for row in rows %}<tr{{ ' class="total"'|safe if total and loop.last }}>{% for cell in row %}<td{{ ' class="text"'|safe if loop.first }}>{{ cell }}</td>{% endfor %}</tr>{% endfor %}</tbody></table></div></div>{% endmacro %}
{% if lead %}<p class="lead">{{ lead }}</p>{% endif %}
<div class="{{ 'stacked' if stacked else 'columns' }}"><form class="panel" id="inputs" method="post" action="/" novalidate><h2>{{ t.inputs }}</h2>
{% if errors %}<p class="alert" role="alert">{{ failure or t.err_check }}</p>{% endif %}
<button class="hidden" name="action" value="calculate" tabindex="-1" aria-hidden="true">{{ t.calculate }}</button>
{% for part in sections %}<div{% if part.depends %} data-depends='{{ part.depends|tojson }}'{{ ' hidden' if part.hidden }}{% endif %}>
{% if part.heading %}<h3>{{ part.heading }}</h3>{% endif %}{% if part.rows %}{{ table(part.rows) }}{% else %}
<div class="fields">{% for f in part.fields %}<div{% if f.depends %} data-depends='{{ f.depends|tojson }}'{{ ' hidden' if f.hidden }}{% endif %}{% if f.fills %} data-fills='{{ f.fills|tojson }}' data-own="{{ f.own }}" data-chooser="{{ f.name }}"{% endif %}>
{% if f.kind == "Number" %}{{ number(f.name, f.label, f.unit) }}
{% elif f.kind == "Choice" %}{{ choice(f.name, f.label, f.options) }}
{% elif f.kind == "Flag" %}{{ flag(f.name, f.label) }}
{% else %}{{ text(f.name, f.label) }}{% endif %}</div>{% endfor %}</div>{% endif %}</div>{% endfor %}
<div class="actions"><button name="action" value="calculate">{{ t.calculate }}</button></div></form>
<section class="panel" aria-live="polite"><h2>{{ t.results }}</h2>
{% if result %}
{% if result.figures %}<dl class="figures">{% for name, value, unit, remark in result.figures %}<div><dt>{{ name }}</dt><dd>{{ value }}{% if unit or remark %} <small>{% if unit and remark %}{{ unit }} ({{ remark }}){% else %}{{ unit or remark }}{% endif %}</small>{% endif %}</dd></div>{% endfor %}</dl>{% endif %}
{% if result.verdict %}<p class="verdict {{ '' if result.good else 'over' }}">{{ result.verdict }}</p>{% endif %}
{% for text in result.warnings %}<p class="verdict over">{{ text }}</p>{% endfor %}
<div class="parts">{% for title, svg in result.plots %}<div>{% if title %}<h3>{{ title }}</h3>{% endif %}{{ svg|safe }}</div>{% endfor %}
{% for table in result.tables %}{{ shown_table(*table) }}{% endfor %}</div>
{% if result.note %}<p class="note">{{ result.note }}</p>{% endif %}
{% if result.source %}<p class="note">{{ t.source }}: {{ result.source }}</p>{% endif %}
{% else %}<p class="note">–</p>{% endif %}</section></div>
{% if lively %}<script>
const form = document.getElementById('inputs'), field = name => form.elements[name];
const value = name => field(name).type === 'checkbox' ? String(field(name).checked) : field(name).value;
const settle = () => form.querySelectorAll('[data-depends]').forEach(part => {
  part.hidden = !Object.entries(JSON.parse(part.dataset.depends)).every(([name, wanted]) => wanted.includes(value(name)) && !field(name).closest('[hidden]'));
});
const choose = (chooser, fills, prefix, own) => {
  const fill = (part, text) => { if (part.type === 'checkbox') part.checked = text === 'true'; else part.value = text; };
  chooser.addEventListener('change', () => Object.entries(fills[chooser.value] || {}).forEach(([name, text]) => fill(field(prefix + name), text)));
  if (own) new Set(Object.values(fills).flatMap(Object.keys)).forEach(name => field(prefix + name).addEventListener('input', () => { chooser.value = own; }));
};
form.querySelectorAll('[data-fills]').forEach(part => choose(field(part.dataset.chooser), JSON.parse(part.dataset.fills), '', part.dataset.own));
const columns = {{ columns|tojson }};
form.querySelectorAll('[data-prefix]').forEach(row => Object.entries(columns[row.dataset.prefix.split('.')[0]] || {}).forEach(([name, [fills, own]]) => choose(field(row.dataset.prefix + name), fills, row.dataset.prefix, own)));
form.addEventListener('change', settle);
settle();
</script>{% endif %}{% endblock %}
"""


def _as_text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


class _Form:
    """The fields of a form: which of them count, what was entered, and what the page needs to know of them."""

    def __init__(self, fields: Sequence[Union[Field, Heading]], words: Callable[[Words], str], language: str) -> None:
        self.words, self.language = words, language
        self.fields: list[Field] = []
        self.sections: list[tuple[Heading | None, list[Field]]] = []
        heading: Heading | None = None
        for one in fields:
            if isinstance(one, Heading):
                heading = one
                self.sections.append((one, []))
                self._check(one.depends_on, one.label)
                continue
            if heading and heading.depends_on:
                one = replace(one, depends_on={**heading.depends_on, **one.depends_on})
            self._check(one.depends_on, one.name)
            self.fields.append(one)
            last = self.sections[-1][1] if self.sections else None
            if isinstance(one, Rows) or last is None or (last and isinstance(last[-1], Rows)):
                self.sections.append((None, [one]))
            else:
                last.append(one)
        self.by_name = {one.name: one for one in self.fields}
        self._check_names("the form", self.fields)
        for rows in self.fields:
            if isinstance(rows, Rows):
                self._check_rows(rows)

    @staticmethod
    def _check_names(whose: str, fields: Sequence[Any]) -> None:
        names = [one.name for one in fields]
        for name in names:
            if name == "action" or names.count(name) > 1:
                raise ValueError(f"{whose}: the name {name!r} is taken")
        for one in fields:
            for option, values in getattr(one, "fills", {}).items():
                if isinstance(one, Choice) and option not in one.options:
                    raise ValueError(f"{one.name}: fills names {option!r}, which is none of its options")
                for name in values:
                    if name == one.name or not any(other.name == name and not isinstance(other, Rows) for other in fields):
                        raise ValueError(f"{one.name}: fills names {name!r}, which is no other field beside it")

    def _check_rows(self, rows: Rows) -> None:
        self._check_names(rows.name, rows.columns)
        for column in rows.columns:
            if column.depends_on:
                raise ValueError(f"{rows.name}: the column {column.name!r} has depends_on, which only fields and whole tables can have")
        try:
            rows.shown(rows.beginning(), self.language)
        except ValueError as error:
            raise ValueError(f"{rows.name}: its default cannot be taken: {error}") from None

    def beginning(self, one: Field) -> Any:
        """What a field holds where nothing was saved or given."""
        return one.beginning() if isinstance(one, Rows) else one.default

    def _check(self, conditions: Mapping[str, Any], whose: Any) -> None:
        for name in conditions:
            if not any(one.name == name and isinstance(one, (Choice, Flag)) for one in self.fields):
                raise ValueError(f"{whose}: depends_on names {name!r}, which is no Choice or Flag before it")

    def wanted(self, conditions: Mapping[str, Any]) -> dict[str, list[str]]:
        return {name: [_as_text(one) for one in (value if isinstance(value, (list, tuple, set)) else [value])] for name, value in conditions.items()}

    def applies(self, conditions: Mapping[str, Any], entered: Mapping[str, Any]) -> bool:
        for name, wanted in self.wanted(conditions).items():
            other = self.by_name[name]
            value = entered.get(name, "")
            if isinstance(other, Flag):
                value = str(str(value).lower() == "true").lower()
            if value not in wanted or not self.applies(other.depends_on, entered):
                return False
        return True

    def entered(self, form: Mapping[str, str], before: Mapping[str, Any]) -> dict[str, Any]:
        """What a sent form holds; what it lacks stays as before."""
        entered: dict[str, Any] = {}
        for one in self.fields:
            if isinstance(one, Rows):
                rows = one.entered(form)
                entered[one.name] = before[one.name] if rows is None else rows
            else:
                entered[one.name] = form.get(one.name, "" if isinstance(one, Flag) else before[one.name])[:10000]
        return {one.name: entered[one.name] if self.applies(one.depends_on, entered) else before[one.name] for one in self.fields}

    def read(self, entered: Mapping[str, Any], errors: dict[str, str], texts: Mapping[str, str]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for one in self.fields:
            if self.applies(one.depends_on, entered):
                values[one.name] = one.read(entered, errors, texts, self.language)
                continue
            hidden: dict[str, str] = {}
            filled = self.filled_in(one.name, entered)
            values[one.name] = one.read({**entered, **{name: one.shown(value, self.language) for name, value in filled.items()}}, hidden, texts, self.language)
            if hidden:  # nobody can see it, so nobody can correct it
                values[one.name] = one.read({one.name: one.shown(self.beginning(one), self.language)}, {}, texts, self.language)
        for one in self.fields:
            if isinstance(one, Choice) and one.name not in errors:
                values[one.name] = one.settled(values)
        return values

    def shown(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {one.name: one.shown(values[one.name], self.language) for one in self.fields}

    def filled_in(self, name: str, entered: Mapping[str, Any]) -> dict[str, Any]:
        """What the chosen options put into a field that is not shown: {name: value}, {} where none does."""
        for one in self.fields:
            values = getattr(one, "fills", {}).get(str(entered.get(one.name)), {})
            if name in values and self.applies(one.depends_on, entered):
                return {name: values[name]}
        return {}

    def filled(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """What was given, with what a given option of a Choice fills in beside it, or "own values" where those are given."""
        filled = dict(given)
        for one in self.fields:
            if isinstance(one, Choice) and str(given.get(one.name)) in one.fills:
                filled = {**one.fills[str(given[one.name])], **filled}
            elif isinstance(one, Choice) and one.name not in given and one.own and any(name in given for values in one.fills.values() for name in values):
                filled[one.name] = one.own
        return filled

    def knows(self, name: str) -> bool:
        table = self.by_name.get(name.partition(".")[0])
        return name in self.by_name or isinstance(table, Rows)

    def fills(self, one: Any) -> dict[str, dict[str, str]]:
        return {option: {name: _as_text(value) if isinstance(value, bool) else field_text(value, self.language) for name, value in values.items()} for option, values in getattr(one, "fills", {}).items()}

    def described(self, one: Any, entered: Mapping[str, Any], around: Mapping[str, Any]) -> dict[str, Any]:
        """What the template needs; the conditions of the section around it are told there."""
        own = {name: value for name, value in one.depends_on.items() if name not in around}
        return {
            "kind": type(one).__name__, "name": one.name, "label": self.words(one.label), "unit": getattr(one, "unit", ""),
            "options": [(value, self.words(words)) for value, words in one.options.items()] if isinstance(one, Choice) else [],
            "fills": self.fills(one), "own": getattr(one, "own", ""), "depends": self.wanted(own), "hidden": not self.applies(own, entered),
        }

    def described_sections(self, entered: Mapping[str, Any]) -> list[dict[str, Any]]:
        told = []
        for heading, fields in self.sections:
            conditions = heading.depends_on if heading else fields[0].depends_on if fields and isinstance(fields[0], Rows) else {}
            part = {
                "heading": self.words(heading.label) if heading else "", "depends": self.wanted(conditions), "hidden": not self.applies(conditions, entered), "rows": None,
                "fields": [self.described(one, entered, conditions) for one in fields if not isinstance(one, Rows)],
            }
            if fields and isinstance(fields[0], Rows):
                rows = fields[0]
                part["rows"] = {
                    **self.described(rows, entered, conditions), "most": rows.most, "note": self.words(rows.note),
                    "columns": [self.described(column, {}, {}) for column in rows.columns],
                }
            if fields or part["heading"]:
                told.append(part)
        return told

    def column_fills(self) -> dict[str, dict[str, Any]]:
        return {
            rows.name: {column.name: (self.fills(column), getattr(column, "own", "")) for column in rows.columns if getattr(column, "fills", None)}
            for rows in self.fields if isinstance(rows, Rows)
        }

    @property
    def lively(self) -> bool:
        """Whether the page has something to do while a person fills it in."""
        return any(one.depends_on or getattr(one, "fills", None) for one in self.fields) or any(self.column_fills().values())

    @property
    def stacked(self) -> bool:
        """Whether a table of inputs is too wide to stand beside the results."""
        return any(isinstance(one, Rows) and len(one.columns) > 4 for one in self.fields)


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
        self.fields: Sequence[Field] = ()  # those of the form

    def text(self, words: Words) -> str:
        """A text in the person's language; a key of the files in `locales` gives what stands there."""
        if isinstance(words, str) and words in self._texts:
            words = self._texts[words]
        return in_language(words, self.language)

    def form(self, *fields: Union[Field, Heading]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Makes the function the script's page.

        It is called with the fields' values by name, and gives a Result or its
        figures. FieldErrors of it are told at the fields, any other ValueError
        above the form; what else goes wrong is told with the line on which it
        did. The inputs are kept in the project, and are there again at the next
        start.
        """

        def decorate(calculate: Callable[..., Any]) -> Callable[..., Any]:
            self._serve_form(_Form(fields, self.text, self.language), calculate)
            return calculate

        return decorate

    def run(self) -> None:
        """Serves the page until the script is asked to end."""
        if self.app is None:
            raise SystemExit("The script has no form: put @script.form(...) before a function.")
        print(f"{self.text(self._title)}: project {self.arguments.project_name}, files in {self.data_dir}", flush=True)
        self.app.run(host="127.0.0.1", port=self.arguments.port, threaded=True, use_reloader=False)

    def _start(self, form: _Form, state: Mapping[str, Any], asked: Mapping[str, Any], texts: Mapping[str, str]) -> tuple[dict[str, Any], str]:
        """The inputs to begin with, as texts, and what to say of one that cannot be read."""
        defaults = {one.name: form.beginning(one) for one in form.fields}
        optional = [one.name for one in form.fields if isinstance(one, Number) and one.optional]
        given, saved = (starting_inputs(defaults, state, parameters, optional) for parameters in (form.filled(asked), {}))
        inputs: dict[str, Any] = {}
        notice = ""
        for one in form.fields:
            value: Any = ""
            for value in (given[one.name], saved[one.name], defaults[one.name]):
                try:
                    inputs[one.name] = one.shown(value, self.language)
                    break
                except (ValueError, TypeError, RecursionError) as error:
                    print(f"{one.name} not read: {error}", file=sys.stderr, flush=True)
                    notice = texts["err_start"].format(name=self.text(one.label))
        return inputs, notice

    def _serve_form(self, form: _Form, calculate: Callable[..., Any]) -> None:
        _, parameters = parse_arguments(self._argv, tuple(form.by_name))
        app, texts = make_app(self.arguments, {**{key: dict(text) for key, text in self._texts.items()}, "title": {self.language: self.text(self._title)}}, FORM)
        self.app, self.fields = app, form.fields
        from flask import jsonify, redirect, render_template, request

        language, arguments = self.language, self.arguments
        store, lock = Store(self.data_dir, self.name + ".json"), threading.Lock()
        state = store.load()
        asked = dict(parameters)
        inputs, notice = self._start(form, state, asked, texts)

        def work(entered: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str], tuple[Result, dict[str, Any]] | None, int]:
            errors: dict[str, str] = {}
            values = form.read(entered, errors, texts)
            if errors:
                return values, errors, None, 422
            try:
                made = calculate(**values)
                if not isinstance(made, (Result, Mapping)):
                    raise TypeError(f"{calculate.__name__} returned {made!r:.60}, and not a Result or its figures")
                result = made if isinstance(made, Result) else Result(figures=made)
                shown = self._shown(result)
            except FieldErrors as error:
                known = {name: self.text(words) for name, words in error.messages.items() if form.knows(name)}
                # What is said of no field of this form is said above it.
                rest = [self.text(words) for name, words in error.messages.items() if not form.knows(name)]
                return values, {**known, **({"": " ".join(rest)} if rest else {})}, None, 422
            except ValueError as error:
                print(f"not calculated: {error}", file=sys.stderr, flush=True)
                return values, {"": texts["not_calculated"].format(reason=error)}, None, 422
            except Exception as error:  # a mistake in the script: the form stays, with what was entered
                traceback.print_exc()
                return values, {"": f"{failure_text(error, texts)} {texts['failed_hint']}"}, None, 500
            return values, {}, (result, shown), 200

        def keep(values: Mapping[str, Any], result: Result) -> None:
            inputs.update(form.shown(values))
            state.update(inputs=dict(values), started_with=asked, saved_at=time.strftime("%Y-%m-%d %H:%M"))
            if result.values:
                state["result"] = dict(result.values)
            store.save(state)
            if result.output:
                print(result.output, flush=True)

        def page(entered: Mapping[str, Any], errors: Mapping[str, str], made: tuple[Result, dict[str, Any]] | None, status: int) -> Any:
            html_page = render_template(
                "page.html",
                lead=self.text(self._lead),
                sections=form.described_sections(entered),
                columns=form.column_fills(),
                lively=form.lively,
                stacked=form.stacked,
                inputs=entered,
                errors=errors,
                failure=errors.get("", ""),
                result=made[1] if made else None,
                saved_at=state.get("saved_at"),
            )
            return html_page, status

        @app.get("/")
        def index() -> Any:
            nonlocal notice
            with lock:
                values, errors, made, status = work(inputs)
                told, notice = notice, ""
                if told and not errors:
                    errors = {"": told}
                # Only a mistake in the script is an error of a page that was merely looked at.
                return page({**inputs, **form.shown(values)} if not errors else inputs, errors, made, status if status == 500 else 200)

        @app.post("/")
        def submit() -> Any:
            action, place = request.form.get("action", ""), ""
            with lock:
                entered = form.entered(request.form, inputs)
                for one in form.fields:
                    if isinstance(one, Rows) and not place:
                        entered[one.name], place = one.changed(list(entered[one.name]), action, language)
                values, errors, made, status = work(entered)
                if errors or made is None:
                    return page(entered, errors, None, status)
                keep(values, made[0])
            return redirect("/" + ("#" + place if place else ""), 303)

        @app.get("/api/config")
        def config() -> Any:
            with lock:
                return jsonify(form.read(inputs, {}, texts))

        @app.post("/api/config")
        def set_config() -> Any:
            try:
                body = request.get_json(silent=True)
                given = form.filled(body) if isinstance(body, dict) else None
            except RecursionError:  # lists in lists in lists
                given = None
            if given is None:
                return jsonify(errors={"": texts["err_object"]}), 400
            with lock:
                entered = dict(inputs)
                for one in form.fields:
                    if one.name in given:
                        try:
                            entered[one.name] = one.shown(given[one.name], language)
                        except (ValueError, TypeError, RecursionError) as error:
                            told = texts["err_rows"].format(least=one.least, most=one.most) if isinstance(one, Rows) else str(error)
                            return jsonify(errors={one.name: told}), 422
                values, errors, made, status = work(entered)
                if errors or made is None:
                    return jsonify(errors=errors), status
                keep(values, made[0])
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
            if value is None or (isinstance(value, numbers.Real) and not isinstance(value, bool)):
                return show(value if value is None or isinstance(value, int) else float(value), 4, self.language)
            return str(value)

        figures = []
        for name, value in result.figures.items():
            number, unit, remark = (*value, "", "")[:3] if isinstance(value, tuple) else (value, "", "")
            figures.append((self.text(name), cell(number), unit, remark))
        tables = [*([Table("", result.columns, result.rows)] if result.rows else []), *result.tables]
        return {
            "figures": figures,
            "plots": [("", result.plot)] if isinstance(result.plot, str) and result.plot else [(self.text(name), svg) for name, svg in dict(result.plot or {}).items()],
            "tables": [(self.text(one.title), [self.text(name) for name in one.columns], [[cell(value) for value in row] for row in one.rows], one.total) for one in tables],
            "note": result.note,
            "source": self.text(result.source),
            "verdict": self.text(result.verdict),
            "good": result.good,
            "warnings": [self.text(words) for words in result.warnings],
        }
