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
      "it": "bar: barra tra due vincoli; plate: piastra con bordi vincolati; gradient: faccia calda e fredda; cylinder: cilindro caldo all’interno",
      "fr": "bar : barre entre deux appuis ; plate : plaque aux bords bloqués ; gradient : face chaude et froide ; cylinder : cylindre chaud à l’intérieur"}
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
      "fr": "Positive à l’échauffement ; pour gradient et cylinder : face chaude moins froide, surface intérieure moins extérieure"}
  }
]
"""

from __future__ import annotations

import math

from scriptsmanager import Choice, FieldErrors, Heading, Number, Plot, Result, Script, Table

# Typical values at room temperature: E in GPa, α in 10⁻⁶/K, ν, strength in MPa
# (yield; for glass the usual design strength). Rounded from Gere & Goodno,
# Mechanics of Materials, and Callister, Materials Science, tables of properties.
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
    Source: Gere & Goodno, Mechanics of Materials, thermal effects; Hibbeler,
    Mechanics of Materials, thermal stress.
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
    Budynas, Roark's Formulas for Stress and Strain, temperature stresses.
    """
    return -modulus * alpha * delta * (1.0 - 2.0 * position) / (2.0 * (1.0 - poisson))


def cylinder_stress(modulus, alpha, poisson, delta, inner, outer, radius):
    """(radial, hoop, axial) stress in a long hollow cylinder with free ends.

    Steady radial heat flow, the inner surface hotter by `delta`.
    Source: Timoshenko & Goodier, Theory of Elasticity, thermal stress in the
    long circular cylinder.
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
    "cylinder": {"en": "Hollow cylinder, hot inside", "es": "Cilindro hueco, caliente por dentro", "it": "Cilindro cavo, caldo all’interno", "fr": "Cylindre creux, chaud à l’intérieur"},
    "material": {"en": "Material", "es": "Material", "it": "Materiale", "fr": "Matériau"},
    "custom": {"en": "Own values", "es": "Valores propios", "it": "Valori propri", "fr": "Valeurs propres"},
    "modulus": {"en": "Young's modulus E", "es": "Módulo de Young E", "it": "Modulo di Young E", "fr": "Module de Young E"},
    "alpha": {"en": "Expansion coefficient α", "es": "Coef. de dilatación α", "it": "Coeff. di dilatazione α", "fr": "Coef. de dilatation α"},
    "poisson": {"en": "Poisson's ratio ν", "es": "Coef. de Poisson ν", "it": "Coeff. di Poisson ν", "fr": "Coef. de Poisson ν"},
    "strength": {"en": "Yield strength", "es": "Límite elástico", "it": "Carico di snervamento", "fr": "Limite d’élasticité"},
    "temperature_change": {"en": "Temperature change", "es": "Cambio de temperatura", "it": "Variazione di temperatura", "fr": "Variation de température"},
    "length": {"en": "Length", "es": "Longitud", "it": "Lunghezza", "fr": "Longueur"},
    "area": {"en": "Cross-section", "es": "Sección", "it": "Sezione", "fr": "Section"},
    "gap": {"en": "Gap (0: fixed ends)", "es": "Holgura (0: extremos fijos)", "it": "Gioco (0: estremi fissi)", "fr": "Jeu (0 : extrémités fixes)"},
    "stiffness": {"en": "Support stiffness (0: rigid)", "es": "Rigidez de apoyos (0: rígidos)", "it": "Rigidezza vincoli (0: rigidi)", "fr": "Raideur des appuis (0 : rigides)"},
    "thickness": {"en": "Thickness", "es": "Espesor", "it": "Spessore", "fr": "Épaisseur"},
    "inner": {"en": "Inner radius", "es": "Radio interior", "it": "Raggio interno", "fr": "Rayon intérieur"},
    "outer": {"en": "Outer radius", "es": "Radio exterior", "it": "Raggio esterno", "fr": "Rayon extérieur"},
    "equivalent": {"en": "Highest von Mises", "es": "Von Mises máxima", "it": "Von Mises massima", "fr": "Von Mises maximale"},
    "safety": {"en": "Safety to yield", "es": "Seguridad al límite", "it": "Sicurezza allo snerv.", "fr": "Coef. de sécurité"},
    "at_yield": {"en": "Yields at ΔT", "es": "Fluye con ΔT", "it": "Snerva a ΔT", "fr": "Plastifie à ΔT"},
    "force": {"en": "Axial force", "es": "Fuerza axial", "it": "Forza assiale", "fr": "Effort axial"},
    "below": {"en": "The stress stays below the yield strength.", "es": "La tensión queda por debajo del límite elástico.", "it": "La tensione resta sotto il carico di snervamento.", "fr": "La contrainte reste sous la limite d’élasticité."},
    "above": {"en": "The stress exceeds the yield strength: the linear-elastic result is no longer valid.", "es": "La tensión supera el límite elástico: el resultado elástico lineal deja de ser válido.", "it": "La tensione supera il carico di snervamento: il risultato elastico lineare non è più valido.", "fr": "La contrainte dépasse la limite d’élasticité : le résultat élastique linéaire n’est plus valable."},
    "no_contact": {"en": "The bar does not touch the support: no stress.", "es": "La barra no toca el apoyo: sin tensión.", "it": "La barra non tocca il vincolo: nessuna tensione.", "fr": "La barre ne touche pas l’appui : aucune contrainte."},
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
    "source": {"en": "Formulas: Timoshenko, Goodier, Theory of Elasticity, 3rd ed., thermal stress; Gere, Goodno, Mechanics of Materials, 7th ed., thermal effects; Roark's Formulas for Stress and Strain, 7th ed., temperature stresses.", "es": "Fórmulas: Timoshenko, Goodier, Theory of Elasticity, 3.ª ed., tensiones térmicas; Gere, Goodno, Mechanics of Materials, 7.ª ed., efectos térmicos; Roark's Formulas for Stress and Strain, 7.ª ed., tensiones por temperatura.", "it": "Formule: Timoshenko, Goodier, Theory of Elasticity, 3ª ed., tensioni termiche; Gere, Goodno, Mechanics of Materials, 7ª ed., effetti termici; Roark’s Formulas for Stress and Strain, 7ª ed., tensioni da temperatura.", "fr": "Formules : Timoshenko, Goodier, Theory of Elasticity, 3e éd., contraintes thermiques ; Gere, Goodno, Mechanics of Materials, 7e éd., effets thermiques ; Roark’s Formulas for Stress and Strain, 7e éd., contraintes dues à la température."},
    "err_outer": {"en": "The outer radius must be larger than the inner one.", "es": "El radio exterior debe ser mayor que el interior.", "it": "Il raggio esterno deve superare quello interno.", "fr": "Le rayon extérieur doit dépasser le rayon intérieur."},
}

MATERIAL_FIELDS = ("modulus", "alpha", "poisson", "strength")
CASES = ("bar", "plate", "gradient", "cylinder")

script = Script(TEXTS["title"], TEXTS["lead"])
text = {key: script.text(words) for key, words in TEXTS.items()}


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


def draw(values, result):
    points = [point for _, curve in result["curves"] for point in curve]
    x_low, x_high = min(x for x, _ in points), max(x for x, _ in points)
    if x_high - x_low < 1e-9:
        x_low, x_high = x_low - 1.0, x_high + 1.0
    low, high = min(0.0, *(y for _, y in points)), max(0.0, *(y for _, y in points))
    axis = {"bar": "delta_axis", "plate": "delta_axis", "gradient": "depth_axis", "cylinder": "radius_axis"}[values["case"]]
    # Room above the curves for the legend.
    plot = Plot(text["distribution"], text[axis], text["stress"], (x_low, x_high), (low, high + 0.12 * (high - low)), script.language)
    styles = [("--c1", ""), ("--c2", ""), ("--c3", "7 4")]
    limit_shown = False
    for limit in (-values["strength"], values["strength"]):
        if plot.y_low <= limit <= plot.y_high:
            plot.line([(x_low, limit), (x_high, limit)], "--bad", "3 4")
            limit_shown = True
    for (_, curve), style in zip(result["curves"], styles):
        plot.line(curve, *style)
    entries = [(text[name], *style) for (name, _), style in zip(result["curves"], styles)]
    plot.legend([*entries, (text["strength"], "--bad", "3 4")] if limit_shown else entries)
    return plot.svg()


@script.form(
    Choice("case", text["case"], {case: text[case] for case in CASES}),
    Number("temperature_change", text["temperature_change"], "K", 50, -1500, 1500),
    Number("length", text["length"], "mm", 1000, 0.1, 1e6, depends_on={"case": "bar"}),
    Number("area", text["area"], "mm²", 500, 0.001, 1e8, depends_on={"case": "bar"}),
    Number("gap", text["gap"], "mm", 0, 0, 1000, depends_on={"case": "bar"}),
    Number("stiffness", text["stiffness"], "kN/mm", 0, 0, 1e6, depends_on={"case": "bar"}),
    Number("thickness", text["thickness"], "mm", 20, 0.01, 10000, depends_on={"case": "gradient"}),
    Number("inner", text["inner"], "mm", 50, 0.01, 1e5, depends_on={"case": "cylinder"}),
    Number("outer", text["outer"], "mm", 80, 0.01, 1e5, depends_on={"case": "cylinder"}),
    Heading(text["material"]),
    Choice(
        "material", text["material"], {**{name: entry[4] for name, entry in MATERIALS.items()}, "custom": text["custom"]},
        fills={name: dict(zip(MATERIAL_FIELDS, entry[:4])) for name, entry in MATERIALS.items()},
    ),
    Number("modulus", text["modulus"], "GPa", 205, 0.001, 2000),
    Number("alpha", text["alpha"], "10⁻⁶/K", 12, 0.01, 500),
    Number("poisson", text["poisson"], "", 0.29, 0, 0.49),
    Number("strength", text["strength"], "MPa", 250, 0.01, 10000),
)
def calculate(**values):
    if values["case"] == "cylinder" and values["outer"] <= values["inner"] * 1.0001:
        raise FieldErrors(outer=text["err_outer"])
    result = solve(values)
    equivalent, strength = result["equivalent"], values["strength"]
    figures = {
        text["equivalent"]: (equivalent, "MPa"), text["safety"]: (result["safety"], "", f"σᵧ = {strength:g} MPa"), text["at_yield"]: (result["at_yield"], "K"),
        **({text["force"]: (result["force"], "kN")} if result["force"] is not None else {}),
    }
    untouched = values["case"] == "bar" and values["gap"] > 0 and equivalent == 0
    columns = [text["place"], *(f"{text[name]}, MPa" for name in result["names"]), "von Mises, MPa"]
    return Result(
        figures,
        {text["distribution"]: draw(values, result)},
        tables=[Table("", columns, [(text[place], *stresses, mises) for place, stresses, mises in result["places"]])],
        verdict=text["no_contact" if untouched else "above" if result["over"] else "below"],
        good=not result["over"],
        note=text["source"],
        values={name: result[name] for name in ("equivalent", "safety", "at_yield", "force", "places")},
        output=f"{values['case']}: dT = {values['temperature_change']:g} K, von Mises {equivalent:.2f} MPa of {strength:g} MPa",
    )


if __name__ == "__main__":
    script.run()
