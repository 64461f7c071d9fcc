#!/usr/bin/env bash
# Starts the product: its window where there is a display, else the headless mode, which prints
# the address to open. Arguments go to the program.
set -euo pipefail
cd "$(dirname "$0")/.."

if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
  exec bin/scriptsmanager-desktop "$@"
fi
echo "No display here: starting the headless mode. Open the address below in a browser; Ctrl-C ends it."
exec bin/scriptsmanager serve "$@"
