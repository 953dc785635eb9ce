#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# run.sh NAME PROGRAM FOLDER: makes a page and a scene of an example photo and looks at them in Chromium with
# NAME.mjs. FOLDER gets pictures of what fails. Skipped (status 77) where there is no node, Chromium or
# playwright-core.
set -euo pipefail
here=$(cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
root=$here/../..
name=$1 program=$2 folder=$3

if ! command -v node >/dev/null; then
    echo 'node is not installed'
    exit 77
fi
node "$here/browser.mjs"

work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
# A person's file name: the page must cope with it
cp -- "$root/examples/still_life/photo.jpg" "$work/still & life.jpg"
"$program" make "$work/still & life.jpg" --depth "$root/examples/still_life/depth.png" --depth-kind depth \
    --formats glb,html --fill patch -o "$work" --quiet
"$program" make "$work/still & life.jpg" --depth "$root/examples/still_life/depth.png" --depth-kind depth \
    --formats html --fill patch --texture webp -o "$work/webp" --quiet
node "$here/$name.mjs" "$work/still & life" "$root/examples/still_life/photo.jpg" "$folder"
