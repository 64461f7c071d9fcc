#!/usr/bin/env bash
# Runs a command inside a virtual display of its own, with a window manager and a session bus:
# what a window needs to be mapped, moved and closed as on a desk.
#
#   with-display.sh COMMAND [ARGUMENT]...
#   SCREEN=1920x1080 (the default) is the size of the display.
set -euo pipefail

[ $# -gt 0 ] || { echo "usage: $0 COMMAND [ARGUMENT]..." >&2; exit 2; }

# A window manager that has not taken the display yet would miss the first window.
inside='
openbox >/dev/null 2>&1 &
manager=$!
trap "kill $manager 2>/dev/null" EXIT
for _ in $(seq 100); do wmctrl -m >/dev/null 2>&1 && break; sleep 0.1; done
wmctrl -m >/dev/null || { echo "the window manager did not start" >&2; exit 1; }
"$@"
'
unset WAYLAND_DISPLAY
export GDK_BACKEND=x11 LIBGL_ALWAYS_SOFTWARE=1
exec xvfb-run --auto-servernum --server-args="-screen 0 ${SCREEN:-1920x1080}x24 -nolisten tcp -noreset" \
  dbus-run-session -- bash -c "$inside" with-display "$@"
