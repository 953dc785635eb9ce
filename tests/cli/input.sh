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
mkdir none
expect 2 'no depth: give --depth FILE' photo.png --models none
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

# Every kind of picture that photos come in, as a file of its own
for photo in "$here"/../../fuzz/corpus/photo/{cmyk,grey,exif,progressive}.jpg \
    "$here"/../../fuzz/corpus/photo/{alpha,palette,rgb}.png "$here"/../../fuzz/corpus/photo/{cmyk,palette,lzw}.tif \
    "$here"/../../fuzz/corpus/photo/{lossy,alpha}.webp; do
    expect 0 '' make "$photo" --depth one.pfm -o kinds "${mesh[@]}"
done
expect 0 'transparent' make rgba.png --depth depth.pfm -o kinds "${mesh[@]}"
expect 0 '' make grey16.png --depth depth.pfm -o kinds "${mesh[@]}"
expect 0 '' make wide.png --depth wide.pfm -o kinds "${mesh[@]}"
expect 0 '' make small.png --depth small.pfm -o kinds --quiet --frames 4
expect 2 "it is a GIF file" make photo.gif --depth depth.pfm -o out "${mesh[@]}"
expect 2 '1x1 pixels' video tiny.png --depth tiny.pfm --path circle -o tiny.mp4 --quiet
[[ ! -e tiny.mp4 ]] || fail 'a video of one pixel is left'

# True depth far beyond any unit's scale says nothing
expect 2 'huge.pfm' make photo.png --depth huge.pfm --depth-kind inverse-depth -o out "${mesh[@]}"

# Names of any kind; one that starts with a dash needs its folder
for name in 'a photo.png' 'фото.png' $'two\nlines.png' "quo\"te'.png" 'a;$(b).png' '%s%n.png' .hidden.png a.b.png; do
    cp photo.png "$name"
    expect 0 '' make "$name" --depth depth.pfm -o "names of $name" "${mesh[@]}" --json
    json 'len(o["files"]) == 1'
    [[ -s "names of $name/${name%.png}.glb" ]] || fail "no mesh of $name"
done
cp photo.png ./-dash.png
expect 1 "'./-dash.png'" make -dash.png --depth depth.pfm -o dash "${mesh[@]}"
expect 0 '' make ./-dash.png --depth depth.pfm -o dash "${mesh[@]}"
expect 0 '' make --depth depth.pfm -o dash "${mesh[@]}" -- -dash.png

# No home, and a pipe instead of a file
mkfifo pipe
cat photo.png >pipe &
HOME=/nonexistent expect 0 '' make pipe --depth depth.pfm -o pipe.3d "${mesh[@]}"
wait
