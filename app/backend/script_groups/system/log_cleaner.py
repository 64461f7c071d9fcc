"""Report, and on request delete, old files that match a pattern.

ScriptsManager Metadata:
@display_name: Log cleaner
@description: Reports files older than a number of days that match a pattern; deletes them when dry_run is off
@description_es: Informa de los archivos con más de un número de días que coinciden con un patrón; los borra si se desactiva dry_run
@description_it: Elenca i file più vecchi di un numero di giorni che corrispondono a un modello; li cancella se dry_run è disattivato
@description_fr: Signale les fichiers plus anciens qu’un nombre de jours correspondant à un motif ; les supprime si dry_run est désactivé
@description_long: docs/log_cleaner.md
@description_long_es: docs/log_cleaner_es.md
@description_long_it: docs/log_cleaner_it.md
@description_long_fr: docs/log_cleaner_fr.md
@required_level: developer
@category: system
@tags: logs,cleanup,maintenance,job
@interface: none
@requires_parameters: true
@execution_timeout: 3600
@parameters: [
  {
    "name": "directory", "type": "directory", "required": true,
    "label": {"en": "Directory", "es": "Directorio", "it": "Directory", "fr": "Répertoire"},
    "description": {"en": "Folder with the old files", "es": "Carpeta con los archivos antiguos", "it": "Cartella con i vecchi file", "fr": "Dossier contenant les anciens fichiers"}
  },
  {
    "name": "pattern", "type": "string", "required": true, "default": "*.log", "pattern": "^[^/]+$",
    "label": {"en": "Pattern", "es": "Patrón", "it": "Modello", "fr": "Motif"},
    "description": {"en": "File names, for example *.log or report_*.csv", "es": "Nombres de archivo, por ejemplo *.log o report_*.csv", "it": "Nomi di file, per esempio *.log o report_*.csv", "fr": "Noms de fichiers, par exemple *.log ou report_*.csv"}
  },
  {
    "name": "older_than_days", "type": "integer", "default": 30, "min": 1, "max": 3650, "step": 1,
    "label": {"en": "Older than (days)", "es": "Más antiguos que (días)", "it": "Più vecchi di (giorni)", "fr": "Plus anciens que (jours)"}
  },
  {
    "name": "reference_date", "type": "date",
    "label": {"en": "Age counted from", "es": "Antigüedad contada desde", "it": "Età contata dal", "fr": "Âge compté à partir du"},
    "description": {"en": "Empty: now", "es": "Vacío: ahora", "it": "Vuoto: adesso", "fr": "Vide : maintenant"}
  },
  {
    "name": "recursive", "type": "boolean", "default": true,
    "label": {"en": "With subfolders", "es": "Con subcarpetas", "it": "Con sottocartelle", "fr": "Avec les sous-dossiers"}
  },
  {
    "name": "dry_run", "type": "boolean", "default": true,
    "label": {"en": "Only report, delete nothing", "es": "Solo informar, no borrar nada", "it": "Solo elenco, non cancellare nulla", "fr": "Rapport seul, ne rien supprimer"}
  }
]
"""

from __future__ import annotations

import argparse
import contextlib
import datetime
import fnmatch
import json
import os
import signal
import stat
import sys
import tempfile
import time

DAY = 86400.0

TEXTS = {
    "begin": {"en": "Files like {pattern} in {directory} older than {days} days (before {limit})", "es": "Archivos como {pattern} en {directory} con más de {days} días (anteriores a {limit})", "it": "File come {pattern} in {directory} più vecchi di {days} giorni (prima del {limit})", "fr": "Fichiers comme {pattern} dans {directory} de plus de {days} jours (avant le {limit})"},
    "dry": {"en": "Dry run: nothing is deleted", "es": "Simulación: no se borra nada", "it": "Simulazione: nulla viene cancellato", "fr": "Simulation : rien n’est supprimé"},
    "would": {"en": "would delete", "es": "se borraría", "it": "da cancellare", "fr": "à supprimer"},
    "deleted": {"en": "deleted", "es": "borrado", "it": "cancellato", "fr": "supprimé"},
    "failed": {"en": "not possible", "es": "no es posible", "it": "non possibile", "fr": "impossible"},
    "progress": {"en": "… {seen} files looked at, {found} found", "es": "… {seen} archivos vistos, {found} encontrados", "it": "… {seen} file esaminati, {found} trovati", "fr": "… {seen} fichiers examinés, {found} trouvés"},
    "end": {"en": "{found} of {seen} files found, {size}; {deleted} deleted, {failed} problems", "es": "{found} de {seen} archivos encontrados, {size}; {deleted} borrados, {failed} problemas", "it": "{found} di {seen} file trovati, {size}; {deleted} cancellati, {failed} problemi", "fr": "{found} fichiers trouvés sur {seen}, {size} ; {deleted} supprimés, {failed} problèmes"},
    "report": {"en": "Report: {path}", "es": "Informe: {path}", "it": "Rapporto: {path}", "fr": "Rapport : {path}"},
    "stopped": {"en": "Stopped on request", "es": "Detenido a petición", "it": "Interrotto su richiesta", "fr": "Arrêté sur demande"},
    "no_directory": {"en": "{directory} is not a directory that can be read. Correct the parameter.", "es": "{directory} no es un directorio legible. Corrija el parámetro.", "it": "{directory} non è una directory leggibile. Correggere il parametro.", "fr": "{directory} n’est pas un répertoire lisible. Corrigez le paramètre."},
    "too_wide": {"en": "Nothing is deleted directly in {directory}: it is a whole disk or a home folder. Choose a folder below it.", "es": "No se borra nada directamente en {directory}: es un disco entero o una carpeta personal. Elija una carpeta inferior.", "it": "Nulla viene cancellato direttamente in {directory}: è un intero disco o una cartella personale. Scegliere una cartella più interna.", "fr": "Rien n’est supprimé directement dans {directory} : c’est un disque entier ou un dossier personnel. Choisissez un dossier en dessous."},
    "bad_value": {"en": "Parameter {name}: {value} is not valid.", "es": "Parámetro {name}: {value} no es válido.", "it": "Parametro {name}: {value} non è valido.", "fr": "Paramètre {name} : {value} n’est pas valable."},
}


class Stopped(Exception):
    """SIGTERM or Ctrl-C arrived."""


def find_old(directory, pattern, before, recursive=True, problem=lambda path, reason: None, seen=lambda path: None):
    """Yield (path, size in bytes, time of last change) of regular files changed before `before`.

    `before` is in seconds since 1970. Links are neither followed nor yielded.
    What cannot be read goes to `problem`; every file looked at to `seen`.
    """
    stack = [directory]
    while stack:
        folder = stack.pop()
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            problem(folder, error.strerror)
            continue
        for entry in entries:
            try:
                info = entry.stat(follow_symlinks=False)
            except OSError as error:
                problem(entry.path, error.strerror)
                continue
            if stat.S_ISDIR(info.st_mode):
                if recursive:
                    stack.append(entry.path)
            elif stat.S_ISREG(info.st_mode):
                seen(entry.path)
                if info.st_mtime < before and fnmatch.fnmatch(entry.name, pattern):
                    yield entry.path, info.st_size, info.st_mtime


def too_wide(directory):
    """Whether deleting there could only be a mistake: a file system's root or a home folder itself."""
    real = os.path.realpath(directory)
    return os.path.dirname(real) == real or real == os.path.realpath(os.path.expanduser("~"))


def save_report(folder, report):
    """Write the report as JSON below the data folder so that a crash leaves the old one or the new one."""
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, "log_cleaner_report.json")
    handle, temporary = tempfile.mkstemp(prefix=".saving-", dir=folder)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(report, file, ensure_ascii=False, indent=1)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    return path


def parse_arguments(argv):
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--data-dir", required=True)
    for name in ("user-level", "port", "project-id", "theme"):
        parser.add_argument("--" + name)  # part of the contract; a job without a page has no use for them
    parser.add_argument("--project-name", default="project_default")
    parser.add_argument("--language", choices=("en", "es", "it", "fr"), default="en")
    parser.add_argument("--directory", default="")
    parser.add_argument("--pattern", default="*.log")
    parser.add_argument("--older_than_days", default="30")
    parser.add_argument("--reference_date", default="")
    parser.add_argument("--recursive", default="true")
    parser.add_argument("--dry_run", default="true")
    arguments, unknown = parser.parse_known_args(argv)
    if unknown:
        print("Arguments that this script does not know:", " ".join(unknown), file=sys.stderr, flush=True)
    return arguments


def read_values(arguments, say):
    """Checked values, or None after an explanation on stderr."""
    bad = None
    if not arguments.older_than_days.isdecimal() or len(arguments.older_than_days) > 4 or not 1 <= int(arguments.older_than_days) <= 3650:
        bad = ("older_than_days", arguments.older_than_days)
    elif not arguments.pattern or "/" in arguments.pattern or "\\" in arguments.pattern:
        bad = ("pattern", arguments.pattern)
    for name in ("recursive", "dry_run"):
        # Anything but a clear word is refused: a typing error must not delete.
        if getattr(arguments, name) not in ("true", "false"):
            bad = (name, getattr(arguments, name))
    reference = time.time()
    if arguments.reference_date:
        try:
            reference = datetime.datetime.strptime(arguments.reference_date, "%Y-%m-%d").timestamp()
        except ValueError:
            bad = ("reference_date", arguments.reference_date)
    if bad:
        print(say("bad_value", name=bad[0], value=bad[1]), file=sys.stderr, flush=True)
        return None
    values = {"directory": os.path.abspath(arguments.directory), "pattern": arguments.pattern, "days": int(arguments.older_than_days),
              "before": reference - int(arguments.older_than_days) * DAY, "recursive": arguments.recursive == "true", "dry_run": arguments.dry_run == "true"}
    if not arguments.directory or not os.path.isdir(values["directory"]) or not os.access(values["directory"], os.R_OK | os.X_OK):
        print(say("no_directory", directory=arguments.directory or "—"), file=sys.stderr, flush=True)
        return None
    if not values["dry_run"] and too_wide(values["directory"]):
        print(say("too_wide", directory=values["directory"]), file=sys.stderr, flush=True)
        return None
    return values


def main(argv=None):
    """Exit code: 0 done (also when stopped on request), 1 some files were a problem, 2 bad parameters."""

    def stop(signum, frame):
        raise Stopped

    for name in ("SIGTERM", "SIGINT", "SIGBREAK"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), stop)

    arguments = parse_arguments(argv)

    def say(text, **values):
        return TEXTS[text][arguments.language].format(**values)

    values = read_values(arguments, say)
    if values is None:
        return 2

    counts = {"seen": 0, "found": 0, "deleted": 0, "failed": 0, "bytes": 0}
    files, stopped = [], False

    def problem(path, reason):
        counts["failed"] += 1
        print(f"{say('failed')}: {path} ({reason})", file=sys.stderr, flush=True)

    def seen(_path):
        counts["seen"] += 1
        if counts["seen"] % 1000 == 0:
            print(say("progress", **counts), flush=True)

    limit = time.strftime("%Y-%m-%d %H:%M", time.localtime(values["before"]))
    print(say("begin", limit=limit, **{name: values[name] for name in ("pattern", "directory", "days")}), flush=True)
    if values["dry_run"]:
        print(say("dry"), flush=True)
    try:
        for path, size, changed in find_old(values["directory"], values["pattern"], values["before"], values["recursive"], problem, seen):
            counts["found"] += 1
            counts["bytes"] += size
            outcome = "would"
            if not values["dry_run"]:
                try:
                    os.unlink(path)
                    counts["deleted"] += 1
                    outcome = "deleted"
                except OSError as error:
                    problem(path, error.strerror)
                    outcome = "failed"
            day = time.strftime("%Y-%m-%d", time.localtime(changed))
            files.append({"path": path, "bytes": size, "changed": day, "outcome": outcome})
            if outcome != "failed":
                print(f"{say(outcome)}: {path} ({size} B, {day})", flush=True)
    except Stopped:
        stopped = True
        print(say("stopped"), flush=True)
    report = {"directory": values["directory"], "pattern": values["pattern"], "older_than_days": values["days"], "dry_run": values["dry_run"],
              "finished": time.strftime("%Y-%m-%dT%H:%M:%S"), "stopped": stopped, **counts, "files": files}
    path = save_report(arguments.data_dir, report)
    print(say("end", size=f"{counts['bytes'] / 1048576:.1f} MiB", **{name: counts[name] for name in ("found", "seen", "deleted", "failed")}), flush=True)
    print(say("report", path=path), flush=True)
    return 1 if counts["failed"] and not stopped else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Stopped:  # before the search or while the report was written
        sys.exit(0)
