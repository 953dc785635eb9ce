#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Files that cannot be used end with status 2 and one sentence that names them; odd ones work.
. "$(dirname -- "$0")/common.sh"

mesh=(--formats glb --quiet)

# Photos; they are read before the depth
for photo in missing.jpg empty.jpg truncated.png text.jpg .; do
    expect 2 "$photo" make "$photo" --depth depth.pfm -o out "${mesh[@]}"
    expect 2 "$photo" make "$photo" --depth missing.png -o out "${mesh[@]}"
    # The head of a truncated picture can still be told
    [[ $photo == truncated.png ]] || expect 2 "$photo" info "$photo"
done
expect 2 'no depth: give --depth FILE' photo.png
grep -q "photo.png" stderr || fail 'the photo is not named'

# Depth
for depth in missing.pfm empty.pfm truncated.pfm truncated.npy text.png nan.pfm tall.pfm .; do
    expect 2 "$depth" make photo.png --depth "$depth" -o out "${mesh[@]}"
    expect 2 "$depth" depth photo.png --depth "$depth" -o d.pfm --quiet
done
expect 2 '--focus' make photo.png --depth depth.pfm --focus 500,3 -o out "${mesh[@]}"
[[ ! -e out && ! -e d.pfm ]] || fail 'something was made'

# Not good, but no error
expect 0 'warning' make photo.png --depth constant.pfm -o constant "${mesh[@]}"
[[ -s constant/photo.glb ]] || fail 'no mesh of a plane'
expect 0 '' make tiny.png --depth tiny.pfm -o tiny "${mesh[@]}"
expect 0 '' make line.png --depth line.pfm -o line "${mesh[@]}"
expect 0 '' render tiny.png --depth tiny.pfm --pose 0,0,0 -o tiny-view.png --quiet
expect 0 '' make photo.png --depth depth.npy -o npy "${mesh[@]}"
expect 0 '' make photo.png --depth depth.png -o png "${mesh[@]}"
expect 0 '' make photo.png --depth depth.pfm --depth-kind depth -o kind "${mesh[@]}"
expect 0 '' make photo.png --depth depth.pfm --depth-kind inverse-depth --invalid 1 -o kind "${mesh[@]}"
