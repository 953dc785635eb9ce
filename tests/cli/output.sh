#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What cannot be written ends with status 3, and nothing is left half-way or overwritten.
. "$(dirname -- "$0")/common.sh"

common=(photo.png --depth depth.pfm --quiet)
echo 'a file' >file

expect 3 'file' make "${common[@]}" -o file
expect 3 'file/out' make "${common[@]}" -o file/out
expect 3 'file/view.png' render "${common[@]}" --pose 0,0,0 -o file/view.png
[[ $(<file) == 'a file' ]] || fail 'a file was overwritten'
mkdir folder.png folder.mp4
expect 3 'folder.png' render "${common[@]}" --pose 0,0,0 -o folder.png
expect 3 'folder.mp4' video "${common[@]}" --path swing -o folder.mp4
if ((EUID != 0)); then
    mkdir locked && chmod a-w locked
    expect 3 'locked' make "${common[@]}" -o locked
fi

# Standard output is full
got=0
"$program" make "${common[@]}" --formats glb -o full --json >/dev/full 2>stderr || got=$?
[[ $got == 3 ]] || fail "status $got instead of 3 with a full standard output"

# The disk is full: files may have 1 KiB, and the signal of that is ignored. The old file stays.
full() {
    local got=0
    (
        trap '' XFSZ
        ulimit -f 1
        exec "$program" "$@"
    ) >/dev/null 2>"$work/full-disk" || got=$?
    [[ $got == 3 ]] || fail "status $got instead of 3 on a full disk: unflat $*, $(<"$work/full-disk")"
    no_partial_file
}
mkdir out && echo 'old' >out/photo.glb && cp out/photo.glb out/old.png && cp out/old.png out/old.mp4
full make "${common[@]}" --formats glb -o out
full make "${common[@]}" --formats ply -o out
full render "${common[@]}" --pose 0,0,0 -o out/old.png
full depth "${common[@]}" -o out/d.pfm
full video "${common[@]}" --path swing --frames 12 --crf 0 -o out/old.mp4
for file in out/photo.glb out/old.png out/old.mp4; do
    [[ $(<"$file") == old ]] || fail "$file was overwritten"
done
[[ ! -e out/d.pfm && ! -e out/photo.ply ]] || fail 'part of a file is left'
