#!/usr/bin/env bash
# Makes sure that the machine has what building, running or testing needs.
#
#   install-packages.sh console   Go, a C compiler, Node and npm (only looked for, never installed)
#   install-packages.sh run       and GTK, WebKitGTK 4.1, Python with Flask
#   install-packages.sh test      and a virtual display, a browser, the cross compiler for Windows, Wine
#
# Wine alone may be missing: then the programs for Windows are built and not run.
# On Debian and its relatives, as root, what is missing is installed by apt-get; elsewhere the
# missing packages are named and the exit code is 1. Nothing is done when nothing is missing.
set -euo pipefail
kind=${1:-run}
export DEBIAN_FRONTEND=noninteractive

has() { command -v "$1" >/dev/null 2>&1; }
library() { has pkg-config && pkg-config --exists "$1"; }
matplotlib() { /usr/bin/python3 -c 'import matplotlib' 2>/dev/null; }
flask() { /usr/bin/python3 -c 'import flask' 2>/dev/null; }
assistive() { [ -e /usr/share/dbus-1/services/org.a11y.Bus.service ]; }
dejavu() { has fc-list && [ -n "$(fc-list ":family=DejaVu Sans")" ]; }

# probe | Debian package | Fedora package
run_needs='
has pkg-config                 | pkg-config              | pkgconf-pkg-config
library gtk+-3.0               | libgtk-3-dev            | gtk3-devel
library webkit2gtk-4.1         | libwebkit2gtk-4.1-dev   | webkit2gtk4.1-devel
flask                          | python3-flask           | python3-flask
'
test_needs='
has git                        | git                     | git
has curl                       | curl                    | curl
has setpriv                    | util-linux              | util-linux
has Xvfb                       | xvfb                    | xorg-x11-server-Xvfb
has xauth                      | xauth                   | xorg-x11-xauth
has openbox                    | openbox                 | openbox
has wmctrl                     | wmctrl                  | wmctrl
has xdotool                    | xdotool                 | xdotool
has xdpyinfo                   | x11-utils               | xdpyinfo
has dbus-launch                | dbus-x11                | dbus-x11
assistive                      | at-spi2-core            | at-spi2-core
library atspi-2                | libatspi2.0-dev         | at-spi2-core-devel
has pdftotext                  | poppler-utils           | poppler-utils
has zstdcat                    | zstd                    | zstd
has import                     | imagemagick             | ImageMagick
has chromium                   | chromium                | chromium
has WebKitWebDriver            | webkit2gtk-driver       | webkit2gtk-driver
has x86_64-w64-mingw32-gcc     | gcc-mingw-w64-x86-64    | mingw64-gcc
has fc-list                    | fontconfig              | fontconfig
matplotlib                     | python3-matplotlib      | python3-matplotlib
dejavu                         | fonts-dejavu-core       | dejavu-sans-fonts
'

case "$kind" in
  console) needs='' ;;
  run) needs=$run_needs ;;
  test) needs=$run_needs$test_needs ;;
  *) echo "usage: $0 console|run|test" >&2; exit 2 ;;
esac

missing_tools=()
for tool in go gcc node npm; do has "$tool" || missing_tools+=("$tool"); done
if [ "${#missing_tools[@]}" -gt 0 ]; then
  echo "Missing: ${missing_tools[*]}. Install Go $(awk '/^go /{print $2}' go.mod) or newer, gcc, Node.js 20 or newer and npm, then run this again." >&2
  exit 1
fi

debian=() fedora=()
look() {
  debian=() fedora=()
  local probe deb rpm
  while IFS='|' read -r probe deb rpm; do
    [ -n "${probe// /}" ] || continue
    # The probe is one of the lines above: word splitting turns it into a command with arguments.
    # shellcheck disable=SC2086
    $probe || { debian+=("${deb// /}"); fedora+=("${rpm// /}"); }
  done <<<"$needs"
}

install() { apt-get -q -y -o Acquire::Retries=3 -o Dpkg::Use-Pty=0 install --no-install-recommends "$@" >/dev/null; }
update() { apt-get -q -o Acquire::Retries=3 update; }

add_wine() {
  [ "$kind" = test ] && ! has wine || return 0
  if has apt-get && [ "$(id -u)" -eq 0 ]; then
    echo "Installing: wine"
    if install wine || { update && install wine; }; then return 0; fi
  fi
  echo "Wine (Debian: wine, Fedora: wine-core) is not there, and cannot be installed here: the programs for Windows are not tried under it." >&2
}

look
[ "${#debian[@]}" -gt 0 ] || { add_wine; exit 0; }

if ! has apt-get || [ "$(id -u)" -ne 0 ]; then
  {
    echo "This machine lacks packages that ScriptsManager needs. Install them, then run this again:"
    if has apt-get; then
      echo "  sudo apt-get install --no-install-recommends ${debian[*]}"
    elif has dnf; then
      echo "  sudo dnf install ${fedora[*]}"
    else
      echo "  Debian, Ubuntu:  ${debian[*]}"
      echo "  Fedora:          ${fedora[*]}"
    fi
  } >&2
  exit 1
fi

echo "Installing: ${debian[*]}"
update
install "${debian[@]}"

look
if [ "${#debian[@]}" -gt 0 ]; then
  echo "Still missing after the installation: ${debian[*]}. Look at the messages of apt-get above." >&2
  exit 1
fi
add_wine
