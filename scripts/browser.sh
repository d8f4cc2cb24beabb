#!/bin/sh
# Sees to it that Chromium and its driver are there for the browser tests; installs them where that is allowed.
set -eu

present() {
    { command -v chromium || command -v chromium-browser || command -v google-chrome; } >/dev/null 2>&1 &&
        command -v chromedriver >/dev/null 2>&1
}

present && exit 0
if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing Chromium and its driver ..."
    log=$(mktemp)
    if apt-get update >"$log" 2>&1 &&
        DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends chromium chromium-driver >>"$log" 2>&1; then
        rm -f "$log"
        exit 0
    fi
    tail -n 20 "$log" >&2
    rm -f "$log"
fi
echo "The browser tests need Chromium and its driver: run 'sudo apt-get install chromium chromium-driver'." >&2
exit 1
