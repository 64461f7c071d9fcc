"""Efficiency and heat flow of straight, pin and annular fins.

ScriptsManager Metadata:
@display_name: Fin efficiency
@description: Straight, pin and annular fins: efficiency, effectiveness, temperature along the fin, heat flow of the finned surface
@description_es: Aletas rectas, de aguja y anulares: rendimiento, efectividad, temperatura a lo largo de la aleta, calor de la superficie aleteada
@description_it: Alette piane, a spillo e anulari: efficienza, efficacia, temperatura lungo l’aletta, potenza della superficie alettata
@description_fr: Ailettes droites, aiguilles et annulaires : rendement, efficacité, température le long de l’ailette, flux de la surface ailetée
@description_long: docs/fin_efficiency.md
@description_long_es: docs/fin_efficiency_es.md
@description_long_it: docs/fin_efficiency_it.md
@description_long_fr: docs/fin_efficiency_fr.md
@required_level: operator
@category: thermal
@tags: fin,cooling,convection,heat sink
@parameters: [
  {
    "name": "kind", "type": "select", "options": ["straight", "pin", "annular"], "default": "straight",
    "label": {"en": "Kind of fin", "es": "Tipo de aleta", "it": "Tipo di aletta", "fr": "Type d’ailette"},
    "description": {"en": "straight: on a flat surface; pin: round rods; annular: discs on a tube", "es": "straight: recta sobre superficie plana; pin: aguja cilíndrica; annular: disco sobre un tubo",
      "it": "straight: piana su superficie piana; pin: spillo cilindrico; annular: disco su un tubo", "fr": "straight : droite sur surface plane ; pin : aiguille cylindrique ; annular : disque sur un tube"}
  },
  {
    "name": "tip", "type": "select", "options": ["convection", "adiabatic"], "default": "convection",
    "label": {"en": "Tip", "es": "Extremo", "it": "Estremità", "fr": "Extrémité"},
    "description": {"en": "convection: the tip gives off heat like the sides; adiabatic: it gives off none", "es": "convection: el extremo cede calor como las caras; adiabatic: no cede calor",
      "it": "convection: l’estremità cede calore come le facce; adiabatic: non ne cede", "fr": "convection : l’extrémité échange comme les faces ; adiabatic : elle n’échange pas"}
  },
  {
    "name": "base_temperature", "type": "number", "default": 80, "min": -270, "max": 3000, "step": 0.01,
    "label": {"en": "Base temperature (°C)", "es": "Temperatura de la base (°C)", "it": "Temperatura della base (°C)", "fr": "Température de la base (°C)"}
  },
  {
    "name": "fluid_temperature", "type": "number", "default": 25, "min": -270, "max": 3000, "step": 0.01,
    "label": {"en": "Fluid temperature (°C)", "es": "Temperatura del fluido (°C)", "it": "Temperatura del fluido (°C)", "fr": "Température du fluide (°C)"}
  },
  {
    "name": "film_coefficient", "type": "number", "default": 30, "min": 0.1, "max": 100000, "step": 0.1,
    "label": {"en": "Film coefficient (W/(m²·K))", "es": "Coeficiente de película (W/(m²·K))", "it": "Coefficiente liminare (W/(m²·K))", "fr": "Coefficient d’échange (W/(m²·K))"}
  },
  {
    "name": "conductivity", "type": "number", "default": 200, "min": 0.001, "max": 5000, "step": 0.001,
    "label": {"en": "Conductivity of the fin (W/(m·K))", "es": "Conductividad de la aleta (W/(m·K))", "it": "Conduttività dell’aletta (W/(m·K))", "fr": "Conductivité de l’ailette (W/(m·K))"}
  },
  {
    "name": "length", "type": "number", "default": 40, "min": 0.1, "max": 5000, "step": 0.1,
    "label": {"en": "Fin length (mm)", "es": "Longitud de la aleta (mm)", "it": "Lunghezza dell’aletta (mm)", "fr": "Longueur de l’ailette (mm)"},
    "description": {"en": "From base to tip; annular: from the tube to the rim", "es": "De la base al extremo; annular: del tubo al borde", "it": "Dalla base all’estremità; annular: dal tubo al bordo", "fr": "De la base à l’extrémité ; annular : du tube au bord"}
  },
  {
    "name": "thickness", "type": "number", "default": 1.5, "min": 0.001, "max": 500, "step": 0.001,
    "label": {"en": "Fin thickness (mm)", "es": "Espesor de la aleta (mm)", "it": "Spessore dell’aletta (mm)", "fr": "Épaisseur de l’ailette (mm)"}
  },
  {
    "name": "width", "type": "number", "default": 200, "min": 0.1, "max": 100000, "step": 0.1,
    "label": {"en": "Width of straight fins (mm)", "es": "Anchura de aletas rectas (mm)", "it": "Larghezza delle alette piane (mm)", "fr": "Largeur des ailettes droites (mm)"}
  },
  {
    "name": "diameter", "type": "number", "default": 5, "min": 0.01, "max": 500, "step": 0.01,
    "label": {"en": "Diameter of pins (mm)", "es": "Diámetro de agujas (mm)", "it": "Diametro degli spilli (mm)", "fr": "Diamètre des aiguilles (mm)"}
  },
  {
    "name": "tube_diameter", "type": "number", "default": 25, "min": 0.1, "max": 10000, "step": 0.1,
    "label": {"en": "Outer diameter of the tube (mm)", "es": "Diámetro exterior del tubo (mm)", "it": "Diametro esterno del tubo (mm)", "fr": "Diamètre extérieur du tube (mm)"}
  },
  {
    "name": "pitch", "type": "number", "default": 8, "min": 0.01, "max": 10000, "step": 0.01,
    "label": {"en": "Pitch (mm)", "es": "Paso (mm)", "it": "Passo (mm)", "fr": "Pas (mm)"},
    "description": {"en": "From one fin to the next; pins: in a square grid", "es": "De una aleta a la siguiente; agujas: en malla cuadrada", "it": "Da un’aletta alla successiva; spilli: in griglia quadrata", "fr": "D’une ailette à la suivante ; aiguilles : en maille carrée"}
  },
  {
    "name": "count", "type": "integer", "default": 20, "min": 1, "max": 1000000, "step": 1,
    "label": {"en": "Number of fins", "es": "Número de aletas", "it": "Numero di alette", "fr": "Nombre d’ailettes"}
  }
]
"""

from __future__ import annotations

import math

from scriptsmanager import Choice, FieldErrors, Heading, Number, Plot, Result, Script, Table, fixed, show

# Conductivities in W/(m·K) near room temperature, rounded from Incropera et al.,
# Fundamentals of Heat and Mass Transfer, 7th ed., properties of metals; the alloy of most heat
# sinks, 6063-T6, from ASM Handbook, volume 2.
MATERIALS = {
    "aluminium": (237.0, {"en": "Aluminium, pure", "es": "Aluminio puro", "it": "Alluminio puro", "fr": "Aluminium pur"}),
    "aluminium_alloy": (177.0, {"en": "Aluminium 2024-T6", "es": "Aluminio 2024-T6", "it": "Alluminio 2024-T6", "fr": "Aluminium 2024-T6"}),
    "aluminium_6063": (200.0, {"en": "Aluminium 6063-T6", "es": "Aluminio 6063-T6", "it": "Alluminio 6063-T6", "fr": "Aluminium 6063-T6"}),
    "copper": (401.0, {"en": "Copper", "es": "Cobre", "it": "Rame", "fr": "Cuivre"}),
    "brass": (110.0, {"en": "Brass 70/30", "es": "Latón 70/30", "it": "Ottone 70/30", "fr": "Laiton 70/30"}),
    "carbon_steel": (60.5, {"en": "Carbon steel", "es": "Acero al carbono", "it": "Acciaio al carbonio", "fr": "Acier au carbone"}),
    "stainless_304": (14.9, {"en": "Stainless steel 304", "es": "Acero inoxidable 304", "it": "Acciaio inox 304", "fr": "Acier inoxydable 304"}),
}


def bessel_i(order, x):
    """exp(−x)·Iₙ(x), the modified Bessel function of the first kind, for x ≥ 0.

    Bessel's integral by the trapezoidal rule, which converges exponentially for
    a periodic function. Source: NIST DLMF, integral representations of modified
    Bessel functions.
    """
    steps = 64 + int(12 * math.sqrt(x))
    total = 0.5 * (1.0 + (-1) ** order * math.exp(-2.0 * x))
    for index in range(1, steps):
        angle = math.pi * index / steps
        total += math.exp(x * (math.cos(angle) - 1.0)) * math.cos(order * angle)
    return total / steps


def bessel_k(order, x):
    """exp(x)·Kₙ(x), the modified Bessel function of the second kind, for x > 0.

    The integral of exp(−x·cosh t)·cosh(n·t) by the trapezoidal rule; its
    integrand vanishes faster than any exponential. Source: as above.
    """
    end = math.acosh(1.0 + 745.0 / x)
    steps = 400
    total = 0.5
    for index in range(1, steps):
        t = end * index / steps
        total += math.exp(-x * (math.cosh(t) - 1.0)) * math.cosh(order * t)
    return total * end / steps


def straight_efficiency(m, length):
    """Efficiency of a fin of constant cross-section with an adiabatic tip: tanh(mL)/(mL).

    m in 1/m, length in m. Source: Incropera et al., 7th ed., fins of uniform
    cross-section.
    """
    return math.tanh(m * length) / (m * length)


def annular_efficiency(m, inner, outer):
    """Efficiency of an annular fin of constant thickness with an adiabatic rim.

    m in 1/m, radii in m. Source: Incropera et al., 7th ed., circular
    fin of rectangular profile. The functions are scaled: I grows and K falls by
    exp(x), and the difference of both exponents is left.
    """
    a, b = m * inner, m * outer
    fall = math.exp(-2.0 * (b - a))
    above = bessel_k(1, a) * bessel_i(1, b) - bessel_i(1, a) * bessel_k(1, b) * fall
    below = bessel_i(0, a) * bessel_k(1, b) * fall + bessel_k(0, a) * bessel_i(1, b)
    return 2.0 * inner / (m * (outer**2 - inner**2)) * above / below


def straight_profile(m, length, x):
    """Share of the base's excess temperature at x: cosh(m(L − x))/cosh(mL) without overflow."""
    return (math.exp(-m * x) + math.exp(-m * (2.0 * length - x))) / (1.0 + math.exp(-2.0 * m * length))


def annular_profile(m, inner, outer, radius):
    """The same for an annular fin. Source: Incropera et al., 7th ed., fins of nonuniform cross-section."""
    a, b, r = m * inner, m * outer, m * radius
    rim_i, rim_k = bessel_i(1, b), bessel_k(1, b)
    above = bessel_i(0, r) * rim_k * math.exp(r + a - 2.0 * b) + bessel_k(0, r) * rim_i * math.exp(a - r)
    below = bessel_i(0, a) * rim_k * math.exp(2.0 * (a - b)) + bessel_k(0, a) * rim_i
    return above / below


def fins(kind, h, k, excess, length, thickness, count=1, pitch=0.0, width=1.0, tube=0.0, convective_tip=True):
    """Heat flow of `count` equal fins and of the surface between them.

    h in W/(m²·K), k in W/(m·K), excess of the base over the fluid in K, all
    lengths in m. `thickness` is the diameter of a pin; `tube` the outer diameter
    of the tube of annular fins; `pitch` the distance from fin to fin, of pins in
    a square grid; 0: no surface between them. A convective tip counts as fin of
    half its thickness (pin: a quarter of its diameter). Areas in m², flows in W.
    Source: Incropera et al., 7th ed., fin performance, overall surface efficiency.
    """
    inner = tube / 2.0
    share = 4.0 if kind == "pin" else 2.0
    corrected = length + (thickness / share if convective_tip else 0.0)
    m = math.sqrt(share * h / (k * thickness))
    if kind == "straight":
        area, foot, bare = 2.0 * width * corrected, width * thickness, width * max(0.0, pitch - thickness)
    elif kind == "pin":
        area, foot = math.pi * thickness * corrected, math.pi * thickness**2 / 4.0
        bare = max(0.0, pitch**2 - foot)
    else:
        area = 2.0 * math.pi * ((inner + corrected) ** 2 - inner**2)
        foot, bare = 2.0 * math.pi * inner * thickness, 2.0 * math.pi * inner * max(0.0, pitch - thickness)
    if kind == "annular":
        efficiency, tip = annular_efficiency(m, inner, inner + corrected), annular_profile(m, inner, inner + corrected, inner + length)
        endless = k * foot * m * bessel_k(1, m * inner) / bessel_k(0, m * inner)
    else:
        efficiency, tip = straight_efficiency(m, corrected), straight_profile(m, corrected, length)
        endless = k * foot * m
    flow = efficiency * h * area * excess
    total = count * (area + bare)
    overall = 1.0 - count * area / total * (1.0 - efficiency)
    return {
        "m": m, "corrected": corrected, "efficiency": efficiency, "effectiveness": efficiency * area / foot, "flow": flow,
        "of_endless": efficiency * h * area / endless, "fin_area": count * area, "bare_area": count * bare, "overall": overall,
        "total_flow": overall * h * total * excess, "flow_without": h * count * (foot + bare) * excess, "tip": tip, "biot": h * thickness / (2.0 * k),
    }


TEXTS = {
    "title": {"en": "Fin efficiency", "es": "Rendimiento de aletas", "it": "Efficienza delle alette", "fr": "Rendement d’ailettes"},
    "lead": {"en": "Steady conduction along equal fins of constant thickness, with the same film coefficient everywhere.", "es": "Conducción estacionaria en aletas iguales de espesor constante, con el mismo coeficiente de película en todas partes.", "it": "Conduzione stazionaria lungo alette uguali di spessore costante, con lo stesso coefficiente liminare ovunque.", "fr": "Conduction stationnaire dans des ailettes identiques d’épaisseur constante, avec le même coefficient d’échange partout."},
    "source": {"en": "Formulas: Incropera, DeWitt, Bergman, Lavine, Fundamentals of Heat and Mass Transfer, 7th ed., heat transfer from extended surfaces.", "es": "Fórmulas: Incropera, DeWitt, Bergman, Lavine, Fundamentals of Heat and Mass Transfer, 7.ª ed., superficies extendidas.", "it": "Formule: Incropera, DeWitt, Bergman, Lavine, Fundamentals of Heat and Mass Transfer, 7ª ed., superfici estese.", "fr": "Formules : Incropera, DeWitt, Bergman, Lavine, Fundamentals of Heat and Mass Transfer, 7e éd., surfaces étendues."},
    "kind": {"en": "Kind of fin", "es": "Tipo de aleta", "it": "Tipo di aletta", "fr": "Type d’ailette"},
    "straight": {"en": "Straight, on a plate", "es": "Recta, en una placa", "it": "Piana, su una piastra", "fr": "Droite, sur une plaque"},
    "pin": {"en": "Pin, round rod", "es": "Aguja cilíndrica", "it": "Spillo cilindrico", "fr": "Aiguille cylindrique"},
    "annular": {"en": "Annular, on a tube", "es": "Anular, en un tubo", "it": "Anulare, su un tubo", "fr": "Annulaire, sur un tube"},
    "tip": {"en": "Tip", "es": "Extremo", "it": "Estremità", "fr": "Extrémité"},
    "convection": {"en": "Gives off heat", "es": "Cede calor", "it": "Cede calore", "fr": "Échange de la chaleur"},
    "adiabatic": {"en": "Insulated", "es": "Aislado", "it": "Isolata", "fr": "Isolée"},
    "temperatures": {"en": "Temperatures and material", "es": "Temperaturas y material", "it": "Temperature e materiale", "fr": "Températures et matériau"},
    "geometry": {"en": "Geometry", "es": "Geometría", "it": "Geometria", "fr": "Géométrie"},
    "base_temperature": {"en": "Base temperature", "es": "Temperatura de la base", "it": "Temperatura della base", "fr": "Température de la base"},
    "fluid_temperature": {"en": "Fluid temperature", "es": "Temperatura del fluido", "it": "Temperatura del fluido", "fr": "Température du fluide"},
    "film_coefficient": {"en": "Film coefficient h", "es": "Coef. de película h", "it": "Coeff. liminare h", "fr": "Coef. d’échange h"},
    "material": {"en": "Material", "es": "Material", "it": "Materiale", "fr": "Matériau"},
    "custom": {"en": "Own value", "es": "Valor propio", "it": "Valore proprio", "fr": "Valeur propre"},
    "conductivity": {"en": "Conductivity λ", "es": "Conductividad λ", "it": "Conduttività λ", "fr": "Conductivité λ"},
    "length": {"en": "Fin length L", "es": "Longitud de la aleta L", "it": "Lunghezza aletta L", "fr": "Longueur d’ailette L"},
    "thickness": {"en": "Thickness t", "es": "Espesor t", "it": "Spessore t", "fr": "Épaisseur t"},
    "width": {"en": "Width w", "es": "Anchura w", "it": "Larghezza w", "fr": "Largeur w"},
    "diameter": {"en": "Pin diameter D", "es": "Diámetro de aguja D", "it": "Diametro spillo D", "fr": "Diamètre d’aiguille D"},
    "tube_diameter": {"en": "Tube diameter, outer", "es": "Diámetro exterior del tubo", "it": "Diametro esterno del tubo", "fr": "Diamètre extérieur du tube"},
    "pitch": {"en": "Pitch, fin to fin", "es": "Paso entre aletas", "it": "Passo tra le alette", "fr": "Pas entre ailettes"},
    "count": {"en": "Number of fins", "es": "Número de aletas", "it": "Numero di alette", "fr": "Nombre d’ailettes"},
    "efficiency": {"en": "Efficiency", "es": "Rendimiento", "it": "Efficienza", "fr": "Rendement"},
    "effectiveness": {"en": "Effectiveness", "es": "Efectividad", "it": "Efficacia", "fr": "Efficacité"},
    "flow": {"en": "Heat, one fin", "es": "Calor por aleta", "it": "Calore per aletta", "fr": "Flux par ailette"},
    "total_flow": {"en": "Heat, all", "es": "Calor total", "it": "Calore totale", "fr": "Flux total"},
    "without": {"en": "without fins", "es": "sin aletas", "it": "senza alette", "fr": "sans ailettes"},
    "tip_temperature": {"en": "Tip temperature", "es": "Temp. del extremo", "it": "Temp. all’estremità", "fr": "Temp. d’extrémité"},
    "worth": {"en": "The fins give off {times} times the heat of the bare surface.", "es": "Las aletas ceden {times} veces el calor de la superficie lisa.", "it": "Le alette cedono {times} volte il calore della superficie liscia.", "fr": "Les ailettes échangent {times} fois le flux de la surface lisse."},
    "not_worth": {"en": "The effectiveness is below 2: such fins are seldom worth their cost.", "es": "La efectividad es menor que 2: tales aletas rara vez compensan su coste.", "it": "L’efficacia è inferiore a 2: alette così raramente ripagano il costo.", "fr": "L’efficacité est inférieure à 2 : de telles ailettes valent rarement leur coût."},
    "thick": {"en": "The Biot number is above 0.1: the temperature differs across the thickness, and the one-dimensional result is too high.", "es": "El número de Biot supera 0,1: la temperatura varía en el espesor y el resultado unidimensional es demasiado alto.", "it": "Il numero di Biot supera 0,1: la temperatura varia nello spessore e il risultato monodimensionale è troppo alto.", "fr": "Le nombre de Biot dépasse 0,1 : la température varie dans l’épaisseur et le résultat unidimensionnel est trop élevé."},
    "profile": {"en": "Temperature along the fin", "es": "Temperatura a lo largo de la aleta", "it": "Temperatura lungo l’aletta", "fr": "Température le long de l’ailette"},
    "distance": {"en": "Distance from the base, mm", "es": "Distancia desde la base, mm", "it": "Distanza dalla base, mm", "fr": "Distance depuis la base, mm"},
    "temperature": {"en": "Temperature, °C", "es": "Temperatura, °C", "it": "Temperatura, °C", "fr": "Température, °C"},
    "fin": {"en": "Fin", "es": "Aleta", "it": "Aletta", "fr": "Ailette"},
    "fluid": {"en": "Fluid", "es": "Fluido", "it": "Fluido", "fr": "Fluide"},
    "by_length": {"en": "Would another length pay?", "es": "¿Compensaría otra longitud?", "it": "Converrebbe un’altra lunghezza?", "fr": "Une autre longueur serait-elle rentable ?"},
    "length_axis": {"en": "Fin length, mm", "es": "Longitud de la aleta, mm", "it": "Lunghezza dell’aletta, mm", "fr": "Longueur de l’ailette, mm"},
    "percent": {"en": "Per cent", "es": "Por ciento", "it": "Per cento", "fr": "Pour cent"},
    "of_endless": {"en": "Heat, of an endless fin's", "es": "Calor, del de una aleta infinita", "it": "Calore, di quello dell’aletta infinita", "fr": "Flux, de celui d’une ailette infinie"},
    "details": {"en": "In detail", "es": "En detalle", "it": "In dettaglio", "fr": "En détail"},
    "quantity": {"en": "Quantity", "es": "Magnitud", "it": "Grandezza", "fr": "Grandeur"},
    "value": {"en": "Value", "es": "Valor", "it": "Valore", "fr": "Valeur"},
    "m": {"en": "Fin parameter m", "es": "Parámetro de aleta m", "it": "Parametro dell’aletta m", "fr": "Paramètre d’ailette m"},
    "corrected": {"en": "Length in the formulas", "es": "Longitud en las fórmulas", "it": "Lunghezza nelle formule", "fr": "Longueur dans les formules"},
    "ml": {"en": "m times length", "es": "m por longitud", "it": "m per lunghezza", "fr": "m fois longueur"},
    "biot": {"en": "Biot number across the thickness", "es": "Número de Biot en el espesor", "it": "Numero di Biot nello spessore", "fr": "Nombre de Biot dans l’épaisseur"},
    "fin_area": {"en": "Area of all fins", "es": "Área de todas las aletas", "it": "Area di tutte le alette", "fr": "Aire de toutes les ailettes"},
    "bare_area": {"en": "Area between the fins", "es": "Área entre aletas", "it": "Area tra le alette", "fr": "Aire entre les ailettes"},
    "overall": {"en": "Efficiency of the whole surface", "es": "Rendimiento de toda la superficie", "it": "Efficienza dell’intera superficie", "fr": "Rendement de toute la surface"},
    "err_pitch": {"en": "The pitch must be larger than the fin is thick.", "es": "El paso debe superar el espesor de la aleta.", "it": "Il passo deve superare lo spessore dell’aletta.", "fr": "Le pas doit dépasser l’épaisseur de l’ailette."},
    "err_equal": {"en": "The fluid must be colder or warmer than the base.", "es": "El fluido debe estar más frío o más caliente que la base.", "it": "Il fluido deve essere più freddo o più caldo della base.", "fr": "Le fluide doit être plus froid ou plus chaud que la base."},
}

script = Script(TEXTS["title"], TEXTS["lead"])
text = {key: script.text(words) for key, words in TEXTS.items()}


def solve(values, length=None):
    """The fins of checked values, with another length in mm where one is given."""
    thick = values["diameter"] if values["kind"] == "pin" else values["thickness"]

    result = fins(
        values["kind"], values["film_coefficient"], values["conductivity"], values["base_temperature"] - values["fluid_temperature"],
        (length or values["length"]) / 1000, thick / 1000, values["count"], values["pitch"] / 1000, values["width"] / 1000,
        values["tube_diameter"] / 1000, values["tip"] == "convection",
    )
    result["tip_temperature"] = values["fluid_temperature"] + result["tip"] * (values["base_temperature"] - values["fluid_temperature"])
    return result


def draw_profile(values, result):
    length, fluid = values["length"], values["fluid_temperature"]
    excess, corrected, inner = values["base_temperature"] - fluid, result["corrected"], values["tube_diameter"] / 2000

    def temperature(x):
        if values["kind"] == "annular":
            return fluid + excess * annular_profile(result["m"], inner, inner + corrected, inner + x / 1000)
        return fluid + excess * straight_profile(result["m"], corrected, x / 1000)

    curve = [(length * index / 60, temperature(length * index / 60)) for index in range(61)]
    span = sorted((fluid, values["base_temperature"]))
    plot = Plot(text["profile"], text["distance"], text["temperature"], (0.0, length), (span[0], span[1] + 0.12 * (span[1] - span[0])), script.language)
    plot.line([(0.0, fluid), (length, fluid)], "--c3", "5 4")
    plot.line(curve)
    plot.dot(*curve[-1])
    plot.legend([(text["fin"], "--c1", ""), (text["fluid"], "--c3", "5 4")])
    return plot.svg()


def draw_lengths(values, result):
    longest = 2.5 * values["length"]
    results = [(longest * index / 50, solve(values, longest * index / 50)) for index in range(1, 51)]
    plot = Plot(text["by_length"], text["length_axis"], text["percent"], (0.0, longest), (0.0, 115.0), script.language)
    for key, color, dash in (("efficiency", "--c1", ""), ("of_endless", "--c2", "7 4")):
        plot.line([(length, 100 * one[key]) for length, one in results], color, dash)
        plot.dot(values["length"], 100 * result[key], color)
    plot.legend([(text["efficiency"], "--c1", ""), (text["of_endless"], "--c2", "7 4")])
    return plot.svg()


def table_rows(result):
    return [
        ("m", show(result["m"], 4, script.language), "1/m"), ("corrected", show(1000 * result["corrected"], 4, script.language), "mm"),
        ("ml", show(result["m"] * result["corrected"], 4, script.language), ""), ("biot", show(result["biot"], 3, script.language), ""),
        ("fin_area", show(result["fin_area"], 4, script.language), "m²"), ("bare_area", show(result["bare_area"], 4, script.language), "m²"),
        ("overall", fixed(100 * result["overall"], 2, script.language), "%"),
    ]


@script.form(
    Choice("kind", text["kind"], {kind: text[kind] for kind in ("straight", "pin", "annular")}),
    Choice("tip", text["tip"], {tip: text[tip] for tip in ("convection", "adiabatic")}),
    Heading(text["geometry"]),
    Number("tube_diameter", text["tube_diameter"], "mm", 25, 0.1, 10000, depends_on={"kind": "annular"}),
    Number("length", text["length"], "mm", 40, 0.1, 5000),
    Number("thickness", text["thickness"], "mm", 1.5, 0.001, 500, depends_on={"kind": ["straight", "annular"]}),
    Number("width", text["width"], "mm", 200, 0.1, 100000, depends_on={"kind": "straight"}),
    Number("diameter", text["diameter"], "mm", 5, 0.01, 500, depends_on={"kind": "pin"}),
    Number("pitch", text["pitch"], "mm", 8, 0.01, 10000),
    Number("count", text["count"], "", 20, 1, 1000000, whole=True),
    Heading(text["temperatures"]),
    Number("base_temperature", text["base_temperature"], "°C", 80, -270, 3000),
    Number("fluid_temperature", text["fluid_temperature"], "°C", 25, -270, 3000),
    Number("film_coefficient", text["film_coefficient"], "W/(m²·K)", 30, 0.1, 100000),
    Choice(
        "material", text["material"], {**{name: words for name, (_, words) in MATERIALS.items()}, "custom": text["custom"]}, default="aluminium_6063",
        fills={name: {"conductivity": value} for name, (value, _) in MATERIALS.items()},
    ),
    Number("conductivity", text["conductivity"], "W/(m·K)", 200, 0.001, 5000),
)
def calculate(**values):
    if values["pitch"] <= values["diameter" if values["kind"] == "pin" else "thickness"]:
        raise FieldErrors(pitch=text["err_pitch"])
    if values["base_temperature"] == values["fluid_temperature"]:
        raise FieldErrors(fluid_temperature=text["err_equal"])
    result = solve(values)
    times = show(result["total_flow"] / result["flow_without"], 3, script.language)
    few = result["effectiveness"] < 2
    return Result(
        {
            text["efficiency"]: (100 * result["efficiency"], "%"), text["effectiveness"]: result["effectiveness"], text["flow"]: (result["flow"], "W"),
            text["total_flow"]: (result["total_flow"], "W", f"{show(result['flow_without'], 4, script.language)} W {text['without']}"),
            text["tip_temperature"]: (result["tip_temperature"], "°C"),
        },
        {text["profile"]: draw_profile(values, result), text["by_length"]: draw_lengths(values, result)},
        tables=[Table(text["details"], (text["quantity"], text["value"]), [(text[name], f"{value} {unit}") for name, value, unit in table_rows(result)])],
        verdict=text["not_worth"] if few else text["worth"].format(times=times),
        good=not few,
        warnings=[text["thick"]] if result["biot"] > 0.1 else [],
        note=text["source"],
        values=result,
        output=f"{values['kind']} fins: efficiency {100 * result['efficiency']:.2f} %, {result['flow']:.4g} W each, {result['total_flow']:.4g} W in all",
    )


if __name__ == "__main__":
    script.run()
