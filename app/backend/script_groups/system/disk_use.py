"""Which folders and files below a directory take the space.

ScriptsManager Metadata:
@display_name: Disk use
@description: Largest folders and files below a directory, with a bar chart; skips what may not be read
@description_es: Carpetas y archivos más grandes bajo un directorio, con gráfico de barras; omite lo que no se puede leer
@description_it: Cartelle e file più grandi sotto una directory, con grafico a barre; salta ciò che non è leggibile
@description_fr: Dossiers et fichiers les plus volumineux sous un répertoire, avec graphique ; ignore ce qui est illisible
@description_long: docs/disk_use.md
@description_long_es: docs/disk_use_es.md
@description_long_it: docs/disk_use_it.md
@description_long_fr: docs/disk_use_fr.md
@required_level: operator
@category: system
@tags: disk,storage,folders,maintenance
@parameters: [
  {
    "name": "directory", "type": "directory",
    "label": {"en": "Directory", "es": "Directorio", "it": "Directory", "fr": "Répertoire"},
    "description": {"en": "Where to begin; empty: the project's data folder", "es": "Dónde empezar; vacío: la carpeta de datos del proyecto", "it": "Da dove iniziare; vuoto: la cartella dei dati del progetto", "fr": "Point de départ ; vide : le dossier de données du projet"}
  },
  {
    "name": "top", "type": "integer", "default": 15, "min": 5, "max": 100, "step": 1,
    "label": {"en": "Entries shown", "es": "Entradas mostradas", "it": "Voci mostrate", "fr": "Entrées affichées"}
  },
  {
    "name": "one_file_system", "type": "boolean", "default": true,
    "label": {"en": "Stay on one file system", "es": "Permanecer en un sistema de archivos", "it": "Restare su un solo file system", "fr": "Rester sur un seul système de fichiers"}
  },
  {
    "name": "exclude", "type": "text", "default": "",
    "label": {"en": "Leave out (one pattern per line)", "es": "Excluir (un patrón por línea)", "it": "Escludere (un modello per riga)", "fr": "Exclure (un motif par ligne)"},
    "description": {"en": "Names of folders and files, for example node_modules or *.tmp", "es": "Nombres de carpetas y archivos, por ejemplo node_modules o *.tmp", "it": "Nomi di cartelle e file, per esempio node_modules o *.tmp", "fr": "Noms de dossiers et fichiers, par exemple node_modules ou *.tmp"}
  }
]
"""

from __future__ import annotations

import contextlib
import fnmatch
import heapq
import html
import os
import shutil
import stat
import sys
import threading
import time

from scriptsmanager import FIELDS, Store, check_number, field_text, fixed, make_app, serve, show, starting_inputs

MAX_PROBLEMS = 50  # unreadable places that are named; all are counted


class Cancelled(Exception):
    """The person stopped the scan."""


def allocated(info):
    """Bytes that a file takes on disk: its blocks of 512 bytes, where the system tells them."""
    blocks = getattr(info, "st_blocks", None)
    return info.st_size if blocks is None else blocks * 512


def scan(root, top=15, one_file_system=True, exclude=(), progress=lambda files, size, path: None):
    """Measure what lies below `root`.

    Links are not followed; a file with several hard links counts once; what
    cannot be read is counted and skipped. Sizes are bytes on disk. `progress`
    is called for each folder and may raise to stop. Returns a JSON-ready
    object; OSError when `root` itself cannot be read.
    """
    root = os.path.abspath(root)
    device = os.stat(root).st_dev
    with os.scandir(root):
        pass  # raises here, before anything is counted, when the root is closed to us
    seen, problems, unreadable = set(), [], 0
    children, largest, folders = {}, [], 0
    files, total, direct = 0, 0, 0
    # A stack instead of recursion: trees are deeper than Python's limit now and then.
    stack = [(root, None)]
    while stack:
        folder, child = stack.pop()
        progress(files, total, folder)
        try:
            entries = list(os.scandir(folder))
        except OSError as error:
            unreadable += 1
            if len(problems) < MAX_PROBLEMS:
                problems.append([folder, error.strerror or "error"])
            continue
        for entry in entries:
            if any(fnmatch.fnmatch(entry.name, pattern) for pattern in exclude):
                continue
            try:
                info = entry.stat(follow_symlinks=False)
            except OSError as error:
                unreadable += 1
                if len(problems) < MAX_PROBLEMS:
                    problems.append([entry.path, error.strerror or "error"])
                continue
            if stat.S_ISDIR(info.st_mode):
                # On Windows st_dev of a directory entry is 0: nothing to compare.
                if one_file_system and info.st_dev and info.st_dev != device:
                    continue
                folders += 1
                name = child if child is not None else entry.name
                size = allocated(info) if hasattr(info, "st_blocks") else 0
                children.setdefault(name, [0, 0])
                stack.append((entry.path, name))
            else:
                if info.st_nlink > 1 and info.st_ino:
                    key = (info.st_dev, info.st_ino)
                    if key in seen:
                        continue
                    seen.add(key)
                size, name = allocated(info), child
                files += 1
                if stat.S_ISREG(info.st_mode):
                    item = (size, entry.path, int(info.st_mtime))
                    (heapq.heappush if len(largest) < top else heapq.heappushpop)(largest, item)
            total += size
            if name is None:
                direct += size
            else:
                children[name][0] += size
                children[name][1] += not stat.S_ISDIR(info.st_mode)
    ordered = sorted(((size, name, count) for name, (size, count) in children.items()), reverse=True)
    return {
        "root": root, "total": total, "files": files, "folders": folders, "direct": direct, "unreadable": unreadable, "problems": problems,
        "children": [[name, size, count] for size, name, count in ordered[:top]],
        "others": [len(ordered[top:]), sum(size for size, _, _ in ordered[top:])],
        "largest": [[path, size, changed] for size, path, changed in sorted(largest, reverse=True)],
    }


TEXTS = {
    "title": {"en": "Disk use", "es": "Uso del disco", "it": "Spazio su disco", "fr": "Espace disque"},
    "lead": {"en": "Which folders and files take the space. Links are not followed; nothing is changed or deleted.", "es": "Qué carpetas y archivos ocupan el espacio. No se siguen enlaces; no se cambia ni se borra nada.", "it": "Quali cartelle e file occupano lo spazio. I collegamenti non vengono seguiti; nulla viene modificato o cancellato.", "fr": "Quels dossiers et fichiers occupent l’espace. Les liens ne sont pas suivis ; rien n’est modifié ni supprimé."},
    "directory": {"en": "Directory", "es": "Directorio", "it": "Directory", "fr": "Répertoire"},
    "top": {"en": "Entries shown", "es": "Entradas mostradas", "it": "Voci mostrate", "fr": "Entrées affichées"},
    "exclude": {"en": "Leave out (one pattern per line)", "es": "Excluir (un patrón por línea)", "it": "Escludere (un modello per riga)", "fr": "Exclure (un motif par ligne)"},
    "one_file_system": {"en": "Stay on one file system", "es": "Permanecer en un sistema de archivos", "it": "Restare su un solo file system", "fr": "Rester sur un seul système de fichiers"},
    "measure": {"en": "Measure", "es": "Medir", "it": "Misura", "fr": "Mesurer"},
    "up": {"en": "One folder up", "es": "Subir una carpeta", "it": "Cartella superiore", "fr": "Dossier parent"},
    "nothing": {"en": "Nothing measured yet. Choose a directory and press Measure.", "es": "Todavía no se ha medido nada. Elija un directorio y pulse Medir.", "it": "Nessuna misura finora. Scegliere una directory e premere Misura.", "fr": "Rien de mesuré pour l’instant. Choisissez un répertoire et cliquez sur Mesurer."},
    "running": {"en": "Measuring…", "es": "Midiendo…", "it": "Misura in corso…", "fr": "Mesure en cours…"},
    "cancel": {"en": "Stop measuring", "es": "Detener la medición", "it": "Interrompi la misura", "fr": "Arrêter la mesure"},
    "cancelled": {"en": "The measurement was stopped.", "es": "La medición se detuvo.", "it": "La misura è stata interrotta.", "fr": "La mesure a été arrêtée."},
    "so_far": {"en": "so far", "es": "hasta ahora", "it": "finora", "fr": "jusqu’ici"},
    "total": {"en": "Total on disk", "es": "Total en disco", "it": "Totale su disco", "fr": "Total sur disque"},
    "files": {"en": "Files", "es": "Archivos", "it": "File", "fr": "Fichiers"},
    "folders": {"en": "Folders", "es": "Carpetas", "it": "Cartelle", "fr": "Dossiers"},
    "free": {"en": "Free on this disk", "es": "Libre en este disco", "it": "Libero su questo disco", "fr": "Libre sur ce disque"},
    "of": {"en": "of", "es": "de", "it": "di", "fr": "sur"},
    "unreadable": {"en": "Not readable", "es": "No legibles", "it": "Non leggibili", "fr": "Illisibles"},
    "by_folder": {"en": "Folders directly below", "es": "Carpetas del primer nivel", "it": "Cartelle di primo livello", "fr": "Dossiers de premier niveau"},
    "here": {"en": "Files directly in this folder", "es": "Archivos de esta misma carpeta", "it": "File direttamente in questa cartella", "fr": "Fichiers de ce dossier même"},
    "others": {"en": "other folders", "es": "carpetas más", "it": "altre cartelle", "fr": "autres dossiers"},
    "folder": {"en": "Folder", "es": "Carpeta", "it": "Cartella", "fr": "Dossier"},
    "size": {"en": "Size", "es": "Tamaño", "it": "Dimensione", "fr": "Taille"},
    "share": {"en": "Share", "es": "Parte", "it": "Quota", "fr": "Part"},
    "largest": {"en": "Largest files", "es": "Archivos más grandes", "it": "File più grandi", "fr": "Plus gros fichiers"},
    "file": {"en": "File", "es": "Archivo", "it": "File", "fr": "Fichier"},
    "changed": {"en": "Changed", "es": "Modificado", "it": "Modificato", "fr": "Modifié"},
    "problems": {"en": "Could not be read and is not counted", "es": "No se pudo leer y no se cuenta", "it": "Non leggibile e non contato", "fr": "Illisible et non compté"},
    "source": {"en": "Sizes as told by POSIX.1-2017, st_blocks, in the way of du (GNU coreutils).", "es": "Tamaños según POSIX.1-2017, st_blocks, como los cuenta du (GNU coreutils).", "it": "Dimensioni secondo POSIX.1-2017, st_blocks, come le conta du (GNU coreutils).", "fr": "Tailles selon POSIX.1-2017, st_blocks, comme les compte du (GNU coreutils)."},
    "err_directory": {"en": "This directory does not exist or is not a directory.", "es": "Este directorio no existe o no es un directorio.", "it": "Questa directory non esiste o non è una directory.", "fr": "Ce répertoire n’existe pas ou n’est pas un répertoire."},
    "err_read": {"en": "This directory cannot be read: {reason}. Choose another one or ask for access.", "es": "No se puede leer este directorio: {reason}. Elija otro o solicite acceso.", "it": "Questa directory non è leggibile: {reason}. Sceglierne un’altra o chiedere l’accesso.", "fr": "Ce répertoire est illisible : {reason}. Choisissez-en un autre ou demandez l’accès."},
}

PAGE = """{% extends "frame.html" %}
{% block head %}{% if scan.running %}<noscript><meta http-equiv="refresh" content="1"></noscript>{% endif %}{% endblock %}
{% block main %}""" + FIELDS + """
<p class="lead">{{ t.lead }}</p>
{% if errors %}<div class="alert" role="alert">{{ t.err_check }}</div>{% endif %}
<form class="panel" method="post" action="/"><div class="fields">
<div class="wide {{ 'wrong' if errors.directory }}"><label for="directory">{{ t.directory }}</label><input type="text" id="directory" name="directory" value="{{ inputs.directory }}" spellcheck="false"
{%- if errors.directory %} aria-invalid="true" aria-describedby="directory-error"{% endif %}>
{% if errors.directory %}<p class="message" id="directory-error">{{ errors.directory }}</p>{% endif %}</div>
<div class="half"><label for="exclude">{{ t.exclude }}</label><textarea id="exclude" name="exclude" rows="2" spellcheck="false">{{ inputs.exclude }}</textarea></div>
{{ number("top", t.top, "") }}</div>
<div class="actions"><button name="action" value="measure"{{ ' disabled' if scan.running }}>{{ t.measure }}</button>
<label class="check"><input type="checkbox" name="one_file_system" value="true"{{ ' checked' if inputs.one_file_system == 'true' }}>{{ t.one_file_system }}</label></div></form>
<section class="panel"><h2>{{ t.results }}</h2>
{% if scan.running %}<div role="status" id="progress"><p><strong>{{ t.running }}</strong> <span id="count">{{ scan.files|show(12) }} {{ t.files }}, {{ size(scan.size) }} {{ t.so_far }}</span></p>
<p class="note path" id="place">{{ scan.path }}</p></div>
<form method="post" action="/"><div class="actions"><button class="plain" name="action" value="cancel">{{ t.cancel }}</button></div></form>
<script>
const poll = async () => {
  const state = await (await fetch('/progress')).json();
  if (!state.running) { location.reload(); return; }
  document.getElementById('count').textContent = state.text; document.getElementById('place').textContent = state.path;
  setTimeout(poll, 400);
};
setTimeout(poll, 400);
</script>
{% elif not result %}<p class="note">{{ scan.message or t.nothing }}</p>{% else %}
{% if scan.message %}<p class="message">{{ scan.message }}</p>{% endif %}
<form method="post" action="/"><input type="hidden" name="top" value="{{ inputs.top }}"><input type="hidden" name="exclude" value="{{ inputs.exclude }}">
{% if inputs.one_file_system == 'true' %}<input type="hidden" name="one_file_system" value="true">{% endif %}
<div class="place"><strong>{{ result.root }}</strong>{% if parent %}<button class="plain" name="directory" value="{{ parent }}">↑ {{ t.up }}</button>{% endif %}</div>
<dl class="figures"><div><dt>{{ t.total }}</dt><dd>{{ size(result.total) }}</dd></div><div><dt>{{ t.files }}</dt><dd>{{ result.files|show(12) }}</dd></div>
<div><dt>{{ t.folders }}</dt><dd>{{ result.folders|show(12) }}</dd></div>
{% if result.disk %}<div><dt>{{ t.free }}</dt><dd>{{ size(result.disk[1]) }}<small>{{ t.of }} {{ size(result.disk[0]) }}</small></dd></div>{% endif %}
<div><dt>{{ t.unreadable }}</dt><dd>{{ result.unreadable|show(12) }}</dd></div></dl>
<h3>{{ t.by_folder }}</h3><div class="scroll" tabindex="0" role="region" aria-label="{{ t.by_folder }}"><table class="bars"><thead><tr><th class="text" scope="col">{{ t.folder }}</th><td></td><th scope="col">{{ t.size }}</th><th scope="col">{{ t.share }}</th><th scope="col">{{ t.files }}</th></tr></thead><tbody>
{% for name, bytes, count, path, share, bar in rows %}<tr><td class="text">{% if path %}<button class="link" name="directory" value="{{ path }}">{{ name }}</button>{% else %}{{ name }}{% endif %}</td>
<td class="bar">{{ bar|safe }}</td><td>{{ size(bytes) }}</td><td>{{ share }} %</td><td>{{ count|show(12) if count is not none else "" }}</td></tr>{% endfor %}</tbody></table></div></form>
{% if result.largest %}<h3>{{ t.largest }}</h3><div class="scroll" tabindex="0" role="region" aria-label="{{ t.largest }}"><table><thead><tr><th class="text" scope="col">{{ t.file }}</th><th scope="col">{{ t.size }}</th><th scope="col">{{ t.changed }}</th></tr></thead><tbody>
{% for path, bytes, changed in files %}<tr><td class="text path">{{ path }}</td><td>{{ size(bytes) }}</td><td>{{ changed }}</td></tr>{% endfor %}</tbody></table></div>{% endif %}
{% if result.problems %}<details><summary>{{ t.problems }}: {{ result.unreadable }}</summary><ul>{% for path, reason in result.problems %}<li class="path">{{ path }} ({{ reason }})</li>{% endfor %}</ul></details>{% endif %}
{% endif %}<p class="note">{{ t.source }}</p></section>
<style>.path{overflow-wrap:anywhere}.half{grid-column:span 2}.place{display:flex;gap:16px;align-items:center;justify-content:space-between;margin-bottom:12px;overflow-wrap:anywhere}
.bars td.text{width:34%}.bars td.bar{width:38%;min-width:120px}.bars svg{display:block;width:100%;height:16px}details{margin-top:16px;font-size:14px}summary{cursor:pointer;color:var(--soft)}button[disabled]{opacity:.5;cursor:default}</style>{% endblock %}
"""


def size_text(value, language):
    """Bytes in binary units, as most file managers on Linux and Windows count."""
    unit = "o" if language == "fr" else "B"
    for prefix in ("", "Ki", "Mi", "Gi", "Ti"):
        if value < 1024 or prefix == "Ti":
            break
        value /= 1024
    return f"{show(value, 3 if prefix else 4, language)} {prefix}{unit}"


def bar_svg(share, label):
    return (f'<svg viewBox="0 0 100 16" preserveAspectRatio="none" role="img" aria-label="{html.escape(label)}"><rect width="100" height="16" style="fill:var(--bg)"/>'
            f'<rect width="{100 * share:.2f}" height="16" style="fill:var(--c1)"/></svg>')


class Scanner:
    """One scan at a time in a thread of its own; `state` is read by the page under the lock."""

    def __init__(self, finished):
        self.lock = threading.Lock()
        self.state = {"running": False, "files": 0, "size": 0, "path": "", "message": ""}
        self.cancel = False
        self.finished = finished

    def start(self, directory, top, one_file_system, exclude, cancelled_text, error_text):
        with self.lock:
            if self.state["running"]:
                return
            self.state, self.cancel = {"running": True, "files": 0, "size": 0, "path": directory, "message": ""}, False
        print(f"Measuring {directory}", flush=True)

        def progress(files, size, path):
            with self.lock:
                if self.cancel:
                    raise Cancelled
                self.state.update(files=files, size=size, path=path)

        def work():
            began, message = time.monotonic(), ""
            try:
                result = scan(directory, top, one_file_system, exclude, progress)
                with contextlib.suppress(OSError):
                    usage = shutil.disk_usage(directory)
                    result["disk"] = [usage.total, usage.free]
                self.finished(result)
                print(f"{directory}: {result['total']} bytes in {result['files']} files, {result['unreadable']} not readable, {time.monotonic() - began:.1f} s", flush=True)
            except Cancelled:
                message = cancelled_text
                print(f"{directory}: stopped by the user", flush=True)
            except OSError as error:
                message = error_text.format(reason=error.strerror)
                print(f"{directory}: {error}", file=sys.stderr, flush=True)
            finally:
                with self.lock:
                    self.state.update(running=False, message=message)

        threading.Thread(target=work, daemon=True).start()

    def stop(self):
        with self.lock:
            self.cancel = True

    def snapshot(self):
        with self.lock:
            return dict(self.state)


def create_app(arguments, parameters):
    app, texts = make_app(arguments, TEXTS, PAGE)
    from flask import jsonify, redirect, render_template, request

    language = arguments.language
    store, lock = Store(arguments.data_dir, "disk_use.json"), threading.Lock()
    state = store.load()
    defaults = {"directory": os.path.abspath(arguments.data_dir), "top": "15", "one_file_system": "true", "exclude": ""}
    asked = {name: field_text(value) for name, value in parameters.items() if value != ""}
    inputs = starting_inputs(defaults, state, asked)
    inputs["one_file_system"] = inputs["one_file_system"].lower()
    new_start = asked != state.get("started_with")
    state.update(inputs=inputs, started_with=asked)

    def finished(result):
        with lock:
            state.update(result=result, saved_at=time.strftime("%Y-%m-%d %H:%M"))
            store.save(state)

    scanner = Scanner(finished)

    def start(given):
        """Check and begin; returns errors by field."""
        errors = {}
        top = check_number(texts, errors, given, "top", 5, 100, language)
        if not os.path.isdir(given["directory"]):
            errors["directory"] = texts["err_directory"]
        elif not os.access(given["directory"], os.R_OK | os.X_OK):
            errors["directory"] = texts["err_read"].format(reason=os.strerror(13))
        if errors:
            return errors
        patterns = [line.strip() for line in given["exclude"].splitlines() if line.strip()]
        with lock:
            state["inputs"] = given
        scanner.start(given["directory"], int(top), given["one_file_system"] == "true", patterns, texts["cancelled"], texts["err_read"])
        return {}

    def page(shown, errors, status=200):
        result, rows, files, parent = state.get("result"), [], [], ""
        if result:
            entries = [(name, size, count, os.path.join(result["root"], name)) for name, size, count in result["children"]]
            if result["direct"]:
                entries.append((texts["here"], result["direct"], None, ""))
            if result["others"][0]:
                entries.append((f"{result['others'][0]} {texts['others']}", result["others"][1], None, ""))
            entries.sort(key=lambda entry: -entry[1])
            most, total = max((entry[1] for entry in entries), default=1) or 1, result["total"] or 1
            rows = [(*entry, fixed(100 * entry[1] / total, 1, language), bar_svg(entry[1] / most, f"{entry[0]}: {size_text(entry[1], language)}")) for entry in entries]
            files = [(os.path.relpath(path, result["root"]), size, time.strftime("%Y-%m-%d", time.localtime(changed))) for path, size, changed in result["largest"]]
            parent = os.path.dirname(result["root"])
            parent = parent if parent != result["root"] else ""
        return render_template(
            "page.html", inputs=shown, errors=errors, scan=scanner.snapshot(), result=result, rows=rows, files=files, parent=parent,
            size=lambda value: size_text(value, language), saved_at=state.get("saved_at"),
        ), status

    start_errors = start(inputs) if asked.get("directory") and new_start else {}

    @app.get("/")
    def index():
        with lock:
            errors = dict(start_errors)
            start_errors.clear()
            return page(state["inputs"], errors)

    @app.get("/progress")
    def progress():
        now = scanner.snapshot()
        text = f"{show(now['files'], 12, language)} {texts['files']}, {size_text(now['size'], language)} {texts['so_far']}"
        return jsonify(running=now["running"], text=text, path=now["path"])

    @app.post("/")
    def submit():
        if request.form.get("action") == "cancel":
            scanner.stop()
            return redirect("/", 303)
        given = {
            "directory": os.path.expanduser(request.form.get("directory", "").strip()), "top": request.form.get("top", ""),
            "exclude": request.form.get("exclude", "")[:4000], "one_file_system": "true" if request.form.get("one_file_system") else "false",
        }
        errors = start(given)
        if errors:
            with lock:
                return page(given, errors, 422)
        return redirect("/", 303)

    return app


if __name__ == "__main__":
    serve(create_app, ("directory", "top", "one_file_system", "exclude"))
