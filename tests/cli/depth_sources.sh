#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Depth that nobody names: inside the photo, then beside it; what was taken is said, doubts too.
. "$(dirname -- "$0")/common.sh"

mesh=(--formats glb)
mkdir none  # where no network is that could tell depth

# Inside
expect 0 'GDepth RangeInverse, 1 to 4 m' make portrait.jpg -o inside "${mesh[@]}"
[[ -s inside/portrait.glb ]] || fail 'no mesh of a portrait'
grep -q 'does not say its focal length' stderr || fail 'that the focal length is assumed is not said'
expect 0 '' depth portrait.jpg --as depth -o z.pfm --quiet
[[ ! -s stderr ]] || fail 'quiet is not quiet'
expect 0 '' info z.pfm --json
json '1 <= o["least"] < o["most"] <= 4'
expect 0 'exchanged' make doubtful.jpg -o doubtful "${mesh[@]}" --models none  # columns alone decide
expect 0 '' make doubtful.jpg --depth-kind disparity -o doubtful "${mesh[@]}" --quiet
[[ ! -s stderr ]] || fail 'what the user says is doubted'
expect 2 'no depth' make broken.jpg -o out "${mesh[@]}" --models none
grep -q 'warning: .*ignored' stderr || fail 'that broken depth was ignored is not said'
[[ ! -e out ]] || fail 'something was made'
expect 0 '' info portrait.jpg --json
json 'o["depth_map"] == {"format": "GDepth", "kind": "depth", "width": 12, "height": 8, "near": 1, "far": 4, "unit": "m", "metric": True, "confidence": False}'
json 'o["focal"] is None and o["warnings"] == []'
expect 0 '' info portrait.jpg
grep -q 'metric: yes' stdout || fail 'info does not tell it in words'
expect 0 '' info broken.jpg --json
json 'o["depth"] is None and len(o["warnings"]) == 1'

# What is named comes first
expect 0 '' make portrait.jpg --depth near_bottom.png -o named "${mesh[@]}"
! grep -q GDepth stderr || fail 'depth inside is told though another one is named'
expect 0 'exchanged' make plain.jpg --depth near_top.png -o named "${mesh[@]}"

# Beside
expect 2 'no depth' make plain.jpg -o out "${mesh[@]}" --models none
cp near_bottom.png plain_depth.png
expect 0 "'plain_depth.png', found beside 'plain.jpg', taken as relative disparity" make plain.jpg -o beside "${mesh[@]}"
expect 0 'GDepth' make portrait.jpg -o beside "${mesh[@]}"
expect 0 'taken as millimetres' make plain.jpg --depth-kind mm -o beside "${mesh[@]}"
expect 2 '--depth-range' make plain.jpg --depth-kind range-linear -o out "${mesh[@]}"
expect 0 'a range of depth' make plain.jpg --depth-kind range-linear --depth-range 1,3 -o beside "${mesh[@]}"
expect 1 '--depth-range' make plain.jpg --depth-range 3,1 -o beside "${mesh[@]}"
# A depth map is no photo of its own where its photo is given too
expect 0 "'plain_depth.png' is the depth of 'plain.jpg'" make plain.jpg plain_depth.png -o all "${mesh[@]}"
[[ $(ls all) == plain.glb ]] || fail "$(ls all) were made"
rm plain_depth.png
# What is no depth of this photo is left alone, and said
cp photo.png plain_depth.png
expect 2 'no depth' make plain.jpg -o out "${mesh[@]}" --models none
grep -q 'warning: what was found beside' stderr || fail 'a colour picture beside is not told'
rm plain_depth.png
cp tall.pfm plain.pfm
expect 2 'no depth' make plain.jpg -o out "${mesh[@]}" --models none
grep -q 'another shape' stderr || fail 'a map of another shape is not told'
rm plain.pfm
# What is about to be written is not what is read
expect 0 '' depth plain.jpg --depth near_bottom.png -o plain.npy --quiet
cp plain.npy first.npy
expect 2 'no depth' depth plain.jpg -o plain.npy --quiet --models none
cmp plain.npy first.npy || fail 'the depth map was touched'
expect 0 "'plain.npy', found beside" make plain.jpg -o beside "${mesh[@]}"
rm plain.npy
expect 0 'will be taken for the depth' depth plain.jpg --depth near_bottom.png --as depth -o plain.pfm
