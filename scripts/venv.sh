#!/bin/sh
# Makes .venv and installs the project into it, with the extras named; does nothing when that was done before.
# Usage: sh scripts/venv.sh [extras]        PYTHON=python3.12 sh scripts/venv.sh test
set -eu
cd "$(dirname "$0")/.."
python=${PYTHON:-python3}
extras=${1:-}
stamp=.venv/.installed${extras:+-$extras}

fail() {
    echo "$1" >&2
    exit 1
}

command -v "$python" >/dev/null 2>&1 || fail "Python 3.11 or newer is needed, and there is no '$python' here."
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    fail "Python 3.11 or newer is needed; '$python' is $("$python" -V 2>&1)."

if ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    # Debian ships the part of Python that puts pip into a new environment as a package of its own.
    if ! "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
        if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1; then
            echo "Installing python3-venv ..."
            { apt-get update && apt-get install -y --no-install-recommends python3-venv; } >/dev/null ||
                fail "python3-venv could not be installed: run 'apt-get install python3-venv', then make again."
        else
            fail "This Python cannot make environments: run 'sudo apt-get install python3-venv', then make again."
        fi
    fi
    echo "Making .venv ..."
    rm -rf .venv
    "$python" -m venv .venv || fail "The environment .venv could not be made (see above)."
fi

fresh() {
    [ -f "$1" ] && [ ! pyproject.toml -nt "$1" ]
}

# The environment of the tests serves for everything else too, but for the docs site.
if ! fresh "$stamp" && { [ "$extras" = docs ] || ! fresh .venv/.installed-test; }; then
    echo "Installing stripe-emulator${extras:+ with its $extras extras} into .venv ..."
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --editable ".${extras:+[$extras]}" ||
        fail "The packages could not be installed (see above): is a package index reachable?"
    touch "$stamp"
fi
