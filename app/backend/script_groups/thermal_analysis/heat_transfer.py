"""Steady heat conduction through a plane wall of several layers.

ScriptsManager Metadata:
@display_name: Heat transfer through a wall
@description: Steady conduction through a composite wall: U value, heat flux and interface temperatures
@description_es: Conducción estacionaria a través de una pared compuesta: valor U, flujo de calor y temperaturas en las interfaces
@description_it: Conduzione stazionaria attraverso una parete multistrato: trasmittanza, flusso termico e temperature alle interfacce
@description_fr: Conduction stationnaire à travers une paroi composite : coefficient U, flux thermique et températures aux interfaces
@description_long: docs/heat_transfer.md
@description_long_es: docs/heat_transfer_es.md
@description_long_it: docs/heat_transfer_it.md
@description_long_fr: docs/heat_transfer_fr.md
@required_level: operator
@category: thermal
@tags: heat,conduction,insulation,wall
@parameters: [
  {
    "name": "inside_temperature", "type": "number", "default": 20, "min": -270, "max": 3000, "step": 0.1,
    "label": {"en": "Inside temperature (°C)", "es": "Temperatura interior (°C)", "it": "Temperatura interna (°C)", "fr": "Température intérieure (°C)"},
    "description": {"en": "Temperature of the fluid on the inner side", "es": "Temperatura del fluido en el lado interior", "it": "Temperatura del fluido sul lato interno", "fr": "Température du fluide côté intérieur"}
  },
  {
    "name": "outside_temperature", "type": "number", "default": -10, "min": -270, "max": 3000, "step": 0.1,
    "label": {"en": "Outside temperature (°C)", "es": "Temperatura exterior (°C)", "it": "Temperatura esterna (°C)", "fr": "Température extérieure (°C)"},
    "description": {"en": "Temperature of the fluid on the outer side", "es": "Temperatura del fluido en el lado exterior", "it": "Temperatura del fluido sul lato esterno", "fr": "Température du fluide côté extérieur"}
  },
  {
    "name": "area", "type": "number", "default": 10, "min": 0.0001, "max": 1000000, "step": 0.0001,
    "label": {"en": "Wall area (m²)", "es": "Área de la pared (m²)", "it": "Area della parete (m²)", "fr": "Surface de la paroi (m²)"},
    "description": {"en": "Area that the heat flows through", "es": "Área que atraviesa el calor", "it": "Area attraversata dal calore", "fr": "Surface traversée par la chaleur"}
  },
  {
    "name": "layers", "type": "json",
    "label": {"en": "Layers from inside to outside", "es": "Capas de interior a exterior", "it": "Strati dall'interno all'esterno", "fr": "Couches de l'intérieur vers l'extérieur"},
    "description": {
      "en": "Optional: a list of objects with name, thickness_mm and conductivity (W/(m·K)); layers can also be edited in the page",
      "es": "Opcional: una lista de objetos con name, thickness_mm y conductivity (W/(m·K)); las capas también se editan en la página",
      "it": "Facoltativo: un elenco di oggetti con name, thickness_mm e conductivity (W/(m·K)); gli strati si modificano anche nella pagina",
      "fr": "Facultatif : une liste d'objets avec name, thickness_mm et conductivity (W/(m·K)) ; les couches se modifient aussi dans la page"
    }
  }
]
"""

from __future__ import annotations

import argparse
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

MAX_LAYERS = 12

# Design conductivities in W/(m·K) at room temperature, rounded from ISO 10456:2007
# (building materials) and Incropera et al., Fundamentals of Heat and Mass
# Transfer, appendix A (metals).
MATERIALS = (
    (0.77, {"en": "Brick", "es": "Ladrillo", "it": "Mattone", "fr": "Brique"}),
    (2.0, {"en": "Concrete", "es": "Hormigón", "it": "Calcestruzzo", "fr": "Béton"}),
    (0.57, {"en": "Gypsum plaster", "es": "Enlucido de yeso", "it": "Intonaco di gesso", "fr": "Enduit plâtre"}),
    (1.0, {"en": "Cement render", "es": "Enfoscado de cemento", "it": "Intonaco di cemento", "fr": "Enduit ciment"}),
    (0.25, {"en": "Plasterboard", "es": "Placa de yeso", "it": "Cartongesso", "fr": "Plaque de plâtre"}),
    (0.13, {"en": "Softwood", "es": "Madera de conífera", "it": "Legno di conifera", "fr": "Bois résineux"}),
    (0.037, {"en": "Mineral wool", "es": "Lana mineral", "it": "Lana minerale", "fr": "Laine minérale"}),
    (0.036, {"en": "Expanded polystyrene", "es": "Poliestireno expandido", "it": "Polistirene espanso", "fr": "Polystyrène expansé"}),
    (0.025, {"en": "Polyurethane foam", "es": "Espuma de poliuretano", "it": "Schiuma poliuretanica", "fr": "Mousse polyuréthane"}),
    (1.0, {"en": "Glass", "es": "Vidrio", "it": "Vetro", "fr": "Verre"}),
    (60.5, {"en": "Carbon steel", "es": "Acero al carbono", "it": "Acciaio al carbonio", "fr": "Acier au carbone"}),
    (14.9, {"en": "Stainless steel 304", "es": "Acero inoxidable 304", "it": "Acciaio inox 304", "fr": "Acier inoxydable 304"}),
    (237.0, {"en": "Aluminium", "es": "Aluminio", "it": "Alluminio", "fr": "Aluminium"}),
)


def composite_wall(inside, outside, h_inside, h_outside, layers, area=1.0):
    """Steady one-dimensional conduction with convection on both faces.

    Temperatures in °C, film coefficients in W/(m²·K), layers as pairs of
    thickness in m and conductivity in W/(m·K), area in m². Returns U in
    W/(m²·K), flux in W/m² and flow in W (positive from inside to outside),
    resistances in m²·K/W (inner film, layers, outer film) and the
    temperatures of the inner face, the interfaces and the outer face.
    Source: ISO 6946:2017, 6.7.1; Incropera et al., section 3.1.3.
    """
    resistances = [1.0 / h_inside, *(thickness / conductivity for thickness, conductivity in layers), 1.0 / h_outside]
    total = math.fsum(resistances)
    flux = (inside - outside) / total
    temperatures = [inside - flux * math.fsum(resistances[: index + 1]) for index in range(len(resistances) - 1)]
    return {
        "u_value": 1.0 / total,
        "resistance": total,
        "flux": flux,
        "flow": flux * area,
        "resistances": resistances,
        "temperatures": temperatures,
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
    "title": {"en": "Heat transfer through a wall", "es": "Transmisión de calor en una pared", "it": "Scambio termico attraverso una parete", "fr": "Transfert thermique à travers une paroi"},
    "lead": {"en": "Steady conduction through plane layers with convection on both faces. Layers are listed from inside to outside.", "es": "Conducción estacionaria a través de capas planas con convección en ambas caras. Las capas se indican de interior a exterior.", "it": "Conduzione stazionaria attraverso strati piani con convezione su entrambe le facce. Gli strati sono elencati dall'interno all'esterno.", "fr": "Conduction stationnaire à travers des couches planes, avec convection sur les deux faces. Les couches sont listées de l'intérieur vers l'extérieur."},
    "inside_temperature": {"en": "Inside temperature", "es": "Temperatura interior", "it": "Temperatura interna", "fr": "Température intérieure"},
    "outside_temperature": {"en": "Outside temperature", "es": "Temperatura exterior", "it": "Temperatura esterna", "fr": "Température extérieure"},
    "h_inside": {"en": "Inside film coefficient", "es": "Coeficiente de película interior", "it": "Coefficiente liminare interno", "fr": "Coefficient d'échange intérieur"},
    "h_outside": {"en": "Outside film coefficient", "es": "Coeficiente de película exterior", "it": "Coefficiente liminare esterno", "fr": "Coefficient d'échange extérieur"},
    "area": {"en": "Wall area", "es": "Área de la pared", "it": "Area della parete", "fr": "Surface de la paroi"},
    "layers": {"en": "Layers", "es": "Capas", "it": "Strati", "fr": "Couches"},
    "material": {"en": "Material", "es": "Material", "it": "Materiale", "fr": "Matériau"},
    "thickness": {"en": "Thickness, mm", "es": "Espesor, mm", "it": "Spessore, mm", "fr": "Épaisseur, mm"},
    "conductivity": {"en": "λ, W/(m·K)", "es": "λ, W/(m·K)", "it": "λ, W/(m·K)", "fr": "λ, W/(m·K)"},
    "add": {"en": "Add layer", "es": "Añadir capa", "it": "Aggiungi strato", "fr": "Ajouter une couche"},
    "remove": {"en": "Remove layer", "es": "Quitar capa", "it": "Rimuovi strato", "fr": "Retirer la couche"},
    "u_value": {"en": "U value", "es": "Valor U", "it": "Trasmittanza U", "fr": "Coefficient U"},
    "resistance": {"en": "Total resistance", "es": "Resistencia total", "it": "Resistenza totale", "fr": "Résistance totale"},
    "flux": {"en": "Heat flux", "es": "Flujo de calor", "it": "Flusso termico", "fr": "Flux surfacique"},
    "flow": {"en": "Heat flow", "es": "Potencia calorífica", "it": "Potenza termica", "fr": "Flux total"},
    "profile": {"en": "Temperature through the wall", "es": "Temperatura a través de la pared", "it": "Temperatura attraverso la parete", "fr": "Température à travers la paroi"},
    "position": {"en": "Distance from the inner face, mm", "es": "Distancia desde la cara interior, mm", "it": "Distanza dalla faccia interna, mm", "fr": "Distance depuis la face intérieure, mm"},
    "temperature": {"en": "Temperature, °C", "es": "Temperatura, °C", "it": "Temperatura, °C", "fr": "Température, °C"},
    "by_layer": {"en": "Layer by layer", "es": "Capa por capa", "it": "Strato per strato", "fr": "Couche par couche"},
    "r_layer": {"en": "R, m²·K/W", "es": "R, m²·K/W", "it": "R, m²·K/W", "fr": "R, m²·K/W"},
    "share": {"en": "Share, %", "es": "Parte, %", "it": "Quota, %", "fr": "Part, %"},
    "warm": {"en": "Inner face, °C", "es": "Cara interior, °C", "it": "Faccia interna, °C", "fr": "Face intérieure, °C"},
    "cold": {"en": "Outer face, °C", "es": "Cara exterior, °C", "it": "Faccia esterna, °C", "fr": "Face extérieure, °C"},
    "inner_film": {"en": "Inside film", "es": "Película interior", "it": "Strato liminare interno", "fr": "Échange intérieur"},
    "outer_film": {"en": "Outside film", "es": "Película exterior", "it": "Strato liminare esterno", "fr": "Échange extérieur"},
    "err_layers": {"en": "Enter at least one layer.", "es": "Introduzca al menos una capa.", "it": "Inserire almeno uno strato.", "fr": "Saisissez au moins une couche."},
    "err_layers_json": {"en": "The layers given at the start could not be read; the saved ones are shown.", "es": "Las capas indicadas al inicio no se pudieron leer; se muestran las guardadas.", "it": "Gli strati indicati all'avvio non sono leggibili; si mostrano quelli salvati.", "fr": "Les couches indiquées au démarrage sont illisibles ; celles enregistrées sont affichées."},
    "layer": {"en": "Layer", "es": "Capa", "it": "Strato", "fr": "Couche"},
}

# Limits of each input: low, high. Above the highest melting points or below
# absolute zero a value is a slip of the keyboard.
LIMITS = {
    "inside_temperature": (-270.0, 3000.0),
    "outside_temperature": (-270.0, 3000.0),
    "h_inside": (0.1, 100000.0),
    "h_outside": (0.1, 100000.0),
    "area": (0.0001, 1000000.0),
    "thickness": (0.001, 10000.0),
    "conductivity": (0.001, 5000.0),
}

PAGE = """{% extends "frame.html" %}
{% block main %}""" + FIELDS + """
<p class="lead">{{ t.lead }}</p>
{% if errors %}<div class="alert" role="alert">{{ notice or t.err_check }}</div>{% endif %}
<div class="columns"><form class="panel" method="post" action="/"><h2>{{ t.inputs }}</h2>
<button class="hidden" name="action" value="calculate" tabindex="-1" aria-hidden="true">{{ t.calculate }}</button>
<div class="fields">{{ number("inside_temperature", t.inside_temperature, "°C") }}{{ number("outside_temperature", t.outside_temperature, "°C") }}
{{ number("h_inside", t.h_inside, "W/(m²·K)") }}{{ number("h_outside", t.h_outside, "W/(m²·K)") }}{{ number("area", t.area, "m²") }}</div>
<h3>{{ t.layers }}</h3>
{% if errors.layers %}<p class="message">{{ errors.layers }}</p>{% endif %}
<div class="layer head" aria-hidden="true"><span>{{ t.material }}</span><span>{{ t.thickness }}</span><span>{{ t.conductivity }}</span><span></span></div>
{% for layer in inputs.layers %}{% set i = loop.index %}<div class="layer">
<input type="text" list="materials" name="name_{{ i }}" value="{{ layer.name }}" maxlength="40" aria-label="{{ t.layer }} {{ i }}: {{ t.material }}">
{% for key in ("thickness_mm", "conductivity") %}{% set label = t.thickness if key == "thickness_mm" else t.conductivity %}{% set e = errors[key ~ "_" ~ i] %}<div class="{{ 'wrong' if e }}">
<input type="text" inputmode="decimal" autocomplete="off" name="{{ key }}_{{ i }}" value="{{ layer[key] }}" aria-label="{{ t.layer }} {{ i }}: {{ label }}"{% if e %} aria-invalid="true"{% endif %}>
{% if e %}<p class="message">{{ e }}</p>{% endif %}</div>{% endfor %}
<button class="plain icon" name="action" value="remove_{{ i }}" aria-label="{{ t.remove }} {{ i }}" title="{{ t.remove }}">✕</button></div>{% endfor %}
<datalist id="materials">{% for name, value in materials %}<option value="{{ name }}">λ = {{ value|show(4) }} W/(m·K)</option>{% endfor %}</datalist>
<div class="actions"><button name="action" value="calculate">{{ t.calculate }}</button>
{% if inputs.layers|length < max_layers %}<button class="plain" name="action" value="add">{{ t.add }}</button>{% endif %}</div></form>
<section class="panel" aria-live="polite"><h2>{{ t.results }}</h2>{% if result %}
<dl class="figures"><div><dt>{{ t.u_value }}</dt><dd>{{ result.u_value|show(4) }} <small>W/(m²·K)</small></dd></div>
<div><dt>{{ t.resistance }}</dt><dd>{{ result.resistance|show(4) }} <small>m²·K/W</small></dd></div>
<div><dt>{{ t.flux }}</dt><dd>{{ result.flux|show(4) }} <small>W/m²</small></dd></div>
<div><dt>{{ t.flow }}</dt><dd>{{ result.flow|show(4) }} <small>W</small></dd></div></dl>
<h3>{{ t.profile }}</h3>{{ plot|safe }}
<h3>{{ t.by_layer }}</h3><div class="scroll" tabindex="0" role="region" aria-label="{{ t.by_layer }}"><table><thead><tr><th class="text" scope="col">{{ t.layer }}</th><th scope="col">{{ t.r_layer }}</th><th scope="col">{{ t.share }}</th>
<th scope="col">{{ t.warm }}</th><th scope="col">{{ t.cold }}</th></tr></thead><tbody>
{% for row in rows %}<tr><td class="text">{{ row.name }}</td><td>{{ row.r }}</td><td>{{ row.share }}</td><td>{{ row.warm }}</td><td>{{ row.cold }}</td></tr>{% endfor %}
</tbody></table></div>{% else %}<p class="note">{{ t.err_check }}</p>{% endif %}</section></div>
<style>.layer input{padding:6px 8px}.layer [list]::-webkit-calendar-picker-indicator{display:none!important}.layer{display:grid;grid-template-columns:minmax(0,6fr) minmax(0,3fr) minmax(0,3fr) 36px;gap:8px;margin-bottom:8px;align-items:start}
.layer.head{font-size:13px;color:var(--soft);margin-bottom:4px}</style>
<script>
const conductivity = {{ materials|tojson }};
document.querySelectorAll('[name^=name_]').forEach(field => field.addEventListener('change', () => {
  const found = conductivity.find(entry => entry[0] === field.value);
  if (found) document.querySelector('[name=conductivity_' + field.name.slice(5) + ']').value = String(found[1]){{ "" if language == "en" else ".replace('.', ',')" }};
}));
</script>{% endblock %}
"""


def read_layers(value):
    """Layers from the `layers` parameter (JSON text or list); ValueError when they are not as documented."""
    if isinstance(value, str):
        value = json.loads(value)
    if not isinstance(value, list) or not 1 <= len(value) <= MAX_LAYERS or not all(isinstance(entry, dict) for entry in value):
        raise ValueError(f"a list of 1 to {MAX_LAYERS} objects is needed")
    return [{"name": str(entry.get("name", ""))[:40], "thickness_mm": entry["thickness_mm"], "conductivity": entry["conductivity"]} for entry in value]


def check(inputs, texts, language):
    """Return (values as numbers, errors by field)."""
    errors, values = {}, {}
    for name in ("inside_temperature", "outside_temperature", "h_inside", "h_outside", "area"):
        values[name] = check_number(texts, errors, inputs, name, *LIMITS[name], language)
    values["layers"] = []
    if not inputs["layers"]:
        errors["layers"] = texts["err_layers"]
    for index, layer in enumerate(inputs["layers"], 1):
        entry = {"name": layer["name"]}
        for key, limit in (("thickness_mm", "thickness"), ("conductivity", "conductivity")):
            field = {f"{key}_{index}": layer[key]}
            entry[key] = check_number(texts, errors, field, f"{key}_{index}", *LIMITS[limit], language)
        values["layers"].append(entry)
    return values, errors


def wall_of(values):
    layers = [(layer["thickness_mm"] / 1000, layer["conductivity"]) for layer in values["layers"]]
    return composite_wall(values["inside_temperature"], values["outside_temperature"], values["h_inside"], values["h_outside"], layers, values["area"])


def draw(values, result, texts, language):
    edges = [0.0]
    for layer in values["layers"]:
        edges.append(edges[-1] + layer["thickness_mm"])
    film = 0.12 * edges[-1]
    temperatures = [values["inside_temperature"], *result["temperatures"], values["outside_temperature"]]
    span = (min(temperatures), max(temperatures) + 0.12 * (max(temperatures) - min(temperatures)))
    plot = Plot(texts["profile"], texts["position"], texts["temperature"], (-film, edges[-1] + film), span, language)
    plot.x_marks = (0.0, edges[-1])
    for index, layer in enumerate(values["layers"]):
        plot.band(edges[index], edges[index + 1], layer["name"], index % 2 == 0)
    plot.line([(-film, temperatures[0]), (0.0, temperatures[1])], "--c2", "5 4")
    plot.line([(edges[-1], temperatures[-2]), (edges[-1] + film, temperatures[-1])], "--c2", "5 4")
    plot.line(list(zip(edges, result["temperatures"])))
    for edge, temperature in zip(edges, result["temperatures"]):
        plot.dot(edge, temperature)
    return plot.svg()


def table_rows(values, result, texts, language):
    names = [texts["inner_film"], *(layer["name"] or f"{texts['layer']} {index}" for index, layer in enumerate(values["layers"], 1)), texts["outer_film"]]
    temperatures = [values["inside_temperature"], *result["temperatures"], values["outside_temperature"]]
    degrees = [fixed(value, 2, language) for value in temperatures]
    return [
        {"name": name, "r": show(r, 4, language), "share": fixed(100 * r / result["resistance"], 1, language), "warm": degrees[index], "cold": degrees[index + 1]}
        for index, (name, r) in enumerate(zip(names, result["resistances"]))
    ]


def default_inputs(language):
    names = {entry["en"]: entry[language] for _, entry in MATERIALS}
    return {
        "inside_temperature": 20.0, "outside_temperature": -10.0, "h_inside": 7.69, "h_outside": 25.0, "area": 10.0,
        "layers": [
            {"name": names["Gypsum plaster"], "thickness_mm": 15.0, "conductivity": 0.57},
            {"name": names["Brick"], "thickness_mm": 200.0, "conductivity": 0.77},
            {"name": names["Expanded polystyrene"], "thickness_mm": 100.0, "conductivity": 0.036},
            {"name": names["Cement render"], "thickness_mm": 10.0, "conductivity": 1.0},
        ],
    }


def create_app(arguments, parameters):
    app, texts = make_app(arguments, TEXTS, PAGE)
    from flask import redirect, render_template, request

    language = arguments.language
    store, lock = Store(arguments.data_dir, "heat_transfer.json"), threading.Lock()
    state = store.load()
    inputs, notice = starting_inputs(default_inputs(language), state, parameters), ""
    try:
        inputs["layers"] = read_layers(inputs["layers"])
    except (ValueError, KeyError) as error:
        print(f"Layers not read: {error}", file=sys.stderr, flush=True)
        notice = texts["err_layers_json"]
        inputs["layers"] = starting_inputs(default_inputs(language), state, {})["layers"]
        if not isinstance(inputs["layers"], list):
            inputs["layers"] = default_inputs(language)["layers"]
    state.update(inputs=inputs, started_with=parameters)

    def page(shown, errors, values, message="", status=200):
        result = wall_of(values) if not errors else None
        texts_of = {key: field_text(value, language) for key, value in shown.items() if key != "layers"}
        texts_of["layers"] = [{key: field_text(value, language) for key, value in layer.items()} for layer in shown["layers"]]
        return render_template(
            "page.html", inputs=texts_of, errors=errors or ({"start": message} if message else {}), notice=message, result=result,
            plot=draw(values, result, texts, language) if result else "", rows=table_rows(values, result, texts, language) if result else [],
            materials=[(entry[language], value) for value, entry in MATERIALS], max_layers=MAX_LAYERS, saved_at=state.get("saved_at"),
        ), status

    @app.get("/")
    def index():
        nonlocal notice
        with lock:
            values, errors = check(state["inputs"], texts, language)
            message, notice = notice, ""
            return page(state["inputs"], errors, values, message)

    @app.post("/")
    def submit():
        form, action = request.form, request.form.get("action", "calculate")
        given = {name: form.get(name, "") for name in ("inside_temperature", "outside_temperature", "h_inside", "h_outside", "area")}
        given["layers"] = [
            {key: form.get(f"{key}_{index}", "")[:40] for key in ("name", "thickness_mm", "conductivity")}
            for index in range(1, MAX_LAYERS + 1) if f"thickness_mm_{index}" in form
        ]
        if action == "add" and len(given["layers"]) < MAX_LAYERS:
            given["layers"].append({"name": "", "thickness_mm": 50.0, "conductivity": 0.04})
        elif action.startswith("remove_") and action[7:].isdigit() and 1 <= int(action[7:]) <= len(given["layers"]):
            del given["layers"][int(action[7:]) - 1]
        values, errors = check(given, texts, language)
        with lock:
            if errors:
                return page(given, errors, values, status=422)
            result = wall_of(values)
            state.update(inputs=values, result=result, saved_at=time.strftime("%Y-%m-%d %H:%M"))
            store.save(state)
        print(f"Wall of {len(values['layers'])} layers: U = {result['u_value']:.4f} W/(m2.K), q = {result['flux']:.2f} W/m2, Q = {result['flow']:.1f} W", flush=True)
        return redirect("/", 303)

    return app


def main(argv=None):
    install_stop_handler("heat_transfer")
    arguments, parameters = parse_arguments(argv, ("inside_temperature", "outside_temperature", "area", "layers"))
    app = create_app(arguments, parameters)
    print(f"Heat transfer for project {arguments.project_name}, data in {arguments.data_dir}", flush=True)
    app.run(host="127.0.0.1", port=arguments.port, threaded=True, use_reloader=False)


if __name__ == "__main__":
    main()
