"""TITLE: a form with a result.

ScriptsManager Metadata:
@display_name: TITLE
@description: Volume and mass of what stands in an upright cylinder
@description_es: Volumen y masa de lo que contiene un cilindro vertical
@description_it: Volume e massa del contenuto di un cilindro verticale
@description_fr: Volume et masse de ce que contient un cylindre vertical
@description_long: docs/NAME.md
@description_long_es: docs/NAME_es.md
@description_long_it: docs/NAME_it.md
@description_long_fr: docs/NAME_fr.md
@required_level: operator
"""

import math

from scriptsmanager import Choice, Number, Plot, Result, Script

DENSITY = {"water": 998.0, "oil": 870.0, "steel": 7850.0}  # kg/m³, at 20 °C

script = Script("TITLE")
text = script.text


@script.form(
    Number("diameter", {"en": "Diameter", "es": "Diámetro", "it": "Diametro", "fr": "Diamètre"}, "m", default=1.2, low=0.01, high=100),
    Number("height", {"en": "Height", "es": "Altura", "it": "Altezza", "fr": "Hauteur"}, "m", default=2.0, low=0.01, high=100),
    Choice(
        "material",
        {"en": "Contents", "es": "Contenido", "it": "Contenuto", "fr": "Contenu"},
        {
            "water": {"en": "Water", "es": "Agua", "it": "Acqua", "fr": "Eau"},
            "oil": {"en": "Oil", "es": "Aceite", "it": "Olio", "fr": "Huile"},
            "steel": {"en": "Steel", "es": "Acero", "it": "Acciaio", "fr": "Acier"},
        },
    ),
)
def calculate(diameter, height, material):
    volume = math.pi * diameter**2 / 4 * height
    mass = volume * DENSITY[material]
    level = text({"en": "Height, m", "es": "Altura, m", "it": "Altezza, m", "fr": "Hauteur, m"})
    plot = Plot("TITLE", level, "kg", (0, height), (0, mass), script.language)
    plot.line([(0, 0), (height, mass)])
    return Result(
        {
            text({"en": "Volume", "es": "Volumen", "it": "Volume", "fr": "Volume"}): (volume, "m³"),
            text({"en": "Mass", "es": "Masa", "it": "Massa", "fr": "Masse"}): (mass, "kg"),
        },
        plot.svg(),
    )


if __name__ == "__main__":
    script.run()
