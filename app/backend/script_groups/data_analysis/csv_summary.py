"""What is in a CSV file: columns, types, missing values, statistics, histogram.

ScriptsManager Metadata:
@display_name: CSV summary
@description: Describes a CSV file: types, missing values, statistics, quantiles and a histogram of each column
@description_es: Describe un archivo CSV: tipos, valores ausentes, estadísticas, cuantiles e histograma de cada columna
@description_it: Descrive un file CSV: tipi, valori mancanti, statistiche, quantili e istogramma di ogni colonna
@description_fr: Décrit un fichier CSV : types, valeurs manquantes, statistiques, quantiles et histogramme de chaque colonne
@description_long: docs/csv_summary.md
@description_long_es: docs/csv_summary_es.md
@description_long_it: docs/csv_summary_it.md
@description_long_fr: docs/csv_summary_fr.md
@required_level: viewer
@category: data
@tags: csv,statistics,histogram,quality
@memory_limit: 2048
@parameters: [
  {
    "name": "file", "type": "file",
    "label": {"en": "CSV file", "es": "Archivo CSV", "it": "File CSV", "fr": "Fichier CSV"},
    "description": {"en": "Optional: a file can also be chosen in the page", "es": "Opcional: también se puede elegir en la página", "it": "Facoltativo: si può scegliere anche nella pagina", "fr": "Facultatif : peut aussi être choisi dans la page"}
  },
  {
    "name": "delimiter", "type": "select", "options": ["auto", "comma", "semicolon", "tab", "pipe"], "default": "auto",
    "label": {"en": "Delimiter", "es": "Separador", "it": "Separatore", "fr": "Séparateur"}
  },
  {
    "name": "header", "type": "boolean", "default": true,
    "label": {"en": "First line holds the names", "es": "La primera línea contiene los nombres", "it": "La prima riga contiene i nomi", "fr": "La première ligne contient les noms"}
  },
  {
    "name": "max_rows", "type": "integer", "default": 500000, "min": 10, "max": 5000000, "step": 10,
    "label": {"en": "Rows read at most", "es": "Filas leídas como máximo", "it": "Righe lette al massimo", "fr": "Lignes lues au plus"}
  }
]
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import datetime
import html
import io
import json
import math
import os
import signal
import sys
import tempfile
import threading
import time

MAX_UPLOAD = 256 * 1024 * 1024  # bytes; a file is read into memory as a whole
MAX_COLUMNS = 500
DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}
MISSING = {"", "na", "n/a", "nan", "null", "none", "-", "?"}
TRUTHS = {"true", "false", "yes", "no"}
DATE_FORMATS = ("%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%d/%m/%Y", "%d.%m.%Y", "%d/%m/%Y %H:%M")


def decode(content):
    """(text, name of the encoding) of the bytes of a file: by byte order mark, else UTF-8, else Windows-1252."""
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if content.startswith(mark):
            return content.decode(encoding, "replace"), encoding.upper()
    try:
        return content.decode("utf-8"), "UTF-8"
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace"), "Windows-1252"


def guess_delimiter(text):
    """The separator that splits the first lines into the same number (above one) of fields most often."""
    lines = [line for line in text[:65536].splitlines()[:50] if line.strip()]
    best, best_score = ",", (0.0, 0)
    for delimiter in DELIMITERS.values():
        counts = [len(row) for row in csv.reader(lines, delimiter=delimiter)]
        usual = max(set(counts), key=counts.count, default=1)
        score = (counts.count(usual) / max(1, len(counts)), usual) if usual > 1 else (0.0, 0)
        if score > best_score:
            best, best_score = delimiter, score
    return best


def as_number(text, decimal="."):
    """The finite number that a cell holds, or None."""
    text = text.strip().replace("\u2212", "-")
    if decimal == ",":
        text = text.replace(",", ".")
    # float() takes more than people write as a number: 1_000, infinity.
    if not text or "_" in text or text[-1].isalpha():
        return None
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def is_date(text):
    for form in DATE_FORMATS:
        with contextlib.suppress(ValueError):
            datetime.datetime.strptime(text, form)
            return True
    return False


def quantile(ordered, share):
    """Quantile of sorted values by linear interpolation.

    Definition 7 of Hyndman & Fan, Sample Quantiles in Statistical Packages,
    The American Statistician 50 (1996) 361-365; the default of R and NumPy.
    """
    position = (len(ordered) - 1) * share
    below = math.floor(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (position - below)


def mean_and_deviation(values):
    """Mean and sample standard deviation (divisor n − 1; None for fewer than two values).

    Two passes with a correction for the rounding of the mean: Chan, Golub &
    LeVeque, The American Statistician 37 (1983) 242-247, equation 1.7.
    """
    count = len(values)
    mean = math.fsum(values) / count
    if count < 2:
        return mean, None
    offsets = [value - mean for value in values]
    squares = math.fsum(offset * offset for offset in offsets) - math.fsum(offsets) ** 2 / count
    return mean, math.sqrt(max(0.0, squares) / (count - 1))


def histogram(ordered, bins=0):
    """(edges, counts) of sorted values; 0 bins: the rule of Freedman & Diaconis.

    Bin width 2·IQR·n^(−1/3) (Zeitschrift für Wahrscheinlichkeitstheorie 57
    (1981) 453-476), held between 5 and 60 bins.
    """
    low, high = ordered[0], ordered[-1]
    if low == high:
        return [low - 0.5, low + 0.5], [len(ordered)]
    if not bins:
        width = 2 * (quantile(ordered, 0.75) - quantile(ordered, 0.25)) / len(ordered) ** (1 / 3)
        bins = min(60, max(5, math.ceil((high - low) / width))) if width > 0 else 20
    counts = [0] * bins
    for value in ordered:
        counts[min(bins - 1, int((value - low) / (high - low) * bins))] += 1
    return [low + (high - low) * index / bins for index in range(bins + 1)], counts


def describe_column(name, cells, decimal):
    """Type, counts and statistics of one column as a JSON-ready object."""
    present = [cell.strip() for cell in cells if cell.strip().lower() not in MISSING]
    column = {"name": name, "count": len(present), "missing": len(cells) - len(present), "type": "empty", "distinct": len(set(present))}
    if not present:
        return column
    numbers = [as_number(cell, decimal) for cell in present]
    if None not in numbers:
        ordered = sorted(numbers)
        mean, deviation = mean_and_deviation(numbers)
        whole = all(value == math.floor(value) for value in numbers) and not any("." in cell or "," in cell for cell in present)
        edges, counts = histogram(ordered)
        column.update(
            type="integer" if whole else "number", mean=mean, deviation=deviation, min=ordered[0], q1=quantile(ordered, 0.25),
            median=quantile(ordered, 0.5), q3=quantile(ordered, 0.75), max=ordered[-1], edges=edges, counts=counts,
        )
        return column
    sample = present[:2000]
    if all(cell.lower() in TRUTHS for cell in present):
        column["type"] = "boolean"
    elif all(map(is_date, sample)):
        column["type"] = "date"
    else:
        column["type"] = "text"
        # One stray word makes a column of measurements a text: say where.
        good = sum(value is not None for value in numbers)
        if good >= 0.9 * len(numbers):
            column["stray"] = next(cell for cell, value in zip(present, numbers) if value is None)[:60]
    tally = {}
    for cell in present:
        tally[cell] = tally.get(cell, 0) + 1
    column["top"] = [[cell[:60], count] for cell, count in sorted(tally.items(), key=lambda entry: (-entry[1], entry[0]))[:12]]
    return column


def describe(content, delimiter="auto", header=True, max_rows=500000):
    """Describe the bytes of a CSV file; ValueError with a text key when there is nothing to describe."""
    text, encoding = decode(content)
    if "\0" in text[:65536]:
        raise ValueError("err_binary")
    separator = DELIMITERS.get(delimiter) or guess_delimiter(text)
    csv.field_size_limit(16 * 1024 * 1024)
    rows, cut = [], False
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
            if not any(cell.strip() for cell in row):
                continue
            if len(rows) >= max_rows + header:
                cut = True
                break
            rows.append(row)
    except csv.Error:
        raise ValueError("err_binary") from None
    names = [cell.strip() for cell in rows.pop(0)] if header and rows else []
    if not rows:
        raise ValueError("err_empty")
    width = max(len(names), *map(len, rows))
    if width > MAX_COLUMNS:
        raise ValueError("err_columns")
    names = [name or f"#{index}" for index, name in enumerate(names + [""] * (width - len(names)), 1)]
    ragged = sum(len(row) != width for row in rows)
    # A file with another separator than the comma may have decimal commas: it
    # does if reading them so makes numbers of more cells.
    sample = [cell for row in rows[:500] for cell in row if cell.strip()]
    points, commas = (sum(as_number(cell, sign) is not None for cell in sample) for sign in ".,")
    decimal = "," if separator != "," and commas > points else "."
    columns = [describe_column(name, [row[index] if index < len(row) else "" for row in rows], decimal) for index, name in enumerate(names)]
    return {
        "rows": len(rows), "columns": columns, "encoding": encoding, "decimal": decimal, "cut": cut, "ragged": ragged, "bytes": len(content),
        "delimiter": next(name for name, sign in DELIMITERS.items() if sign == separator),
    }


# ---- Script contract: the same lines in every sample with a page ----

LANGUAGES = ("en", "es", "it", "fr")

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
    "back": {"en": "Back to the script", "es": "Volver al script", "it": "Torna allo script", "fr": "Retour au script"},
}


def install_stop_handler(name):
    """End with exit code 0 on SIGTERM (Windows: CTRL_BREAK) and Ctrl-C."""

    def stop(signum, frame):
        # os.write, not print: the signal may arrive in the middle of a print.
        os.write(1, f"{name}: stopped on request\n".encode())
        raise SystemExit(0)

    for signal_name in ("SIGTERM", "SIGINT", "SIGBREAK"):
        if hasattr(signal, signal_name):
            signal.signal(getattr(signal, signal_name), stop)


def parse_arguments(argv, declared):
    """Return (contract arguments, parameters given by the form or the command line)."""
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
    arguments, unknown = parser.parse_known_args(argv)
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
    """One JSON object below --data-dir that survives a crash half-way through a save."""

    def __init__(self, folder, name):
        self.folder = folder
        self.path = os.path.join(folder, name)
        os.makedirs(folder, exist_ok=True)

    def load(self):
        try:
            with open(self.path, encoding="utf-8") as file:
                value = json.load(file)
            if isinstance(value, dict):
                return value
            raise ValueError("not a JSON object")
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            print(f"{self.path} cannot be read and is put aside: {error}", file=sys.stderr, flush=True)
            with contextlib.suppress(OSError):
                os.replace(self.path, self.path + ".broken")
            return {}

    def save(self, value):
        handle, temporary = tempfile.mkstemp(prefix=".saving-", dir=self.folder)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(value, file, ensure_ascii=False, indent=1)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, self.path)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
            raise


def starting_inputs(defaults, saved, parameters):
    """Inputs to begin with: what was saved, unless the parameters differ from the last start's."""
    inputs, last = dict(defaults), saved.get("inputs")
    if isinstance(last, dict):
        # A value of another kind than the default was not written by this script.
        inputs.update({name: value for name, value in last.items() if name in defaults and isinstance(value, (str, int, float, type(defaults[name])))})
    if parameters and parameters != saved.get("started_with"):
        inputs.update({name: value for name, value in parameters.items() if name in defaults})
    return inputs


def parse_number(text):
    """Read a decimal number written with a point or a comma; ValueError for all else."""
    text = str(text).strip().replace("\u2212", "-").replace(",", ".")
    value = float(text)
    if not math.isfinite(value):
        raise ValueError("not finite")
    return value


def show(value, digits=4, language="en"):
    """Write a number with that many significant digits and the language's decimal sign."""
    if value is None:
        return "–"
    text = f"{value:.0f}" if 10**digits <= abs(value) < 1e12 else f"{value:.{digits}g}"
    if "e" in text:
        mantissa, _, exponent = text.partition("e")
        text = f"{mantissa}·10^{int(exponent)}"
    text = text.replace("-", "\u2212")
    return text if language == "en" else text.replace(".", ",")


def fixed(value, decimals, language="en"):
    """Write a number with that many decimals, so that columns of a table line up."""
    text = f"{value:.{decimals}f}".replace("-", "\u2212")
    return text if language == "en" else text.replace(".", ",")


def field_text(value, language="en"):
    """What an input field shows for a stored value."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return str(value)
    text = f"{value:.10g}"
    return text if language == "en" else text.replace(".", ",")


def check_number(texts, errors, form, name, low, high, language):
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


def make_app(arguments, texts, page):
    """A Flask app with logo, theme, language, /health and error pages around `page`."""
    # Imported here, after the stop handler is in place: the import is the
    # longest part of the start, and a stop during it must end cleanly too.
    import logging

    from flask import Flask, jsonify, render_template, request, send_file
    from jinja2 import DictLoader

    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    language = arguments.language
    words = {key: value[language] for key, value in {**COMMON_TEXTS, **texts}.items()}
    logo = os.environ.get("SCRIPTSMANAGER_LOGO", "")
    if arguments.theme == "dark" and logo:
        stem, extension = os.path.splitext(logo)
        if os.path.isfile(stem + "_dark" + extension):
            logo = stem + "_dark" + extension
    app = Flask(__name__, static_folder=None)
    app.jinja_loader = DictLoader({"frame.html": FRAME, "page.html": page, "problem.html": PROBLEM})
    app.jinja_env.filters["show"] = lambda value, digits=4: show(value, digits, language)

    @app.context_processor
    def common():
        return {
            "t": words, "language": language, "theme": arguments.theme, "style": STYLE,
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
        return jsonify(status="ok", script=os.path.basename(__file__), project=arguments.project_name)

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


STYLE = """
:root{--bg:#f4f6f8;--panel:#fff;--text:#1b232c;--soft:#52606d;--line:#d9dfe5;--field:#fff;--edge:#8593a1;
--brand:#0b5cab;--on-brand:#fff;--accent:#b45309;--mark:#dce9f6;--bad:#b3261e;--bad-bg:#fdeceb;--good:#1f6f43;
--c1:#0b5cab;--c2:#b45309;--c3:#2f7d4f;color-scheme:light}
[data-theme=dark]{--bg:#12171d;--panel:#1a2129;--text:#e6ebf0;--soft:#a3b0bd;--line:#2e3843;--field:#12171d;--edge:#6b7a89;
--brand:#5aa9f0;--on-brand:#0c1520;--accent:#f0a35a;--mark:#1f3347;--bad:#ff9a92;--bad-bg:#3a1d1c;--good:#7fd0a0;
--c1:#5aa9f0;--c2:#f0a35a;--c3:#7fd0a0;color-scheme:dark}
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

# Macros for one field; a page imports nothing else.
FIELDS = """
{% macro number(name, label, unit) %}<div class="{{ 'wrong' if errors[name] }}"><label for="{{ name }}">{{ label }}</label>
<div class="unit"><input type="text" inputmode="decimal" autocomplete="off" id="{{ name }}" name="{{ name }}" value="{{ inputs[name] }}"
{%- if errors[name] %} aria-invalid="true" aria-describedby="{{ name }}-error"{% endif %}>{% if unit %}<span>{{ unit }}</span>{% endif %}</div>
{% if errors[name] %}<p class="message" id="{{ name }}-error">{{ errors[name] }}</p>{% endif %}</div>{% endmacro %}
{% macro choice(name, label, options) %}<div class="{{ 'wrong' if errors[name] }}"><label for="{{ name }}">{{ label }}</label>
<select id="{{ name }}" name="{{ name }}">{% for value, text in options %}<option value="{{ value }}"{{ ' selected' if value == inputs[name] }}>{{ text }}</option>{% endfor %}</select>
{% if errors[name] %}<p class="message">{{ errors[name] }}</p>{% endif %}</div>{% endmacro %}
"""

# ---- End of the script contract ----

# ---- Plot: the same lines in every sample with a line plot ----


def nice_ticks(low, high, count=5):
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

    def __init__(self, title, x_label, y_label, x_range, y_range, language):
        self.title, self.x_label, self.y_label, self.language = title, x_label, y_label, language
        self.x_low, self.x_high = x_range
        self.x_marks = x_range  # the part of the axis that has ticks
        self.y_ticks = nice_ticks(*y_range)
        self.y_low, self.y_high = self.y_ticks[0], self.y_ticks[-1]
        self.under, self.over = [], []

    def x(self, value):
        return self.left + (value - self.x_low) / (self.x_high - self.x_low) * (self.right - self.left)

    def y(self, value):
        return self.bottom - (value - self.y_low) / (self.y_high - self.y_low) * (self.bottom - self.top)

    def line(self, points, color="--c1", dash=""):
        path = " ".join(f"{self.x(x):.1f},{self.y(y):.1f}" for x, y in points)
        dashes = f' stroke-dasharray="{dash}"' if dash else ""
        self.over.append(f'<polyline points="{path}" fill="none" style="stroke:var({color})" stroke-width="2.5" stroke-linejoin="round"{dashes}/>')

    def dot(self, x, y, color="--c1"):
        self.over.append(f'<circle cx="{self.x(x):.1f}" cy="{self.y(y):.1f}" r="4" style="fill:var({color})" stroke="none"/>')

    def band(self, x1, x2, label, shaded):
        left, right = self.x(x1), self.x(x2)
        if shaded:
            self.under.append(f'<rect x="{left:.1f}" y="{self.top}" width="{right - left:.1f}" height="{self.bottom - self.top}" style="fill:var(--mark)"/>')
        # A letter is about 7 units wide; a label that does not fit is left out.
        if right - left > 7 * len(label) + 4:
            self.over.append(f'<text class="strong" x="{(left + right) / 2:.1f}" y="{self.top + 16}" text-anchor="middle">{html.escape(label)}</text>')

    def legend(self, entries):
        x = self.left + 12
        for label, color, dash in entries:
            dashes = f' stroke-dasharray="{dash}"' if dash else ""
            self.over.append(f'<line x1="{x}" x2="{x + 24}" y1="{self.top + 10}" y2="{self.top + 10}" style="stroke:var({color})" stroke-width="2.5"{dashes}/>'
                             f'<text class="strong" x="{x + 30}" y="{self.top + 14}">{html.escape(label)}</text>')
            x += 52 + 7 * len(label)

    def svg(self):
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


# ---- End of the plot ----

TEXTS = {
    "title": {"en": "CSV summary", "es": "Resumen de CSV", "it": "Riepilogo CSV", "fr": "Résumé de CSV"},
    "lead": {"en": "Choose a CSV file to see what it holds. The file stays in this project's folder.", "es": "Elija un archivo CSV para ver su contenido. El archivo queda en la carpeta de este proyecto.", "it": "Scegliere un file CSV per vedere che cosa contiene. Il file resta nella cartella di questo progetto.", "fr": "Choisissez un fichier CSV pour voir ce qu'il contient. Le fichier reste dans le dossier de ce projet."},
    "upload": {"en": "Upload a file", "es": "Subir un archivo", "it": "Carica un file", "fr": "Téléverser un fichier"},
    "stored": {"en": "File in this project", "es": "Archivo de este proyecto", "it": "File di questo progetto", "fr": "Fichier de ce projet"},
    "none": {"en": "Choose…", "es": "Elegir…", "it": "Scegliere…", "fr": "Choisir…"},
    "delimiter": {"en": "Delimiter", "es": "Separador", "it": "Separatore", "fr": "Séparateur"},
    "auto": {"en": "Detect", "es": "Detectar", "it": "Rileva", "fr": "Détecter"},
    "comma": {"en": "Comma", "es": "Coma", "it": "Virgola", "fr": "Virgule"},
    "semicolon": {"en": "Semicolon", "es": "Punto y coma", "it": "Punto e virgola", "fr": "Point-virgule"},
    "tab": {"en": "Tab", "es": "Tabulador", "it": "Tabulazione", "fr": "Tabulation"},
    "pipe": {"en": "Vertical bar", "es": "Barra vertical", "it": "Barra verticale", "fr": "Barre verticale"},
    "header": {"en": "First line holds the names", "es": "La primera línea contiene los nombres", "it": "La prima riga contiene i nomi", "fr": "La première ligne contient les noms"},
    "max_rows": {"en": "Rows read at most", "es": "Filas leídas como máximo", "it": "Righe lette al massimo", "fr": "Lignes lues au plus"},
    "describe": {"en": "Describe", "es": "Describir", "it": "Descrivi", "fr": "Décrire"},
    "nothing": {"en": "No file described yet.", "es": "Todavía no hay ningún archivo descrito.", "it": "Nessun file descritto finora.", "fr": "Aucun fichier décrit pour l'instant."},
    "file": {"en": "File", "es": "Archivo", "it": "File", "fr": "Fichier"},
    "rows": {"en": "Rows", "es": "Filas", "it": "Righe", "fr": "Lignes"},
    "columns": {"en": "Columns", "es": "Columnas", "it": "Colonne", "fr": "Colonnes"},
    "missing_cells": {"en": "Missing cells", "es": "Celdas vacías", "it": "Celle mancanti", "fr": "Cellules manquantes"},
    "form": {"en": "Format", "es": "Formato", "it": "Formato", "fr": "Format"},
    "decimal_point": {"en": "decimal point", "es": "punto decimal", "it": "punto decimale", "fr": "point décimal"},
    "decimal_comma": {"en": "decimal comma", "es": "coma decimal", "it": "virgola decimale", "fr": "virgule décimale"},
    "column": {"en": "Column", "es": "Columna", "it": "Colonna", "fr": "Colonne"},
    "type": {"en": "Type", "es": "Tipo", "it": "Tipo", "fr": "Type"},
    "count": {"en": "Count", "es": "Valores", "it": "Valori", "fr": "Valeurs"},
    "missing": {"en": "Missing", "es": "Ausentes", "it": "Mancanti", "fr": "Manquantes"},
    "distinct": {"en": "Distinct", "es": "Distintos", "it": "Distinti", "fr": "Distinctes"},
    "mean": {"en": "Mean", "es": "Media", "it": "Media", "fr": "Moyenne"},
    "deviation": {"en": "Std. dev.", "es": "Desv. típica", "it": "Dev. std.", "fr": "Écart-type"},
    "min": {"en": "Min", "es": "Mín.", "it": "Min", "fr": "Min"},
    "q1": {"en": "25 %", "es": "25 %", "it": "25 %", "fr": "25 %"},
    "median": {"en": "Median", "es": "Mediana", "it": "Mediana", "fr": "Médiane"},
    "q3": {"en": "75 %", "es": "75 %", "it": "75 %", "fr": "75 %"},
    "max": {"en": "Max", "es": "Máx.", "it": "Max", "fr": "Max"},
    "integer": {"en": "integer", "es": "entero", "it": "intero", "fr": "entier"},
    "number": {"en": "number", "es": "número", "it": "numero", "fr": "nombre"},
    "boolean": {"en": "yes/no", "es": "sí/no", "it": "sì/no", "fr": "oui/non"},
    "date": {"en": "date", "es": "fecha", "it": "data", "fr": "date"},
    "text": {"en": "text", "es": "texto", "it": "testo", "fr": "texte"},
    "empty": {"en": "empty", "es": "vacía", "it": "vuota", "fr": "vide"},
    "distribution": {"en": "Distribution of", "es": "Distribución de", "it": "Distribuzione di", "fr": "Distribution de"},
    "frequency": {"en": "Frequency", "es": "Frecuencia", "it": "Frequenza", "fr": "Effectif"},
    "stray": {"en": "almost all values are numbers, but not:", "es": "casi todos los valores son números, salvo:", "it": "quasi tutti i valori sono numeri, tranne:", "fr": "presque toutes les valeurs sont des nombres, sauf :"},
    "cut": {"en": "Only the first rows were read; raise the limit to read more.", "es": "Solo se leyeron las primeras filas; aumente el límite para leer más.", "it": "Sono state lette solo le prime righe; aumentare il limite per leggerne altre.", "fr": "Seules les premières lignes ont été lues ; augmentez la limite pour en lire plus."},
    "ragged": {"en": "Rows with another number of cells:", "es": "Filas con otro número de celdas:", "it": "Righe con un altro numero di celle:", "fr": "Lignes avec un autre nombre de cellules :"},
    "err_file": {"en": "Choose a file.", "es": "Elija un archivo.", "it": "Scegliere un file.", "fr": "Choisissez un fichier."},
    "err_read": {"en": "The file cannot be read: {reason}. Check its path and permissions.", "es": "No se puede leer el archivo: {reason}. Compruebe la ruta y los permisos.", "it": "Il file non è leggibile: {reason}. Verificare percorso e permessi.", "fr": "Le fichier ne peut pas être lu : {reason}. Vérifiez le chemin et les droits."},
    "err_binary": {"en": "This is not a text file. Export the table as CSV first.", "es": "No es un archivo de texto. Exporte antes la tabla como CSV.", "it": "Non è un file di testo. Esportare prima la tabella come CSV.", "fr": "Ce n'est pas un fichier texte. Exportez d'abord le tableau en CSV."},
    "err_empty": {"en": "The file holds no rows of data.", "es": "El archivo no contiene filas de datos.", "it": "Il file non contiene righe di dati.", "fr": "Le fichier ne contient aucune ligne de données."},
    "err_columns": {"en": "The file has more than 500 columns. Is the delimiter right?", "es": "El archivo tiene más de 500 columnas. ¿Es correcto el separador?", "it": "Il file ha più di 500 colonne. Il separatore è giusto?", "fr": "Le fichier a plus de 500 colonnes. Le séparateur est-il correct ?"},
    "err_large": {"en": "The file is larger than 256 MB. Choose a part of it.", "es": "El archivo supera los 256 MB. Elija una parte.", "it": "Il file supera 256 MB. Sceglierne una parte.", "fr": "Le fichier dépasse 256 Mo. Choisissez-en une partie."},
}

PAGE = """{% extends "frame.html" %}
{% block main %}""" + FIELDS + """
<p class="lead">{{ t.lead }}</p>
{% if errors %}<div class="alert" role="alert">{{ t.err_check }}</div>{% endif %}
<form class="panel" method="post" action="/" enctype="multipart/form-data"><div class="fields">
<div class="{{ 'wrong' if errors.file }}"><label for="file">{{ t.upload }}</label><input type="file" id="file" name="file" accept=".csv,.txt,.tsv,text/csv">
{% if errors.file %}<p class="message">{{ errors.file }}</p>{% endif %}</div>
{{ choice("stored", t.stored, stored) }}{{ choice("delimiter", t.delimiter, delimiters) }}{{ number("max_rows", t.max_rows, "") }}</div>
<div class="actions"><button name="action" value="describe">{{ t.describe }}</button>
<label class="check"><input type="checkbox" name="header" value="true"{{ ' checked' if inputs.header == 'true' }}>{{ t.header }}</label></div></form>
<section class="panel" aria-live="polite"><h2>{{ t.results }}</h2>
{% if not result %}<p class="note">{{ t.nothing }}</p>{% else %}
<dl class="figures"><div><dt>{{ t.file }}</dt><dd class="name">{{ source }}</dd></div><div><dt>{{ t.rows }}</dt><dd>{{ result.rows|show(9) }}</dd></div>
<div><dt>{{ t.columns }}</dt><dd>{{ result.columns|length }}</dd></div><div><dt>{{ t.missing_cells }}</dt><dd>{{ missing|show(9) }}</dd></div>
<div><dt>{{ t.form }}</dt><dd class="name">{{ t[result.delimiter] }}<small>{{ result.encoding }}, {{ t.decimal_comma if result.decimal == "," else t.decimal_point }}</small></dd></div></dl>
{% if result.cut %}<p class="message">{{ t.cut }}</p>{% endif %}{% if result.ragged %}<p class="message">{{ t.ragged }} {{ result.ragged }}</p>{% endif %}
{% for column in result.columns if column.stray %}<p class="message">{{ column.name }}: {{ t.stray }} “{{ column.stray }}”</p>{% endfor %}
<div class="scroll" tabindex="0" role="region" aria-label="{{ t.results }}"><table><thead><tr><th class="text" scope="col">{{ t.column }}</th><th class="kind" scope="col">{{ t.type }}</th>
{% for key in ("count", "missing", "distinct") + keys %}<th scope="col">{{ t[key] }}</th>{% endfor %}</tr></thead><tbody>
{% for column in result.columns %}<tr{{ ' class=chosen' if loop.index0 == chosen }}><td class="text"><a href="/?column={{ loop.index0 }}#plot"{{ ' aria-current=true' if loop.index0 == chosen }}>{{ column.name }}</a></td><td class="kind">{{ t[column.type] }}</td>
<td>{{ column.count }}</td><td>{{ column.missing }}</td><td>{{ column.distinct }}</td>
{% for key in keys %}<td>{{ column[key]|show(5) if key in column else "" }}</td>{% endfor %}</tr>{% endfor %}</tbody></table></div>
{% if plot %}<h3 id="plot">{{ t.distribution }} {{ result.columns[chosen].name }}</h3><div class="half">{{ plot|safe }}</div>{% endif %}{% endif %}</section>
<style>input[type=file]{width:100%;font:inherit;font-size:14px;min-height:36px;padding:4px 0}a{color:var(--brand)}td.kind,th.kind{text-align:left;color:var(--soft)}
tr.chosen td{background:var(--mark);color:var(--text)}tr.chosen a{color:var(--text);font-weight:600}.figures dd.name{font-size:16px;overflow-wrap:anywhere}.half{max-width:760px}th:first-child,td:first-child{padding-left:10px}</style>{% endblock %}
"""


def draw(column, texts, language):
    if "edges" in column:
        edges, counts = column["edges"], column["counts"]
        plot = Plot(f"{texts['distribution']} {column['name']}", column["name"], texts["frequency"], (edges[0], edges[-1]), (0, max(counts)), language)
        for index, count in enumerate(counts):
            left, right, top = plot.x(edges[index]), plot.x(edges[index + 1]), plot.y(count)
            label = f"{show(edges[index], 5, language)} … {show(edges[index + 1], 5, language)}: {count}"
            plot.over.append(f'<rect x="{left + 0.75:.2f}" y="{top:.1f}" width="{max(0.5, right - left - 1.5):.2f}" height="{plot.bottom - top:.1f}" style="fill:var(--c1)"><title>{label}</title></rect>')
        return plot.svg()
    if not column.get("top"):
        return ""
    height, most = 28 * len(column["top"]) + 8, column["top"][0][1]
    parts = [f'<svg class="plot" viewBox="0 0 720 {height}" role="img" aria-label="{html.escape(texts["distribution"] + " " + column["name"])}">']
    for index, (cell, count) in enumerate(column["top"]):
        y, width, label = 28 * index + 4, 400 * count / most, cell if len(cell) <= 28 else cell[:27] + "…"
        parts.append(f'<text class="strong" x="208" y="{y + 15}" text-anchor="end">{html.escape(label)}</text><rect x="220" y="{y}" width="{width:.1f}" height="20" style="fill:var(--c1)"/><text x="{228 + width:.1f}" y="{y + 15}">{count}</text>')
    return "".join(parts) + "</svg>"


def project_files(folder):
    """CSV files in the project's folder, newest first."""
    files = []
    with contextlib.suppress(OSError):
        for entry in os.scandir(folder):
            if entry.name.lower().endswith((".csv", ".tsv", ".txt")) and entry.is_file(follow_symlinks=False):
                files.append((-entry.stat().st_mtime, entry.name))
    return [name for _, name in sorted(files)][:200]


def safe_name(name):
    """The last part of an uploaded file's name with only harmless characters, ending in .csv, .tsv or .txt."""
    name = name.replace("\\", "/").rpartition("/")[2]
    name = "".join(letter if letter.isalnum() or letter in "-_. " else "_" for letter in name).strip(". ")[-80:]
    return name if name.lower().endswith((".csv", ".tsv", ".txt")) else (name or "data") + ".csv"


def read_file(path):
    if os.path.getsize(path) > MAX_UPLOAD:
        raise ValueError("err_large")
    with open(path, "rb") as file:
        return file.read()


def create_app(arguments, parameters):
    app, texts = make_app(arguments, TEXTS, PAGE)
    from flask import redirect, render_template, request

    app.config["MAX_CONTENT_LENGTH"] = MAX_UPLOAD
    language, folder = arguments.language, arguments.data_dir
    store, lock = Store(folder, "csv_summary.json"), threading.Lock()
    state = store.load()
    asked = {name: field_text(value) for name, value in parameters.items()}
    defaults = {"stored": "", "delimiter": "auto", "header": "true", "max_rows": "500000"}
    inputs = {name: str(value).lower() if name == "header" else str(value) for name, value in starting_inputs(defaults, state, asked).items()}
    new_start = asked != state.get("started_with")
    state.update(inputs=inputs, started_with=asked)

    def work(given, name, content):
        """Describe and save; returns errors by field."""
        errors = {}
        limit = check_number(texts, errors, given, "max_rows", 10, 5000000, language)
        if given["delimiter"] not in ("auto", *DELIMITERS):
            given["delimiter"] = "auto"
        if errors:
            return errors
        try:
            started = time.monotonic()
            result = describe(content, given["delimiter"], given["header"] == "true", int(limit))
        except ValueError as error:
            print(f"{name}: not described ({error})", file=sys.stderr, flush=True)
            return {"file": texts[str(error)]}
        state.update(inputs=given, result=result, source=name, saved_at=time.strftime("%Y-%m-%d %H:%M"))
        store.save(state)
        print(f"{name}: {result['rows']} rows, {len(result['columns'])} columns described in {time.monotonic() - started:.2f} s", flush=True)
        return {}

    def page(shown, errors, status=200):
        result = state.get("result")
        chosen = -1
        if result:
            numeric = [index for kind in ("number", "integer") for index, column in enumerate(result["columns"]) if column["type"] == kind]
            asked_for = request.args.get("column", "")
            chosen = int(asked_for) if asked_for.isdigit() and int(asked_for) < len(result["columns"]) else (numeric or [0])[0]
        return render_template(
            "page.html", inputs=shown, errors=errors, result=result, source=state.get("source", ""), chosen=chosen,
            missing=sum(column["missing"] for column in result["columns"]) if result else 0,
            keys=("mean", "deviation", "min", "q1", "median", "q3", "max"),
            plot=draw(result["columns"][chosen], texts, language) if result else "",
            stored=[("", texts["none"]), *((name, name) for name in project_files(folder))],
            delimiters=[(name, texts[name]) for name in ("auto", *DELIMITERS)], saved_at=state.get("saved_at"),
        ), status

    start_errors = {}
    if parameters.get("file") and new_start:
        path = str(parameters["file"])
        try:
            start_errors = work(inputs, os.path.basename(path), read_file(path))
        except OSError as error:
            print(f"{path}: {error}", file=sys.stderr, flush=True)
            start_errors = {"file": texts["err_read"].format(reason=error.strerror)}
        except ValueError as error:
            start_errors = {"file": texts[str(error)]}

    @app.get("/")
    def index():
        with lock:
            errors = dict(start_errors)
            start_errors.clear()
            return page(state["inputs"], errors)

    @app.errorhandler(413)
    def too_large(_error):
        with lock:
            return page(state["inputs"], {"file": texts["err_large"]}, 413)

    @app.post("/")
    def submit():
        given = {name: request.form.get(name, "")[:200] for name in ("stored", "delimiter", "max_rows")}
        given["header"] = "true" if request.form.get("header") else "false"
        upload = request.files.get("file")
        with lock:
            if upload and upload.filename:
                name, content = safe_name(upload.filename), upload.read()
                handle, temporary = tempfile.mkstemp(prefix=".saving-", dir=folder)
                with os.fdopen(handle, "wb") as file:
                    file.write(content)
                os.replace(temporary, os.path.join(folder, name))
                given["stored"] = name
            elif given["stored"] in project_files(folder):
                name = given["stored"]
                try:
                    content = read_file(os.path.join(folder, name))
                except OSError as error:
                    return page(given, {"file": texts["err_read"].format(reason=error.strerror)}, 422)
                except ValueError as error:
                    return page(given, {"file": texts[str(error)]}, 422)
            else:
                return page(given, {"file": texts["err_file"]}, 422)
            errors = work(given, name, content)
            if errors:
                return page(given, errors, 422)
        return redirect("/", 303)

    return app


def main(argv=None):
    install_stop_handler("csv_summary")
    arguments, parameters = parse_arguments(argv, ("file", "delimiter", "header", "max_rows"))
    app = create_app(arguments, parameters)
    print(f"CSV summary for project {arguments.project_name}, files in {arguments.data_dir}", flush=True)
    app.run(host="127.0.0.1", port=arguments.port, threaded=True, use_reloader=False)


if __name__ == "__main__":
    main()
