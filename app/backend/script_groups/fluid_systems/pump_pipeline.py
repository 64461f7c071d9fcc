"""Pressure loss of a pipeline and the operating point of its pump.

ScriptsManager Metadata:
@display_name: Pump and pipeline
@description: Pressure loss by Darcy-Weisbach and Colebrook, minor losses, operating point of the pump, power and NPSH
@description_es: Pérdida de carga según Darcy-Weisbach y Colebrook, pérdidas singulares, punto de funcionamiento de la bomba, potencia y NPSH
@description_it: Perdite di carico secondo Darcy-Weisbach e Colebrook, perdite localizzate, punto di funzionamento della pompa, potenza e NPSH
@description_fr: Pertes de charge selon Darcy-Weisbach et Colebrook, pertes singulières, point de fonctionnement de la pompe, puissance et NPSH
@description_long: docs/pump_pipeline.md
@description_long_es: docs/pump_pipeline_es.md
@description_long_it: docs/pump_pipeline_it.md
@description_long_fr: docs/pump_pipeline_fr.md
@required_level: operator
@category: fluids
@tags: pump,pipe,pressure loss,NPSH,Colebrook
@parameters: [
  {
    "name": "static_head", "type": "number", "default": 12, "min": -1000, "max": 5000, "step": 0.01,
    "label": {"en": "Rise from level to level (m)", "es": "Desnivel entre superficies (m)", "it": "Dislivello tra le superfici (m)", "fr": "Dénivelé entre niveaux (m)"}
  },
  {
    "name": "suction_level", "type": "number", "default": 1.5, "min": -10, "max": 500, "step": 0.01,
    "label": {"en": "Suction level above the pump (m)", "es": "Nivel de aspiración sobre la bomba (m)", "it": "Livello di aspirazione sopra la pompa (m)", "fr": "Niveau d'aspiration au-dessus de la pompe (m)"},
    "description": {"en": "Negative: the pump stands above the liquid", "es": "Negativo: la bomba está por encima del líquido", "it": "Negativo: la pompa sta sopra il liquido", "fr": "Négatif : la pompe est au-dessus du liquide"}
  },
  {
    "name": "pressure_difference", "type": "number", "default": 0, "min": -10000, "max": 100000, "step": 0.1,
    "label": {"en": "Pressure difference (kPa)", "es": "Diferencia de presión (kPa)", "it": "Differenza di pressione (kPa)", "fr": "Différence de pression (kPa)"},
    "description": {"en": "Above the target's surface minus above the source's", "es": "Sobre la superficie de destino menos sobre la de origen", "it": "Sopra la superficie di destinazione meno sopra quella di origine", "fr": "Au-dessus du niveau d'arrivée moins au-dessus du niveau de départ"}
  },
  {
    "name": "density", "type": "number", "default": 998.2, "min": 100, "max": 5000, "step": 0.1,
    "label": {"en": "Density (kg/m³)", "es": "Densidad (kg/m³)", "it": "Densità (kg/m³)", "fr": "Masse volumique (kg/m³)"}
  },
  {
    "name": "viscosity", "type": "number", "default": 1.003, "min": 0.05, "max": 10000, "step": 0.001,
    "label": {"en": "Kinematic viscosity (mm²/s)", "es": "Viscosidad cinemática (mm²/s)", "it": "Viscosità cinematica (mm²/s)", "fr": "Viscosité cinématique (mm²/s)"}
  },
  {
    "name": "vapour_pressure", "type": "number", "default": 2.339, "min": 0, "max": 10000, "step": 0.001,
    "label": {"en": "Vapour pressure, absolute (kPa)", "es": "Presión de vapor, absoluta (kPa)", "it": "Tensione di vapore, assoluta (kPa)", "fr": "Pression de vapeur, absolue (kPa)"}
  },
  {
    "name": "roughness", "type": "number", "default": 0.045, "min": 0, "max": 20, "step": 0.0001,
    "label": {"en": "Roughness of the pipes (mm)", "es": "Rugosidad de los tubos (mm)", "it": "Rugosità dei tubi (mm)", "fr": "Rugosité des tubes (mm)"}
  },
  {
    "name": "suction_diameter", "type": "number", "default": 107.1, "min": 1, "max": 5000, "step": 0.01,
    "label": {"en": "Suction: inner diameter (mm)", "es": "Aspiración: diámetro interior (mm)", "it": "Aspirazione: diametro interno (mm)", "fr": "Aspiration : diamètre intérieur (mm)"}
  },
  {
    "name": "suction_length", "type": "number", "default": 6, "min": 0, "max": 100000, "step": 0.01,
    "label": {"en": "Suction: length (m)", "es": "Aspiración: longitud (m)", "it": "Aspirazione: lunghezza (m)", "fr": "Aspiration : longueur (m)"}
  },
  {
    "name": "discharge_diameter", "type": "number", "default": 82.5, "min": 1, "max": 5000, "step": 0.01,
    "label": {"en": "Discharge: inner diameter (mm)", "es": "Impulsión: diámetro interior (mm)", "it": "Mandata: diametro interno (mm)", "fr": "Refoulement : diamètre intérieur (mm)"}
  },
  {
    "name": "discharge_length", "type": "number", "default": 120, "min": 0, "max": 1000000, "step": 0.01,
    "label": {"en": "Discharge: length (m)", "es": "Impulsión: longitud (m)", "it": "Mandata: lunghezza (m)", "fr": "Refoulement : longueur (m)"}
  },
  {
    "name": "pump", "type": "json",
    "label": {"en": "Points of the pump curve", "es": "Puntos de la curva de la bomba", "it": "Punti della curva della pompa", "fr": "Points de la courbe de la pompe"},
    "description": {
      "en": "Optional: a list of 2 to 12 objects with flow (m³/h), head (m), npsh (m) and efficiency (%); points can also be edited in the page",
      "es": "Opcional: una lista de 2 a 12 objetos con flow (m³/h), head (m), npsh (m) y efficiency (%); los puntos también se editan en la página",
      "it": "Facoltativo: un elenco di 2–12 oggetti con flow (m³/h), head (m), npsh (m) e efficiency (%); i punti si modificano anche nella pagina",
      "fr": "Facultatif : une liste de 2 à 12 objets avec flow (m³/h), head (m), npsh (m) et efficiency (%) ; les points se modifient aussi dans la page"
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

from scriptsmanager import FIELDS, Plot, Store, check_number, field_text, fixed, make_app, serve, show, starting_inputs

GRAVITY = 9.80665  # m/s²
MAX_POINTS = 12

# Water: density in kg/m³, kinematic viscosity in mm²/s, vapour pressure in kPa at
# saturation. Rounded from IAPWS-IF97 and the IAPWS formulation of the viscosity, 2008.
FLUIDS = {
    "water_10": (999.7, 1.306, 1.228, {"en": "Water, 10 °C", "es": "Agua, 10 °C", "it": "Acqua, 10 °C", "fr": "Eau, 10 °C"}),
    "water_20": (998.2, 1.003, 2.339, {"en": "Water, 20 °C", "es": "Agua, 20 °C", "it": "Acqua, 20 °C", "fr": "Eau, 20 °C"}),
    "water_40": (992.2, 0.658, 7.385, {"en": "Water, 40 °C", "es": "Agua, 40 °C", "it": "Acqua, 40 °C", "fr": "Eau, 40 °C"}),
    "water_60": (983.2, 0.474, 19.95, {"en": "Water, 60 °C", "es": "Agua, 60 °C", "it": "Acqua, 60 °C", "fr": "Eau, 60 °C"}),
    "water_80": (971.8, 0.364, 47.41, {"en": "Water, 80 °C", "es": "Agua, 80 °C", "it": "Acqua, 80 °C", "fr": "Eau, 80 °C"}),
}
FLUID_FIELDS = ("density", "viscosity", "vapour_pressure")

# Equivalent roughness of new commercial pipes in mm: Çengel & Cimbala, Fluid
# Mechanics, 2nd ed., equivalent roughness.
PIPES = {
    "stainless": (0.002, {"en": "Stainless steel", "es": "Acero inoxidable", "it": "Acciaio inox", "fr": "Acier inoxydable"}),
    "steel": (0.045, {"en": "Commercial steel", "es": "Acero comercial", "it": "Acciaio commerciale", "fr": "Acier du commerce"}),
    "galvanized": (0.15, {"en": "Galvanized iron", "es": "Hierro galvanizado", "it": "Ferro zincato", "fr": "Fer galvanisé"}),
    "cast_iron": (0.26, {"en": "Cast iron", "es": "Fundición", "it": "Ghisa", "fr": "Fonte"}),
    "copper": (0.0015, {"en": "Copper, brass", "es": "Cobre, latón", "it": "Rame, ottone", "fr": "Cuivre, laiton"}),
    "plastic": (0.0, {"en": "Plastic, smooth", "es": "Plástico, liso", "it": "Plastica, liscio", "fr": "Plastique, lisse"}),
}

# Loss coefficients, flanged where it matters: Çengel & Cimbala, minor losses.
FITTINGS = {
    "inlet": (0.5, {"en": "Inlet, sharp-edged", "es": "Entrada de arista viva", "it": "Imbocco a spigolo vivo", "fr": "Entrée à arête vive"}),
    "bend": (0.3, {"en": "Bend 90°, smooth", "es": "Codo de 90°, suave", "it": "Curva a 90°, raccordata", "fr": "Coude à 90°, arrondi"}),
    "miter": (1.1, {"en": "Bend 90°, mitred", "es": "Codo de 90°, a inglete", "it": "Gomito a 90°, a spigolo", "fr": "Coude à 90°, à onglet"}),
    "tee": (1.0, {"en": "Tee, branch flow", "es": "Te, flujo en derivación", "it": "T, flusso in derivazione", "fr": "Té, écoulement dérivé"}),
    "gate": (0.2, {"en": "Gate valve, open", "es": "Válvula de compuerta, abierta", "it": "Saracinesca, aperta", "fr": "Vanne à opercule, ouverte"}),
    "globe": (10.0, {"en": "Globe valve, open", "es": "Válvula de globo, abierta", "it": "Valvola a globo, aperta", "fr": "Robinet à soupape, ouvert"}),
    "check": (2.0, {"en": "Swing check valve", "es": "Válvula antirretorno", "it": "Valvola di non ritorno a clapet", "fr": "Clapet anti-retour"}),
    "exit": (1.0, {"en": "Exit into a vessel", "es": "Salida a un depósito", "it": "Sbocco in un serbatoio", "fr": "Sortie dans un réservoir"}),
}
SIDES = ("suction", "discharge")
MOST_ROUGH = 0.05  # ε/D of the topmost line of Moody's chart


def colebrook(reynolds, relative):
    """Darcy friction factor of turbulent flow in a pipe of that relative roughness ε/D.

    The fixed point of Colebrook's formula; its right side is so flat that each
    round gains about a digit. Source: C. F. Colebrook, Journal of the ICE 11
    (1939) 133-156; White, Fluid Mechanics, 7th ed., Colebrook's formula.
    """
    root = 7.0
    for _ in range(100):
        last, root = root, -2.0 * math.log10(relative / 3.7 + 2.51 * root / reynolds)
        if abs(root - last) < 1e-13 * root:
            break
    return 1.0 / root**2


def friction_factor(reynolds, relative):
    """Darcy friction factor: 64/Re up to 2300, Colebrook from 4000, between them on a straight line.

    Source: Hagen and Poiseuille's law and Colebrook's formula. Between
    2300 and 4000 the flow changes to and fro, and no formula is reliable.
    """
    if reynolds <= 2300.0:
        return 64.0 / reynolds
    if reynolds >= 4000.0:
        return colebrook(reynolds, relative)
    share = (reynolds - 2300.0) / 1700.0
    return (1.0 - share) * 64.0 / 2300.0 + share * colebrook(4000.0, relative)


def section_loss(flow, diameter, length, roughness, zeta, viscosity):
    """Velocity, Reynolds number, friction factor and losses of head of one section of pipe.

    Flow in m³/s, lengths in m, viscosity in m²/s; losses in m of the liquid.
    Source: White, Fluid Mechanics, 7th ed., Darcy-Weisbach equation, minor losses.
    """
    velocity = flow / (math.pi * diameter**2 / 4.0)
    reynolds = velocity * diameter / viscosity
    factor = friction_factor(reynolds, roughness / diameter) if reynolds > 0 else 0.0
    dynamic = velocity**2 / (2.0 * GRAVITY)
    return {"velocity": velocity, "reynolds": reynolds, "factor": factor, "friction": factor * length / diameter * dynamic, "minor": zeta * dynamic}


def npsh_available(pressure, vapour_pressure, density, level, loss):
    """Net positive suction head in m: pressures absolute in Pa, level above the pump and loss in m.

    Source: White, Fluid Mechanics, 7th ed., net positive-suction head.
    """
    return (pressure - vapour_pressure) / (density * GRAVITY) + level - loss


def curve_through(points):
    """A smooth function through (x, y) points with rising x that makes no waves of its own.

    Piecewise cubic whose slopes are weighted harmonic means of the neighbours'.
    Source: F. N. Fritsch, J. Butland, SIAM Journal on Scientific and Statistical
    Computing 5 (1984) 300-304.
    """
    xs, ys = [x for x, _ in points], [y for _, y in points]
    widths = [b - a for a, b in zip(xs, xs[1:])]
    rises = [(b - a) / width for a, b, width in zip(ys, ys[1:], widths)]
    slopes = [rises[0]]
    for before, after, left, right in zip(rises, rises[1:], widths, widths[1:]):
        if before * after <= 0.0:
            slopes.append(0.0)
        else:
            share = (left + 2.0 * right) / (3.0 * (left + right))
            slopes.append(before * after / (share * after + (1.0 - share) * before))
    slopes.append(rises[-1])

    def value(x):
        index = max(0, min(len(widths) - 1, sum(x >= edge for edge in xs[1:])))
        width = widths[index]
        t = (x - xs[index]) / width
        return (
            (1 + 2 * t) * (1 - t) ** 2 * ys[index] + t * (1 - t) ** 2 * width * slopes[index]
            + t**2 * (3 - 2 * t) * ys[index + 1] + t**2 * (t - 1) * width * slopes[index + 1]
        )

    return value


def operating_point(pump, system, low, high):
    """The largest flow from `low` to `high` at which the pump's head falls below the system's.

    Returns (flow, "") or (None, "weak" where the pump never reaches the system's
    head, or "beyond" where it is above it at the end of its curve).
    """
    if pump(high) > system(high):
        return None, "beyond"
    steps = 400
    for index in range(steps - 1, -1, -1):
        below, above = low + (high - low) * index / steps, low + (high - low) * (index + 1) / steps
        if pump(below) >= system(below):
            for _ in range(80):
                middle = (below + above) / 2
                below, above = (middle, above) if pump(middle) >= system(middle) else (below, middle)
            return (below + above) / 2, ""
    return None, "weak"


TEXTS = {
    "title": {"en": "Pump and pipeline", "es": "Bomba y tubería", "it": "Pompa e tubazione", "fr": "Pompe et tuyauterie"},
    "lead": {"en": "Where the curve of the pump meets that of the pipeline, with friction, fittings and suction.", "es": "Dónde se cruzan la curva de la bomba y la de la tubería, con fricción, accesorios y aspiración.", "it": "Dove la curva della pompa incontra quella della tubazione, con attrito, raccordi e aspirazione.", "fr": "Où la courbe de la pompe rencontre celle de la tuyauterie, avec frottement, accessoires et aspiration."},
    "source": {"en": "Formulas: White, Fluid Mechanics, 7th ed., Darcy–Weisbach, Hagen–Poiseuille, Colebrook, minor losses, NPSH. Roughness and loss coefficients: Çengel, Cimbala, Fluid Mechanics, 2nd ed.", "es": "Fórmulas: White, Fluid Mechanics, 7.ª ed., Darcy–Weisbach, Hagen–Poiseuille, Colebrook, pérdidas singulares, NPSH. Rugosidad y coeficientes de pérdida: Çengel, Cimbala, Fluid Mechanics, 2.ª ed.", "it": "Formule: White, Fluid Mechanics, 7ª ed., Darcy–Weisbach, Hagen–Poiseuille, Colebrook, perdite localizzate, NPSH. Rugosità e coefficienti di perdita: Çengel, Cimbala, Fluid Mechanics, 2ª ed.", "fr": "Formules : White, Fluid Mechanics, 7e éd., Darcy–Weisbach, Hagen–Poiseuille, Colebrook, pertes singulières, NPSH. Rugosités et coefficients de perte : Çengel, Cimbala, Fluid Mechanics, 2e éd."},
    "plant": {"en": "Levels and pressures", "es": "Niveles y presiones", "it": "Livelli e pressioni", "fr": "Niveaux et pressions"},
    "static_head": {"en": "Rise, level to level", "es": "Desnivel entre superficies", "it": "Dislivello tra superfici", "fr": "Dénivelé entre niveaux"},
    "suction_level": {"en": "Suction level above pump", "es": "Nivel aspiración sobre bomba", "it": "Livello aspiraz. su pompa", "fr": "Niveau aspiration sur pompe"},
    "pressure_difference": {"en": "Pressure difference", "es": "Diferencia de presión", "it": "Differenza di pressione", "fr": "Différence de pression"},
    "suction_pressure": {"en": "Suction pressure, absolute", "es": "Presión aspiración, absoluta", "it": "Pressione aspiraz., assoluta", "fr": "Pression aspiration, absolue"},
    "liquid": {"en": "Liquid", "es": "Líquido", "it": "Liquido", "fr": "Liquide"},
    "custom": {"en": "Own values", "es": "Valores propios", "it": "Valori propri", "fr": "Valeurs propres"},
    "density": {"en": "Density ρ", "es": "Densidad ρ", "it": "Densità ρ", "fr": "Masse volumique ρ"},
    "viscosity": {"en": "Kinematic viscosity ν", "es": "Viscosidad cinemática ν", "it": "Viscosità cinematica ν", "fr": "Viscosité cinématique ν"},
    "vapour_pressure": {"en": "Vapour pressure, absolute", "es": "Presión de vapor, absoluta", "it": "Tensione di vapore, assoluta", "fr": "Pression de vapeur, absolue"},
    "pipes": {"en": "Pipes", "es": "Tubos", "it": "Tubi", "fr": "Tubes"},
    "pipe": {"en": "Material", "es": "Material", "it": "Materiale", "fr": "Matériau"},
    "roughness": {"en": "Roughness ε", "es": "Rugosidad ε", "it": "Rugosità ε", "fr": "Rugosité ε"},
    "suction": {"en": "Suction", "es": "Aspiración", "it": "Aspirazione", "fr": "Aspiration"},
    "discharge": {"en": "Discharge", "es": "Impulsión", "it": "Mandata", "fr": "Refoulement"},
    "diameter": {"en": "Inner diameter, mm", "es": "Diámetro interior, mm", "it": "Diametro interno, mm", "fr": "Diamètre intérieur, mm"},
    "length": {"en": "Length, m", "es": "Longitud, m", "it": "Lunghezza, m", "fr": "Longueur, m"},
    "fittings": {"en": "Fittings: how many", "es": "Accesorios: cuántos", "it": "Raccordi: quanti", "fr": "Accessoires : combien"},
    "other_zeta": {"en": "Others: sum of ζ", "es": "Otros: suma de ζ", "it": "Altri: somma dei ζ", "fr": "Autres : somme des ζ"},
    "pump": {"en": "Pump curve", "es": "Curva de la bomba", "it": "Curva della pompa", "fr": "Courbe de la pompe"},
    "pump_note": {"en": "NPSH and efficiency may be left empty, each in all rows.", "es": "NPSH y rendimiento pueden dejarse vacíos, cada uno en todas las filas.", "it": "NPSH e rendimento possono restare vuoti, ciascuno in tutte le righe.", "fr": "NPSH et rendement peuvent rester vides, chacun dans toutes les lignes."},
    "flow": {"en": "Q, m³/h", "es": "Q, m³/h", "it": "Q, m³/h", "fr": "Q, m³/h"},
    "head": {"en": "H, m", "es": "H, m", "it": "H, m", "fr": "H, m"},
    "npsh": {"en": "NPSH, m", "es": "NPSH, m", "it": "NPSH, m", "fr": "NPSH, m"},
    "efficiency": {"en": "η, %", "es": "η, %", "it": "η, %", "fr": "η, %"},
    "point": {"en": "Point", "es": "Punto", "it": "Punto", "fr": "Point"},
    "add": {"en": "Add point", "es": "Añadir punto", "it": "Aggiungi punto", "fr": "Ajouter un point"},
    "remove": {"en": "Remove point", "es": "Quitar punto", "it": "Rimuovi punto", "fr": "Retirer le point"},
    "flow_rate": {"en": "Flow", "es": "Caudal", "it": "Portata", "fr": "Débit"},
    "total_head": {"en": "Head", "es": "Altura", "it": "Prevalenza", "fr": "Hauteur"},
    "loss": {"en": "Pressure loss", "es": "Pérdida de carga", "it": "Perdita di carico", "fr": "Perte de charge"},
    "power": {"en": "Shaft power", "es": "Potencia en el eje", "it": "Potenza all'albero", "fr": "Puissance à l'arbre"},
    "hydraulic": {"en": "hydraulic", "es": "hidráulica", "it": "idraulica", "fr": "hydraulique"},
    "npsh_available": {"en": "NPSH available", "es": "NPSH disponible", "it": "NPSH disponibile", "fr": "NPSH disponible"},
    "npsh_required": {"en": "NPSH required", "es": "NPSH requerido", "it": "NPSH richiesto", "fr": "NPSH requis"},
    "required": {"en": "required", "es": "requerido", "it": "richiesto", "fr": "requis"},
    "safe": {"en": "The NPSH available exceeds the required one by {margin} m: no cavitation is expected.", "es": "El NPSH disponible supera al requerido en {margin} m: no se espera cavitación.", "it": "L'NPSH disponibile supera quello richiesto di {margin} m: non si prevede cavitazione.", "fr": "Le NPSH disponible dépasse le NPSH requis de {margin} m : pas de cavitation attendue."},
    "tight": {"en": "The NPSH available is less than 0.5 m above the required one: the pump may cavitate. Lower the pump, widen the suction pipe or cool the liquid.", "es": "El NPSH disponible no supera en 0,5 m al requerido: la bomba puede cavitar. Baje la bomba, amplíe el tubo de aspiración o enfríe el líquido.", "it": "L'NPSH disponibile non supera di 0,5 m quello richiesto: la pompa può cavitare. Abbassare la pompa, allargare il tubo di aspirazione o raffreddare il liquido.", "fr": "Le NPSH disponible ne dépasse pas de 0,5 m le NPSH requis : la pompe peut caviter. Abaissez la pompe, élargissez le tube d'aspiration ou refroidissez le liquide."},
    "weak": {"en": "The pump does not reach the head of the pipeline at any flow of its curve: choose a stronger pump or less rise.", "es": "La bomba no alcanza la altura de la tubería con ningún caudal de su curva: elija una bomba mayor o menos desnivel.", "it": "La pompa non raggiunge la prevalenza della tubazione a nessuna portata della sua curva: scegliere una pompa più potente o un dislivello minore.", "fr": "La pompe n'atteint la hauteur de la tuyauterie à aucun débit de sa courbe : choisissez une pompe plus forte ou moins de dénivelé."},
    "beyond": {"en": "At the end of its curve the pump still gives more head than the pipeline takes: add points at larger flow, or throttle.", "es": "Al final de su curva la bomba aún da más altura de la que necesita la tubería: añada puntos con más caudal o estrangule.", "it": "Alla fine della sua curva la pompa dà ancora più prevalenza di quanta ne serva: aggiungere punti a portata maggiore o strozzare.", "fr": "À la fin de sa courbe, la pompe donne encore plus de hauteur que n'en demande la tuyauterie : ajoutez des points à plus grand débit ou étranglez."},
    "between": {"en": "The flow in a pipe is between laminar and turbulent: its friction is uncertain.", "es": "El flujo en un tubo está entre laminar y turbulento: su fricción es incierta.", "it": "Il moto in un tubo è tra laminare e turbolento: l'attrito è incerto.", "fr": "L'écoulement dans un tube est entre laminaire et turbulent : le frottement est incertain."},
    "curves": {"en": "Pump and pipeline", "es": "Bomba y tubería", "it": "Pompa e tubazione", "fr": "Pompe et tuyauterie"},
    "pump_line": {"en": "Pump", "es": "Bomba", "it": "Pompa", "fr": "Pompe"},
    "system_line": {"en": "Pipeline", "es": "Tubería", "it": "Tubazione", "fr": "Tuyauterie"},
    "flow_axis": {"en": "Flow, m³/h", "es": "Caudal, m³/h", "it": "Portata, m³/h", "fr": "Débit, m³/h"},
    "head_axis": {"en": "Head, m", "es": "Altura, m", "it": "Prevalenza, m", "fr": "Hauteur, m"},
    "details": {"en": "Pipe by pipe", "es": "Tubo por tubo", "it": "Tubo per tubo", "fr": "Tube par tube"},
    "quantity": {"en": "Quantity", "es": "Magnitud", "it": "Grandezza", "fr": "Grandeur"},
    "velocity": {"en": "Velocity, m/s", "es": "Velocidad, m/s", "it": "Velocità, m/s", "fr": "Vitesse, m/s"},
    "reynolds": {"en": "Reynolds number", "es": "Número de Reynolds", "it": "Numero di Reynolds", "fr": "Nombre de Reynolds"},
    "factor": {"en": "Friction factor f", "es": "Factor de fricción f", "it": "Fattore di attrito f", "fr": "Coefficient de frottement f"},
    "friction": {"en": "Friction, m", "es": "Fricción, m", "it": "Attrito, m", "fr": "Frottement, m"},
    "minor": {"en": "Fittings, m", "es": "Accesorios, m", "it": "Raccordi, m", "fr": "Accessoires, m"},
    "err_rough": {"en": "At most 5 % of the inner diameter.", "es": "Como máximo el 5 % del diámetro interior.", "it": "Al massimo il 5 % del diametro interno.", "fr": "Au plus 5 % du diamètre intérieur."},
    "err_vacuum": {"en": "The pressure at the target would be below an absolute vacuum.", "es": "La presión en el destino quedaría por debajo del vacío absoluto.", "it": "La pressione all'arrivo sarebbe inferiore al vuoto assoluto.", "fr": "La pression à l'arrivée serait inférieure au vide absolu."},
    "err_points": {"en": "Enter 2 to 12 points.", "es": "Introduzca de 2 a 12 puntos.", "it": "Inserire da 2 a 12 punti.", "fr": "Saisissez de 2 à 12 points."},
    "err_rising": {"en": "The flow must be larger than in the row above.", "es": "El caudal debe superar al de la fila anterior.", "it": "La portata deve superare quella della riga sopra.", "fr": "Le débit doit dépasser celui de la ligne précédente."},
    "err_all": {"en": "Fill this column in all rows or in none.", "es": "Rellene esta columna en todas las filas o en ninguna.", "it": "Compilare questa colonna in tutte le righe o in nessuna.", "fr": "Remplissez cette colonne dans toutes les lignes ou dans aucune."},
    "err_pump_json": {"en": "The pump curve given at the start could not be read; the saved one is shown.", "es": "La curva de la bomba indicada al inicio no se pudo leer; se muestra la guardada.", "it": "La curva della pompa indicata all'avvio non è leggibile; si mostra quella salvata.", "fr": "La courbe de pompe indiquée au démarrage est illisible ; celle enregistrée est affichée."},
}

# Inputs: low, high, unit.
FIELDS_OF = {
    "static_head": (-1000.0, 5000.0, "m"), "suction_level": (-10.0, 500.0, "m"), "pressure_difference": (-10000.0, 100000.0, "kPa"),
    "suction_pressure": (0.1, 100000.0, "kPa"), "density": (100.0, 5000.0, "kg/m³"), "viscosity": (0.05, 10000.0, "mm²/s"),
    "vapour_pressure": (0.0, 10000.0, "kPa"), "roughness": (0.0, 20.0, "mm"), "suction_diameter": (1.0, 5000.0, "mm"), "suction_length": (0.0, 100000.0, "m"),
    "discharge_diameter": (1.0, 5000.0, "mm"), "discharge_length": (0.0, 1000000.0, "m"), "suction_zeta": (0.0, 10000.0, ""), "discharge_zeta": (0.0, 10000.0, ""),
    **{f"{side}_{name}": (0, 1000, "") for side in SIDES for name in FITTINGS},
}
POINT_LIMITS = {"flow": (0.0, 1e6), "head": (0.0, 1e5), "npsh": (0.0, 1000.0), "efficiency": (0.0, 100.0)}
OPTIONAL = ("npsh", "efficiency")
DEFAULTS = {
    "static_head": 12.0, "suction_level": 1.5, "pressure_difference": 0.0, "suction_pressure": 101.325, "density": 998.2, "viscosity": 1.003,
    "vapour_pressure": 2.339, "roughness": 0.045, "suction_diameter": 107.1, "suction_length": 6.0, "discharge_diameter": 82.5, "discharge_length": 120.0,
    "suction_zeta": 0.0, "discharge_zeta": 0.0, **{f"{side}_{name}": 0 for side in SIDES for name in FITTINGS},
    "suction_inlet": 1, "suction_bend": 1, "suction_gate": 1, "discharge_bend": 6, "discharge_gate": 1, "discharge_check": 1, "discharge_exit": 1,
    "pump": [
        {"flow": flow, "head": head, "npsh": npsh, "efficiency": efficiency}
        for flow, head, npsh, efficiency in ((0.0, 32.0, 1.4, 0.0), (10.0, 31.8, 1.5, 38.0), (20.0, 31.0, 1.7, 58.0), (30.0, 29.0, 2.1, 68.0), (40.0, 25.5, 2.8, 70.0), (50.0, 20.5, 3.9, 64.0))
    ],
}

PAGE = """{% extends "frame.html" %}
{% macro cell(name, label) %}<td class="{{ 'wrong' if errors[name] }}"><input type="text" inputmode="decimal" autocomplete="off" name="{{ name }}" value="{{ inputs[name] }}" aria-label="{{ label }}"
{%- if errors[name] %} aria-invalid="true" aria-describedby="{{ name }}-error"{% endif %}>{% if errors[name] %}<p class="message" id="{{ name }}-error">{{ errors[name] }}</p>{% endif %}</td>{% endmacro %}
{% block main %}""" + FIELDS + """
<p class="lead">{{ t.lead }}</p>
{% if errors %}<div class="alert" role="alert">{{ notice or t.err_check }}</div>{% endif %}
<div class="columns"><form class="panel" method="post" action="/"><h2>{{ t.inputs }}</h2>
<button class="hidden" name="action" value="calculate" tabindex="-1" aria-hidden="true">{{ t.calculate }}</button>
<h3>{{ t.plant }}</h3><div class="fields">{% for name in ("static_head", "suction_level", "pressure_difference", "suction_pressure") %}{{ number(name, t[name], units[name]) }}{% endfor %}</div>
<h3>{{ t.liquid }}</h3><div class="fields">{{ choice("liquid", t.liquid, fluids) }}{% for name in fluid_fields %}{{ number(name, t[name], units[name]) }}{% endfor %}</div>
<h3>{{ t.pipes }}</h3><div class="fields">{{ choice("pipe", t.pipe, pipes) }}{{ number("roughness", t.roughness, "mm") }}</div>
<table class="entries"><thead><tr><th scope="col"><span class="hidden">{{ t.quantity }}</span></th><th scope="col">ζ</th>{% for side in sides %}<th scope="col">{{ t[side] }}</th>{% endfor %}</tr></thead><tbody>
{% for key in ("diameter", "length") %}<tr><th scope="row">{{ t[key] }}</th><td></td>{% for side in sides %}{{ cell(side ~ "_" ~ key, t[side] ~ ": " ~ t[key]) }}{% endfor %}</tr>{% endfor %}
<tr class="part"><th scope="row" colspan="4">{{ t.fittings }}</th></tr>
{% for key, text, zeta in fittings %}<tr><th scope="row">{{ text }}</th><td class="zeta">{{ zeta|show(3) }}</td>{% for side in sides %}{{ cell(side ~ "_" ~ key, t[side] ~ ": " ~ text) }}{% endfor %}</tr>{% endfor %}
<tr><th scope="row">{{ t.other_zeta }}</th><td></td>{% for side in sides %}{{ cell(side ~ "_zeta", t[side] ~ ": " ~ t.other_zeta) }}{% endfor %}</tr></tbody></table>
<h3>{{ t.pump }}</h3>{% if errors.pump %}<p class="message">{{ errors.pump }}</p>{% endif %}
<table class="entries"><thead><tr>{% for key in point_keys %}<th scope="col">{{ t[key] }}</th>{% endfor %}<th><span class="hidden">{{ t.remove }}</span></th></tr></thead><tbody>
{% for point in inputs.pump %}{% set i = loop.index %}<tr>{% for key in point_keys %}{{ cell(key ~ "_" ~ i, t.point ~ " " ~ i ~ ": " ~ t[key]) }}{% endfor %}
<td class="last"><button class="plain icon" name="action" value="remove_{{ i }}" aria-label="{{ t.remove }} {{ i }}" title="{{ t.remove }}">✕</button></td></tr>{% endfor %}</tbody></table>
<p class="note">{{ t.pump_note }}</p>
<div class="actions"><button name="action" value="calculate">{{ t.calculate }}</button>
{% if inputs.pump|length < max_points %}<button class="plain" name="action" value="add">{{ t.add }}</button>{% endif %}</div></form>
<section class="panel" aria-live="polite"><h2>{{ t.results }}</h2>{% if result %}
{% if result.reason %}<p class="verdict over">{{ t[result.reason] }}</p>{% else %}
<dl class="figures"><div><dt>{{ t.flow_rate }}</dt><dd>{{ result.flow|show(4) }} <small>m³/h</small></dd></div>
<div><dt>{{ t.total_head }}</dt><dd>{{ result.head|show(4) }} <small>m</small></dd></div>
<div><dt>{{ t.loss }}</dt><dd>{{ result.loss|show(4) }} <small>kPa ({{ result.loss_head|show(4) }} m)</small></dd></div>
<div><dt>{{ t.power }}</dt><dd>{{ result.shaft|show(4) }} <small>kW ({{ result.hydraulic|show(4) }} kW {{ t.hydraulic }})</small></dd></div>
<div><dt>{{ t.npsh_available }}</dt><dd>{{ result.npsh_available|show(4) }} <small>m{% if result.npsh_required is not none %} ({{ result.npsh_required|show(4) }} m {{ t.required }}){% endif %}</small></dd></div></dl>
{% if verdict %}<p class="verdict {{ 'over' if result.tight }}">{{ verdict }}</p>{% endif %}
{% if result.between %}<p class="verdict over">{{ t.between }}</p>{% endif %}{% endif %}
<h3>{{ t.curves }}</h3>{{ curves|safe }}{% if npsh_plot %}<h3>NPSH</h3>{{ npsh_plot|safe }}{% endif %}
{% if rows %}<h3>{{ t.details }}</h3><div class="scroll" tabindex="0" role="region" aria-label="{{ t.details }}"><table><thead><tr><th class="text" scope="col">{{ t.quantity }}</th>{% for side in sides %}<th scope="col">{{ t[side] }}</th>{% endfor %}</tr></thead><tbody>
{% for key, values in rows %}<tr><td class="text">{{ t[key] }}</td>{% for value in values %}<td>{{ value }}</td>{% endfor %}</tr>{% endfor %}</tbody></table></div>{% endif %}
{% else %}<p class="note">{{ t.err_check }}</p>{% endif %}<p class="note">{{ t.source }}</p></section></div>
<style>.verdict{margin:0 0 8px;color:var(--good)}.verdict.over{color:var(--bad)}.entries{margin-top:12px;table-layout:fixed}.entries th,.entries td{border:0;padding:3px 6px 3px 0;white-space:normal;vertical-align:top}
.entries thead th{text-align:left}.entries tbody th{text-align:left;font-weight:400;width:auto;padding-top:10px}.entries .part th{font-weight:600;padding-top:12px}.entries .zeta{padding-top:10px;text-align:left;color:var(--soft)}
.entries:first-of-type th:first-child{width:40%}.entries:first-of-type th:nth-child(2){width:3.5em}.entries .last,.entries th:last-child:has(.hidden){width:44px;padding-right:0}.entries .message{text-align:left}</style>
<script>
const form = document.querySelector('form'), fluids = {{ fluid_values|tojson }}, roughness = {{ pipe_values|tojson }}, names = {{ fluid_fields|tojson }};
form.liquid.addEventListener('change', () => { (fluids[form.liquid.value] || []).forEach((value, i) => { form[names[i]].value = value; }); });
names.forEach(name => form[name].addEventListener('input', () => { form.liquid.value = 'custom'; }));
form.pipe.addEventListener('change', () => { form.roughness.value = roughness[form.pipe.value] || form.roughness.value; });
form.roughness.addEventListener('input', () => { form.pipe.value = 'custom'; });
</script>{% endblock %}
"""


def read_points(value):
    """Points from the `pump` parameter (JSON text or list); ValueError when they are not as documented."""
    if isinstance(value, str):
        value = json.loads(value)
    if not isinstance(value, list) or not 2 <= len(value) <= MAX_POINTS or not all(isinstance(entry, dict) for entry in value):
        raise ValueError(f"a list of 2 to {MAX_POINTS} objects is needed")
    return [{"flow": entry["flow"], "head": entry["head"], **{key: entry.get(key, "") for key in OPTIONAL}} for entry in value]


def check(inputs, texts, language):
    """Return (values as numbers, errors by field); an empty column of the pump's points is None."""
    errors, values = {}, {}
    for name, (low, high, _) in FIELDS_OF.items():
        values[name] = check_number(texts, errors, inputs, name, low, high, language)
        if name.partition("_")[2] in FITTINGS and name not in errors and values[name] != int(values[name]):
            errors[name] = texts["err_whole"]
    # Beyond that Moody's chart has no lines, and Colebrook's formula no meaning.
    if not errors.keys() & {"roughness", "suction_diameter", "discharge_diameter"}:
        if values["roughness"] > MOST_ROUGH * min(values[side + "_diameter"] for side in SIDES):
            errors["roughness"] = texts["err_rough"]
    if not errors.keys() & {"suction_pressure", "pressure_difference"} and values["suction_pressure"] + values["pressure_difference"] < 0:
        errors["pressure_difference"] = texts["err_vacuum"]
    points = inputs["pump"]
    if not 2 <= len(points) <= MAX_POINTS:
        errors["pump"] = texts["err_points"]
    values["pump"] = [dict.fromkeys(POINT_LIMITS) for _ in points]
    for key, limits in POINT_LIMITS.items():
        texts_of = ["" if point[key] is None else str(point[key]).strip() for point in points]
        if key in OPTIONAL and not any(texts_of):
            continue
        for index, text in enumerate(texts_of):
            name = f"{key}_{index + 1}"
            if key in OPTIONAL and not text:
                errors[name] = texts["err_all"]
                continue
            values["pump"][index][key] = check_number(texts, errors, {name: points[index][key]}, name, *limits, language)
            if key == "flow" and index and name not in errors and f"flow_{index}" not in errors and values["pump"][index][key] <= values["pump"][index - 1][key]:
                errors[name] = texts["err_rising"]
    return values, errors


def next_point(before, last):
    """A point to begin with after the last one: as far on as the last was, on the line through both."""
    return {
        key: None if last[key] is None else min(POINT_LIMITS[key][1], max(POINT_LIMITS[key][0], round(2 * last[key] - before[key], 6)))
        for key in POINT_LIMITS
    }


def solve(values):
    """Operating point and curves for checked values; flows in m³/h, heads in m, powers in kW, pressures in kPa."""
    density, viscosity = values["density"], values["viscosity"] * 1e-6
    zetas = {side: values[side + "_zeta"] + sum(values[f"{side}_{name}"] * zeta for name, (zeta, _) in FITTINGS.items()) for side in SIDES}
    static = values["static_head"] + values["pressure_difference"] * 1000 / (density * GRAVITY)

    def losses(flow):
        return {
            side: section_loss(flow / 3600, values[side + "_diameter"] / 1000, values[side + "_length"], values["roughness"] / 1000, zetas[side], viscosity)
            for side in SIDES
        }

    def of_pipes(flow):
        return sum(part["friction"] + part["minor"] for part in losses(flow).values())

    def npsh_at(flow):
        suction = losses(flow)["suction"]
        return npsh_available(values["suction_pressure"] * 1000, values["vapour_pressure"] * 1000, density, values["suction_level"], suction["friction"] + suction["minor"])

    points = values["pump"]
    curves = {key: curve_through([(point["flow"], point[key]) for point in points]) if points[0][key] is not None else None for key in ("head", *OPTIONAL)}
    low, high = points[0]["flow"], points[-1]["flow"]
    flow, reason = operating_point(curves["head"], lambda q: static + of_pipes(q), low, high)
    grid = [low + (high - low) * index / 80 for index in range(81)]
    result = {
        "reason": reason, "flow": flow, "pump_curve": [(q, curves["head"](q)) for q in grid], "system_curve": [(q, static + of_pipes(q)) for q in grid],
        "available_curve": [(q, npsh_at(q)) for q in grid], "required_curve": [(q, curves["npsh"](q)) for q in grid] if curves["npsh"] else [],
    }
    if flow is None:
        return result
    head, parts = static + of_pipes(flow), losses(flow)
    hydraulic = density * GRAVITY * flow / 3600 * head / 1000
    efficiency = curves["efficiency"](flow) if curves["efficiency"] else 0.0
    required = curves["npsh"](flow) if curves["npsh"] else None
    result.update(
        head=head, loss_head=of_pipes(flow), loss=density * GRAVITY * of_pipes(flow) / 1000, hydraulic=hydraulic,
        shaft=hydraulic / (efficiency / 100) if efficiency > 0 else None, npsh_available=npsh_at(flow), npsh_required=required,
        tight=required is not None and npsh_at(flow) < required + 0.5, parts=parts, between=any(2300 < part["reynolds"] < 4000 for part in parts.values()),
    )
    return result


def draw(title, y_label, lines, dots, texts, language):
    """A plot of (label, curve, colour, dash) over the flow; what is far above the first curve, and above all dots, is cut off."""
    first = lines[0][1]
    top = max(1.0, 1.4 * max(y for _, y in first), *(1.1 * y for _, y, _ in dots))
    kept = [(label, [point for point in curve if point[1] <= top], color, dash) for label, curve, color, dash in lines]
    ys = [y for _, curve, _, _ in kept for _, y in curve]
    low, high = min(0.0, *ys), max(0.0, *ys)
    plot = Plot(title, texts["flow_axis"], y_label, (first[0][0], first[-1][0]), (low, high + 0.14 * (high - low)), language)
    for _, curve, color, dash in kept:
        if curve:
            plot.line(curve, color, dash)
    for x, y, color in dots:
        if y <= plot.y_high:
            plot.dot(x, y, color)
    plot.legend([(label, color, dash) for label, _, color, dash in kept])
    return plot.svg()


def draw_all(result, texts, language):
    found = result["flow"] is not None
    curves = draw(
        texts["curves"], texts["head_axis"], [(texts["pump_line"], result["pump_curve"], "--c1", ""), (texts["system_line"], result["system_curve"], "--c2", "7 4")],
        [(result["flow"], result["head"], "--c1")] if found else [], texts, language,
    )
    if not result["required_curve"]:
        return curves, ""
    return curves, draw(
        "NPSH", texts["npsh"], [(texts["npsh_available"], result["available_curve"], "--c1", ""), (texts["npsh_required"], result["required_curve"], "--c2", "7 4")],
        [(result["flow"], result["npsh_available"], "--c1"), (result["flow"], result["npsh_required"], "--c2")] if found else [], texts, language,
    )


def table_rows(result, language):
    if result["flow"] is None:
        return []
    parts = [result["parts"][side] for side in SIDES]
    return [
        ("velocity", [fixed(part["velocity"], 2, language) for part in parts]), ("reynolds", [show(round(part["reynolds"]), 9, language) for part in parts]),
        ("factor", [fixed(part["factor"], 4, language) for part in parts]), ("friction", [fixed(part["friction"], 3, language) for part in parts]),
        ("minor", [fixed(part["minor"], 3, language) for part in parts]),
    ]


def create_app(arguments, parameters):
    app, texts = make_app(arguments, TEXTS, PAGE)
    from flask import redirect, render_template, request

    language = arguments.language
    store, lock = Store(arguments.data_dir, "pump_pipeline.json"), threading.Lock()
    state = store.load()
    inputs, notice = starting_inputs(DEFAULTS, state, parameters), ""
    try:
        inputs["pump"] = read_points(inputs["pump"])
    except (ValueError, KeyError) as error:
        print(f"Pump curve not read: {error}", file=sys.stderr, flush=True)
        notice = texts["err_pump_json"]
        saved = starting_inputs(DEFAULTS, state, {})["pump"]
        inputs["pump"] = saved if isinstance(saved, list) else DEFAULTS["pump"]
    state.update(inputs=inputs, started_with=parameters)

    def page(shown, errors, values, message="", status=200):
        result = solve(values) if not errors else None
        curves, npsh_plot = draw_all(result, texts, language) if result else ("", "")
        verdict = ""
        if result and result.get("npsh_required") is not None:
            margin = fixed(result["npsh_available"] - result["npsh_required"], 2, language)
            verdict = texts["tight"] if result["tight"] else texts["safe"].format(margin=margin)
        filled = {key: field_text(value, language) for key, value in shown.items() if key != "pump"}
        filled["pump"] = shown["pump"]
        for index, point in enumerate(shown["pump"], 1):
            filled.update({f"{key}_{index}": "" if point[key] is None else field_text(point[key], language) for key in POINT_LIMITS})
        liquid = [values[name] for name in FLUID_FIELDS]
        filled["liquid"] = next((name for name, entry in FLUIDS.items() if list(entry[:3]) == liquid), "custom")
        filled["pipe"] = next((name for name, entry in PIPES.items() if entry[0] == values["roughness"]), "custom")
        own = ("custom", texts["custom"])
        return render_template(
            "page.html", inputs=filled, errors=errors or ({"start": message} if message else {}), notice=message, result=result, verdict=verdict,
            curves=curves, npsh_plot=npsh_plot, rows=table_rows(result, language) if result else [], sides=SIDES, point_keys=tuple(POINT_LIMITS),
            units={name: entry[2] for name, entry in FIELDS_OF.items()}, fluid_fields=FLUID_FIELDS, max_points=MAX_POINTS,
            fluids=[*((name, entry[3][language]) for name, entry in FLUIDS.items()), own], pipes=[*((name, entry[1][language]) for name, entry in PIPES.items()), own],
            fluid_values={name: [field_text(value, language) for value in entry[:3]] for name, entry in FLUIDS.items()},
            pipe_values={name: field_text(entry[0], language) for name, entry in PIPES.items()},
            fittings=[(name, entry[1][language], entry[0]) for name, entry in FITTINGS.items()], saved_at=state.get("saved_at"),
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
        with lock:
            given = {name: str(form.get(name, state["inputs"][name]))[:40] for name in FIELDS_OF}
            points = [{key: form.get(f"{key}_{index}", "")[:40] for key in POINT_LIMITS} for index in range(1, MAX_POINTS + 1) if f"flow_{index}" in form]
            given["pump"] = points or state["inputs"]["pump"]
            if action.startswith("remove_") and action[7:].isdecimal() and len(action) < 12 and 1 <= int(action[7:]) <= len(given["pump"]):
                given["pump"] = [point for index, point in enumerate(given["pump"], 1) if index != int(action[7:])]
            values, errors = check(given, texts, language)
            if action == "add" and not errors and len(values["pump"]) < MAX_POINTS:
                values["pump"].append(next_point(*values["pump"][-2:]))
                values, errors = check(values, texts, language)
            if errors:
                return page(given, errors, values, status=422)
            result = solve(values)
            state.update(inputs=values, saved_at=time.strftime("%Y-%m-%d %H:%M"))
            state["result"] = {key: value for key, value in result.items() if not key.endswith("_curve")}
            store.save(state)
        if result["flow"] is None:
            print(f"No operating point: {result['reason']}", flush=True)
        else:
            print(f"Q = {result['flow']:.2f} m3/h, H = {result['head']:.2f} m, loss {result['loss']:.1f} kPa, NPSH {result['npsh_available']:.2f} m", flush=True)
        return redirect("/", 303)

    return app


if __name__ == "__main__":
    serve(create_app, (
        "static_head", "suction_level", "pressure_difference", "density", "viscosity", "vapour_pressure", "roughness",
        "suction_diameter", "suction_length", "discharge_diameter", "discharge_length", "pump",
    ))
