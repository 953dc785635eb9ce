#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# check_engines.sh [PROGRAM [FOLDER]]: opens assets of two example photos in engines that nobody here wrote, counts what
# they found and compares what the imported camera sees with the photo. Prints the Markdown table of docs/gltf.md. FOLDER
# keeps assets, pictures and logs. Status 1 if an engine that is there refuses; one that is not is skipped by name.
#
# They are large, so scripts/packages.txt does not name them. Debian:
#   blender assimp-utils godot3 xvfb chromium
# and three.js, esbuild and playwright-core as locked here:
#   npm ci --prefix viewer && npm ci --prefix tests/viewer
set -euo pipefail
root=$(cd -P -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/.." && pwd)
engines=$root/scripts/engines
program=${1-$root/build/release/tools/unflat/unflat}
photos=(still_life room)
patience=300       # [s] for one file in one engine
least_psnr=32      # [dB]; one pixel beside itself, the still life has 28 and the room 26
box_tolerance=1e-6 # share of the farthest coordinate; floats have seven digits

if [[ ! -f $program || ! -x $program ]]; then
    printf 'check_engines.sh: no program at %s: build it or name another\n' "$program" >&2
    exit 1
fi
if (($# > 1)); then
    mkdir -p -- "$2"
    work=$(cd -- "$2" && pwd)
else
    work=$(mktemp -d)
    trap 'rm -rf -- "$work"' EXIT
fi

# Each engine gets FILE WIDTH HEIGHT PICTURE and prints "found VERTICES TRIANGLES TEXTURES" and, if it draws nothing,
# "box" with the least x, y, z and the greatest.
in_three() { node "$engines/three_view.mjs" "$@"; }

in_blender() { blender -b -noaudio --factory-startup --python-exit-code 1 -P "$engines/blender_view.py" -- "$@"; }

in_assimp() {
    # As the file has it (-r); else vertices that are alike are joined before they are counted
    assimp info "$1" -r | awk '
        { print }
        /^Vertices:/ { vertices = $2 }
        /^Faces:/ { triangles = $2 }
        /^Textures \(embed/ { textures = $3 }
        /^M(in|ax)imum point/ { gsub(/[()]/, ""); box = box " " $3 " " $4 " " $5 }
        END { print "found", vertices, triangles, textures; print "box" box }'
}

in_godot() {
    local project
    project=$(mktemp -d -p "$work")
    cp -- "$engines"/godot/* "$project"
    cp -- "$1" "$project/photo.glb"
    xvfb-run -a godot3 --path "$project" --audio-driver Dummy --export-pack pack "$project/all.pck"
    xvfb-run -a -s '-screen 0 1280x1024x24' godot3 --path "$project" --audio-driver Dummy --resolution "$2x$3"
    mv -- "$project/picture.png" "$4"
    rm -r -- "$project"
}

# Distance of two pictures [dB]
psnr() {
    ffmpeg -nostdin -hide_banner -i "$1" -i "$2" -lavfi '[0]format=gbrp[a];[1]format=gbrp[b];[a][b]psnr' -f null - 2>&1 |
        sed -n 's/.*PSNR.* average:\([^ ]*\).*/\1/p' | awk '{ printf "%.1f", $1 }'
}

same_box() {
    awk -v tolerance="$box_tolerance" -v a="$1" -v b="$2" 'BEGIN {
        n = split(a, x, " "); if (n != 6 || split(b, y, " ") != 6) exit 1
        for (i = 1; i <= 6; ++i) { far = far < x[i] ? x[i] : far < -x[i] ? -x[i] : far }
        for (i = 1; i <= 6; ++i) if ((x[i] - y[i])^2 > (tolerance * far)^2) exit 1
    }'
}

# Sets found, checked and result from what a log, a picture and the file's own facts say
judge() {
    local log=$1 picture=$2 photo=$3 facts=$4 status=$5 distance box
    local own_counts own_box
    own_counts=$(cut -d' ' -f 1-3 <<<"$facts")
    own_box=$(cut -d' ' -f 6- <<<"$facts")
    found=$(sed -n 's/^found //p' "$log")
    checked='opened' result='ok'
    if ((status != 0)) || [[ -z $found ]]; then
        result="FAILED: status $status"
        return
    fi
    checked+=', counts of the file'
    [[ $found == "$own_counts" ]] || result="FAILED: the file has $own_counts"
    box=$(sed -n 's/^box //p' "$log")
    if [[ -n $box ]]; then
        checked+=', its box'
        same_box "$own_box" "$box" || result="FAILED: the box is $box instead of $own_box"
        return
    fi
    distance=$(psnr "$picture" "$photo" || true)
    checked+=", what its camera sees: ${distance:-no picture} dB"
    awk -v d="${distance:-0}" -v least="$least_psnr" 'BEGIN { exit !(d >= least) }' ||
        result="FAILED: less than $least_psnr dB"
}

failed=0
# open NAME VERSION FUNCTION QUANTIZE: a row for each photo
open() {
    local name=$1 version=$2 function=$3 quantize=$4 scene base facts status found checked result
    local width height vertices triangles textures
    for scene in "${photos[@]}"; do
        base=$work/$function-$scene
        facts=$(python3 "$engines/glb_facts.py" "$work/$quantize/$scene/photo.glb")
        read -r _ _ _ width height _ <<<"$facts"
        status=0
        timeout "$patience" bash -c "$function \"\$@\"" - "$work/$quantize/$scene/photo.glb" "$width" "$height" "$base.png" \
            >"$base.log" 2>&1 </dev/null || status=$?
        judge "$base.log" "$base.png" "$root/examples/$scene/photo.jpg" "$facts" "$status"
        read -r vertices triangles textures <<<"${found:-– – –}"
        printf '| %s | %s | %s, `--quantize %s` | %s | %s | %s | %s | %s |\n' "$name" "$version" "$scene" "$quantize" \
            "$vertices" "$triangles" "$textures" "$checked" "$result"
        if [[ $result != ok ]]; then
            failed=1
            tail -n 20 "$base.log" >&2
        fi
    done
}

skip() { printf '| %s | – | – | – | – | – | – | skipped: %s |\n' "$1" "$2"; }

is_there() { command -v "$1" >/dev/null; }

for scene in "${photos[@]}"; do
    for quantize in on off; do
        "$program" make "$root/examples/$scene/photo.jpg" --depth "$root/examples/$scene/depth.png" --depth-kind depth \
            --fill patch --formats glb --quantize "$quantize" -o "$work/$quantize/$scene" --quiet
    done
done
export engines work
export -f in_three in_blender in_assimp in_godot

printf '| engine | version | asset | vertices | triangles | textures | checked | result |\n|---|---|---|---|---|---|---|---|\n'
if is_there node && [[ -d $root/viewer/node_modules/three && -d $root/viewer/node_modules/esbuild ]] &&
    node "$root/tests/viewer/browser.mjs" >/dev/null; then
    open three.js "$(node -p "require('$root/viewer/node_modules/three/package.json').version")" in_three on
else
    skip three.js 'needs node, chromium and what npm ci installs in viewer and tests/viewer'
fi
if is_there blender; then
    open Blender "$(blender --version | sed -n '1s/Blender //p')" in_blender on
else
    skip Blender 'not installed'
fi
if is_there assimp; then
    open assimp "$(assimp version | sed -n 's/^Version \([^ ]*\).*/\1/p')" in_assimp off
else
    skip assimp 'not installed'
fi
if is_there godot3 && is_there xvfb-run; then
    open Godot "$(godot3 --version | cut -d. -f 1-3)" in_godot off
else
    skip Godot 'godot3 or xvfb is not installed'
fi
exit "$failed"
