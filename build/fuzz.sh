#!/usr/bin/env bash
# Runs every native fuzz test for a short time, one after the other (Go fuzzes one at a time).
#
#   fuzz.sh [TIME]    each for TIME (10s)
set -euo pipefail
cd "$(dirname "$0")/.."

count=0
while IFS=: read -r file name; do
  printf '%s %s\n' "$(dirname "$file")" "$name"
  go test -tags sqlite_fts5 -run '^$' -fuzz "^$name\$" -fuzztime "${1:-10s}" "./$(dirname "$file")"
  count=$((count + 1))
done < <(grep -rHoE --include='*_test.go' '^func Fuzz[A-Za-z0-9_]+' app backend | sed 's/func //')
echo "$count fuzz tests ran"
[ "$count" -gt 0 ]
