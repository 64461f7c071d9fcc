#!/usr/bin/env bash
# All checks and tests, the cheap ones first: what a person mistypes is told within the first
# minute and ends the run; the long steps go on after a failure, so that one run tells all.
# Logs and results are left in test-results/.
#
#   test.sh            everything
#   test.sh STEP...    only these steps, in the order given
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

results=test-results
rm -rf "$results"
mkdir -p "$results"
steps=$results/steps.tsv

export NO_COLOR=1 CI="${CI:-true}"

# `task` inside of `task`: this one has already installed the packages.
task() { go tool -modfile=tools/go.mod task "$@"; }

syntax() {
  local wrong
  wrong=$(git ls-files --cached --others --exclude-standard -- '*.go' | xargs -r -d '\n' ls 2>/dev/null | grep -v /testdata/ | xargs -r -d '\n' gofmt -l -e 2>&1)
  [ -z "$wrong" ] || { printf 'gofmt:\n%s\n' "$wrong"; return 1; }
  /usr/bin/python3 - <<'PY'
import pathlib, sys
bad = 0
for path in sorted(p for top in ("app/backend", "backend") for p in pathlib.Path(top).rglob("*.py")):
    try:
        compile(path.read_bytes(), str(path), "exec")
    except SyntaxError as error:
        print(error)
        bad = 1
sys.exit(bad)
PY
}

step() { # step NAME COMMAND...
  local name=$1 started=$SECONDS code
  shift
  printf '\n==== %s ====\n' "$name"
  "$@" 2>&1 | tee "$results/$name.log"
  code=${PIPESTATUS[0]}
  printf '%s\t%s\t%s\n' "$name" "$code" "$((SECONDS - started))" >>"$steps"
  return "$code"
}

run() {
  case "$1" in
    syntax) step syntax syntax ;;
    repository) step repository task lint:repository ;;
    check-frontend) step check-frontend task lint:frontend ;;
    check-e2e) step check-e2e task lint:e2e ;;
    samples) step samples task test:samples ;;
    frontend) step frontend task test:frontend ;;
    build) step build task build ;;
    go) step go task test:go ;;
    bindings) step bindings task generate:check ;;
    e2e) step e2e task test:e2e ;;
    console) step console task test:console ;;
    torture) step torture task test:torture ;;
    desktop) step desktop task test:desktop ;;
    lint-go) step lint-go task lint:go ;;
    windows) step windows task test:windows ;;
    *) echo "unknown step: $1" >&2; exit 2 ;;
  esac
}

not_run() { printf '%s\t%s\t0\n' "$1" not-run >>"$steps"; }

cheap=(syntax repository check-frontend check-e2e frontend)
programs=(console torture e2e desktop)
if [ $# -gt 0 ]; then
  for name in "$@"; do run "$name"; done
else
  ok=true
  for name in "${cheap[@]}"; do run "$name" || ok=false; done
  if ! $ok; then
    echo "The cheap checks failed; the long steps are not started."
    for name in build go samples "${programs[@]}" bindings lint-go windows; do not_run "$name"; done
  else
    built=true
    run build || built=false
    run go
    run samples
    for name in "${programs[@]}"; do
      if $built; then run "$name"; else not_run "$name"; fi
    done
    for name in bindings lint-go windows; do run "$name"; done
  fi
fi

printf '\n'
/usr/bin/python3 build/test_summary.py "$results" .ci/skips.txt
