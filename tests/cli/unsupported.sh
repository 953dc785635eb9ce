#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What this version cannot do ends with status 4.
. "$(dirname -- "$0")/common.sh"

common=(photo.png --depth depth.pfm --quiet)
mkdir none
expect 4 'network' make "${common[@]}" --fill network --models none
expect 4 'network' render "${common[@]}" --fill network --models none --pose 0,0,0 -o v.png
expect 4 'v.gif' render "${common[@]}" --pose 0,0,0 -o v.gif
expect 4 'v.avi' video "${common[@]}" --path circle -o v.avi
expect 4 'd.tif' depth "${common[@]}" -o d.tif
[[ ! -e photo.3d && ! -e v.gif && ! -e v.avi && ! -e d.tif ]] || fail 'something was made'
