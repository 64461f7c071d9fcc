#!/bin/bash
# Stands in for conda in tests: it answers what a real one did, by its arguments,
# and fails loudly on others. Tests put in where its answers and the home lie.
make() {
	mkdir -p "$1/conda-meta" "$1/bin"; echo "==> now <==" > "$1/conda-meta/history"; echo '{}' > "$1/conda-meta/python-3.11.7-0.json"
	ln -s /usr/bin/python3 "$1/bin/python"
}
prefix= before=
for a; do [ "$before" = --prefix ] && prefix=$a; before=$a; done
case "${*//$prefix/PREFIX}" in
"create --yes --json --prefix PREFIX --channel conda-forge python=3.11 flask")
	[ -t 1 ] || { echo "no terminal" >&2; exit 9; }
	cat 'RECORDS/conda-24.11.3.linux.create-json.pty.stdout'; make "$prefix" ;;
"create --yes --json --prefix PREFIX python warned")
	echo "WARNING: something {odd}"; echo "warning  libmamba x" >&2
	cat 'RECORDS/conda-24.11.3.linux.create-json.pipe.stdout'; echo "Thank you {for} using it"; make "$prefix" ;;
"create --yes --json --prefix PREFIX python nosuchpkg")
	mkdir -p "$prefix/conda-meta"; touch "$prefix/conda-meta/history"
	cat 'RECORDS/conda-24.11.3.linux.create-json-packagesnotfound.stdout'; exit 1 ;;
"create --yes --json --prefix PREFIX python terms")
	cat <<'JSON'
{"caused_by": "None", "error": "CondaToSNonInteractiveError: ...", "exception_name": "CondaToSNonInteractiveError",
 "message": "Terms of Service have not been accepted for the following channels. Please accept or remove them before proceeding:\n    - https://repo.anaconda.com/pkgs/main\n    - https://repo.anaconda.com/pkgs/r\n\nTo accept these channels' Terms of Service, run the following commands:\n    conda tos accept ..."}
JSON
	exit 1 ;;
"create --yes --json --prefix PREFIX python zero")
	echo "WARNING: something {odd}"; cat 'RECORDS/conda-24.11.3.linux.create-json-packagesnotfound.stdout'; exit 0 ;;
"create --yes --json --prefix PREFIX python lies") echo '{"success": true}' ;;
"create --yes --json --prefix PREFIX python rubbish") make "$prefix"; head -c 3000 /dev/urandom; exit 0 ;;
"create --yes --json --prefix PREFIX python full")
	make "$prefix"; echo '{"exception_name": "NoSpaceLeftError", "error": "x", "message": "No space left on devices."}'; exit 1 ;;
"create --yes --json --prefix PREFIX python slow")
	# Tells the first part of its progress, and goes on when it is let.
	head -c 400 'RECORDS/conda-24.11.3.linux.create-json.pty.stdout'; make "$prefix"
	while [ ! -e HOME/go ]; do sleep 0.1; done
	tail -c +401 'RECORDS/conda-24.11.3.linux.create-json.pty.stdout' ;;
"create --yes --json --prefix PREFIX python hangs")
	make "$prefix"; (trap '' TERM INT; while :; do sleep 0.1; echo more >> "$prefix/late"; done) & wait ;;
"create --yes --json --prefix PREFIX --clone HOME/mine/good")
	cat 'RECORDS/conda-24.11.3.linux.create-clone-json.stdout'; make "$prefix" ;;
"env create --json --prefix PREFIX --file HOME/e.yml")
	cat 'RECORDS/conda-24.11.3.linux.env-create-yml-json.stdout'; make "$prefix" ;;
"create --yes --json --prefix PREFIX --file HOME/list.txt")
	# Of an explicit list conda tells the downloads alone, and no answer in the end.
	tr '\0' '\n' < 'RECORDS/conda-24.11.3.linux.create-json.pty.stdout' | grep -a '^{"fetch"' | tr '\n' '\0'; make "$prefix" ;;
"create --yes --json --prefix PREFIX python opencv")
	cat 'RECORDS/conda-24.11.3.linux.create-json.pty.stdout'; make "$prefix" ;;
"install --yes --json --prefix PREFIX rigdata") cat 'RECORDS/conda-24.11.3.linux.create-json.pipe.stdout' ;;
"env export --prefix PREFIX --from-history") cat 'RECORDS/conda-24.11.3.linux.env-export-from-history.stdout' ;;
*) echo "stand-in: no recording of: $*" >&2; exit 99 ;;
esac
