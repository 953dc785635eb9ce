#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The main job: files, names, the object of --json, several photos, the same bytes on any threads.
. "$(dirname -- "$0")/common.sh"

# Short form, default folder, the line about the fill
mkdir none
expect 0 'fill' photo.png --depth depth.pfm --frames 6 --models none
for file in photo.{glb,html} photo-{dolly-zoom,zoom-in,circle,swing}.mp4; do
    [[ -s photo.3d/$file ]] || fail "no photo.3d/$file"
    grep -qx "photo.3d/$file" stdout || fail "photo.3d/$file is not listed"
done
[[ $(find photo.3d -type f | wc -l) == 6 ]] || fail 'more files than asked for'

expect 0 '' make photo.png --depth depth.pfm -o out --formats glb,ply,obj,mp4 --paths circle "${short[@]}" --json
[[ ! -s stderr ]] || fail '--quiet is not quiet'
json 'sorted(o) == ["asset", "counts", "depth", "files", "peak_mb", "stages_ms", "warnings"]'
json 'sorted(o["counts"]) == ["depth_edges", "empty_pixels", "hidden_pixels", "layers", "pixels", "triangles", "vertices"]'
json 'o["counts"]["empty_pixels"] == {"circle": 0}'
json 'o["counts"]["depth_edges"] == 1 and o["counts"]["layers"] >= 2'
json 'o["counts"]["pixels"] == 96 * 64 + o["counts"]["hidden_pixels"]'
json '{"out/photo.glb", "out/photo.ply", "out/photo.obj", "out/photo-circle.mp4"} <= set(o["files"])'
json 'all(__import__("os").path.getsize(f) > 0 for f in o["files"])'
json '{"read", "depth", "edges", "lift", "inpaint", "mesh", "write", "video"} <= set(o["stages_ms"])'
json '1 < o["peak_mb"] < 600'

json 'o["depth"] == {"from": "option", "name": "depth.pfm"} and o["asset"]["texture_format"] == "jpeg"'

# A WebP texture, for what may hold one; notes say what was chosen
expect 0 'webp of quality' make photo.png --depth depth.pfm -o webp --formats glb,html --texture webp
grep -qa 'EXT_texture_webp' webp/photo.glb || fail 'the .glb does not name its texture'
expect 0 '' render webp/photo.glb --pose 0.02,0,0 -o webp/view.png --quiet
expect 1 'JPEG' make photo.png --depth depth.pfm -o webp --formats obj --texture webp

# Holes are counted, and only where they are left
expect 0 '' make photo.png --depth depth.pfm -o holes --fill none --paths circle "${short[@]}" --json
json 'o["counts"]["empty_pixels"]["circle"] > 0 and o["counts"]["hidden_pixels"] == 0'
for fill in patch diffusion stretch; do
    expect 0 '' make photo.png --depth depth.pfm -o "$fill" --fill "$fill" "${short[@]}" --json
    json 'o["counts"]["empty_pixels"] == {"dolly-zoom": 0, "zoom-in": 0, "circle": 0, "swing": 0}'
done

# The same bytes with any number of threads, whatever was there before
for threads in 1 2 7; do
    expect 0 '' make photo.png --depth depth.pfm -o "threads" --threads "$threads" --paths swing \
        --formats glb,ply,mp4 "${short[@]}"
    expect 0 '' render photo.png --depth depth.pfm --pose 0.02,0,0.01,1 -o threads/view.png --threads "$threads" --quiet
    [[ ! -s stderr ]] || fail "with --quiet and $threads threads something was printed: $(<stderr)"
    expect 0 '' depth photo.png --depth depth.pfm -o threads/d.pfm --threads "$threads" --quiet
    (cd threads && sha256sum -- *) >"sums-$threads"
done
cmp sums-1 sums-2 && cmp sums-1 sums-7 || fail 'the bytes depend on the number of threads'

# Several photos: each is done, and the first failure's status is returned
got=0
mkdir -p none  # where no network is that could tell depth
"$program" make missing.png photo.png other.png --models none --quiet >stdout 2>stderr || got=$?
[[ $got == 2 && $(wc -l <stderr) == 3 ]] || fail "three photos, three failures, status $got"
