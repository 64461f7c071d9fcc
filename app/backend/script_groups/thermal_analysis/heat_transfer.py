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

import json
import math
import sys
import threading
import time

from scriptsmanager import FIELDS, Plot, Store, check_number, field_text, fixed, install_stop_handler, make_app, parse_arguments, show, starting_inputs

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
    "source": {"en": "Formulas: ISO 6946:2017, 6.7.1; Incropera et al., Fundamentals of Heat and Mass Transfer, 7th ed., section 3.1. Conductivities: ISO 10456:2007.", "es": "Fórmulas: ISO 6946:2017, 6.7.1; Incropera et al., Fundamentals of Heat and Mass Transfer, 7.ª ed., apartado 3.1. Conductividades: ISO 10456:2007.", "it": "Formule: ISO 6946:2017, 6.7.1; Incropera et al., Fundamentals of Heat and Mass Transfer, 7ª ed., paragrafo 3.1. Conduttività: ISO 10456:2007.", "fr": "Formules : ISO 6946:2017, 6.7.1 ; Incropera et al., Fundamentals of Heat and Mass Transfer, 7e éd., section 3.1. Conductivités : ISO 10456:2007."},
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
</tbody></table></div>{% else %}<p class="note">{{ t.err_check }}</p>{% endif %}<p class="note">{{ t.source }}</p></section></div>
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
