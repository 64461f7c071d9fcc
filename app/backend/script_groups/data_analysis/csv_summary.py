"""What is in a CSV file: columns, types, missing values, statistics, histogram.

ScriptsManager Metadata:
@display_name: CSV summary
@description: Describes a CSV file: types, missing values, statistics, quantiles and a histogram of each column
@description_es: Describe un archivo CSV: tipos, valores ausentes, estadísticas, cuantiles e histograma de cada columna
@description_it: Descrive un file CSV: tipi, valori mancanti, statistiche, quantili e istogramma di ogni colonna
@description_fr: Décrit un fichier CSV : types, valeurs manquantes, statistiques, quantiles et histogramme de chaque colonne
@description_long: docs/csv_summary.md
@description_long_es: docs/csv_summary_es.md
@description_long_it: docs/csv_summary_it.md
@description_long_fr: docs/csv_summary_fr.md
@required_level: viewer
@category: data
@tags: csv,statistics,histogram,quality
@memory_limit: 2048
@parameters: [
  {
    "name": "file", "type": "file",
    "label": {"en": "CSV file", "es": "Archivo CSV", "it": "File CSV", "fr": "Fichier CSV"},
    "description": {"en": "Optional: a file can also be chosen in the page", "es": "Opcional: también se puede elegir en la página", "it": "Facoltativo: si può scegliere anche nella pagina", "fr": "Facultatif : peut aussi être choisi dans la page"}
  },
  {
    "name": "delimiter", "type": "select", "options": ["auto", "comma", "semicolon", "tab", "pipe"], "default": "auto",
    "label": {"en": "Delimiter", "es": "Separador", "it": "Separatore", "fr": "Séparateur"}
  },
  {
    "name": "header", "type": "boolean", "default": true,
    "label": {"en": "First line holds the names", "es": "La primera línea contiene los nombres", "it": "La prima riga contiene i nomi", "fr": "La première ligne contient les noms"}
  },
  {
    "name": "max_rows", "type": "integer", "default": 500000, "min": 10, "max": 5000000, "step": 10,
    "label": {"en": "Rows read at most", "es": "Filas leídas como máximo", "it": "Righe lette al massimo", "fr": "Lignes lues au plus"}
  }
]
"""

from __future__ import annotations

import contextlib
import csv
import datetime
import io
import math
import os
import sys
import tempfile
import threading
import time

from scriptsmanager import FIELDS, Plot, Store, bar_plot, check_number, field_text, make_app, serve, show, starting_inputs

MAX_UPLOAD = 256 * 1024 * 1024  # bytes; a file is read into memory as a whole
MAX_COLUMNS = 500
DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}
MISSING = {"", "na", "n/a", "nan", "null", "none", "-", "?"}
TRUTHS = {"true", "false", "yes", "no"}
DATE_FORMATS = ("%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%d/%m/%Y", "%d.%m.%Y", "%d/%m/%Y %H:%M")


def decode(content):
    """(text, name of the encoding) of the bytes of a file: by byte order mark, else UTF-8, else Windows-1252."""
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if content.startswith(mark):
            return content.decode(encoding, "replace"), encoding.upper()
    try:
        return content.decode("utf-8"), "UTF-8"
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace"), "Windows-1252"


def guess_delimiter(text):
    """The separator that splits the first lines into the same number (above one) of fields most often."""
    lines = [line for line in text[:65536].splitlines()[:50] if line.strip()]
    best, best_score = ",", (0.0, 0)
    for delimiter in DELIMITERS.values():
        counts = [len(row) for row in csv.reader(lines, delimiter=delimiter)]
        usual = max(set(counts), key=counts.count, default=1)
        score = (counts.count(usual) / max(1, len(counts)), usual) if usual > 1 else (0.0, 0)
        if score > best_score:
            best, best_score = delimiter, score
    return best


def as_number(text, decimal="."):
    """The finite number that a cell holds, or None."""
    text = text.strip().replace("\u2212", "-")
    if decimal == ",":
        text = text.replace(",", ".")
    # float() takes more than people write as a number: 1_000, infinity.
    if not text or "_" in text or text[-1].isalpha():
        return None
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def is_date(text):
    for form in DATE_FORMATS:
        with contextlib.suppress(ValueError):
            datetime.datetime.strptime(text, form)
            return True
    return False


def quantile(ordered, share):
    """Quantile of sorted values by linear interpolation.

    Definition 7 of Hyndman & Fan, Sample Quantiles in Statistical Packages,
    The American Statistician 50 (1996) 361-365; the default of R and NumPy.
    """
    position = (len(ordered) - 1) * share
    below = math.floor(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (position - below)


def mean_and_deviation(values):
    """Mean and sample standard deviation (divisor n − 1; None for fewer than two values).

    Two passes with a correction for the rounding of the mean: Chan, Golub &
    LeVeque, The American Statistician 37 (1983) 242-247.
    """
    count = len(values)
    mean = math.fsum(values) / count
    if count < 2:
        return mean, None
    offsets = [value - mean for value in values]
    squares = math.fsum(offset * offset for offset in offsets) - math.fsum(offsets) ** 2 / count
    return mean, math.sqrt(max(0.0, squares) / (count - 1))


def histogram(ordered, bins=0):
    """(edges, counts) of sorted values; 0 bins: the rule of Freedman & Diaconis.

    Bin width 2·IQR·n^(−1/3) (Zeitschrift für Wahrscheinlichkeitstheorie 57
    (1981) 453-476), held between 5 and 60 bins.
    """
    low, high = ordered[0], ordered[-1]
    if low == high:
        return [low - 0.5, low + 0.5], [len(ordered)]
    if not bins:
        width = 2 * (quantile(ordered, 0.75) - quantile(ordered, 0.25)) / len(ordered) ** (1 / 3)
        bins = min(60, max(5, math.ceil((high - low) / width))) if width > 0 else 20
    counts = [0] * bins
    for value in ordered:
        counts[min(bins - 1, int((value - low) / (high - low) * bins))] += 1
    return [low + (high - low) * index / bins for index in range(bins + 1)], counts


def describe_column(name, cells, decimal):
    """Type, counts and statistics of one column as a JSON-ready object."""
    present = [cell.strip() for cell in cells if cell.strip().lower() not in MISSING]
    column = {"name": name, "count": len(present), "missing": len(cells) - len(present), "type": "empty", "distinct": len(set(present))}
    if not present:
        return column
    numbers = [as_number(cell, decimal) for cell in present]
    if None not in numbers:
        ordered = sorted(numbers)
        mean, deviation = mean_and_deviation(numbers)
        whole = all(value == math.floor(value) for value in numbers) and not any("." in cell or "," in cell for cell in present)
        edges, counts = histogram(ordered)
        column.update(
            type="integer" if whole else "number", mean=mean, deviation=deviation, min=ordered[0], q1=quantile(ordered, 0.25),
            median=quantile(ordered, 0.5), q3=quantile(ordered, 0.75), max=ordered[-1], edges=edges, counts=counts,
        )
        return column
    sample = present[:2000]
    if all(cell.lower() in TRUTHS for cell in present):
        column["type"] = "boolean"
    elif all(map(is_date, sample)):
        column["type"] = "date"
    else:
        column["type"] = "text"
        # One stray word makes a column of measurements a text: say where.
        good = sum(value is not None for value in numbers)
        if good >= 0.9 * len(numbers):
            column["stray"] = next(cell for cell, value in zip(present, numbers) if value is None)[:60]
    tally = {}
    for cell in present:
        tally[cell] = tally.get(cell, 0) + 1
    column["top"] = [[cell[:60], count] for cell, count in sorted(tally.items(), key=lambda entry: (-entry[1], entry[0]))[:12]]
    return column


def describe(content, delimiter="auto", header=True, max_rows=500000):
    """Describe the bytes of a CSV file; ValueError with a text key when there is nothing to describe."""
    text, encoding = decode(content)
    if "\0" in text[:65536]:
        raise ValueError("err_binary")
    separator = DELIMITERS.get(delimiter) or guess_delimiter(text)
    csv.field_size_limit(16 * 1024 * 1024)
    rows, cut = [], False
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
            if not any(cell.strip() for cell in row):
                continue
            if len(rows) >= max_rows + header:
                cut = True
                break
            rows.append(row)
    except csv.Error:
        raise ValueError("err_binary") from None
    names = [cell.strip() for cell in rows.pop(0)] if header and rows else []
    if not rows:
        raise ValueError("err_empty")
    width = max(len(names), *map(len, rows))
    if width > MAX_COLUMNS:
        raise ValueError("err_columns")
    names = [name or f"#{index}" for index, name in enumerate(names + [""] * (width - len(names)), 1)]
    ragged = sum(len(row) != width for row in rows)
    # A file with another separator than the comma may have decimal commas: it
    # does if reading them so makes numbers of more cells.
    sample = [cell for row in rows[:500] for cell in row if cell.strip()]
    points, commas = (sum(as_number(cell, sign) is not None for cell in sample) for sign in ".,")
    decimal = "," if separator != "," and commas > points else "."
    columns = [describe_column(name, [row[index] if index < len(row) else "" for row in rows], decimal) for index, name in enumerate(names)]
    return {
        "rows": len(rows), "columns": columns, "encoding": encoding, "decimal": decimal, "cut": cut, "ragged": ragged, "bytes": len(content),
        "delimiter": next(name for name, sign in DELIMITERS.items() if sign == separator),
    }


TEXTS = {
    "title": {"en": "CSV summary", "es": "Resumen de CSV", "it": "Riepilogo CSV", "fr": "Résumé de CSV"},
    "lead": {"en": "Choose a CSV file to see what it holds. The file stays in this project's folder.", "es": "Elija un archivo CSV para ver su contenido. El archivo queda en la carpeta de este proyecto.", "it": "Scegliere un file CSV per vedere che cosa contiene. Il file resta nella cartella di questo progetto.", "fr": "Choisissez un fichier CSV pour voir ce qu’il contient. Le fichier reste dans le dossier de ce projet."},
    "upload": {"en": "Upload a file", "es": "Subir un archivo", "it": "Carica un file", "fr": "Téléverser un fichier"},
    "stored": {"en": "File in this project", "es": "Archivo de este proyecto", "it": "File di questo progetto", "fr": "Fichier de ce projet"},
    "none": {"en": "Choose…", "es": "Elegir…", "it": "Scegliere…", "fr": "Choisir…"},
    "delimiter": {"en": "Delimiter", "es": "Separador", "it": "Separatore", "fr": "Séparateur"},
    "auto": {"en": "Detect", "es": "Detectar", "it": "Rileva", "fr": "Détecter"},
    "comma": {"en": "Comma", "es": "Coma", "it": "Virgola", "fr": "Virgule"},
    "semicolon": {"en": "Semicolon", "es": "Punto y coma", "it": "Punto e virgola", "fr": "Point-virgule"},
    "tab": {"en": "Tab", "es": "Tabulador", "it": "Tabulazione", "fr": "Tabulation"},
    "pipe": {"en": "Vertical bar", "es": "Barra vertical", "it": "Barra verticale", "fr": "Barre verticale"},
    "header": {"en": "First line holds the names", "es": "La primera línea contiene los nombres", "it": "La prima riga contiene i nomi", "fr": "La première ligne contient les noms"},
    "max_rows": {"en": "Rows read at most", "es": "Filas leídas como máximo", "it": "Righe lette al massimo", "fr": "Lignes lues au plus"},
    "describe": {"en": "Describe", "es": "Describir", "it": "Descrivi", "fr": "Décrire"},
    "nothing": {"en": "No file described yet.", "es": "Todavía no hay ningún archivo descrito.", "it": "Nessun file descritto finora.", "fr": "Aucun fichier décrit pour l’instant."},
    "file": {"en": "File", "es": "Archivo", "it": "File", "fr": "Fichier"},
    "rows": {"en": "Rows", "es": "Filas", "it": "Righe", "fr": "Lignes"},
    "columns": {"en": "Columns", "es": "Columnas", "it": "Colonne", "fr": "Colonnes"},
    "missing_cells": {"en": "Missing cells", "es": "Celdas vacías", "it": "Celle mancanti", "fr": "Cellules manquantes"},
    "form": {"en": "Format", "es": "Formato", "it": "Formato", "fr": "Format"},
    "decimal_point": {"en": "decimal point", "es": "punto decimal", "it": "punto decimale", "fr": "point décimal"},
    "decimal_comma": {"en": "decimal comma", "es": "coma decimal", "it": "virgola decimale", "fr": "virgule décimale"},
    "column": {"en": "Column", "es": "Columna", "it": "Colonna", "fr": "Colonne"},
    "type": {"en": "Type", "es": "Tipo", "it": "Tipo", "fr": "Type"},
    "count": {"en": "Count", "es": "Valores", "it": "Valori", "fr": "Valeurs"},
    "missing": {"en": "Missing", "es": "Ausentes", "it": "Mancanti", "fr": "Manquantes"},
    "distinct": {"en": "Distinct", "es": "Distintos", "it": "Distinti", "fr": "Distinctes"},
    "mean": {"en": "Mean", "es": "Media", "it": "Media", "fr": "Moyenne"},
    "deviation": {"en": "Std. dev.", "es": "Desv. típica", "it": "Dev. std.", "fr": "Écart-type"},
    "min": {"en": "Min", "es": "Mín.", "it": "Min", "fr": "Min"},
    "q1": {"en": "25 %", "es": "25 %", "it": "25 %", "fr": "25 %"},
    "median": {"en": "Median", "es": "Mediana", "it": "Mediana", "fr": "Médiane"},
    "q3": {"en": "75 %", "es": "75 %", "it": "75 %", "fr": "75 %"},
    "max": {"en": "Max", "es": "Máx.", "it": "Max", "fr": "Max"},
    "integer": {"en": "integer", "es": "entero", "it": "intero", "fr": "entier"},
    "number": {"en": "number", "es": "número", "it": "numero", "fr": "nombre"},
    "boolean": {"en": "yes/no", "es": "sí/no", "it": "sì/no", "fr": "oui/non"},
    "date": {"en": "date", "es": "fecha", "it": "data", "fr": "date"},
    "text": {"en": "text", "es": "texto", "it": "testo", "fr": "texte"},
    "empty": {"en": "empty", "es": "vacía", "it": "vuota", "fr": "vide"},
    "distribution": {"en": "Distribution of", "es": "Distribución de", "it": "Distribuzione di", "fr": "Distribution de"},
    "frequency": {"en": "Frequency", "es": "Frecuencia", "it": "Frequenza", "fr": "Effectif"},
    "stray": {"en": "almost all values are numbers, but not:", "es": "casi todos los valores son números, salvo:", "it": "quasi tutti i valori sono numeri, tranne:", "fr": "presque toutes les valeurs sont des nombres, sauf :"},
    "cut": {"en": "Only the first rows were read; raise the limit to read more.", "es": "Solo se leyeron las primeras filas; aumente el límite para leer más.", "it": "Sono state lette solo le prime righe; aumentare il limite per leggerne altre.", "fr": "Seules les premières lignes ont été lues ; augmentez la limite pour en lire plus."},
    "ragged": {"en": "Rows with another number of cells:", "es": "Filas con otro número de celdas:", "it": "Righe con un altro numero di celle:", "fr": "Lignes avec un autre nombre de cellules :"},
    "source": {"en": "Quantiles: Hyndman, Fan, The American Statistician 50 (1996) 361, definition 7. Bins: Freedman, Diaconis (1981). Deviation: Chan, Golub, LeVeque, The American Statistician 37 (1983) 242, corrected two-pass algorithm.", "es": "Cuantiles: Hyndman, Fan, The American Statistician 50 (1996) 361, definición 7. Intervalos: Freedman, Diaconis (1981). Desviación: Chan, Golub, LeVeque, The American Statistician 37 (1983) 242, algoritmo de dos pasadas corregido.", "it": "Quantili: Hyndman, Fan, The American Statistician 50 (1996) 361, definizione 7. Classi: Freedman, Diaconis (1981). Deviazione: Chan, Golub, LeVeque, The American Statistician 37 (1983) 242, algoritmo a due passate corretto.", "fr": "Quantiles : Hyndman, Fan, The American Statistician 50 (1996) 361, définition 7. Classes : Freedman, Diaconis (1981). Écart-type : Chan, Golub, LeVeque, The American Statistician 37 (1983) 242, algorithme à deux passes corrigé."},
    "err_file": {"en": "Choose a file.", "es": "Elija un archivo.", "it": "Scegliere un file.", "fr": "Choisissez un fichier."},
    "err_read": {"en": "The file cannot be read: {reason}. Check its path and permissions.", "es": "No se puede leer el archivo: {reason}. Compruebe la ruta y los permisos.", "it": "Il file non è leggibile: {reason}. Verificare percorso e permessi.", "fr": "Le fichier ne peut pas être lu : {reason}. Vérifiez le chemin et les droits."},
    "err_binary": {"en": "This is not a text file. Export the table as CSV first.", "es": "No es un archivo de texto. Exporte antes la tabla como CSV.", "it": "Non è un file di testo. Esportare prima la tabella come CSV.", "fr": "Ce n’est pas un fichier texte. Exportez d’abord le tableau en CSV."},
    "err_empty": {"en": "The file holds no rows of data.", "es": "El archivo no contiene filas de datos.", "it": "Il file non contiene righe di dati.", "fr": "Le fichier ne contient aucune ligne de données."},
    "err_columns": {"en": "The file has more than 500 columns. Is the delimiter right?", "es": "El archivo tiene más de 500 columnas. ¿Es correcto el separador?", "it": "Il file ha più di 500 colonne. Il separatore è giusto?", "fr": "Le fichier a plus de 500 colonnes. Le séparateur est-il correct ?"},
    "err_large": {"en": "The file is larger than 256 MB. Choose a part of it.", "es": "El archivo supera los 256 MB. Elija una parte.", "it": "Il file supera 256 MB. Sceglierne una parte.", "fr": "Le fichier dépasse 256 Mo. Choisissez-en une partie."},
}

PAGE = """{% extends "frame.html" %}
{% block main %}""" + FIELDS + """
<p class="lead">{{ t.lead }}</p>
{% if errors %}<div class="alert" role="alert">{{ t.err_check }}</div>{% endif %}
<form class="panel" method="post" action="/" enctype="multipart/form-data"><div class="fields">
<div class="{{ 'wrong' if errors.file }}"><label for="file">{{ t.upload }}</label><input type="file" id="file" name="file" accept=".csv,.txt,.tsv,text/csv">
{% if errors.file %}<p class="message">{{ errors.file }}</p>{% endif %}</div>
{{ choice("stored", t.stored, stored) }}{{ choice("delimiter", t.delimiter, delimiters) }}{{ number("max_rows", t.max_rows, "") }}</div>
<div class="actions"><button name="action" value="describe">{{ t.describe }}</button>
<label class="check"><input type="checkbox" name="header" value="true"{{ ' checked' if inputs.header == 'true' }}>{{ t.header }}</label></div></form>
<section class="panel" aria-live="polite"><h2>{{ t.results }}</h2>
{% if not result %}<p class="note">{{ t.nothing }}</p>{% else %}
<dl class="figures"><div><dt>{{ t.file }}</dt><dd class="name">{{ source }}</dd></div><div><dt>{{ t.rows }}</dt><dd>{{ result.rows|show(9) }}</dd></div>
<div><dt>{{ t.columns }}</dt><dd>{{ result.columns|length }}</dd></div><div><dt>{{ t.missing_cells }}</dt><dd>{{ missing|show(9) }}</dd></div>
<div><dt>{{ t.form }}</dt><dd class="name">{{ t[result.delimiter] }}<small>{{ result.encoding }}, {{ t.decimal_comma if result.decimal == "," else t.decimal_point }}</small></dd></div></dl>
{% if result.cut %}<p class="message">{{ t.cut }}</p>{% endif %}{% if result.ragged %}<p class="message">{{ t.ragged }} {{ result.ragged }}</p>{% endif %}
{% for column in result.columns if column.stray %}<p class="message">{{ column.name }}: {{ t.stray }} “{{ column.stray }}”</p>{% endfor %}
<div class="scroll" tabindex="0" role="region" aria-label="{{ t.results }}"><table><thead><tr><th class="text" scope="col">{{ t.column }}</th><th class="kind" scope="col">{{ t.type }}</th>
{% for key in ("count", "missing", "distinct") + keys %}<th scope="col">{{ t[key] }}</th>{% endfor %}</tr></thead><tbody>
{% for column in result.columns %}<tr{{ ' class=chosen' if loop.index0 == chosen }}><td class="text"><a href="/?column={{ loop.index0 }}#plot"{{ ' aria-current=true' if loop.index0 == chosen }}>{{ column.name }}</a></td><td class="kind">{{ t[column.type] }}</td>
<td>{{ column.count }}</td><td>{{ column.missing }}</td><td>{{ column.distinct }}</td>
{% for key in keys %}<td>{{ column[key]|show(5) if key in column else "" }}</td>{% endfor %}</tr>{% endfor %}</tbody></table></div>
{% if plot %}<h3 id="plot">{{ t.distribution }} {{ result.columns[chosen].name }}</h3><div class="half">{{ plot|safe }}</div>{% endif %}{% endif %}<p class="note">{{ t.source }}</p></section>
<style>input[type=file]{width:100%;font:inherit;font-size:14px;min-height:36px;padding:4px 0}a{color:var(--brand)}td.kind,th.kind{text-align:left;color:var(--soft)}
tr.chosen td{background:var(--mark);color:var(--text)}tr.chosen a{color:var(--text);font-weight:600}.figures dd.name{font-size:16px;overflow-wrap:anywhere}.half{max-width:760px}th:first-child,td:first-child{padding-left:10px}</style>{% endblock %}
"""


def draw(column, texts, language):
    title = f"{texts['distribution']} {column['name']}"
    if "edges" not in column:
        return bar_plot(title, column["top"], "", language, decimals=0) if column.get("top") else ""
    edges, counts = column["edges"], column["counts"]
    plot = Plot(title, column["name"], texts["frequency"], (edges[0], edges[-1]), (0, max(counts)), language)
    gap = 0.0012 * (edges[-1] - edges[0])
    for left, right, count in zip(edges, edges[1:], counts):
        plot.bar(left + gap, right - gap, count, label=f"{show(left, 5, language)} … {show(right, 5, language)}: {count}")
    return plot.svg()


def project_files(folder):
    """CSV files in the project's folder, newest first."""
    files = []
    with contextlib.suppress(OSError):
        for entry in os.scandir(folder):
            if entry.name.lower().endswith((".csv", ".tsv", ".txt")) and entry.is_file(follow_symlinks=False):
                files.append((-entry.stat().st_mtime, entry.name))
    return [name for _, name in sorted(files)][:200]


def safe_name(name):
    """The last part of an uploaded file's name with only harmless characters, ending in .csv, .tsv or .txt."""
    name = name.replace("\\", "/").rpartition("/")[2]
    name = "".join(letter if letter.isalnum() or letter in "-_. " else "_" for letter in name).strip(". ")[-80:]
    return name if name.lower().endswith((".csv", ".tsv", ".txt")) else (name or "data") + ".csv"


def read_file(path):
    if os.path.getsize(path) > MAX_UPLOAD:
        raise ValueError("err_large")
    with open(path, "rb") as file:
        return file.read()


def create_app(arguments, parameters):
    app, texts = make_app(arguments, TEXTS, PAGE)
    from flask import redirect, render_template, request

    app.config["MAX_CONTENT_LENGTH"] = MAX_UPLOAD
    language, folder = arguments.language, arguments.data_dir
    store, lock = Store(folder, "csv_summary.json"), threading.Lock()
    state = store.load()
    asked = {name: field_text(value) for name, value in parameters.items()}
    defaults = {"stored": "", "delimiter": "auto", "header": "true", "max_rows": "500000"}
    inputs = {name: str(value).lower() if name == "header" else str(value) for name, value in starting_inputs(defaults, state, asked).items()}
    new_start = asked != state.get("started_with")
    state.update(inputs=inputs, started_with=asked)

    def work(given, name, content):
        """Describe and save; returns errors by field."""
        errors = {}
        limit = check_number(texts, errors, given, "max_rows", 10, 5000000, language)
        if given["delimiter"] not in ("auto", *DELIMITERS):
            given["delimiter"] = "auto"
        if errors:
            return errors
        try:
            started = time.monotonic()
            result = describe(content, given["delimiter"], given["header"] == "true", int(limit))
        except ValueError as error:
            print(f"{name}: not described ({error})", file=sys.stderr, flush=True)
            return {"file": texts[str(error)]}
        state.update(inputs=given, result=result, source=name, saved_at=time.strftime("%Y-%m-%d %H:%M"))
        store.save(state)
        print(f"{name}: {result['rows']} rows, {len(result['columns'])} columns described in {time.monotonic() - started:.2f} s", flush=True)
        return {}

    def page(shown, errors, status=200):
        result = state.get("result")
        chosen = -1
        if result:
            numeric = [index for kind in ("number", "integer") for index, column in enumerate(result["columns"]) if column["type"] == kind]
            asked_for = request.args.get("column", "")
            chosen = int(asked_for) if asked_for.isdecimal() and len(asked_for) < 5 and int(asked_for) < len(result["columns"]) else (numeric or [0])[0]
        return render_template(
            "page.html", inputs=shown, errors=errors, result=result, source=state.get("source", ""), chosen=chosen,
            missing=sum(column["missing"] for column in result["columns"]) if result else 0,
            keys=("mean", "deviation", "min", "q1", "median", "q3", "max"),
            plot=draw(result["columns"][chosen], texts, language) if result else "",
            stored=[("", texts["none"]), *((name, name) for name in project_files(folder))],
            delimiters=[(name, texts[name]) for name in ("auto", *DELIMITERS)], saved_at=state.get("saved_at"),
        ), status

    start_errors = {}
    if parameters.get("file") and new_start:
        path = str(parameters["file"])
        try:
            start_errors = work(inputs, os.path.basename(path), read_file(path))
        except OSError as error:
            print(f"{path}: {error}", file=sys.stderr, flush=True)
            start_errors = {"file": texts["err_read"].format(reason=error.strerror)}
        except ValueError as error:
            start_errors = {"file": texts[str(error)]}

    @app.get("/")
    def index():
        with lock:
            errors = dict(start_errors)
            start_errors.clear()
            return page(state["inputs"], errors)

    @app.errorhandler(413)
    def too_large(_error):
        with lock:
            return page(state["inputs"], {"file": texts["err_large"]}, 413)

    @app.post("/")
    def submit():
        given = {name: request.form.get(name, "")[:200] for name in ("stored", "delimiter", "max_rows")}
        given["header"] = "true" if request.form.get("header") else "false"
        upload = request.files.get("file")
        with lock:
            if upload and upload.filename:
                name, content = safe_name(upload.filename), upload.read()
                handle, temporary = tempfile.mkstemp(prefix=".saving-", dir=folder)
                with os.fdopen(handle, "wb") as file:
                    file.write(content)
                os.replace(temporary, os.path.join(folder, name))
                given["stored"] = name
            elif given["stored"] in project_files(folder):
                name = given["stored"]
                try:
                    content = read_file(os.path.join(folder, name))
                except OSError as error:
                    return page(given, {"file": texts["err_read"].format(reason=error.strerror)}, 422)
                except ValueError as error:
                    return page(given, {"file": texts[str(error)]}, 422)
            else:
                return page(given, {"file": texts["err_file"]}, 422)
            errors = work(given, name, content)
            if errors:
                return page(given, errors, 422)
        return redirect("/", 303)

    return app


if __name__ == "__main__":
    serve(create_app, ("file", "delimiter", "header", "max_rows"))
