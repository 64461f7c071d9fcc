"""TITLE: a page that measures as long as it is open.

ScriptsManager Metadata:
@display_name: TITLE
@description: Free space of the disk on which the project's data lies, over time
@description_es: Espacio libre del disco de los datos del proyecto, en el tiempo
@description_it: Spazio libero del disco dei dati del progetto, nel tempo
@description_fr: Espace libre du disque des données du projet, dans le temps
@description_long: docs/NAME.md
@description_long_es: docs/NAME_es.md
@description_long_it: docs/NAME_it.md
@description_long_fr: docs/NAME_fr.md
@required_level: operator
"""

import shutil
import threading
import time

from scriptsmanager import Plot, Store, make_app, serve

EVERY = 5  # seconds between two measurements
KEPT = 500  # measurements
TEXTS = {
    "title": {"en": "TITLE"},
    "free": {"en": "Free, GB", "es": "Libre, GB", "it": "Libero, GB", "fr": "Libre, Go"},
    "ago": {"en": "Minutes ago", "es": "Hace minutos", "it": "Minuti fa", "fr": "Il y a, minutes"},
    "now": {"en": "Free now", "es": "Libre ahora", "it": "Libero ora", "fr": "Libre maintenant"},
}
PAGE = """{% extends "frame.html" %}{% block head %}<meta http-equiv="refresh" content="5">{% endblock %}{% block main %}
<div class="panel"><dl class="figures"><div><dt>{{ t.now }}</dt><dd>{{ free|show(4) }} GB</dd></div></dl>{{ plot|safe }}</div>{% endblock %}"""


def measure(store, points, folder):
    """Measures for ever; the last points are kept in the project."""
    while True:
        points.append((time.time(), shutil.disk_usage(folder).free / 1e9))
        del points[:-KEPT]
        store.save({"points": points})
        time.sleep(EVERY)


def draw(points, texts, language):
    now = points[-1][0]
    line = [((at - now) / 60, free) for at, free in points]
    values = [free for _, free in line]
    plot = Plot(texts["title"], texts["ago"], texts["free"], (min(line[0][0], -0.1), 0), (min(values), max(values)), language)
    plot.line(line)
    return plot.svg()


def create_app(arguments, _parameters):
    app, texts = make_app(arguments, TEXTS, PAGE)
    from flask import render_template

    store = Store(arguments.data_dir, "NAME.json")
    points = [tuple(point) for point in store.load().get("points", [])]
    points.append((time.time(), shutil.disk_usage(arguments.data_dir).free / 1e9))
    threading.Thread(target=measure, args=(store, points, arguments.data_dir), daemon=True).start()

    @app.get("/")
    def index():
        shown = list(points)
        return render_template("page.html", free=shown[-1][1], plot=draw(shown, texts, arguments.language))

    return app


if __name__ == "__main__":
    serve(create_app)
