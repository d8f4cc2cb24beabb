#!/bin/sh
# Makes portal_ui/documents/fonts/ anew: subsets without hinting of Debian's fonts-noto-core and fonts-wqy-microhei.
# Needs apt-get, dpkg and pyftsubset (pip install fonttools). Usage: sh scripts/fonts.sh
set -eu
cd "$(dirname "$0")/.."
target=$(pwd)/portal_ui/documents/fonts
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download fonts-noto-core fonts-wqy-microhei
for package in *.deb; do dpkg -x "$package" .; done

# Latin with Vietnamese, Greek, Cyrillic, punctuation, currency signs, letter-like signs, fractions, arrows.
wanted="U+0020-007E,U+00A0-036F,U+0370-052F,U+1E00-1EFF,U+2000-20CF,U+2100-22FF,U+25CC,U+FB00-FB06,U+FFFD"
for weight in Regular Bold; do
    pyftsubset "usr/share/fonts/truetype/noto/NotoSans-$weight.ttf" --unicodes="$wanted" --no-hinting \
        --layout-features='*' --output-file="$target/NotoSans-$weight.ttf"
    cp "usr/share/fonts/truetype/noto/NotoSansThai-$weight.ttf" "$target/"
done
pyftsubset usr/share/fonts/truetype/wqy/wqy-microhei.ttc --font-number=0 --unicodes='*' --no-hinting \
    --output-file="$target/wqy-microhei.ttf"
