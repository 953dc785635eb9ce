#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The other commands: render, depth, video, inspect, info, models.
. "$(dirname -- "$0")/common.sh"

common=(photo.png --depth depth.pfm --quiet)

# The photo is sacred: its own view, and one beside it through the same code
for pose in 0,0,0 0.0001,0,0 -0.0001,0,0; do
    expect 0 '' render "${common[@]}" --pose "$pose" -o view.png --json
    json 'o["counts"]["empty_pixels"] == 0 and o["files"] == ["view.png"]'
    python3 "$here/compare_pictures.py" photo.png view.png 45 >&2 || fail "the view at $pose is not the photo"
done
# What lies beyond a quarter of the photo is not invented
expect 0 '' render "${common[@]}" --pose=-0.05,0,0,40,-1,3 -o turned.png --json
json 'o["counts"]["empty_pixels"] > 0'

# Depth can be given back
for file in d.pfm d.npy d.exr d.png z.pfm; do
    as=disparity
    [[ $file == z.* ]] && as=depth
    expect 0 '' depth "${common[@]}" -o "$file" --as "$as"
    [[ -s $file ]] || fail "no $file"
done
expect 0 '' depth photo.png --depth z.pfm --depth-kind depth --as depth -o z2.pfm --quiet
cmp z.pfm z2.pfm || fail 'true depth does not come back as it was given'
expect 0 '' depth photo.png --depth d.npy --depth-kind inverse-depth -o d2.pfm --quiet
cmp d.pfm d2.pfm || fail 'inverse depth does not come back as it was given'

# Videos: presets, and key frames from a file
expect 0 '' video "${common[@]}" --path swing --frames 6 -o swing.mp4 --json
json 'o["counts"]["empty_pixels"] == {"swing": 0} and o["files"] == ["swing.mp4"]'
cat >walk.json <<'END'
{"fps": 10, "loop": false, "focus": [48, 32],
 "keys": [{"t": 0, "position": [0, 0, 0]}, {"t": 0.5, "position": [0.02, 0, 0.01], "rotation": [1, 0, 0]}]}
END
expect 0 '' video "${common[@]}" --path walk.json -o walk.mp4 --json
json 'list(o["counts"]["empty_pixels"]) == ["walk"]'
expect 2 'missing.json' video "${common[@]}" --path missing.json -o no.mp4
echo '{"keys": []}' >bad.json
expect 2 'bad.json' video "${common[@]}" --path bad.json -o no.mp4
echo 'not json' >bad.json
expect 2 'bad.json' video "${common[@]}" --path bad.json -o no.mp4
[[ ! -e no.mp4 ]] || fail 'a video of no path'

# A picture of every stage
expect 0 '' inspect "${common[@]}" -o stages --json
json 'len(o["files"]) >= 15'
json 'sorted(o["files"][:-1]) == o["files"][:-1] and o["files"][-1] == "stages/00-contact-sheet.png"'
for stage in photo depth-edges regions-round-1 layer-0 layer-1 atlas mesh view-own view-circle-1; do
    ls stages/*-"$stage".png >/dev/null || fail "no picture of $stage"
done

# What a file holds
expect 0 '' info photo.png
grep -q '96' stdout && grep -q 'PNG' stdout || fail 'info does not tell size and format'
expect 0 '' info photo.png --json
json 'o["format"] == "PNG" and (o["width"], o["height"]) == (96, 64)'
expect 0 '' info depth.npy --json
json '(o["width"], o["height"], o["least"], o["most"]) == (96, 64, 1, 3)'
