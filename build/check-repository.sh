#!/usr/bin/env bash
# What a reader of the repository must not meet: paths of one machine, hosts of package
# registries, lock files with download addresses, packages without a comment, files that have
# grown past one room, marks of unfinished work. Prints each place; exit code 1 if there is one.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
top=$(pwd)
failed=0

report() { # report HEADING LINES
  [ -n "$2" ] || return 0
  printf '%s\n%s\n\n' "$1" "$2"
  failed=1
}

# Files that git would commit: tracked ones and new ones that are not ignored.
mapfile -t files < <(git ls-files --cached --others --exclude-standard | sort -u | while IFS= read -r f; do [ -f "$f" ] && printf '%s\n' "$f"; done)
list() { printf '%s\n' "${files[@]}"; }
search() { xargs -r -d '\n' grep -InE "$1" -- 2>/dev/null | cut -c1-160 | head -n 20; }
quote() { sed 's/[.[\*^$()+?{|]/\\&/g'; }

readable=$(list | grep -vE '(^|/)(node_modules|dist|wailsjs|package-lock\.json|[^/]*\.sum)(/|$)')

report 'Merges that were not decided:' "$(list | search '^(<<<<<<<|>>>>>>>)( |$)')"

# The hosts come from the machine's own settings, so that none stands here.
hosts=$({
  go env GOPROXY 2>/dev/null | tr ',|' '\n\n'
  npm config get registry 2>/dev/null
  cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null
} | grep -oE 'https?://[^/ ]+' | sed 's#.*//##' | sort -u | quote | paste -sd'|' -)
[ -z "$hosts" ] || report 'Hosts of package registries:' "$(printf '%s\n' "$readable" | search "$hosts")"

above=$(dirname "$top" | quote)
home=$(printf '%s' "${HOME:-/nonexistent}" | quote)
places=""
for place in "$above" "$home"; do
  # A clone right below / or a home of / would match everything.
  case "$place" in /|/tmp|/home|"") ;; *) places+="${places:+|}$place" ;; esac
done
[ -z "$places" ] || report 'Paths of this machine:' "$(printf '%s\n' "$readable" | search "(^|[^A-Za-z0-9_.-])($places)/")"

report 'Lock files with download addresses (npm writes none with omit-lockfile-registry-resolved):' \
  "$(list | grep 'package-lock\.json$' | search 'resolved": *"https?:')"

bare=$(list | grep '\.go$' | grep -vE '_test\.go$|/testdata/|^frontend/wailsjs/' | xargs -r -d '\n' -n1 dirname | sort -u |
  while IFS= read -r folder; do
    grep -lE '^(// (Package|Command) |/\*$|// [A-Z][A-Za-z-]+ )' "$folder"/*.go >/dev/null 2>&1 || { echo "$folder"; continue; }
    # The comment must touch the package clause, or godoc does not see it.
    awk 'FNR==1{before=""} /^package /{ if (before ~ /^\/\// && before !~ /^\/\/go:/ || before ~ /\*\/$/) found=1; nextfile } {before=$0} END{exit !found}' \
      $(ls "$folder"/*.go | grep -v '_test\.go$') || echo "$folder"
  done)
report 'Packages without a comment:' "$bare"

# A sample script is one file by its nature: that is what people copy and change. The
# helper that scripts import is one, too, so that a script can take it with it.
report 'Long files (Svelte over 250 lines, others over 600):' "$(list | grep -vE '^app/backend/(script_groups/|script_sdk/scriptsmanager\.py$)' |
  grep -E '\.(go|svelte|ts|py|sh)$' | grep -vE '_test\.go$|\.test\.ts$|\.spec\.ts$|/wailsjs/|/testdata/|\.gen\.ts$' |
  xargs -r -d '\n' wc -l | awk '$2!="total" && (($2 ~ /\.svelte$/ && $1>250) || ($2 !~ /\.svelte$/ && $1>600))')"

# Written in two halves, or this script would find itself.
report 'Marks of unfinished work:' "$(printf '%s\n' "$readable" | grep -E '\.(go|svelte|ts|js|py|sh|scss|yml)$' | grep -v '/testdata/' |
  search "\\b(TO""DO|FIX""ME|XX""X|HA""CK)\\b|not implem""ented|coming so""on|lorem ip""sum")"

# Every script of the shell must at least parse, and start by name.
for script in $(list | grep -E '\.sh$|^\.ci/run$'); do
  bash -n "$script" || failed=1
done

python3 - <<'PY' || failed=1
import json, pathlib, re, sys
texts = {p.stem: json.loads(p.read_text(encoding="utf-8")) for p in sorted(pathlib.Path("translations").glob("*.json"))}
wrong = []
reference = texts.get("en", {})
def parts(text):
    return [text] if isinstance(text, str) else [text[k] for k in sorted(text)]
def names(text):
    return sorted({n for part in parts(text) for n in re.findall(r"\{\{\s*\.?(\w+)\s*\}\}", part)})
for language, entries in texts.items():
    for key in sorted(set(reference) ^ set(entries)):
        wrong.append(f"translations/{language}.json: {key}: is not in every language")
    for key in sorted(set(reference) & set(entries)):
        if names(entries[key]) != names(reference[key]):
            wrong.append(f"translations/{language}.json: {key}: placeholders {names(entries[key])}, in en {names(reference[key])}")
        if not all(part.strip() for part in parts(entries[key])):
            wrong.append(f"translations/{language}.json: {key}: is empty")
if wrong:
    print("Translations that differ:", *wrong[:40], "", sep="\n")
sys.exit(bool(wrong))
PY

[ "$failed" -eq 0 ] && echo "repository: nothing found"
exit "$failed"
