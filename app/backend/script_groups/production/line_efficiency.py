"""Overall equipment effectiveness (OEE) of a packaging line, shift by shift.

ScriptsManager Metadata:
@display_name: Line efficiency (OEE)
@description: Availability, performance and quality of a packaging line, with the tree of losses and the pareto of its stops
@description_es: Disponibilidad, rendimiento y calidad de una línea de envasado, con el árbol de pérdidas y el pareto de paradas
@description_it: Disponibilità, prestazione e qualità di una linea di confezionamento, con l’albero delle perdite e il pareto delle fermate
@description_fr: Disponibilité, performance et qualité d’une ligne de conditionnement, avec l’arbre des pertes et le pareto des arrêts
@description_long: docs/line_efficiency.md
@description_long_es: docs/line_efficiency_es.md
@description_long_it: docs/line_efficiency_it.md
@description_long_fr: docs/line_efficiency_fr.md
@required_level: operator
@category: production
@tags: OEE,efficiency,stops,pareto,shifts
@parameters: [
  {
    "name": "target", "type": "number", "default": 85, "min": 1, "max": 100, "step": 0.1,
    "label": {"en": "Target OEE (%)", "es": "OEE objetivo (%)", "it": "OEE obiettivo (%)", "fr": "TRS visé (%)"}
  },
  {
    "name": "shifts", "type": "json",
    "label": {"en": "Shifts", "es": "Turnos", "it": "Turni", "fr": "Postes"},
    "description": {
      "en": "Optional: a list of 1 to 6 objects with name, time (min), rate (units/h), total and rejects; shifts can also be edited in the page",
      "es": "Opcional: una lista de 1 a 6 objetos con name, time (min), rate (unidades/h), total y rejects; los turnos también se editan en la página",
      "it": "Facoltativo: un elenco di 1–6 oggetti con name, time (min), rate (unità/h), total e rejects; i turni si modificano anche nella pagina",
      "fr": "Facultatif : une liste de 1 à 6 objets avec name, time (min), rate (unités/h), total et rejects ; les postes se modifient aussi dans la page"
    }
  },
  {
    "name": "stops", "type": "json",
    "label": {"en": "Stops", "es": "Paradas", "it": "Fermate", "fr": "Arrêts"},
    "description": {
      "en": "Optional: a list of at most 40 objects with shift (1, 2, …), cause, kind (planned, breakdown, changeover, waiting, short), minutes and count",
      "es": "Opcional: una lista de hasta 40 objetos con shift (1, 2, …), cause, kind (planned, breakdown, changeover, waiting, short), minutes y count",
      "it": "Facoltativo: un elenco di al massimo 40 oggetti con shift (1, 2, …), cause, kind (planned, breakdown, changeover, waiting, short), minutes e count",
      "fr": "Facultatif : une liste d’au plus 40 objets avec shift (1, 2, …), cause, kind (planned, breakdown, changeover, waiting, short), minutes et count"
    }
  }
]
"""

from __future__ import annotations

import html
import json
import math
import sys
import threading
import time

from scriptsmanager import FIELDS, Plot, Store, bar_plot, check_number, field_text, fixed, make_app, serve, show, starting_inputs, waterfall_plot

MAX_SHIFTS, MAX_STOPS = 6, 40
# Which part of the time a kind of stop takes from: before the planned time, from
# the availability, or (short stops) from the performance, as in Nakajima's six
# big losses.
KINDS = {"planned": "planned", "breakdown": "availability", "changeover": "availability", "waiting": "availability", "short": "performance"}


def shares(planned, run, net, productive):
    """Availability, performance, quality and OEE of four times in minutes; None where a share has no meaning.

    Source: S. Nakajima, Introduction to TPM (1988); ISO 22400-2:2014,
    availability, effectiveness, quality ratio and OEE index.
    """
    return {
        "availability": run / planned if planned > 0 else None, "performance": net / run if run > 0 else None,
        "quality": productive / net if net > 0 else None, "oee": productive / planned if planned > 0 else None,
    }


def shift_times(shift, stops):
    """The times of a shift in minutes, from its calendar time down to the time of good units at the nominal rate.

    `shift` has time in min, rate in units/h, total and rejects in units; `stops`
    are its stops, each of a kind and with minutes.
    """
    lost = {kind: math.fsum(stop["minutes"] for stop in stops if stop["kind"] == kind) for kind in KINDS}
    planned = shift["time"] - lost["planned"]
    run = planned - math.fsum(lost[kind] for kind, part in KINDS.items() if part == "availability")
    net = shift["total"] / shift["rate"] * 60.0
    return {
        "time": shift["time"], "planned": planned, "run": run, "net": net, "productive": (shift["total"] - shift["rejects"]) / shift["rate"] * 60.0,
        "lost": {**lost, "speed": run - lost["short"] - net, "rejects": shift["rejects"] / shift["rate"] * 60.0},
    }


def add_up(times):
    """The times of several shifts together. Weighted by time, shifts with different products can be added."""
    total = {key: math.fsum(one[key] for one in times) for key in ("time", "planned", "run", "net", "productive")}
    total["lost"] = {kind: math.fsum(one["lost"][kind] for one in times) for kind in (*KINDS, "speed", "rejects")}
    return total


def pareto(stops, total, names):
    """Causes of lost production time as (cause, minutes, number, cumulative share), the largest first.

    The same cause in several shifts counts together; planned stops are no loss.
    """
    causes = {}
    for stop in stops:
        if stop["kind"] != "planned" and stop["minutes"] > 0:
            entry = causes.setdefault(stop["cause"] or names[stop["kind"]], [0.0, 0])
            entry[0] += stop["minutes"]
            entry[1] += int(stop["count"])
    for kind in ("speed", "rejects"):
        if total["lost"][kind] > 0.005:
            causes.setdefault(names[kind], [0.0, 0])[0] += total["lost"][kind]
    whole, so_far, rows = math.fsum(minutes for minutes, _ in causes.values()), 0.0, []
    for cause, (minutes, count) in sorted(causes.items(), key=lambda entry: (-entry[1][0], entry[0])):
        so_far += minutes
        rows.append((cause, minutes, count, so_far / whole))
    return rows


def repair_times(stops, run):
    """(mean time between failures, mean time to repair) in minutes, None without breakdowns.

    Source: ISO 22400-2:2014, mean operating time between failures, mean time to restoration.
    """
    minutes = math.fsum(stop["minutes"] for stop in stops if stop["kind"] == "breakdown")
    count = sum(stop["count"] for stop in stops if stop["kind"] == "breakdown")
    return (run / count, minutes / count) if count else (None, None)


TEXTS = {
    "title": {"en": "Line efficiency (OEE)", "es": "Eficiencia de línea (OEE)", "it": "Efficienza di linea (OEE)", "fr": "Rendement de ligne (TRS)"},
    "lead": {"en": "How much of the planned time a line makes good units at its nominal rate, and where the rest goes.", "es": "Qué parte del tiempo planificado produce la línea unidades buenas a su cadencia nominal, y adónde va el resto.", "it": "Per quanta parte del tempo pianificato la linea produce pezzi buoni alla cadenza nominale, e dove va il resto.", "fr": "Quelle part du temps planifié la ligne produit de bonnes unités à sa cadence nominale, et où passe le reste."},
    "source": {"en": "Formulas: Nakajima, Introduction to TPM (1988); ISO 22400-2:2014. Terms for packaging lines: DIN 8743:2014.", "es": "Fórmulas: Nakajima, Introduction to TPM (1988); ISO 22400-2:2014. Términos de líneas de envasado: DIN 8743:2014.", "it": "Formule: Nakajima, Introduction to TPM (1988); ISO 22400-2:2014. Termini per le linee di confezionamento: DIN 8743:2014.", "fr": "Formules : Nakajima, Introduction to TPM (1988) ; ISO 22400-2:2014. Termes des lignes de conditionnement : DIN 8743:2014."},
    "target": {"en": "Target OEE", "es": "OEE objetivo", "it": "OEE obiettivo", "fr": "TRS visé"},
    "shifts": {"en": "Shifts", "es": "Turnos", "it": "Turni", "fr": "Postes"},
    "shift": {"en": "Shift", "es": "Turno", "it": "Turno", "fr": "Poste"},
    "time": {"en": "Duration, min", "es": "Duración, min", "it": "Durata, min", "fr": "Durée, min"},
    "rate": {"en": "Nominal rate, units/h", "es": "Cadencia nominal, uds./h", "it": "Cadenza nominale, unità/h", "fr": "Cadence nominale, unités/h"},
    "total": {"en": "Units made", "es": "Unidades producidas", "it": "Unità prodotte", "fr": "Unités produites"},
    "rejects": {"en": "Rejects", "es": "Rechazos", "it": "Scarti", "fr": "Rebuts"},
    "stops": {"en": "Stops", "es": "Paradas", "it": "Fermate", "fr": "Arrêts"},
    "stop": {"en": "Stop", "es": "Parada", "it": "Fermata", "fr": "Arrêt"},
    "cause": {"en": "Cause", "es": "Causa", "it": "Causa", "fr": "Cause"},
    "kind": {"en": "Kind", "es": "Tipo", "it": "Tipo", "fr": "Type"},
    "minutes": {"en": "Minutes, in all", "es": "Minutos, en total", "it": "Minuti, in tutto", "fr": "Minutes, au total"},
    "count": {"en": "How often", "es": "Cuántas veces", "it": "Quante volte", "fr": "Combien de fois"},
    "planned": {"en": "Planned stop", "es": "Parada planificada", "it": "Fermata pianificata", "fr": "Arrêt planifié"},
    "breakdown": {"en": "Breakdown", "es": "Avería", "it": "Guasto", "fr": "Panne"},
    "changeover": {"en": "Changeover, set-up", "es": "Cambio de formato, ajuste", "it": "Cambio formato, regolazione", "fr": "Changement de format, réglage"},
    "waiting": {"en": "No supply or backed up", "es": "Falta o acumulación", "it": "Mancanza o accumulo", "fr": "Manque ou saturation"},
    "short": {"en": "Short stops", "es": "Microparadas", "it": "Microfermate", "fr": "Micro-arrêts"},
    "speed": {"en": "Reduced speed", "es": "Velocidad reducida", "it": "Velocità ridotta", "fr": "Vitesse réduite"},
    "add_shift": {"en": "Add shift", "es": "Añadir turno", "it": "Aggiungi turno", "fr": "Ajouter un poste"},
    "add_stop": {"en": "Add stop", "es": "Añadir parada", "it": "Aggiungi fermata", "fr": "Ajouter un arrêt"},
    "remove": {"en": "Remove", "es": "Quitar", "it": "Rimuovi", "fr": "Retirer"},
    "oee": {"en": "OEE", "es": "OEE", "it": "OEE", "fr": "TRS"},
    "availability": {"en": "Availability", "es": "Disponibilidad", "it": "Disponibilità", "fr": "Disponibilité"},
    "performance": {"en": "Performance", "es": "Rendimiento", "it": "Prestazione", "fr": "Performance"},
    "quality": {"en": "Quality", "es": "Calidad", "it": "Qualità", "fr": "Qualité"},
    "good": {"en": "Good units", "es": "Unidades buenas", "it": "Unità buone", "fr": "Unités bonnes"},
    "mtbf": {"en": "Between failures", "es": "Entre averías", "it": "Tra due guasti", "fr": "Entre pannes"},
    "mttr": {"en": "to repair", "es": "para reparar", "it": "per riparare", "fr": "pour réparer"},
    "reached": {"en": "The target of {target} % is reached.", "es": "Se alcanza el objetivo de {target} %.", "it": "L’obiettivo di {target} % è raggiunto.", "fr": "L’objectif de {target} % est atteint."},
    "missed": {"en": "The target of {target} % is missed by {minutes} minutes of good production, or {units} units.", "es": "El objetivo de {target} % no se alcanza por {minutes} minutos de buena producción, o {units} unidades.", "it": "L’obiettivo di {target} % è mancato per {minutes} minuti di buona produzione, o {units} unità.", "fr": "L’objectif de {target} % est manqué de {minutes} minutes de bonne production, soit {units} unités."},
    "by_shift": {"en": "Shift by shift, %", "es": "Turno por turno, %", "it": "Turno per turno, %", "fr": "Poste par poste, %"},
    "all": {"en": "All", "es": "Todos", "it": "Tutti", "fr": "Tous"},
    "tree": {"en": "Where the time goes", "es": "Adónde va el tiempo", "it": "Dove va il tempo", "fr": "Où passe le temps"},
    "calendar": {"en": "Time of the shifts", "es": "Tiempo de los turnos", "it": "Tempo dei turni", "fr": "Temps des postes"},
    "planned_time": {"en": "Planned production", "es": "Producción planificada", "it": "Produzione pianificata", "fr": "Production planifiée"},
    "run_time": {"en": "Running", "es": "En marcha", "it": "In marcia", "fr": "En marche"},
    "net_time": {"en": "At nominal rate", "es": "A cadencia nominal", "it": "A cadenza nominale", "fr": "À cadence nominale"},
    "productive_time": {"en": "Good units", "es": "Unidades buenas", "it": "Unità buone", "fr": "Unités bonnes"},
    "pareto": {"en": "Pareto of the losses", "es": "Pareto de las pérdidas", "it": "Pareto delle perdite", "fr": "Pareto des pertes"},
    "min": {"en": "min", "es": "min", "it": "min", "fr": "min"},
    "lost": {"en": "Lost, min", "es": "Perdido, min", "it": "Perso, min", "fr": "Perdu, min"},
    "cumulative": {"en": "Cumulative, %", "es": "Acumulado, %", "it": "Cumulato, %", "fr": "Cumulé, %"},
    "no_losses": {"en": "No losses.", "es": "Sin pérdidas.", "it": "Nessuna perdita.", "fr": "Aucune perte."},
    "err_shifts": {"en": "Enter at least one shift.", "es": "Introduzca al menos un turno.", "it": "Inserire almeno un turno.", "fr": "Saisissez au moins un poste."},
    "err_rejects": {"en": "More rejects than units made.", "es": "Más rechazos que unidades producidas.", "it": "Più scarti che unità prodotte.", "fr": "Plus de rebuts que d’unités produites."},
    "err_long": {"en": "The stops are longer than the shift.", "es": "Las paradas duran más que el turno.", "it": "Le fermate durano più del turno.", "fr": "Les arrêts durent plus que le poste."},
    "err_fast": {"en": "More than the nominal rate allows in the running time: at most {most}.", "es": "Más de lo que permite la cadencia nominal en el tiempo en marcha: como máximo {most}.", "it": "Più di quanto la cadenza nominale consenta nel tempo in marcia: al massimo {most}.", "fr": "Plus que ne le permet la cadence nominale pendant la marche : au plus {most}."},
    "err_start": {"en": "The shifts or stops given at the start could not be read; the saved ones are shown.", "es": "Los turnos o paradas indicados al inicio no se pudieron leer; se muestran los guardados.", "it": "I turni o le fermate indicati all’avvio non sono leggibili; si mostrano quelli salvati.", "fr": "Les postes ou arrêts indiqués au démarrage sont illisibles ; ceux enregistrés sont affichés."},
}

# Inputs: low, high.
SHIFT_LIMITS = {"time": (1.0, 10080.0), "rate": (0.001, 1e7), "total": (0, 1e9), "rejects": (0, 1e9)}
STOP_LIMITS = {"minutes": (0.0, 10080.0), "count": (0, 100000)}
WHOLE = ("total", "rejects", "count")

PAGE = """{% extends "frame.html" %}
{% macro cell(name, value, label, kind="decimal") %}<td class="{{ 'wrong' if errors[name] }}"><input type="text" {% if kind == "decimal" %}inputmode="decimal" {% else %}maxlength="60" {% endif %}autocomplete="off" name="{{ name }}" value="{{ value }}" aria-label="{{ label }}"
{%- if errors[name] %} aria-invalid="true" aria-describedby="{{ name }}-error"{% endif %}>{% if errors[name] %}<p class="message" id="{{ name }}-error">{{ errors[name] }}</p>{% endif %}</td>{% endmacro %}
{% macro pick(name, value, label, options) %}<td class="{{ 'wrong' if errors[name] }}"><select name="{{ name }}" aria-label="{{ label }}"{% if errors[name] %} aria-invalid="true" aria-describedby="{{ name }}-error"{% endif %}>{% for key, text in options %}<option value="{{ key }}"{{ ' selected' if key == value }}>{{ text }}</option>{% endfor %}</select>
{% if errors[name] %}<p class="message" id="{{ name }}-error">{{ errors[name] }}</p>{% endif %}</td>{% endmacro %}
{% block main %}""" + FIELDS + """
<p class="lead">{{ t.lead }}</p>
{% if errors %}<div class="alert" role="alert">{{ notice or t.err_check }}</div>{% endif %}
<form class="panel" method="post" action="/"><h2>{{ t.inputs }}</h2>
<button class="hidden" name="action" value="calculate" tabindex="-1" aria-hidden="true">{{ t.calculate }}</button>
<div class="fields">{{ number("target", t.target, "%") }}</div>
<h3>{{ t.shifts }}</h3>{% if errors.shifts %}<p class="message">{{ errors.shifts }}</p>{% endif %}
<div class="scroll"><table class="entries"><thead><tr>{% for key in ("shift", "time", "rate", "total", "rejects") %}<th scope="col">{{ t[key] }}</th>{% endfor %}<th class="last"><span class="hidden">{{ t.remove }}</span></th></tr></thead><tbody>
{% for one in inputs.shifts %}{% set i = loop.index %}{% set label = t.shift ~ " " ~ i ~ ": " %}<tr>{{ cell("name_" ~ i, one.name, label ~ t.shift, "text") }}
{% for key in ("time", "rate", "total", "rejects") %}{{ cell(key ~ "_" ~ i, one[key], label ~ t[key]) }}{% endfor %}
<td class="last"><button class="plain icon" name="action" value="remove_shift_{{ i }}" aria-label="{{ t.remove }}: {{ t.shift }} {{ i }}" title="{{ t.remove }}">✕</button></td></tr>{% endfor %}</tbody></table></div>
<h3>{{ t.stops }}</h3><div class="scroll"><table class="entries stops"><thead><tr>{% for key in ("shift", "cause", "kind", "minutes", "count") %}<th scope="col">{{ t[key] }}</th>{% endfor %}<th class="last"><span class="hidden">{{ t.remove }}</span></th></tr></thead><tbody>
{% for one in inputs.stops %}{% set i = loop.index %}{% set label = t.stop ~ " " ~ i ~ ": " %}<tr>{{ pick("in_" ~ i, one.shift, label ~ t.shift, shift_names) }}
{{ cell("cause_" ~ i, one.cause, label ~ t.cause, "text") }}{{ pick("kind_" ~ i, one.kind, label ~ t.kind, kinds) }}
{% for key in ("minutes", "count") %}{{ cell(key ~ "_" ~ i, one[key], label ~ t[key]) }}{% endfor %}
<td class="last"><button class="plain icon" name="action" value="remove_stop_{{ i }}" aria-label="{{ t.remove }}: {{ t.stop }} {{ i }}" title="{{ t.remove }}">✕</button></td></tr>{% endfor %}</tbody></table></div>
<div class="actions"><button name="action" value="calculate">{{ t.calculate }}</button>
{% if inputs.shifts|length < max_shifts %}<button class="plain" name="action" value="add_shift">{{ t.add_shift }}</button>{% endif %}
{% if inputs.stops|length < max_stops %}<button class="plain" name="action" value="add_stop">{{ t.add_stop }}</button>{% endif %}</div></form>
<section class="panel" aria-live="polite"><h2>{{ t.results }}</h2>{% if result %}
<dl class="figures"><div class="main"><dt>{{ t.oee }}</dt><dd>{{ percent(result.total.oee) }} <small>%</small></dd></div>
{% for key in ("availability", "performance", "quality") %}<div><dt>{{ t[key] }}</dt><dd>{{ percent(result.total[key]) }} <small>%</small></dd></div>{% endfor %}
<div><dt>{{ t.good }}</dt><dd>{{ result.good|show(9) }}</dd></div>
<div><dt>{{ t.mtbf }}</dt><dd>{{ result.mtbf|show(3) }} <small>min{% if result.mttr is not none %} ({{ result.mttr|show(3) }} min {{ t.mttr }}){% endif %}</small></dd></div></dl>
{% if verdict %}<p class="verdict {{ 'over' if result.missing > 0 }}">{{ verdict }}</p>{% endif %}
<div class="pair"><div><h3>{{ t.tree }}</h3>{{ tree|safe }}</div><div><h3>{{ t.by_shift }}</h3>{{ bars|safe }}</div></div>
<div class="pair"><div><h3>{{ t.pareto }}</h3>{% if causes %}{{ causes_plot|safe }}{% else %}<p class="note">{{ t.no_losses }}</p>{% endif %}</div>
<div><h3>{{ t.by_shift }}</h3><div class="scroll" tabindex="0" role="region" aria-label="{{ t.by_shift }}"><table><thead><tr><th class="text" scope="col">{{ t.shift }}</th>{% for key in shares %}<th scope="col">{{ t[key] }}</th>{% endfor %}</tr></thead><tbody>
{% for name, one in rows %}<tr{{ ' class=total' if loop.last }}><td class="text">{{ name }}</td>{% for key in shares %}<td>{{ percent(one[key]) }}</td>{% endfor %}</tr>{% endfor %}</tbody></table></div>
{% if causes %}<div class="scroll" tabindex="0" role="region" aria-label="{{ t.pareto }}"><table class="second"><thead><tr><th class="text" scope="col">{{ t.cause }}</th><th scope="col">{{ t.lost }}</th><th scope="col">{{ t.count }}</th><th scope="col">{{ t.cumulative }}</th></tr></thead><tbody>
{% for cause, minutes, count, share in causes %}<tr><td class="text">{{ cause }}</td><td>{{ one_decimal(minutes) }}</td><td>{{ count or "" }}</td><td>{{ percent(share) }}</td></tr>{% endfor %}</tbody></table></div>{% endif %}</div></div>
{% else %}<p class="note">{{ t.err_check }}</p>{% endif %}<p class="note">{{ t.source }}</p></section>
<style>.verdict{margin:0 0 8px;color:var(--good)}.verdict.over{color:var(--bad)}.pair{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:0 32px;align-items:start}
@media(max-width:1240px){.pair{grid-template-columns:minmax(0,1fr)}}.entries th,.entries td{border:0;padding:3px 8px 3px 0;text-align:left;white-space:normal;vertical-align:top;min-width:90px}
.entries{table-layout:fixed;min-width:640px}.entries th.last,.entries td.last{width:44px;min-width:44px;padding-right:0}.stops th:nth-child(2),.stops th:nth-child(3){width:27%}.second{margin-top:16px}.main dd{color:var(--brand)}</style>{% endblock %}
"""


def read_shifts(value):
    """Shifts from the `shifts` parameter (JSON text or list); ValueError when they are not as documented."""
    if isinstance(value, str):
        value = json.loads(value)
    if not isinstance(value, list) or not 1 <= len(value) <= MAX_SHIFTS or not all(isinstance(entry, dict) for entry in value):
        raise ValueError(f"a list of 1 to {MAX_SHIFTS} objects is needed")
    return [{"name": str(entry.get("name", ""))[:60], "time": entry["time"], "rate": entry["rate"], "total": entry["total"], "rejects": entry.get("rejects", 0)} for entry in value]


def read_stops(value):
    """Stops from the `stops` parameter; ValueError when they are not as documented."""
    if isinstance(value, str):
        value = json.loads(value)
    if not isinstance(value, list) or len(value) > MAX_STOPS or not all(isinstance(entry, dict) for entry in value):
        raise ValueError(f"a list of at most {MAX_STOPS} objects is needed")
    return [
        {"shift": str(entry.get("shift", 1)), "cause": str(entry.get("cause", ""))[:60], "kind": str(entry.get("kind", "breakdown")), "minutes": entry["minutes"], "count": entry.get("count", 1)}
        for entry in value
    ]


def check(inputs, texts, language):
    """Return (values as numbers, errors by field)."""
    errors = {}
    values = {"target": check_number(texts, errors, inputs, "target", 1.0, 100.0, language), "shifts": [], "stops": []}
    if not inputs["shifts"]:
        errors["shifts"] = texts["err_shifts"]

    def numbers(row, limits, index):
        read = {}
        for key, (low, high) in limits.items():
            name = f"{key}_{index}"
            read[key] = check_number(texts, errors, {name: row[key]}, name, low, high, language)
            if key in WHOLE and name not in errors and read[key] != int(read[key]):
                errors[name] = texts["err_whole"]
        return read

    for index, shift in enumerate(inputs["shifts"], 1):
        values["shifts"].append({"name": shift["name"].strip(), **numbers(shift, SHIFT_LIMITS, index)})
    for index, stop in enumerate(inputs["stops"], 1):
        if stop["kind"] not in KINDS:
            errors[f"kind_{index}"] = texts["err_choice"]
        if not stop["shift"].isdecimal() or not 1 <= int(stop["shift"]) <= len(inputs["shifts"]):
            errors[f"in_{index}"] = texts["err_choice"]
        values["stops"].append({"shift": stop["shift"], "cause": stop["cause"].strip(), "kind": stop["kind"], **numbers(stop, STOP_LIMITS, index)})
    if errors:
        return values, errors
    for index, shift in enumerate(values["shifts"], 1):
        times = shift_times(shift, stops_of(values, index))
        if shift["rejects"] > shift["total"]:
            errors[f"rejects_{index}"] = texts["err_rejects"]
        if times["run"] < -1e-9 or times["lost"]["short"] > times["run"] + 1e-9:
            errors[f"time_{index}"] = texts["err_long"]
        elif times["lost"]["speed"] < -1e-6 * times["net"] - 1e-9:
            most = max(0, math.floor((times["run"] - times["lost"]["short"]) * shift["rate"] / 60.0))
            errors[f"total_{index}"] = texts["err_fast"].format(most=show(most, 12, language))
    return values, errors


def stops_of(values, shift):
    return [stop for stop in values["stops"] if stop["shift"] == str(shift)]


def solve(values, names):
    """Times, shares, losses and causes of checked values."""
    times = [shift_times(shift, stops_of(values, index)) for index, shift in enumerate(values["shifts"], 1)]
    total = add_up(times)
    keys = ("planned", "run", "net", "productive")
    mtbf, mttr = repair_times(values["stops"], total["run"])
    missing = values["target"] / 100 * total["planned"] - total["productive"]
    good = sum(shift["total"] - shift["rejects"] for shift in values["shifts"])
    # Units that the missing minutes would have made, at the rate of the line over all shifts.
    rate = good / total["productive"] if total["productive"] > 0 else math.fsum(shift["rate"] for shift in values["shifts"]) / len(values["shifts"]) / 60
    return {
        "times": total, "total": shares(*(total[key] for key in keys)), "shifts": [shares(*(one[key] for key in keys)) for one in times], "good": good,
        "mtbf": mtbf, "mttr": mttr, "missing": missing, "missing_units": missing * rate, "causes": pareto(values["stops"], total, names),
    }


def draw_tree(result, texts, language):
    """From the time of the shifts down to that of good units, each loss a step."""
    lost = result["times"]["lost"]
    steps = [("calendar", result["times"]["time"]), ("planned", -lost["planned"]), ("planned_time", None)]
    steps += [*((kind, -lost[kind]) for kind in ("breakdown", "changeover", "waiting")), ("run_time", None)]
    steps += [("short", -lost["short"]), ("speed", -lost["speed"]), ("net_time", None), ("rejects", -lost["rejects"]), ("productive_time", None)]
    return waterfall_plot(texts["tree"], [(texts[key], change) for key, change in steps], "min", language)


def draw_causes(causes, texts, language):
    """The largest causes as bars."""
    return bar_plot(texts["pareto"], [(cause, minutes) for cause, minutes, *_ in causes[:12]], "min", language, color="--c2")


def draw_shifts(values, result, texts, language):
    """Availability, performance, quality and OEE of each shift, with the target."""
    rows = shift_rows(values, result, texts)
    plot = Plot(texts["by_shift"], "", "%", (0.0, float(len(rows))), (0.0, 115.0), language)
    plot.x_marks = (1.0, 0.0)  # no marks: what stands there are the shares' letters
    for index, (name, one) in enumerate(rows):
        plot.band(index, index + 1, name, index % 2 == 0)
        for place, (key, color) in enumerate((("availability", "--c1"), ("performance", "--c3"), ("quality", "--edge"), ("oee", "--c2"))):
            share, middle = one[key], index + 0.17 + 0.22 * place
            if share is not None:
                plot.bar(middle - 0.09, middle + 0.09, 100 * share, color, f"{name}, {texts[key]}: {fixed(100 * share, 1, language)} %")
            letter = texts[key] if key == "oee" else texts[key][0]
            plot.over.append(f'<text x="{plot.x(middle):.1f}" y="{plot.bottom + 18}" text-anchor="middle">{html.escape(letter)}</text>')
    plot.line([(0.0, values["target"]), (float(len(rows)), values["target"])], "--bad", "6 4")
    return plot.svg()


def shift_rows(values, result, texts):
    names = [shift["name"] or f"{texts['shift']} {index}" for index, shift in enumerate(values["shifts"], 1)]
    return [*zip(names, result["shifts"]), (texts["all"], result["total"])]


def default_inputs(language):
    """Three shifts of a line for 24 000 bottles an hour."""
    names = {"en": ("Early", "Late", "Night"), "es": ("Mañana", "Tarde", "Noche"), "it": ("Mattina", "Pomeriggio", "Notte"), "fr": ("Matin", "Après-midi", "Nuit")}[language]
    causes = {
        "en": ("Break", "Labeller: glue", "Format 0.5 l to 1 l", "Filler: valve", "Palletizer backed up", "Fallen bottles", "Cleaning"),
        "es": ("Pausa", "Etiquetadora: cola", "Formato 0,5 l a 1 l", "Llenadora: válvula", "Paletizador saturado", "Botellas caídas", "Limpieza"),
        "it": ("Pausa", "Etichettatrice: colla", "Formato da 0,5 l a 1 l", "Riempitrice: valvola", "Palettizzatore in accumulo", "Bottiglie cadute", "Pulizia"),
        "fr": ("Pause", "Étiqueteuse : colle", "Format 0,5 l à 1 l", "Remplisseuse : vanne", "Palettiseur saturé", "Bouteilles couchées", "Nettoyage"),
    }[language]
    stops = (
        (1, 0, "planned", 30, 1), (1, 1, "breakdown", 22, 2), (1, 2, "changeover", 38, 1), (1, 5, "short", 14, 9),
        (2, 0, "planned", 30, 1), (2, 3, "breakdown", 41, 1), (2, 4, "waiting", 18, 3), (2, 5, "short", 21, 13),
        (3, 0, "planned", 30, 1), (3, 6, "planned", 60, 1), (3, 1, "breakdown", 12, 1), (3, 5, "short", 9, 6),
    )
    return {
        "target": 85.0,
        "shifts": [
            {"name": name, "time": 480.0, "rate": 24000.0, "total": total, "rejects": rejects}
            for name, total, rejects in zip(names, (143200, 139500, 141800), (1150, 1820, 940))
        ],
        "stops": [{"shift": str(shift), "cause": causes[cause], "kind": kind, "minutes": float(minutes), "count": count} for shift, cause, kind, minutes, count in stops],
    }


def create_app(arguments, parameters):
    app, texts = make_app(arguments, TEXTS, PAGE)
    from flask import redirect, render_template, request

    language = arguments.language
    store, lock = Store(arguments.data_dir, "line_efficiency.json"), threading.Lock()
    state = store.load()
    defaults = default_inputs(language)
    inputs, notice = starting_inputs(defaults, state, parameters), ""
    if "shifts" in parameters and "stops" not in parameters and parameters != state.get("started_with"):
        inputs["stops"] = []  # the shown first belong to other shifts
    for name, read in (("shifts", read_shifts), ("stops", read_stops)):
        try:
            inputs[name] = read(inputs[name])
        except (ValueError, KeyError) as error:
            print(f"{name} not read: {error}", file=sys.stderr, flush=True)
            notice = texts["err_start"]
            saved = starting_inputs(defaults, state, {})[name]
            inputs[name] = saved if isinstance(saved, list) else defaults[name]
    state.update(inputs=inputs, started_with=parameters)

    def percent(share):
        return "–" if share is None else fixed(100 * share, 2, language)

    def page(shown, errors, values, message="", status=200):
        result = solve(values, texts) if not errors else None
        verdict = ""
        if result and result["total"]["oee"] is not None:
            target = field_text(values["target"], language)
            verdict = texts["reached"].format(target=target) if result["missing"] <= 0 else texts["missed"].format(
                target=target, minutes=fixed(result["missing"], 1, language), units=show(round(result["missing_units"]), 9, language))
        filled = {"target": field_text(shown["target"], language)}
        for name in ("shifts", "stops"):
            filled[name] = [{key: field_text(value, language) for key, value in row.items()} for row in shown[name]]
        return render_template(
            "page.html", inputs=filled, errors=errors or ({"start": message} if message else {}), notice=message, result=result, verdict=verdict,
            tree=draw_tree(result, texts, language) if result else "", bars=draw_shifts(values, result, texts, language) if result else "",
            causes=result["causes"] if result else [], causes_plot=draw_causes(result["causes"], texts, language) if result and result["causes"] else "",
            rows=shift_rows(values, result, texts) if result else [], shares=("availability", "performance", "quality", "oee"), percent=percent,
            one_decimal=lambda value: fixed(value, 1, language), kinds=[(kind, texts[kind]) for kind in KINDS], max_shifts=MAX_SHIFTS, max_stops=MAX_STOPS,
            shift_names=[(str(index), row["name"] or f"{texts['shift']} {index}") for index, row in enumerate(filled["shifts"], 1)], saved_at=state.get("saved_at"),
        ), status

    @app.get("/")
    def index():
        nonlocal notice
        with lock:
            values, errors = check(state["inputs"], texts, language)
            message, notice = notice, ""
            return page(state["inputs"], errors, values, message)

    def given_by(form):
        shifts = [{"name": form.get(f"name_{i}", "")[:60], **{key: form.get(f"{key}_{i}", "")[:40] for key in SHIFT_LIMITS}} for i in range(1, MAX_SHIFTS + 1) if f"time_{i}" in form]
        stops = [
            {"shift": form.get(f"in_{i}", "")[:4], "cause": form.get(f"cause_{i}", "")[:60], "kind": form.get(f"kind_{i}", "")[:20], **{key: form.get(f"{key}_{i}", "")[:40] for key in STOP_LIMITS}}
            for i in range(1, MAX_STOPS + 1) if f"minutes_{i}" in form
        ]
        return {"target": form.get("target", state["inputs"]["target"]), "shifts": shifts, "stops": stops} if shifts else {**state["inputs"], "target": form.get("target", state["inputs"]["target"])}

    def changed(given, action):
        """The inputs after a button that adds or removes a row."""
        what, _, number = action[7:].partition("_") if action.startswith("remove_") else ("", "", "")
        place = int(number) if number.isdecimal() and len(number) < 5 else 0
        if action == "add_shift" and len(given["shifts"]) < MAX_SHIFTS:
            last = given["shifts"][-1]
            given["shifts"].append({"name": "", "time": last["time"], "rate": last["rate"], "total": 0, "rejects": 0})
        elif action == "add_stop" and len(given["stops"]) < MAX_STOPS:
            given["stops"].append({"shift": str(len(given["shifts"])), "cause": "", "kind": "breakdown", "minutes": 0.0, "count": 1})
        elif what == "stop" and 1 <= place <= len(given["stops"]):
            del given["stops"][place - 1]
        elif what == "shift" and 1 <= place <= len(given["shifts"]):
            del given["shifts"][place - 1]
            kept = [stop for stop in given["stops"] if stop["shift"] != number]
            given["stops"] = [{**stop, "shift": str(int(stop["shift"]) - 1) if stop["shift"].isdecimal() and int(stop["shift"]) > place else stop["shift"]} for stop in kept]
        return given

    @app.post("/")
    def submit():
        with lock:
            given = changed({name: list(value) if isinstance(value, list) else value for name, value in given_by(request.form).items()}, request.form.get("action", ""))
            values, errors = check(given, texts, language)
            if errors:
                return page(given, errors, values, status=422)
            result = solve(values, texts)
            state.update(inputs=values, result=result, saved_at=time.strftime("%Y-%m-%d %H:%M"))
            store.save(state)
        print("OEE " + " = ".join([percent(result["total"]["oee"]), " x ".join(percent(result["total"][key]) for key in ("availability", "performance", "quality"))]) + " %", flush=True)
        return redirect("/", 303)

    return app


if __name__ == "__main__":
    serve(create_app, ("target", "shifts", "stops"))
