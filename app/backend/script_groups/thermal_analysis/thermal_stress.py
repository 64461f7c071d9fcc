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

import math
import threading
import time

from scriptsmanager import FIELDS, Plot, Store, check_number, field_text, install_stop_handler, make_app, parse_arguments, starting_inputs

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
    "source": {"en": "Formulas: Timoshenko, Goodier, Theory of Elasticity, 3rd ed., chapter 13; Gere, Goodno, Mechanics of Materials, 7th ed., section 2.5; Roark's Formulas for Stress and Strain, 7th ed., section 16.6.", "es": "Fórmulas: Timoshenko, Goodier, Theory of Elasticity, 3.ª ed., capítulo 13; Gere, Goodno, Mechanics of Materials, 7.ª ed., apartado 2.5; Roark's Formulas for Stress and Strain, 7.ª ed., apartado 16.6.", "it": "Formule: Timoshenko, Goodier, Theory of Elasticity, 3ª ed., capitolo 13; Gere, Goodno, Mechanics of Materials, 7ª ed., paragrafo 2.5; Roark's Formulas for Stress and Strain, 7ª ed., paragrafo 16.6.", "fr": "Formules : Timoshenko, Goodier, Theory of Elasticity, 3e éd., chapitre 13 ; Gere, Goodno, Mechanics of Materials, 7e éd., section 2.5 ; Roark's Formulas for Stress and Strain, 7e éd., section 16.6."},
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
</tbody></table></div>{% else %}<p class="note">{{ t.err_check }}</p>{% endif %}<p class="note">{{ t.source }}</p></section></div>
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
