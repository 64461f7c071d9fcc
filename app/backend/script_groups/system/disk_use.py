"""Which folders and files below a directory take the space.

ScriptsManager Metadata:
@display_name: Disk use
@description: Largest folders and files below a directory, with a bar chart; skips what may not be read
@description_es: Carpetas y archivos más grandes bajo un directorio, con gráfico de barras; omite lo que no se puede leer
@description_it: Cartelle e file più grandi sotto una directory, con grafico a barre; salta ciò che non è leggibile
@description_fr: Dossiers et fichiers les plus volumineux sous un répertoire, avec graphique ; ignore ce qui est illisible
@description_long: docs/disk_use.md
@description_long_es: docs/disk_use_es.md
@description_long_it: docs/disk_use_it.md
@description_long_fr: docs/disk_use_fr.md
@required_level: operator
@category: system
@tags: disk,storage,folders,maintenance
@parameters: [
  {
    "name": "directory", "type": "directory",
    "label": {"en": "Directory", "es": "Directorio", "it": "Directory", "fr": "Répertoire"},
    "description": {"en": "Where to begin; empty: the project's data folder", "es": "Dónde empezar; vacío: la carpeta de datos del proyecto", "it": "Da dove iniziare; vuoto: la cartella dei dati del progetto", "fr": "Point de départ ; vide : le dossier de données du projet"}
  },
  {
    "name": "top", "type": "integer", "default": 15, "min": 5, "max": 100, "step": 1,
    "label": {"en": "Entries shown", "es": "Entradas mostradas", "it": "Voci mostrate", "fr": "Entrées affichées"}
  },
  {
    "name": "one_file_system", "type": "boolean", "default": true,
    "label": {"en": "Stay on one file system", "es": "Permanecer en un sistema de archivos", "it": "Restare su un solo file system", "fr": "Rester sur un seul système de fichiers"}
  },
  {
    "name": "exclude", "type": "text", "default": "",
    "label": {"en": "Leave out (one pattern per line)", "es": "Excluir (un patrón por línea)", "it": "Escludere (un modello per riga)", "fr": "Exclure (un motif par ligne)"},
    "description": {"en": "Names of folders and files, for example node_modules or *.tmp", "es": "Nombres de carpetas y archivos, por ejemplo node_modules o *.tmp", "it": "Nomi di cartelle e file, per esempio node_modules o *.tmp", "fr": "Noms de dossiers et fichiers, par exemple node_modules ou *.tmp"}
  }
]
"""

from __future__ import annotations

import argparse
import contextlib
import fnmatch
import heapq
import html
import json
import math
import os
import shutil
import signal
import stat
import sys
import tempfile
import threading
import time

MAX_PROBLEMS = 50  # unreadable places that are named; all are counted


class Cancelled(Exception):
    """The person stopped the scan."""


def allocated(info):
    """Bytes that a file takes on disk: its blocks of 512 bytes, where the system tells them."""
    blocks = getattr(info, "st_blocks", None)
    return info.st_size if blocks is None else blocks * 512


def scan(root, top=15, one_file_system=True, exclude=(), progress=lambda files, size, path: None):
    """Measure what lies below `root`.

    Links are not followed; a file with several hard links counts once; what
    cannot be read is counted and skipped. Sizes are bytes on disk. `progress`
    is called for each folder and may raise to stop. Returns a JSON-ready
    object; OSError when `root` itself cannot be read.
    """
    root = os.path.abspath(root)
    device = os.stat(root).st_dev
    with os.scandir(root):
        pass  # raises here, before anything is counted, when the root is closed to us
    seen, problems, unreadable = set(), [], 0
    children, largest, folders = {}, [], 0
    files, total, direct = 0, 0, 0
    # A stack instead of recursion: trees are deeper than Python's limit now and then.
    stack = [(root, None)]
    while stack:
        folder, child = stack.pop()
        progress(files, total, folder)
        try:
            entries = list(os.scandir(folder))
        except OSError as error:
            unreadable += 1
            if len(problems) < MAX_PROBLEMS:
                problems.append([folder, error.strerror or "error"])
            continue
        for entry in entries:
            if any(fnmatch.fnmatch(entry.name, pattern) for pattern in exclude):
                continue
            try:
                info = entry.stat(follow_symlinks=False)
            except OSError as error:
                unreadable += 1
                if len(problems) < MAX_PROBLEMS:
                    problems.append([entry.path, error.strerror or "error"])
                continue
            if stat.S_ISDIR(info.st_mode):
                # On Windows st_dev of a directory entry is 0: nothing to compare.
                if one_file_system and info.st_dev and info.st_dev != device:
                    continue
                folders += 1
                name = child if child is not None else entry.name
                size = allocated(info) if hasattr(info, "st_blocks") else 0
                children.setdefault(name, [0, 0])
                stack.append((entry.path, name))
            else:
                if info.st_nlink > 1 and info.st_ino:
                    key = (info.st_dev, info.st_ino)
                    if key in seen:
                        continue
                    seen.add(key)
                size, name = allocated(info), child
                files += 1
                if stat.S_ISREG(info.st_mode):
                    item = (size, entry.path, int(info.st_mtime))
                    (heapq.heappush if len(largest) < top else heapq.heappushpop)(largest, item)
            total += size
            if name is None:
                direct += size
            else:
                children[name][0] += size
                children[name][1] += not stat.S_ISDIR(info.st_mode)
    ordered = sorted(((size, name, count) for name, (size, count) in children.items()), reverse=True)
    return {
        "root": root, "total": total, "files": files, "folders": folders, "direct": direct, "unreadable": unreadable, "problems": problems,
        "children": [[name, size, count] for size, name, count in ordered[:top]],
        "others": [len(ordered[top:]), sum(size for size, _, _ in ordered[top:])],
        "largest": [[path, size, changed] for size, path, changed in sorted(largest, reverse=True)],
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
@media(max-width:1080px){.columns{grid-template-columns:minmax(0,1fr)}}
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


TEXTS = {
    "title": {"en": "Disk use", "es": "Uso del disco", "it": "Spazio su disco", "fr": "Espace disque"},
    "lead": {"en": "Which folders and files take the space. Links are not followed; nothing is changed or deleted.", "es": "Qué carpetas y archivos ocupan el espacio. No se siguen enlaces; no se cambia ni se borra nada.", "it": "Quali cartelle e file occupano lo spazio. I collegamenti non vengono seguiti; nulla viene modificato o cancellato.", "fr": "Quels dossiers et fichiers occupent l'espace. Les liens ne sont pas suivis ; rien n'est modifié ni supprimé."},
    "directory": {"en": "Directory", "es": "Directorio", "it": "Directory", "fr": "Répertoire"},
    "top": {"en": "Entries shown", "es": "Entradas mostradas", "it": "Voci mostrate", "fr": "Entrées affichées"},
    "exclude": {"en": "Leave out (one pattern per line)", "es": "Excluir (un patrón por línea)", "it": "Escludere (un modello per riga)", "fr": "Exclure (un motif par ligne)"},
    "one_file_system": {"en": "Stay on one file system", "es": "Permanecer en un sistema de archivos", "it": "Restare su un solo file system", "fr": "Rester sur un seul système de fichiers"},
    "measure": {"en": "Measure", "es": "Medir", "it": "Misura", "fr": "Mesurer"},
    "up": {"en": "One folder up", "es": "Subir una carpeta", "it": "Cartella superiore", "fr": "Dossier parent"},
    "nothing": {"en": "Nothing measured yet. Choose a directory and press Measure.", "es": "Todavía no se ha medido nada. Elija un directorio y pulse Medir.", "it": "Nessuna misura finora. Scegliere una directory e premere Misura.", "fr": "Rien de mesuré pour l'instant. Choisissez un répertoire et cliquez sur Mesurer."},
    "running": {"en": "Measuring…", "es": "Midiendo…", "it": "Misura in corso…", "fr": "Mesure en cours…"},
    "cancel": {"en": "Stop measuring", "es": "Detener la medición", "it": "Interrompi la misura", "fr": "Arrêter la mesure"},
    "cancelled": {"en": "The measurement was stopped.", "es": "La medición se detuvo.", "it": "La misura è stata interrotta.", "fr": "La mesure a été arrêtée."},
    "so_far": {"en": "so far", "es": "hasta ahora", "it": "finora", "fr": "jusqu'ici"},
    "total": {"en": "Total on disk", "es": "Total en disco", "it": "Totale su disco", "fr": "Total sur disque"},
    "files": {"en": "Files", "es": "Archivos", "it": "File", "fr": "Fichiers"},
    "folders": {"en": "Folders", "es": "Carpetas", "it": "Cartelle", "fr": "Dossiers"},
    "free": {"en": "Free on this disk", "es": "Libre en este disco", "it": "Libero su questo disco", "fr": "Libre sur ce disque"},
    "of": {"en": "of", "es": "de", "it": "di", "fr": "sur"},
    "unreadable": {"en": "Not readable", "es": "No legibles", "it": "Non leggibili", "fr": "Illisibles"},
    "by_folder": {"en": "Folders directly below", "es": "Carpetas del primer nivel", "it": "Cartelle di primo livello", "fr": "Dossiers de premier niveau"},
    "here": {"en": "Files directly in this folder", "es": "Archivos de esta misma carpeta", "it": "File direttamente in questa cartella", "fr": "Fichiers de ce dossier même"},
    "others": {"en": "other folders", "es": "carpetas más", "it": "altre cartelle", "fr": "autres dossiers"},
    "folder": {"en": "Folder", "es": "Carpeta", "it": "Cartella", "fr": "Dossier"},
    "size": {"en": "Size", "es": "Tamaño", "it": "Dimensione", "fr": "Taille"},
    "share": {"en": "Share", "es": "Parte", "it": "Quota", "fr": "Part"},
    "largest": {"en": "Largest files", "es": "Archivos más grandes", "it": "File più grandi", "fr": "Plus gros fichiers"},
    "file": {"en": "File", "es": "Archivo", "it": "File", "fr": "Fichier"},
    "changed": {"en": "Changed", "es": "Modificado", "it": "Modificato", "fr": "Modifié"},
    "problems": {"en": "Could not be read and is not counted", "es": "No se pudo leer y no se cuenta", "it": "Non leggibile e non contato", "fr": "Illisible et non compté"},
    "err_directory": {"en": "This directory does not exist or is not a directory.", "es": "Este directorio no existe o no es un directorio.", "it": "Questa directory non esiste o non è una directory.", "fr": "Ce répertoire n'existe pas ou n'est pas un répertoire."},
    "err_read": {"en": "This directory cannot be read: {reason}. Choose another one or ask for access.", "es": "No se puede leer este directorio: {reason}. Elija otro o solicite acceso.", "it": "Questa directory non è leggibile: {reason}. Sceglierne un'altra o chiedere l'accesso.", "fr": "Ce répertoire est illisible : {reason}. Choisissez-en un autre ou demandez l'accès."},
}

PAGE = """{% extends "frame.html" %}
{% block head %}{% if scan.running %}<noscript><meta http-equiv="refresh" content="1"></noscript>{% endif %}{% endblock %}
{% block main %}""" + FIELDS + """
<p class="lead">{{ t.lead }}</p>
{% if errors %}<div class="alert" role="alert">{{ t.err_check }}</div>{% endif %}
<form class="panel" method="post" action="/"><div class="fields">
<div class="wide {{ 'wrong' if errors.directory }}"><label for="directory">{{ t.directory }}</label><input type="text" id="directory" name="directory" value="{{ inputs.directory }}" spellcheck="false"
{%- if errors.directory %} aria-invalid="true" aria-describedby="directory-error"{% endif %}>
{% if errors.directory %}<p class="message" id="directory-error">{{ errors.directory }}</p>{% endif %}</div>
<div class="half"><label for="exclude">{{ t.exclude }}</label><textarea id="exclude" name="exclude" rows="2" spellcheck="false">{{ inputs.exclude }}</textarea></div>
{{ number("top", t.top, "") }}</div>
<div class="actions"><button name="action" value="measure"{{ ' disabled' if scan.running }}>{{ t.measure }}</button>
<label class="check"><input type="checkbox" name="one_file_system" value="true"{{ ' checked' if inputs.one_file_system == 'true' }}>{{ t.one_file_system }}</label></div></form>
<section class="panel"><h2>{{ t.results }}</h2>
{% if scan.running %}<div role="status" id="progress"><p><strong>{{ t.running }}</strong> <span id="count">{{ scan.files|show(12) }} {{ t.files }}, {{ size(scan.size) }} {{ t.so_far }}</span></p>
<p class="note path" id="place">{{ scan.path }}</p></div>
<form method="post" action="/"><div class="actions"><button class="plain" name="action" value="cancel">{{ t.cancel }}</button></div></form>
<script>
const poll = async () => {
  const state = await (await fetch('/progress')).json();
  if (!state.running) { location.reload(); return; }
  document.getElementById('count').textContent = state.text; document.getElementById('place').textContent = state.path;
  setTimeout(poll, 400);
};
setTimeout(poll, 400);
</script>
{% elif not result %}<p class="note">{{ scan.message or t.nothing }}</p>{% else %}
{% if scan.message %}<p class="message">{{ scan.message }}</p>{% endif %}
<form method="post" action="/"><input type="hidden" name="top" value="{{ inputs.top }}"><input type="hidden" name="exclude" value="{{ inputs.exclude }}">
{% if inputs.one_file_system == 'true' %}<input type="hidden" name="one_file_system" value="true">{% endif %}
<div class="place"><strong>{{ result.root }}</strong>{% if parent %}<button class="plain" name="directory" value="{{ parent }}">↑ {{ t.up }}</button>{% endif %}</div>
<dl class="figures"><div><dt>{{ t.total }}</dt><dd>{{ size(result.total) }}</dd></div><div><dt>{{ t.files }}</dt><dd>{{ result.files|show(12) }}</dd></div>
<div><dt>{{ t.folders }}</dt><dd>{{ result.folders|show(12) }}</dd></div>
{% if result.disk %}<div><dt>{{ t.free }}</dt><dd>{{ size(result.disk[1]) }}<small>{{ t.of }} {{ size(result.disk[0]) }}</small></dd></div>{% endif %}
<div><dt>{{ t.unreadable }}</dt><dd>{{ result.unreadable|show(12) }}</dd></div></dl>
<h3>{{ t.by_folder }}</h3><div class="scroll" tabindex="0" role="region" aria-label="{{ t.by_folder }}"><table class="bars"><thead><tr><th class="text" scope="col">{{ t.folder }}</th><td></td><th scope="col">{{ t.size }}</th><th scope="col">{{ t.share }}</th><th scope="col">{{ t.files }}</th></tr></thead><tbody>
{% for name, bytes, count, path, share, bar in rows %}<tr><td class="text">{% if path %}<button class="link" name="directory" value="{{ path }}">{{ name }}</button>{% else %}{{ name }}{% endif %}</td>
<td class="bar">{{ bar|safe }}</td><td>{{ size(bytes) }}</td><td>{{ share }} %</td><td>{{ count|show(12) if count is not none else "" }}</td></tr>{% endfor %}</tbody></table></div></form>
{% if result.largest %}<h3>{{ t.largest }}</h3><div class="scroll" tabindex="0" role="region" aria-label="{{ t.largest }}"><table><thead><tr><th class="text" scope="col">{{ t.file }}</th><th scope="col">{{ t.size }}</th><th scope="col">{{ t.changed }}</th></tr></thead><tbody>
{% for path, bytes, changed in files %}<tr><td class="text path">{{ path }}</td><td>{{ size(bytes) }}</td><td>{{ changed }}</td></tr>{% endfor %}</tbody></table></div>{% endif %}
{% if result.problems %}<details><summary>{{ t.problems }}: {{ result.unreadable }}</summary><ul>{% for path, reason in result.problems %}<li class="path">{{ path }} ({{ reason }})</li>{% endfor %}</ul></details>{% endif %}
{% endif %}</section>
<style>.path{overflow-wrap:anywhere}.half{grid-column:span 2}.place{display:flex;gap:16px;align-items:center;justify-content:space-between;margin-bottom:12px;overflow-wrap:anywhere}
.bars td.text{width:34%}.bars td.bar{width:38%;min-width:120px}.bars svg{display:block;width:100%;height:16px}details{margin-top:16px;font-size:14px}summary{cursor:pointer;color:var(--soft)}button[disabled]{opacity:.5;cursor:default}</style>{% endblock %}
"""


def size_text(value, language):
    """Bytes in binary units, as most file managers on Linux and Windows count."""
    unit = "o" if language == "fr" else "B"
    for prefix in ("", "Ki", "Mi", "Gi", "Ti"):
        if value < 1024 or prefix == "Ti":
            break
        value /= 1024
    return f"{show(value, 3 if prefix else 4, language)} {prefix}{unit}"


def bar_svg(share, label):
    return (f'<svg viewBox="0 0 100 16" preserveAspectRatio="none" role="img" aria-label="{html.escape(label)}"><rect width="100" height="16" style="fill:var(--bg)"/>'
            f'<rect width="{100 * share:.2f}" height="16" style="fill:var(--c1)"/></svg>')


class Scanner:
    """One scan at a time in a thread of its own; `state` is read by the page under the lock."""

    def __init__(self, finished):
        self.lock = threading.Lock()
        self.state = {"running": False, "files": 0, "size": 0, "path": "", "message": ""}
        self.cancel = False
        self.finished = finished

    def start(self, directory, top, one_file_system, exclude, cancelled_text, error_text):
        with self.lock:
            if self.state["running"]:
                return
            self.state, self.cancel = {"running": True, "files": 0, "size": 0, "path": directory, "message": ""}, False
        print(f"Measuring {directory}", flush=True)

        def progress(files, size, path):
            with self.lock:
                if self.cancel:
                    raise Cancelled
                self.state.update(files=files, size=size, path=path)

        def work():
            began, message = time.monotonic(), ""
            try:
                result = scan(directory, top, one_file_system, exclude, progress)
                with contextlib.suppress(OSError):
                    usage = shutil.disk_usage(directory)
                    result["disk"] = [usage.total, usage.free]
                self.finished(result)
                print(f"{directory}: {result['total']} bytes in {result['files']} files, {result['unreadable']} not readable, {time.monotonic() - began:.1f} s", flush=True)
            except Cancelled:
                message = cancelled_text
                print(f"{directory}: stopped by the user", flush=True)
            except OSError as error:
                message = error_text.format(reason=error.strerror)
                print(f"{directory}: {error}", file=sys.stderr, flush=True)
            finally:
                with self.lock:
                    self.state.update(running=False, message=message)

        threading.Thread(target=work, daemon=True).start()

    def stop(self):
        with self.lock:
            self.cancel = True

    def snapshot(self):
        with self.lock:
            return dict(self.state)


def create_app(arguments, parameters):
    app, texts = make_app(arguments, TEXTS, PAGE)
    from flask import jsonify, redirect, render_template, request

    language = arguments.language
    store, lock = Store(arguments.data_dir, "disk_use.json"), threading.Lock()
    state = store.load()
    defaults = {"directory": os.path.abspath(arguments.data_dir), "top": "15", "one_file_system": "true", "exclude": ""}
    asked = {name: field_text(value) for name, value in parameters.items() if value != ""}
    inputs = starting_inputs(defaults, state, asked)
    inputs["one_file_system"] = inputs["one_file_system"].lower()
    new_start = asked != state.get("started_with")
    state.update(inputs=inputs, started_with=asked)

    def finished(result):
        with lock:
            state.update(result=result, saved_at=time.strftime("%Y-%m-%d %H:%M"))
            store.save(state)

    scanner = Scanner(finished)

    def start(given):
        """Check and begin; returns errors by field."""
        errors = {}
        top = check_number(texts, errors, given, "top", 5, 100, language)
        if not os.path.isdir(given["directory"]):
            errors["directory"] = texts["err_directory"]
        elif not os.access(given["directory"], os.R_OK | os.X_OK):
            errors["directory"] = texts["err_read"].format(reason=os.strerror(13))
        if errors:
            return errors
        patterns = [line.strip() for line in given["exclude"].splitlines() if line.strip()]
        with lock:
            state["inputs"] = given
        scanner.start(given["directory"], int(top), given["one_file_system"] == "true", patterns, texts["cancelled"], texts["err_read"])
        return {}

    def page(shown, errors, status=200):
        result, rows, files, parent = state.get("result"), [], [], ""
        if result:
            entries = [(name, size, count, os.path.join(result["root"], name)) for name, size, count in result["children"]]
            if result["direct"]:
                entries.append((texts["here"], result["direct"], None, ""))
            if result["others"][0]:
                entries.append((f"{result['others'][0]} {texts['others']}", result["others"][1], None, ""))
            entries.sort(key=lambda entry: -entry[1])
            most, total = max((entry[1] for entry in entries), default=1) or 1, result["total"] or 1
            rows = [(*entry, fixed(100 * entry[1] / total, 1, language), bar_svg(entry[1] / most, f"{entry[0]}: {size_text(entry[1], language)}")) for entry in entries]
            files = [(os.path.relpath(path, result["root"]), size, time.strftime("%Y-%m-%d", time.localtime(changed))) for path, size, changed in result["largest"]]
            parent = os.path.dirname(result["root"])
            parent = parent if parent != result["root"] else ""
        return render_template(
            "page.html", inputs=shown, errors=errors, scan=scanner.snapshot(), result=result, rows=rows, files=files, parent=parent,
            size=lambda value: size_text(value, language), saved_at=state.get("saved_at"),
        ), status

    start_errors = start(inputs) if asked.get("directory") and new_start else {}

    @app.get("/")
    def index():
        with lock:
            errors = dict(start_errors)
            start_errors.clear()
            return page(state["inputs"], errors)

    @app.get("/progress")
    def progress():
        now = scanner.snapshot()
        text = f"{show(now['files'], 12, language)} {texts['files']}, {size_text(now['size'], language)} {texts['so_far']}"
        return jsonify(running=now["running"], text=text, path=now["path"])

    @app.post("/")
    def submit():
        if request.form.get("action") == "cancel":
            scanner.stop()
            return redirect("/", 303)
        given = {
            "directory": os.path.expanduser(request.form.get("directory", "").strip()), "top": request.form.get("top", ""),
            "exclude": request.form.get("exclude", "")[:4000], "one_file_system": "true" if request.form.get("one_file_system") else "false",
        }
        errors = start(given)
        if errors:
            with lock:
                return page(given, errors, 422)
        return redirect("/", 303)

    return app


def main(argv=None):
    install_stop_handler("disk_use")
    arguments, parameters = parse_arguments(argv, ("directory", "top", "one_file_system", "exclude"))
    app = create_app(arguments, parameters)
    print(f"Disk use for project {arguments.project_name}, data in {arguments.data_dir}", flush=True)
    app.run(host="127.0.0.1", port=arguments.port, threaded=True, use_reloader=False)


if __name__ == "__main__":
    main()
