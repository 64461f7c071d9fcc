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
    "label": {"en": "Layers from inside to outside", "es": "Capas de interior a exterior", "it": "Strati dall’interno all’esterno", "fr": "Couches de l’intérieur vers l’extérieur"},
    "description": {
      "en": "Optional: a list of objects with name, thickness_mm and conductivity (W/(m·K)); layers can also be edited in the page",
      "es": "Opcional: una lista de objetos con name, thickness_mm y conductivity (W/(m·K)); las capas también se editan en la página",
      "it": "Facoltativo: un elenco di oggetti con name, thickness_mm e conductivity (W/(m·K)); gli strati si modificano anche nella pagina",
      "fr": "Facultatif : une liste d’objets avec name, thickness_mm et conductivity (W/(m·K)) ; les couches se modifient aussi dans la page"
    }
  }
]
"""

from __future__ import annotations

import math

from scriptsmanager import Number, Plot, Result, Rows, Script, Table, Text, fixed

# Design conductivities in W/(m·K) at room temperature, rounded from ISO 10456:2007
# (building materials) and Incropera et al., Fundamentals of Heat and Mass
# Transfer, properties of metals.
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
    Source: ISO 6946:2017, total thermal resistance of homogeneous layers;
    Incropera et al., composite wall.
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
    "lead": {"en": "Steady conduction through plane layers with convection on both faces. Layers are listed from inside to outside.", "es": "Conducción estacionaria a través de capas planas con convección en ambas caras. Las capas se indican de interior a exterior.", "it": "Conduzione stazionaria attraverso strati piani con convezione su entrambe le facce. Gli strati sono elencati dall’interno all’esterno.", "fr": "Conduction stationnaire à travers des couches planes, avec convection sur les deux faces. Les couches sont listées de l’intérieur vers l’extérieur."},
    "inside_temperature": {"en": "Inside temperature", "es": "Temperatura interior", "it": "Temperatura interna", "fr": "Température intérieure"},
    "outside_temperature": {"en": "Outside temperature", "es": "Temperatura exterior", "it": "Temperatura esterna", "fr": "Température extérieure"},
    "h_inside": {"en": "Inside film coefficient", "es": "Coeficiente de película interior", "it": "Coefficiente liminare interno", "fr": "Coefficient d’échange intérieur"},
    "h_outside": {"en": "Outside film coefficient", "es": "Coeficiente de película exterior", "it": "Coefficiente liminare esterno", "fr": "Coefficient d’échange extérieur"},
    "area": {"en": "Wall area", "es": "Área de la pared", "it": "Area della parete", "fr": "Surface de la paroi"},
    "layers": {"en": "Layers", "es": "Capas", "it": "Strati", "fr": "Couches"},
    "material": {"en": "Material", "es": "Material", "it": "Materiale", "fr": "Matériau"},
    "thickness": {"en": "Thickness, mm", "es": "Espesor, mm", "it": "Spessore, mm", "fr": "Épaisseur, mm"},
    "conductivity": {"en": "λ, W/(m·K)", "es": "λ, W/(m·K)", "it": "λ, W/(m·K)", "fr": "λ, W/(m·K)"},
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
    "source": {"en": "Formulas: ISO 6946:2017; Incropera et al., Fundamentals of Heat and Mass Transfer, 7th ed., composite wall. Conductivities: ISO 10456:2007.", "es": "Fórmulas: ISO 6946:2017; Incropera et al., Fundamentals of Heat and Mass Transfer, 7.ª ed., pared compuesta. Conductividades: ISO 10456:2007.", "it": "Formule: ISO 6946:2017; Incropera et al., Fundamentals of Heat and Mass Transfer, 7ª ed., parete multistrato. Conduttività: ISO 10456:2007.", "fr": "Formules : ISO 6946:2017 ; Incropera et al., Fundamentals of Heat and Mass Transfer, 7e éd., paroi composite. Conductivités : ISO 10456:2007."},
    "layer": {"en": "Layer", "es": "Capa", "it": "Strato", "fr": "Couche"},
}

script = Script(TEXTS["title"], TEXTS["lead"])
text = {key: script.text(words) for key, words in TEXTS.items()}
material = {words["en"]: script.text(words) for _, words in MATERIALS}
conductivities = {script.text(words): {"conductivity": value} for value, words in MATERIALS}


def draw(values, result):
    edges = [0.0]
    for layer in values["layers"]:
        edges.append(edges[-1] + layer["thickness_mm"])
    film = 0.12 * edges[-1]
    temperatures = [values["inside_temperature"], *result["temperatures"], values["outside_temperature"]]
    span = (min(temperatures), max(temperatures) + 0.12 * (max(temperatures) - min(temperatures)))
    plot = Plot(text["profile"], text["position"], text["temperature"], (-film, edges[-1] + film), span, script.language)
    plot.x_marks = (0.0, edges[-1])
    for index, layer in enumerate(values["layers"]):
        plot.band(edges[index], edges[index + 1], layer["name"], index % 2 == 0)
    plot.line([(-film, temperatures[0]), (0.0, temperatures[1])], "--c2", "5 4")
    plot.line([(edges[-1], temperatures[-2]), (edges[-1] + film, temperatures[-1])], "--c2", "5 4")
    plot.line(list(zip(edges, result["temperatures"])))
    for edge, temperature in zip(edges, result["temperatures"]):
        plot.dot(edge, temperature)
    return plot.svg()



def layer_table(names, result, degrees):
    rows = []
    for index, (name, r) in enumerate(zip(names, result["resistances"])):
        share = fixed(100 * r / result["resistance"], 1, script.language)
        rows.append((name, r, share, *(fixed(value, 2, script.language) for value in degrees[index : index + 2])))
    return Table(text["by_layer"], [text[key] for key in ("layer", "r_layer", "share", "warm", "cold")], rows)


# Above the highest melting points or below absolute zero a value is a slip of the keyboard.
@script.form(
    Number("inside_temperature", text["inside_temperature"], "°C", 20, -270, 3000),
    Number("outside_temperature", text["outside_temperature"], "°C", -10, -270, 3000),
    Number("h_inside", text["h_inside"], "W/(m²·K)", 7.69, 0.1, 100000),
    Number("h_outside", text["h_outside"], "W/(m²·K)", 25, 0.1, 100000),
    Number("area", text["area"], "m²", 10, 0.0001, 1000000),
    Rows(
        "layers", text["layers"],
        [
            Text("name", text["material"], most=40, fills=conductivities),
            Number("thickness_mm", text["thickness"], default=50, low=0.001, high=10000),
            Number("conductivity", text["conductivity"], default=0.04, low=0.001, high=5000),
        ],
        default=[
            {"name": material["Gypsum plaster"], "thickness_mm": 15, "conductivity": 0.57},
            {"name": material["Brick"], "thickness_mm": 200, "conductivity": 0.77},
            {"name": material["Expanded polystyrene"], "thickness_mm": 100, "conductivity": 0.036},
            {"name": material["Cement render"], "thickness_mm": 10, "conductivity": 1.0},
        ],
    ),
)
def calculate(**values):
    layers, inside, outside = values["layers"], values["inside_temperature"], values["outside_temperature"]
    pairs = [(layer["thickness_mm"] / 1000, layer["conductivity"]) for layer in layers]
    result = composite_wall(inside, outside, values["h_inside"], values["h_outside"], pairs, values["area"])
    names = [layer["name"] or f"{text['layer']} {index}" for index, layer in enumerate(layers, 1)]
    return Result(
        {
            text["u_value"]: (result["u_value"], "W/(m²·K)"), text["resistance"]: (result["resistance"], "m²·K/W"),
            text["flux"]: (result["flux"], "W/m²"), text["flow"]: (result["flow"], "W"),
        },
        {text["profile"]: draw(values, result)},
        tables=[layer_table([text["inner_film"], *names, text["outer_film"]], result, [inside, *result["temperatures"], outside])],
        note=text["source"],
        values=result,
        output=f"Wall of {len(layers)} layers: U = {result['u_value']:.4f} W/(m2.K), q = {result['flux']:.2f} W/m2, Q = {result['flow']:.1f} W",
    )


if __name__ == "__main__":
    script.run()
