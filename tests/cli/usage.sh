#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What is asked for wrongly ends with status 1 and one sentence, before any file is read.
. "$(dirname -- "$0")/common.sh"

expect 1 ''
expect 1 'PHOTO' make
expect 1 '--no-such' make photo.png --no-such
expect 1 "'x' is not a number" make photo.png --depth depth.pfm --motion x
expect 1 "'nan' is not a number" make photo.png --depth depth.pfm --focal nan
expect 1 "'-1' is not a number from 0" make photo.png --depth depth.pfm --seed -1
expect 1 '--depth-kind' make photo.png --depth depth.pfm --depth-kind metres
expect 1 '--fill' make photo.png --depth depth.pfm --fill glue
expect 1 "'gif' is none of" make photo.png --depth depth.pfm --formats glb,gif
expect 1 "'spiral' is none of" make photo.png --depth depth.pfm --paths spiral
expect 1 '--depth' make photo.png other.png --depth depth.pfm
mkdir other && cp photo.png other/photo.png
expect 1 "two photos are called 'photo'" make photo.png other/photo.png -o out
cp photo.png photo.webp
expect 1 "two photos are called 'photo'" make photo.png photo.webp
expect 1 '1 numbers' make photo.png --depth depth.pfm --focus 3
expect 1 '--pose' render photo.png --depth depth.pfm -o view.png
expect 1 '2 numbers' render photo.png --depth depth.pfm --pose 0,0 -o view.png
expect 1 '--path' video photo.png --depth depth.pfm -o v.mp4
expect 1 "'spiral' is neither" video photo.png --depth depth.pfm --path spiral -o v.mp4
expect 1 'as .png' depth photo.png --depth depth.pfm --as depth -o z.png
expect 1 '-o' inspect photo.png --depth depth.pfm
expect 1 'FILE' info
[[ ! -e photo.3d && ! -e out ]] || fail 'a folder was made'

expect 0 '' --help
grep -q 'make' stdout || fail 'the help does not list the commands'
expect 0 '' make --help
grep -q -- '--depth-kind' stdout || fail 'the help of make does not list its options'
expect 0 '' --version
grep -Eqx 'unflat [0-9]+\.[0-9]+\.[0-9]+' stdout || fail 'no version'
