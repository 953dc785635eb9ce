#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Distils the depth network from its teacher and exports it into models/depth-small: see README.md. Can be stopped and
# started again: it goes on where it was.
#
#     training/depth/retrain.sh "PHOTOS..." TEACHER.onnx WORK [STEREO RGBD]
#
# STEPS (60000) and COOL_DOWN (4000) of the environment say how long, VALIDATION (240) how many photos are scored in the end.
set -euo pipefail
read -r -a photos <<<"$1"
teacher=$2 work=$3 stereo=${4-} rgbd=${5-}
here=$(cd -P -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")" && pwd)
root=$(dirname -- "$(dirname -- "$here")")
python=${PYTHON:-/usr/bin/python3}
steps=${STEPS:-60000} cool_down=${COOL_DOWN:-4000} threads=${THREADS:-2} validation=${VALIDATION:-240}
run=$work/run side=320
mkdir -p "$work"

"$root/scripts/fetch_onnxruntime.sh"
runtime=$root/build/third_party/onnxruntime
[[ -f $work/librunner.so ]] || "${CXX:-g++}" -std=c++20 -O2 -shared -fPIC -I "$runtime/include/onnxruntime" \
    "$here/runner/runner.cpp" -o "$work/librunner.so" -ldl
common=(--photos "${photos[@]}" --teacher "$teacher" --runner "$work/librunner.so"
    --runtime "$runtime/lib/libonnxruntime.so.1" --threads "$threads")

train() { "$python" "$here/train.py" "${common[@]}" --out "$run" --validation $((validation < 96 ? validation : 96)) "$@"; }
# Small pictures first: they teach most per second
train --scale 0.5 --side 160 --new-views 0.3 --steps $((steps / 12))
train --scale 0.65 --side "$side" --new-views 0.4 --steps "$steps"
train --scale 0.9 --side "$side" --new-views 0.4 --cool-down "$cool_down"

truth=()
[[ -n $stereo ]] && truth+=(--stereo "$stereo")
[[ -n $rgbd ]] && truth+=(--rgbd "$rgbd")
"$python" "$here/evaluate.py" "${common[@]}" --weights "$run/depth-best.pt" --side "$side" --cache "$run/validation" --validation "$validation" \
    "${truth[@]}" --json "$run/depth-scores.json" --sheet "$run/depth.png"
"$python" "$here/export.py" --weights "$run/depth-best.pt" --side "$side" --out "$root/models/depth-small" \
    --scores "$run/depth-scores.json" --trained-on "see docs/algorithms/depth-network.md; by training/depth/retrain.sh"
