#!/bin/sh
# Makes .venv with everything `make demo` and `make test` need, and the Debian packages beside it.
# Safe to run again: when nothing has changed it ends at once.
set -eu
cd "$(dirname "$0")/.."

STAMP=.venv/.gate-installed
LOG=.venv/setup.log

say() { printf 'setup: %s\n' "$*"; }

# The folder is part of it: the commands in .venv/bin and the editable install name it.
fingerprint() { { pwd -P; cat pyproject.toml constraints.txt tools/setup.sh; } | cksum; }

have() { PATH="$PATH:/usr/sbin:/usr/local/sbin" command -v "$1" >/dev/null 2>&1; }

missing_packages() {
    have mosquitto || printf 'mosquitto '
    have chromium || have chromium-browser || have google-chrome || printf 'chromium '
}

# How this user may run apt-get: nothing (root), "sudo -n", or it may not.
may_install() {
    have apt-get || return 1
    if [ "$(id -u)" = 0 ]; then
        SUDO=
    elif have sudo && sudo -n true 2>/dev/null; then
        SUDO='sudo -n'
    else
        return 1
    fi
}

install_packages() {
    say "installing the Debian packages: $*"
    $SUDO apt-get update -qq >/dev/null 2>&1 || true
    # shellcheck disable=SC2086 # SUDO is one word, two or none
    $SUDO env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" \
        >/dev/null 2>&1
}

tell_missing() {
    [ -z "$1" ] && return 0
    say "missing, please install:  sudo apt-get install $1"
    case "$1" in *mosquitto*) say '  without mosquitto the demo runs every lane over serial lines' ;; esac
    case "$1" in *chromium*) say '  without chromium the browser tests fail' ;; esac
}

find_python() {
    for candidate in ${PYTHON:-python3.11 python3.12 python3.13 python3}; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
            printf '%s' "$candidate"
            return 0
        fi
    done
    return 1
}

pip_install() {
    if ! .venv/bin/python -m pip install --quiet --disable-pip-version-check --progress-bar off "$@" \
        >>"$LOG" 2>&1; then
        say "pip could not install: $*"
        tail -n 15 "$LOG"
        say "the whole story is in $LOG; correct it and run make setup again"
        exit 1
    fi
}

packages=$(missing_packages)
if [ -x .venv/bin/gate ] && [ "$(cat "$STAMP" 2>/dev/null)" = "$(fingerprint)" ]; then
    tell_missing "$packages"
    exit 0
fi

if [ -n "$packages" ] && may_install; then
    # shellcheck disable=SC2086 # a list of words
    install_packages $packages || say 'apt-get did not succeed'
    packages=$(missing_packages)
fi

if ! python=$(find_python); then
    say 'Python 3.11 or newer is needed:  sudo apt-get install python3 python3-venv'
    exit 1
fi
if ! "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
    { may_install && install_packages python3-venv && "$python" -c 'import ensurepip' >/dev/null 2>&1; } || {
        say "$python cannot make virtual environments:  sudo apt-get install python3-venv"
        exit 1
    }
fi

# A folder moved or copied keeps the old folder's name in its scripts: begin again.
if [ -d .venv ] && ! grep -qsF "$(pwd -P)/.venv/bin/" .venv/bin/pip; then
    rm -rf .venv
fi
[ -d .venv ] || { say "making .venv with $("$python" --version)"; "$python" -m venv .venv; }
rm -f "$STAMP"
: >"$LOG"

say 'installing PyTorch (to train the plate reader, and for EasyOCR; the largest part)'
pip_install -c constraints.txt torch
say 'installing everything else'
pip_install -c constraints.txt -e '.[easyocr,dev]'

fingerprint >"$STAMP"
tell_missing "$packages"
say 'done.  make demo  runs a checkpoint,  make test  runs every test'
