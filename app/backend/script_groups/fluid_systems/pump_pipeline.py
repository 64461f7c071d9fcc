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
    "label": {"en": "Suction level above the pump (m)", "es": "Nivel de aspiración sobre la bomba (m)", "it": "Livello di aspirazione sopra la pompa (m)", "fr": "Niveau d’aspiration au-dessus de la pompe (m)"},
    "description": {"en": "Negative: the pump stands above the liquid", "es": "Negativo: la bomba está por encima del líquido", "it": "Negativo: la pompa sta sopra il liquido", "fr": "Négatif : la pompe est au-dessus du liquide"}
  },
  {
    "name": "pressure_difference", "type": "number", "default": 0, "min": -10000, "max": 100000, "step": 0.1,
    "label": {"en": "Pressure difference (kPa)", "es": "Diferencia de presión (kPa)", "it": "Differenza di pressione (kPa)", "fr": "Différence de pression (kPa)"},
    "description": {"en": "Above the target's surface minus above the source's", "es": "Sobre la superficie de destino menos sobre la de origen", "it": "Sopra la superficie di destinazione meno sopra quella di origine", "fr": "Au-dessus du niveau d’arrivée moins au-dessus du niveau de départ"}
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

import math

from scriptsmanager import Choice, FieldErrors, Heading, Number, Plot, Result, Rows, Script, Table, fixed, parse_number, show

GRAVITY = 9.80665  # m/s²

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
    "diameter": {"en": "Inner diameter", "es": "Diámetro interior", "it": "Diametro interno", "fr": "Diamètre intérieur"},
    "length": {"en": "Length", "es": "Longitud", "it": "Lunghezza", "fr": "Longueur"},
    "fittings": {"en": "Fittings: how many on each side", "es": "Accesorios: cuántos en cada lado", "it": "Raccordi: quanti per lato", "fr": "Accessoires : combien de chaque côté"},
    "fitting": {"en": "Fitting", "es": "Accesorio", "it": "Raccordo", "fr": "Accessoire"},
    "other": {"en": "Other", "es": "Otro", "it": "Altro", "fr": "Autre"},
    "pump": {"en": "Pump curve", "es": "Curva de la bomba", "it": "Curva della pompa", "fr": "Courbe de la pompe"},
    "pump_note": {"en": "NPSH and efficiency may be left empty, each in all rows.", "es": "NPSH y rendimiento pueden dejarse vacíos, cada uno en todas las filas.", "it": "NPSH e rendimento possono restare vuoti, ciascuno in tutte le righe.", "fr": "NPSH et rendement peuvent rester vides, chacun dans toutes les lignes."},
    "flow": {"en": "Q, m³/h", "es": "Q, m³/h", "it": "Q, m³/h", "fr": "Q, m³/h"},
    "head": {"en": "H, m", "es": "H, m", "it": "H, m", "fr": "H, m"},
    "npsh": {"en": "NPSH, m", "es": "NPSH, m", "it": "NPSH, m", "fr": "NPSH, m"},
    "efficiency": {"en": "η, %", "es": "η, %", "it": "η, %", "fr": "η, %"},
    "flow_rate": {"en": "Flow", "es": "Caudal", "it": "Portata", "fr": "Débit"},
    "total_head": {"en": "Head", "es": "Altura", "it": "Prevalenza", "fr": "Hauteur"},
    "loss": {"en": "Pressure loss", "es": "Pérdida de carga", "it": "Perdita di carico", "fr": "Perte de charge"},
    "power": {"en": "Shaft power", "es": "Potencia en el eje", "it": "Potenza all’albero", "fr": "Puissance à l’arbre"},
    "hydraulic": {"en": "hydraulic", "es": "hidráulica", "it": "idraulica", "fr": "hydraulique"},
    "npsh_available": {"en": "NPSH available", "es": "NPSH disponible", "it": "NPSH disponibile", "fr": "NPSH disponible"},
    "npsh_required": {"en": "NPSH required", "es": "NPSH requerido", "it": "NPSH richiesto", "fr": "NPSH requis"},
    "required": {"en": "required", "es": "requerido", "it": "richiesto", "fr": "requis"},
    "safe": {"en": "The NPSH available exceeds the required one by {margin} m: no cavitation is expected.", "es": "El NPSH disponible supera al requerido en {margin} m: no se espera cavitación.", "it": "L’NPSH disponibile supera quello richiesto di {margin} m: non si prevede cavitazione.", "fr": "Le NPSH disponible dépasse le NPSH requis de {margin} m : pas de cavitation attendue."},
    "tight": {"en": "The NPSH available is less than 0.5 m above the required one: the pump may cavitate. Lower the pump, widen the suction pipe or cool the liquid.", "es": "El NPSH disponible no supera en 0,5 m al requerido: la bomba puede cavitar. Baje la bomba, amplíe el tubo de aspiración o enfríe el líquido.", "it": "L’NPSH disponibile non supera di 0,5 m quello richiesto: la pompa può cavitare. Abbassare la pompa, allargare il tubo di aspirazione o raffreddare il liquido.", "fr": "Le NPSH disponible ne dépasse pas de 0,5 m le NPSH requis : la pompe peut caviter. Abaissez la pompe, élargissez le tube d’aspiration ou refroidissez le liquide."},
    "weak": {"en": "The pump does not reach the head of the pipeline at any flow of its curve: choose a stronger pump or less rise.", "es": "La bomba no alcanza la altura de la tubería con ningún caudal de su curva: elija una bomba mayor o menos desnivel.", "it": "La pompa non raggiunge la prevalenza della tubazione a nessuna portata della sua curva: scegliere una pompa più potente o un dislivello minore.", "fr": "La pompe n’atteint la hauteur de la tuyauterie à aucun débit de sa courbe : choisissez une pompe plus forte ou moins de dénivelé."},
    "beyond": {"en": "At the end of its curve the pump still gives more head than the pipeline takes: add points at larger flow, or throttle.", "es": "Al final de su curva la bomba aún da más altura de la que necesita la tubería: añada puntos con más caudal o estrangule.", "it": "Alla fine della sua curva la pompa dà ancora più prevalenza di quanta ne serva: aggiungere punti a portata maggiore o strozzare.", "fr": "À la fin de sa courbe, la pompe donne encore plus de hauteur que n’en demande la tuyauterie : ajoutez des points à plus grand débit ou étranglez."},
    "between": {"en": "The flow in a pipe is between laminar and turbulent: its friction is uncertain.", "es": "El flujo en un tubo está entre laminar y turbulento: su fricción es incierta.", "it": "Il moto in un tubo è tra laminare e turbolento: l’attrito è incerto.", "fr": "L’écoulement dans un tube est entre laminaire et turbulent : le frottement est incertain."},
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
    "err_vacuum": {"en": "The pressure at the target would be below an absolute vacuum.", "es": "La presión en el destino quedaría por debajo del vacío absoluto.", "it": "La pressione all’arrivo sarebbe inferiore al vuoto assoluto.", "fr": "La pression à l’arrivée serait inférieure au vide absolu."},
    "err_rising": {"en": "The flow must be larger than in the row above.", "es": "El caudal debe superar al de la fila anterior.", "it": "La portata deve superare quella della riga sopra.", "fr": "Le débit doit dépasser celui de la ligne précédente."},
    "err_all": {"en": "Fill this column in all rows or in none.", "es": "Rellene esta columna en todas las filas o en ninguna.", "it": "Compilare questa colonna in tutte le righe o in nessuna.", "fr": "Remplissez cette colonne dans toutes les lignes ou dans aucune."},
}

POINT_LIMITS = {"flow": (0.0, 1e6), "head": (0.0, 1e5), "npsh": (0.0, 1000.0), "efficiency": (0.0, 100.0)}
OPTIONAL = ("npsh", "efficiency")
PUMP = [
    dict(zip(POINT_LIMITS, point))
    for point in ((0.0, 32.0, 1.4, 0.0), (10.0, 31.8, 1.5, 38.0), (20.0, 31.0, 1.7, 58.0), (30.0, 29.0, 2.1, 68.0), (40.0, 25.5, 2.8, 70.0), (50.0, 20.5, 3.9, 64.0))
]
BUILT_IN = (("inlet", 1, 0), ("bend", 1, 6), ("gate", 1, 1), ("check", 0, 1), ("exit", 0, 1))  # suction, discharge

script = Script(TEXTS["title"], TEXTS["lead"])
text = {key: script.text(words) for key, words in TEXTS.items()}


def next_point(points):
    """A point to begin with after the last one: as far on as the last was, on the line through both."""
    new = {}
    for key, (low, high) in POINT_LIMITS.items():
        try:
            before, last = (parse_number(point[key]) for point in points[-2:])
            new[key] = min(high, max(low, round(2 * last - before, 6)))
        except ValueError:  # no two points, or one without a number
            continue
    return new


def check(values):
    """Raises FieldErrors for what has no meaning although each number may be entered."""
    errors = {}
    # Beyond that Moody's chart has no lines, and Colebrook's formula no meaning.
    if values["roughness"] > MOST_ROUGH * min(values[side + "_diameter"] for side in SIDES):
        errors["roughness"] = text["err_rough"]
    if values["suction_pressure"] + values["pressure_difference"] < 0:
        errors["pressure_difference"] = text["err_vacuum"]
    points = values["pump"]
    for index, (above, point) in enumerate(zip(points, points[1:]), 2):
        if point["flow"] <= above["flow"]:
            errors[f"pump.{index}.flow"] = text["err_rising"]
    for key in OPTIONAL:
        empty = [index for index, point in enumerate(points, 1) if point[key] is None]
        if len(empty) < len(points):
            errors.update({f"pump.{index}.{key}": text["err_all"] for index in empty})
    if errors:
        raise FieldErrors(**errors)


def solve(values):
    """Operating point and curves for checked values; flows in m³/h, heads in m, powers in kW, pressures in kPa."""
    density, viscosity = values["density"], values["viscosity"] * 1e-6
    zetas = {side: math.fsum(row[side] * row["zeta"] for row in values["fittings"]) for side in SIDES}
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


def draw(title, y_label, lines, dots):
    """A plot of (label, curve, colour, dash) over the flow; what is far above the first curve, and above all dots, is cut off."""
    first = lines[0][1]
    top = max(1.0, 1.4 * max(y for _, y in first), *(1.1 * y for _, y, _ in dots))
    kept = [(label, [point for point in curve if point[1] <= top], color, dash) for label, curve, color, dash in lines]
    ys = [y for _, curve, _, _ in kept for _, y in curve]
    low, high = min(0.0, *ys), max(0.0, *ys)
    plot = Plot(title, text["flow_axis"], y_label, (first[0][0], first[-1][0]), (low, high + 0.14 * (high - low)), script.language)
    for _, curve, color, dash in kept:
        if curve:
            plot.line(curve, color, dash)
    for x, y, color in dots:
        if y <= plot.y_high:
            plot.dot(x, y, color)
    plot.legend([(label, color, dash) for label, _, color, dash in kept])
    return plot.svg()


def plots(result):
    found = result["flow"] is not None
    drawn = {
        text["curves"]: draw(
            text["curves"], text["head_axis"], [(text["pump_line"], result["pump_curve"], "--c1", ""), (text["system_line"], result["system_curve"], "--c2", "7 4")],
            [(result["flow"], result["head"], "--c1")] if found else [],
        )
    }
    if result["required_curve"]:
        drawn["NPSH"] = draw(
            "NPSH", text["npsh"], [(text["npsh_available"], result["available_curve"], "--c1", ""), (text["npsh_required"], result["required_curve"], "--c2", "7 4")],
            [(result["flow"], result["npsh_available"], "--c1"), (result["flow"], result["npsh_required"], "--c2")] if found else [],
        )
    return drawn


def pipe_by_pipe(parts):
    def row(key, words):
        return (text[key], *(words(parts[side][key]) for side in SIDES))

    def to(decimals):
        return lambda value: fixed(value, decimals, script.language)

    return Table(
        text["details"], [text["quantity"], *(text[side] for side in SIDES)],
        [row("velocity", to(2)), row("reynolds", lambda value: show(round(value), 9, script.language)), row("factor", to(4)), row("friction", to(3)), row("minor", to(3))],
    )


@script.form(
    Heading(text["plant"]),
    Number("static_head", text["static_head"], "m", 12, -1000, 5000),
    Number("suction_level", text["suction_level"], "m", 1.5, -10, 500),
    Number("pressure_difference", text["pressure_difference"], "kPa", 0, -10000, 100000),
    Number("suction_pressure", text["suction_pressure"], "kPa", 101.325, 0.1, 100000),
    Heading(text["liquid"]),
    Choice(
        "liquid", text["liquid"], {**{name: entry[3] for name, entry in FLUIDS.items()}, "custom": text["custom"]}, "water_20",
        fills={name: dict(zip(FLUID_FIELDS, entry)) for name, entry in FLUIDS.items()},
    ),
    Number("density", text["density"], "kg/m³", 998.2, 100, 5000),
    Number("viscosity", text["viscosity"], "mm²/s", 1.003, 0.05, 10000),
    Number("vapour_pressure", text["vapour_pressure"], "kPa", 2.339, 0, 10000),
    Heading(text["pipes"]),
    Choice(
        "pipe", text["pipe"], {**{name: words for name, (_, words) in PIPES.items()}, "custom": text["custom"]}, "steel",
        fills={name: {"roughness": value} for name, (value, _) in PIPES.items()},
    ),
    Number("roughness", text["roughness"], "mm", 0.045, 0, 20),
    Heading(text["suction"]),
    Number("suction_diameter", text["diameter"], "mm", 107.1, 1, 5000),
    Number("suction_length", text["length"], "m", 6, 0, 100000),
    Heading(text["discharge"]),
    Number("discharge_diameter", text["diameter"], "mm", 82.5, 1, 5000),
    Number("discharge_length", text["length"], "m", 120, 0, 1000000),
    Rows(
        "fittings", text["fittings"],
        [
            Choice(
                "fitting", text["fitting"], {**{name: words for name, (_, words) in FITTINGS.items()}, "other": text["other"]}, "bend",
                fills={name: {"zeta": zeta} for name, (zeta, _) in FITTINGS.items()},
            ),
            Number("zeta", "ζ", default=FITTINGS["bend"][0], low=0, high=10000),
            Number("suction", text["suction"], low=0, high=1000, whole=True),
            Number("discharge", text["discharge"], default=1, low=0, high=1000, whole=True),
        ],
        default=[{"fitting": name, "zeta": FITTINGS[name][0], "suction": suction, "discharge": discharge} for name, suction, discharge in BUILT_IN],
        least=0,
    ),
    Rows(
        "pump", text["pump"],
        [Number(key, text[key], low=low, high=high, default=None if key in OPTIONAL else 0, optional=key in OPTIONAL) for key, (low, high) in POINT_LIMITS.items()],
        default=PUMP, least=2, new=next_point, note=text["pump_note"],
    ),
)
def calculate(**values):
    check(values)
    result, language = solve(values), script.language
    kept = {key: value for key, value in result.items() if not key.endswith("_curve")}
    if result["flow"] is None:
        return Result(plot=plots(result), verdict=text[result["reason"]], good=False, note=text["source"], values=kept, output=f"No operating point: {result['reason']}")
    required, verdict = result["npsh_required"], ""
    if required is not None:
        verdict = text["tight"] if result["tight"] else text["safe"].format(margin=fixed(result["npsh_available"] - required, 2, language))
    return Result(
        {
            text["flow_rate"]: (result["flow"], "m³/h"), text["total_head"]: (result["head"], "m"),
            text["loss"]: (result["loss"], "kPa", f"{show(result['loss_head'], 4, language)} m"),
            text["power"]: (result["shaft"], "kW", f"{show(result['hydraulic'], 4, language)} kW {text['hydraulic']}"),
            text["npsh_available"]: (result["npsh_available"], "m", "" if required is None else f"{show(required, 4, language)} m {text['required']}"),
        },
        plots(result), tables=[pipe_by_pipe(result["parts"])], verdict=verdict, good=not result["tight"], warnings=[text["between"]] if result["between"] else [],
        note=text["source"], values=kept,
        output=f"Q = {result['flow']:.2f} m3/h, H = {result['head']:.2f} m, loss {result['loss']:.1f} kPa, NPSH {result['npsh_available']:.2f} m",
    )


if __name__ == "__main__":
    script.run()
