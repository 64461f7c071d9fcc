#!/usr/bin/env bash
# Builds what is measured, measures, and writes bench-results/bench.json.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
go build -buildvcs=false -tags desktop,production,webkit2_41 -o "$work/emptywindow" ./bench/emptywindow
go build -buildvcs=false -tags sqlite_fts5 -o "$work/bench" ./bench
mkdir -p bench-results
commit=$(git describe --always --dirty 2>/dev/null || echo unknown)
"$work/bench" -programs bin -empty "$work/emptywindow" -commit "$commit" -output bench-results/bench.json "$@"
