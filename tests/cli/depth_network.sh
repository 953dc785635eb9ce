#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Photos without depth: a network tells it, chosen by --models and --depth-network. The second
# argument is the folder of stand-ins that tests/neural/make_networks.py makes; without it the
# build cannot run networks.
made=${2-}
. "$(dirname -- "$0")/common.sh"
mkdir none

# None to be had: one sentence that says why
expect 2 "no depth: give --depth FILE (no network that tells depth in 'none')" photo.png --models none
expect 4 "no depth network called 'x'" depth photo.png -o d.pfm --models none --depth-network x
expect 0 '' models --models none --json
json 'o["depth_network"] == "" and o["outside"] == []'

if [[ -z $made ]]; then
    mkdir -p some/a && cp -- "$here/../../models/outside/tiefenrausch/card.json" some/a/
    touch some/a/model.onnx
    expect 2 'without ONNX Runtime' photo.png --models some
    exit 0
fi

mkdir -p two/outside && ln -s "$made/depth/disparity" "$made/depth/noise" two/
ln -s "$made/depth/depth" two/outside/
mkdir two/outside/missing
sed 's/"name": "depth"/"name": "missing", "source": "ask at https:\/\/example.org"/' "$made/depth/depth/card.json" \
    >two/outside/missing/card.json

# Nothing but a photo: a mesh and videos, and a line that names the network; with --depth none is asked
expect 0 'the network disparity' photo.png --models two --frames 4 -o made
for file in photo.glb photo-swing.mp4 photo-circle.mp4 photo-zoom-in.mp4 photo-dolly-zoom.mp4; do
    [[ -s made/$file ]] || fail "no $file"
done
expect 0 '' photo.png --models two --depth depth.pfm --formats glb -o given
grep -q 'the network' stderr && fail 'a network was asked although depth is given'
expect 0 '' depth photo.png -o quiet.pfm --models two --quiet
[[ ! -s stderr ]] || fail 'it is not quiet'
expect 0 '' render photo.png --pose 0.01,0,0 -o view.png --models two --json
json '"estimate" in o["stages_ms"]'

# The one that comes with unflat
expect 0 'the network depth-small' photo.png --formats glb -o own
[[ -s own/photo.glb ]] || fail 'no mesh'

# By name; those from outside by name only
expect 0 'the network noise' depth photo.png -o noise.pfm --models two --depth-network noise
cmp -s quiet.pfm noise.pfm && fail 'both networks say the same'
expect 0 'the network depth' depth photo.png -o metric.pfm --models two --depth-network depth
expect 4 "'unflat models' tells" depth photo.png -o x.pfm --models two --depth-network missing
expect 4 "no depth network called 'color-purple'" depth photo.png -o x.pfm --models two --depth-network color-purple
for threads in 1 2 7; do
    expect 0 '' depth photo.png -o "$threads.pfm" --models two --depth-network noise --threads "$threads"
    cmp noise.pfm "$threads.pfm" || fail 'threads change the result'
done

# Broken ones
mkdir broken && ln -s "$made/depth/broken-answer" broken/
expect 2 'finite' photo.png --models broken -o x
mkdir cut && cp -rL "$made/depth/disparity" cut/ && printf x >>cut/disparity/model.onnx
expect 2 'sha256' photo.png --models cut -o x
[[ ! -e x && ! -e x.pfm ]] || fail 'something was made'

# What is here, and what is to be put where
expect 0 '' models --models two
grep -q 'Photos without depth: disparity' stdout || fail 'models does not name the depth network'
grep -q "not here; to be put into 'two/outside/missing' as model.onnx: ask at https" stdout ||
    fail "models does not say what to put where: $(<stdout)"
expect 0 '' models --models two --json
json 'o["depth_network"] == "disparity"'
json '{m["name"]: m["usable"] for m in o["outside"]} == {"depth": True, "missing": False}'
