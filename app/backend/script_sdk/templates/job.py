"""TITLE: a job without a page.

ScriptsManager Metadata:
@display_name: TITLE
@description: Writes the names and sizes of the files of a folder into a table
@description_es: Escribe en una tabla los nombres y tamaños de los archivos de una carpeta
@description_it: Scrive in una tabella i nomi e le dimensioni dei file di una cartella
@description_fr: Écrit dans un tableau les noms et tailles des fichiers d’un dossier
@description_long: docs/NAME.md
@description_long_es: docs/NAME_es.md
@description_long_it: docs/NAME_it.md
@description_long_fr: docs/NAME_fr.md
@required_level: operator
@interface: none
@parameters: [
  {
    "name": "directory", "type": "directory",
    "label": {"en": "Folder", "es": "Carpeta", "it": "Cartella", "fr": "Dossier"},
    "description": {"en": "Empty: the project's folder", "es": "Vacío: la carpeta del proyecto", "it": "Vuoto: la cartella del progetto", "fr": "Vide : le dossier du projet"}
  }
]
"""

import csv
import os
import sys

from scriptsmanager import install_stop_handler, parse_arguments


def main():
    install_stop_handler("NAME")
    arguments, parameters = parse_arguments(declared=("directory",))
    folder = parameters.get("directory") or arguments.data_dir
    result = os.path.join(arguments.data_dir, "NAME.csv")
    count = 0
    try:
        with open(result, "w", encoding="utf-8", newline="") as file:
            table = csv.writer(file)
            table.writerow(("name", "bytes"))
            for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
                if entry.is_file(follow_symlinks=False):
                    table.writerow((entry.name, entry.stat(follow_symlinks=False).st_size))
                    count += 1
    except OSError as error:
        print(f"{folder}: {error}", file=sys.stderr, flush=True)
        return 1
    print(f"{count} files of {folder} are listed in {result}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
