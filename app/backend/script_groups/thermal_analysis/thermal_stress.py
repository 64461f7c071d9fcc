"""Thermal stress of restrained bars, plates and hollow cylinders.

ScriptsManager Metadata:
@display_name: Thermal stress
@description: Stress from restrained thermal expansion: bar with gap, plate, plate with a gradient, hollow cylinder
@description_es: Tensiones por dilatación térmica impedida: barra con holgura, placa, placa con gradiente, cilindro hueco
@description_it: Tensioni da dilatazione termica impedita: barra con gioco, piastra, piastra con gradiente, cilindro cavo
@description_fr: Contraintes de dilatation thermique empêchée : barre avec jeu, plaque, plaque avec gradient, cylindre creux
@description_long: docs/thermal_stress.md
@description_long_es: docs/thermal_stress_es.md
@description_long_it: docs/thermal_stress_it.md
@description_long_fr: docs/thermal_stress_fr.md
@required_level: operator
@category: thermal
@tags: stress,expansion,strength,cylinder
@flask_port: 5230
@parameters: [
  {
    "name": "case", "type": "select", "options": ["bar", "plate", "gradient", "cylinder"], "default": "bar",
    "label": {"en": "Case", "es": "Caso", "it": "Caso", "fr": "Cas"},
    "description": {"en": "bar: between two supports; plate: all edges held; gradient: hot and cold face; cylinder: hot inside",
      "es": "bar: barra entre dos apoyos; plate: placa con bordes fijos; gradient: cara caliente y fría; cylinder: cilindro caliente por dentro",
      "it": "bar: barra tra due vincoli; plate: piastra con bordi vincolati; gradient: faccia calda e fredda; cylinder: cilindro caldo all'interno",
      "fr": "bar : barre entre deux appuis ; plate : plaque aux bords bloqués ; gradient : face chaude et froide ; cylinder : cylindre chaud à l'intérieur"}
  },
  {
    "name": "material", "type": "select", "options": ["carbon_steel", "stainless_304", "aluminium_6061", "copper", "titanium", "glass"], "default": "carbon_steel",
    "label": {"en": "Material", "es": "Material", "it": "Materiale", "fr": "Matériau"}
  },
  {
    "name": "temperature_change", "type": "number", "default": 50, "min": -1500, "max": 1500, "step": 0.1,
    "label": {"en": "Temperature change (K)", "es": "Cambio de temperatura (K)", "it": "Variazione di temperatura (K)", "fr": "Variation de température (K)"},
    "description": {"en": "Heating is positive; for gradient and cylinder: hot face minus cold face, inner minus outer surface",
      "es": "Calentamiento positivo; en gradient y cylinder: cara caliente menos fría, superficie interior menos exterior",
      "it": "Riscaldamento positivo; per gradient e cylinder: faccia calda meno fredda, superficie interna meno esterna",
      "fr": "Positive à l'échauffement ; pour gradient et cylinder : face chaude moins froide, surface intérieure moins extérieure"}
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

# Typical values at room temperature: E in GPa, α in 10⁻⁶/K, ν, strength in MPa
# (yield; for glass the usual design strength). Rounded from Gere & Goodno,
# Mechanics of Materials, appendix I, and Callister, Materials Science, appendix B.
MATERIALS = {
    "carbon_steel": (205.0, 12.0, 0.29, 250.0, {"en": "Carbon steel", "es": "Acero al carbono", "it": "Acciaio al carbonio", "fr": "Acier au carbone"}),
    "stainless_304": (193.0, 17.2, 0.30, 205.0, {"en": "Stainless steel 304", "es": "Acero inoxidable 304", "it": "Acciaio inox 304", "fr": "Acier inoxydable 304"}),
    "aluminium_6061": (69.0, 23.6, 0.33, 276.0, {"en": "Aluminium 6061-T6", "es": "Aluminio 6061-T6", "it": "Alluminio 6061-T6", "fr": "Aluminium 6061-T6"}),
    "copper": (115.0, 17.0, 0.34, 69.0, {"en": "Copper, annealed", "es": "Cobre recocido", "it": "Rame ricotto", "fr": "Cuivre recuit"}),
    "titanium": (114.0, 8.6, 0.34, 830.0, {"en": "Titanium Ti-6Al-4V", "es": "Titanio Ti-6Al-4V", "it": "Titanio Ti-6Al-4V", "fr": "Titane Ti-6Al-4V"}),
    "glass": (69.0, 9.0, 0.23, 30.0, {"en": "Soda-lime glass", "es": "Vidrio sodocálcico", "it": "Vetro sodocalcico", "fr": "Verre sodocalcique"}),
}


def bar_stress(modulus, alpha, delta, length, area, gap=0.0, stiffness=math.inf):
    """Axial stress in Pa of a bar between two supports (compression is negative).

    SI units; `gap` is the free play before the bar touches, `stiffness` that
    of both supports in series in N/m. A bar with a gap cannot be pulled.
    Source: Gere & Goodno, Mechanics of Materials, section 2.5; Hibbeler,
    Mechanics of Materials, section 4.6.
    """
    free = alpha * delta * length
    if gap > 0:
        free = max(0.0, free - gap)
    return -free / (length / (modulus * area) + 1.0 / stiffness) / area


def plate_stress(modulus, alpha, poisson, delta):
    """Equal biaxial stress of a plate whose edges cannot move: −E·α·ΔT/(1−ν).

    Source: Timoshenko & Goodier, Theory of Elasticity, chapter on thermal stress.
    """
    return -modulus * alpha * delta / (1.0 - poisson)


def gradient_stress(modulus, alpha, poisson, delta, position):
    """Stress in a plate with a linear gradient whose edges cannot rotate.

    `position` runs from 0 at the hot face to 1 at the cold face; the mean
    temperature is free to expand. Source: Timoshenko & Goodier; Young &
    Budynas, Roark's Formulas for Stress and Strain, section 16.6.
    """
    return -modulus * alpha * delta * (1.0 - 2.0 * position) / (2.0 * (1.0 - poisson))


def cylinder_stress(modulus, alpha, poisson, delta, inner, outer, radius):
    """(radial, hoop, axial) stress in a long hollow cylinder with free ends.

    Steady radial heat flow, the inner surface hotter by `delta`.
    Source: Timoshenko & Goodier, Theory of Elasticity, article on the long
    circular cylinder.
    """
    ratio = math.log(outer / inner)
    factor = modulus * alpha * delta / (2.0 * (1.0 - poisson) * ratio)
    outward = math.log(outer / radius)
    ring = inner**2 / (outer**2 - inner**2) * ratio
    radial = factor * (-outward - ring * (1.0 - (outer / radius) ** 2))
    hoop = factor * (1.0 - outward - ring * (1.0 + (outer / radius) ** 2))
    axial = factor * (1.0 - 2.0 * outward - 2.0 * ring)
    # Exactly zero at both surfaces; what rounding leaves there is no stress.
    if radius in (inner, outer):
        radial = 0.0
    return radial, hoop, axial


def von_mises(first, second, third=0.0):
    """Equivalent stress of three principal stresses."""
    return math.sqrt(((first - second) ** 2 + (second - third) ** 2 + (third - first) ** 2) / 2.0)


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
    "title": {"en": "Thermal stress", "es": "Tensiones térmicas", "it": "Tensioni termiche", "fr": "Contraintes thermiques"},
    "lead": {"en": "Linear-elastic stress from thermal expansion that is held back. Tension is positive, compression negative.", "es": "Tensión elástica lineal por dilatación térmica impedida. Tracción positiva, compresión negativa.", "it": "Tensione elastica lineare da dilatazione termica impedita. Trazione positiva, compressione negativa.", "fr": "Contrainte élastique linéaire due à une dilatation thermique empêchée. Traction positive, compression négative."},
    "case": {"en": "Case", "es": "Caso", "it": "Caso", "fr": "Cas"},
    "bar": {"en": "Bar between two supports", "es": "Barra entre dos apoyos", "it": "Barra tra due vincoli", "fr": "Barre entre deux appuis"},
    "plate": {"en": "Plate, all edges held", "es": "Placa con todos los bordes fijos", "it": "Piastra con tutti i bordi vincolati", "fr": "Plaque, tous bords bloqués"},
    "gradient": {"en": "Plate with hot and cold face", "es": "Placa con cara caliente y fría", "it": "Piastra con faccia calda e fredda", "fr": "Plaque, face chaude et face froide"},
    "cylinder": {"en": "Hollow cylinder, hot inside", "es": "Cilindro hueco, caliente por dentro", "it": "Cilindro cavo, caldo all'interno", "fr": "Cylindre creux, chaud à l'intérieur"},
    "material": {"en": "Material", "es": "Material", "it": "Materiale", "fr": "Matériau"},
    "custom": {"en": "Own values", "es": "Valores propios", "it": "Valori propri", "fr": "Valeurs propres"},
    "modulus": {"en": "Young's modulus E", "es": "Módulo de Young E", "it": "Modulo di Young E", "fr": "Module de Young E"},
    "alpha": {"en": "Expansion coefficient α", "es": "Coef. de dilatación α", "it": "Coeff. di dilatazione α", "fr": "Coef. de dilatation α"},
    "poisson": {"en": "Poisson's ratio ν", "es": "Coef. de Poisson ν", "it": "Coeff. di Poisson ν", "fr": "Coef. de Poisson ν"},
    "strength": {"en": "Yield strength", "es": "Límite elástico", "it": "Carico di snervamento", "fr": "Limite d'élasticité"},
    "temperature_change": {"en": "Temperature change", "es": "Cambio de temperatura", "it": "Variazione di temperatura", "fr": "Variation de température"},
    "length": {"en": "Length", "es": "Longitud", "it": "Lunghezza", "fr": "Longueur"},
    "area": {"en": "Cross-section", "es": "Sección", "it": "Sezione", "fr": "Section"},
    "gap": {"en": "Gap (0: fixed ends)", "es": "Holgura (0: extremos fijos)", "it": "Gioco (0: estremi fissi)", "fr": "Jeu (0 : extrémités fixes)"},
    "stiffness": {"en": "Support stiffness (0: rigid)", "es": "Rigidez de apoyos (0: rígidos)", "it": "Rigidezza vincoli (0: rigidi)", "fr": "Raideur des appuis (0 : rigides)"},
    "thickness": {"en": "Thickness", "es": "Espesor", "it": "Spessore", "fr": "Épaisseur"},
    "inner": {"en": "Inner radius", "es": "Radio interior", "it": "Raggio interno", "fr": "Rayon intérieur"},
    "outer": {"en": "Outer radius", "es": "Radio exterior", "it": "Raggio esterno", "fr": "Rayon extérieur"},
    "show_case": {"en": "Show inputs", "es": "Mostrar datos", "it": "Mostra dati", "fr": "Afficher les données"},
    "equivalent": {"en": "Highest von Mises", "es": "Von Mises máxima", "it": "Von Mises massima", "fr": "Von Mises maximale"},
    "safety": {"en": "Safety to yield", "es": "Seguridad al límite", "it": "Sicurezza allo snerv.", "fr": "Coef. de sécurité"},
    "at_yield": {"en": "Yields at ΔT", "es": "Fluye con ΔT", "it": "Snerva a ΔT", "fr": "Plastifie à ΔT"},
    "force": {"en": "Axial force", "es": "Fuerza axial", "it": "Forza assiale", "fr": "Effort axial"},
    "below": {"en": "The stress stays below the yield strength.", "es": "La tensión queda por debajo del límite elástico.", "it": "La tensione resta sotto il carico di snervamento.", "fr": "La contrainte reste sous la limite d'élasticité."},
    "above": {"en": "The stress exceeds the yield strength: the linear-elastic result is no longer valid.", "es": "La tensión supera el límite elástico: el resultado elástico lineal deja de ser válido.", "it": "La tensione supera il carico di snervamento: il risultato elastico lineare non è più valido.", "fr": "La contrainte dépasse la limite d'élasticité : le résultat élastique linéaire n'est plus valable."},
    "no_contact": {"en": "The bar does not touch the support: no stress.", "es": "La barra no toca el apoyo: sin tensión.", "it": "La barra non tocca il vincolo: nessuna tensione.", "fr": "La barre ne touche pas l'appui : aucune contrainte."},
    "stress": {"en": "Stress, MPa", "es": "Tensión, MPa", "it": "Tensione, MPa", "fr": "Contrainte, MPa"},
    "delta_axis": {"en": "Temperature change, K", "es": "Cambio de temperatura, K", "it": "Variazione di temperatura, K", "fr": "Variation de température, K"},
    "depth_axis": {"en": "Distance from the hot face, mm", "es": "Distancia desde la cara caliente, mm", "it": "Distanza dalla faccia calda, mm", "fr": "Distance depuis la face chaude, mm"},
    "radius_axis": {"en": "Radius, mm", "es": "Radio, mm", "it": "Raggio, mm", "fr": "Rayon, mm"},
    "distribution": {"en": "Stress", "es": "Tensión", "it": "Tensione", "fr": "Contrainte"},
    "place": {"en": "Place", "es": "Lugar", "it": "Posizione", "fr": "Endroit"},
    "axial": {"en": "Axial", "es": "Axial", "it": "Assiale", "fr": "Axiale"},
    "biaxial": {"en": "In plane", "es": "En el plano", "it": "Nel piano", "fr": "Dans le plan"},
    "radial": {"en": "Radial", "es": "Radial", "it": "Radiale", "fr": "Radiale"},
    "hoop": {"en": "Hoop", "es": "Circunferencial", "it": "Circonferenziale", "fr": "Orthoradiale"},
    "hot_face": {"en": "Hot face", "es": "Cara caliente", "it": "Faccia calda", "fr": "Face chaude"},
    "cold_face": {"en": "Cold face", "es": "Cara fría", "it": "Faccia fredda", "fr": "Face froide"},
    "inner_face": {"en": "Inner surface", "es": "Superficie interior", "it": "Superficie interna", "fr": "Surface intérieure"},
    "outer_face": {"en": "Outer surface", "es": "Superficie exterior", "it": "Superficie esterna", "fr": "Surface extérieure"},
    "whole": {"en": "Everywhere", "es": "En toda la pieza", "it": "Ovunque", "fr": "Partout"},
    "err_case": {"en": "Choose one of the cases.", "es": "Elija uno de los casos.", "it": "Scegliere uno dei casi.", "fr": "Choisissez un des cas."},
    "err_outer": {"en": "The outer radius must be larger than the inner one.", "es": "El radio exterior debe ser mayor que el interior.", "it": "Il raggio esterno deve superare quello interno.", "fr": "Le rayon extérieur doit dépasser le rayon intérieur."},
}

# Inputs: low, high, unit.
FIELDS_OF = {
    "modulus": (0.001, 2000.0, "GPa"), "alpha": (0.01, 500.0, "10⁻⁶/K"), "poisson": (0.0, 0.49, ""), "strength": (0.01, 10000.0, "MPa"),
    "temperature_change": (-1500.0, 1500.0, "K"), "length": (0.1, 1e6, "mm"), "area": (0.001, 1e8, "mm²"), "gap": (0.0, 1000.0, "mm"),
    "stiffness": (0.0, 1e6, "kN/mm"), "thickness": (0.01, 10000.0, "mm"), "inner": (0.01, 1e5, "mm"), "outer": (0.01, 1e5, "mm"),
}
MATERIAL_FIELDS = ("modulus", "alpha", "poisson", "strength")
CASES = {"bar": ("length", "area", "gap", "stiffness"), "plate": (), "gradient": ("thickness",), "cylinder": ("inner", "outer")}
DEFAULTS = {
    "case": "bar", "modulus": 205.0, "alpha": 12.0, "poisson": 0.29, "strength": 250.0, "temperature_change": 50.0, "length": 1000.0,
    "area": 500.0, "gap": 0.0, "stiffness": 0.0, "thickness": 20.0, "inner": 50.0, "outer": 80.0,
}

PAGE = """{% extends "frame.html" %}
{% block main %}""" + FIELDS + """
<p class="lead">{{ t.lead }}</p>
{% if errors %}<div class="alert" role="alert">{{ t.err_check }}</div>{% endif %}
<div class="columns"><form class="panel" method="post" action="/"><h2>{{ t.inputs }}</h2>
<button class="hidden" name="action" value="calculate" tabindex="-1" aria-hidden="true">{{ t.calculate }}</button>
{{ choice("case", t.case, cases) }}
<noscript><div class="actions"><button class="plain" name="action" value="case">{{ t.show_case }}</button></div></noscript>
<div class="fields after">{{ number("temperature_change", t.temperature_change, "K") }}
{% for name in case_fields %}{{ number(name, t[name], units[name]) }}{% endfor %}</div>
<h3>{{ t.material }}</h3><div class="fields"><div class="wide">{{ choice("material", t.material, materials) }}</div>
{% for name in material_fields %}{{ number(name, t[name], units[name]) }}{% endfor %}</div>
<div class="actions"><button name="action" value="calculate">{{ t.calculate }}</button></div></form>
<section class="panel" aria-live="polite"><h2>{{ t.results }}</h2>{% if result %}
<dl class="figures"><div><dt>{{ t.equivalent }}</dt><dd>{{ result.equivalent|show(4) }} <small>MPa</small></dd></div>
<div><dt>{{ t.safety }}</dt><dd>{{ result.safety|show(3) }}<small>σ<sub>y</sub> = {{ result.strength|show(4) }} MPa</small></dd></div>
<div><dt>{{ t.at_yield }}</dt><dd>{{ result.at_yield|show(4) }} <small>K</small></dd></div>
{% if result.force is not none %}<div><dt>{{ t.force }}</dt><dd>{{ result.force|show(4) }} <small>kN</small></dd></div>{% endif %}</dl>
<p class="verdict {{ 'over' if result.over }}">{{ verdict }}</p>
<h3>{{ t.distribution }}</h3>{{ plot|safe }}
<div class="scroll" tabindex="0" role="region" aria-label="{{ t.results }}"><table><thead><tr><th class="text" scope="col">{{ t.place }}</th>{% for name in result.names %}<th scope="col">{{ t[name] }}, MPa</th>{% endfor %}<th scope="col">von Mises, MPa</th></tr></thead><tbody>
{% for place, stresses, equivalent in result.places %}<tr><td class="text">{{ t[place] }}</td>{% for value in stresses %}<td>{{ value|show(4) }}</td>{% endfor %}<td>{{ equivalent|show(4) }}</td></tr>{% endfor %}
</tbody></table></div>{% else %}<p class="note">{{ t.err_check }}</p>{% endif %}</section></div>
<style>.after{margin-top:12px}.verdict{margin:0 0 8px;color:var(--good)}.verdict.over{color:var(--bad)}</style>
<script>
const form = document.querySelector('form'), values = {{ material_values|tojson }};
form.case.addEventListener('change', () => {
  const wish = Object.assign(document.createElement('input'), {type: 'hidden', name: 'action', value: 'case'});
  form.prepend(wish); form.submit();
});
form.material.addEventListener('change', () => {
  (values[form.material.value] || []).forEach((value, i) => { form[{{ material_fields|tojson }}[i]].value = value; });
});
{{ material_fields|tojson }}.forEach(name => form[name].addEventListener('input', () => { form.material.value = 'custom'; }));
</script>{% endblock %}
"""


def check(inputs, texts, language):
    """Return (values as numbers, errors by field)."""
    errors, values = {}, dict(inputs)
    if inputs["case"] not in CASES:
        errors["case"] = texts["err_case"]
        return values, errors
    for name in ("temperature_change", *CASES[inputs["case"]], *MATERIAL_FIELDS):
        values[name] = check_number(texts, errors, inputs, name, *FIELDS_OF[name][:2], language)
    if inputs["case"] == "cylinder" and not errors and values["outer"] <= values["inner"] * 1.0001:
        errors["outer"] = texts["err_outer"]
    return values, errors


def solve(values):
    """Stresses in MPa at the places that matter, and curves for the plot, for checked values."""
    case, delta = values["case"], values["temperature_change"]
    modulus, alpha, poisson = values["modulus"] * 1e9, values["alpha"] * 1e-6, values["poisson"]
    force, steps = None, [index / 60 for index in range(61)]
    if case == "bar":
        length, area, gap = values["length"] / 1000, values["area"] / 1e6, values["gap"] / 1000
        stiffness = values["stiffness"] * 1e6 or math.inf

        def stress_at(change):
            return bar_stress(modulus, alpha, change, length, area, gap, stiffness) / 1e6

        stress = stress_at(delta)
        force, names, places = stress * values["area"] / 1000, ["axial"], [("whole", [stress], abs(stress))]
        # The curve has a corner where the bar touches.
        contact = gap / (alpha * length)
        changes = sorted([delta * step for step in steps] + ([contact] if 0 < contact < delta else []))
        curves = [("axial", [(change, stress_at(change)) for change in changes])]
        compliance = length / (modulus * area) + 1.0 / stiffness
        at_yield = (values["strength"] * 1e6 * area * compliance + gap) / (alpha * length) * (-1 if delta < 0 and gap == 0 else 1)
    elif case == "plate":
        stress = plate_stress(modulus, alpha, poisson, delta) / 1e6
        names, places, curves = ["biaxial"], [("whole", [stress], abs(stress))], [("biaxial", [(0.0, 0.0), (delta, stress)])]
    elif case == "gradient":
        hot = gradient_stress(modulus, alpha, poisson, delta, 0.0) / 1e6
        names, places = ["biaxial"], [("hot_face", [hot], abs(hot)), ("cold_face", [-hot], abs(hot))]
        curves = [("biaxial", [(0.0, hot), (values["thickness"], -hot)])]
    else:
        names, radii = ["radial", "hoop", "axial"], [values["inner"] + (values["outer"] - values["inner"]) * step for step in steps]
        rows = [[part / 1e6 for part in cylinder_stress(modulus, alpha, poisson, delta, values["inner"], values["outer"], radius)] for radius in radii]
        places = [("inner_face", rows[0], von_mises(*rows[0])), ("outer_face", rows[-1], von_mises(*rows[-1]))]
        curves = [(name, [(radius, row[index]) for radius, row in zip(radii, rows)]) for index, name in enumerate(names)]
    equivalent = max(place[2] for place in places)
    safety = values["strength"] / equivalent if equivalent > 0 else None
    if case != "bar":
        at_yield = delta * safety if safety else None
    return {
        "equivalent": equivalent, "safety": safety, "over": equivalent > values["strength"], "strength": values["strength"],
        "at_yield": at_yield, "force": force, "names": names, "places": places, "curves": curves,
    }


def draw(values, result, texts, language):
    points = [point for _, curve in result["curves"] for point in curve]
    x_low, x_high = min(x for x, _ in points), max(x for x, _ in points)
    if x_high - x_low < 1e-9:
        x_low, x_high = x_low - 1.0, x_high + 1.0
    low, high = min(0.0, *(y for _, y in points)), max(0.0, *(y for _, y in points))
    axis = {"bar": "delta_axis", "plate": "delta_axis", "gradient": "depth_axis", "cylinder": "radius_axis"}[values["case"]]
    # Room above the curves for the legend.
    plot = Plot(texts["distribution"], texts[axis], texts["stress"], (x_low, x_high), (low, high + 0.12 * (high - low)), language)
    styles = [("--c1", ""), ("--c2", ""), ("--c3", "7 4")]
    limit_shown = False
    for limit in (-values["strength"], values["strength"]):
        if plot.y_low <= limit <= plot.y_high:
            plot.line([(x_low, limit), (x_high, limit)], "--bad", "3 4")
            limit_shown = True
    for (_, curve), style in zip(result["curves"], styles):
        plot.line(curve, *style)
    entries = [(texts[name], *style) for (name, _), style in zip(result["curves"], styles)]
    plot.legend([*entries, (texts["strength"], "--bad", "3 4")] if limit_shown else entries)
    return plot.svg()


def material_of(inputs):
    for name, entry in MATERIALS.items():
        if [inputs.get(field) for field in MATERIAL_FIELDS] == list(entry[:4]):
            return name
    return "custom"


def create_app(arguments, parameters):
    app, texts = make_app(arguments, TEXTS, PAGE)
    from flask import redirect, render_template, request

    language = arguments.language
    store, lock = Store(arguments.data_dir, "thermal_stress.json"), threading.Lock()
    state = store.load()
    chosen = MATERIALS.get(str(parameters.get("material")))
    asked = {**parameters, **(dict(zip(MATERIAL_FIELDS, chosen[:4])) if chosen else {})}
    inputs = starting_inputs(DEFAULTS, state, asked)
    state.update(inputs=inputs, started_with=asked)

    def page(shown, errors, values, status=200):
        result = solve(values) if not errors else None
        verdict = ""
        if result:
            verdict = texts["above"] if result["over"] else texts["below"]
            if shown["case"] == "bar" and values["gap"] > 0 and result["equivalent"] == 0:
                verdict = texts["no_contact"]
        return render_template(
            "page.html", inputs={**{name: field_text(value, language) for name, value in shown.items()}, "material": material_of(values)},
            errors=errors, result=result, verdict=verdict, plot=draw(values, result, texts, language) if result else "",
            cases=[(name, texts[name]) for name in CASES], case_fields=CASES.get(shown["case"], ()), material_fields=MATERIAL_FIELDS,
            units={name: entry[2] for name, entry in FIELDS_OF.items()},
            materials=[*((name, entry[4][language]) for name, entry in MATERIALS.items()), ("custom", texts["custom"])],
            material_values={name: [field_text(value, language) for value in entry[:4]] for name, entry in MATERIALS.items()},
            saved_at=state.get("saved_at"),
        ), status

    @app.get("/")
    def index():
        with lock:
            values, errors = check(state["inputs"], texts, language)
            return page(state["inputs"], errors, values)

    @app.post("/")
    def submit():
        with lock:
            given = {name: request.form.get(name, state["inputs"][name]) for name in DEFAULTS}
            values, errors = check(given, texts, language)
            if errors:
                return page(given, errors, values, 422)
            result = solve(values)
            state.update(inputs=values, saved_at=time.strftime("%Y-%m-%d %H:%M"))
            state["result"] = {name: result[name] for name in ("equivalent", "safety", "at_yield", "force", "places")}
            store.save(state)
        print(f"{values['case']}: dT = {values['temperature_change']:g} K, von Mises {result['equivalent']:.2f} MPa of {values['strength']:g} MPa", flush=True)
        return redirect("/", 303)

    return app


def main(argv=None):
    install_stop_handler("thermal_stress")
    arguments, parameters = parse_arguments(argv, ("case", "material", "temperature_change"))
    app = create_app(arguments, parameters)
    print(f"Thermal stress for project {arguments.project_name}, data in {arguments.data_dir}", flush=True)
    app.run(host="127.0.0.1", port=arguments.port, threaded=True, use_reloader=False)


if __name__ == "__main__":
    main()
