#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Makes the data, trains the three networks and exports them: see README.md. Can be stopped and started again: what is
# there is kept.
#
#     training/retrain.sh PHOTOS TEACHER.onnx FEATURES.onnx WORK [SHARE]
#
# SHARE (1): of the photos, data and steps; less is a trial whose networks stay in WORK/models.
set -euo pipefail
photos=$1 teacher=$2 features=$3 work=$4 share=${5:-1}
here=$(cd -P -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")" && pwd)
root=$(dirname -- "$here")
python=${PYTHON:-/usr/bin/python3}
run=$work/run shards=$work/shards
mkdir -p "$work"

cmake -S "$root" -B "$work/build" -DCMAKE_BUILD_TYPE=Release -DUNFLAT_TRAINING=ON -DUNFLAT_TESTS=OFF -DUNFLAT_TOOLS=OFF
cmake --build "$work/build" --target unflat_patches
tool=$work/build/training/patches/unflat_patches

part_of() { "$python" -c "import math; print(math.ceil($1 * $share))"; }  # NUMBER

"$python" "$here/label_depth.py" "$photos" --model "$teacher" --out "$work/labels" --limit "$(part_of 1500)"
make_data() {  # SPLIT KIND SHARDS
    "$python" "$here/make_data.py" --photos "$photos" --labels "$work/labels" --tool "$tool" --out "$shards" \
        --cache "$work/cache" --limit "$(part_of 800)" --split "$1" --kind "$2" --shards "$(part_of "$3")"
}
make_data validation mixed 2
make_data validation scenes 1
make_data validation edges 1
make_data train mixed 36
make_data train scenes 10
make_data train edges 84

train() {  # TASK STEPS RATE
    "$python" "$here/train.py" "$1" --steps "$(part_of "$2")" --rate "$3" --data "$shards" --out "$run" --features "$features"
}
train color 15000 2e-3
train depth 3500 1.5e-3
train edge 22000 1.5e-3

for task in color depth edge; do
    kind=mixed folder=$root/models
    [[ $task == depth ]] && kind=scenes
    # Depth is no better than diffusion so far, and edges do not pay: docs/algorithms/networks.md
    [[ $task != color ]] && folder=$here/candidates
    [[ $task == edge ]] && kind=edges
    [[ $share != 1 ]] && folder=$work/models
    "$python" "$here/evaluate.py" $task --weights "$run/$task-best.pt" --data "$shards" --kind $kind \
        --features "$features" --json "$run/$task-scores.json" --sheet "$run/$task.png"
    [[ $task == depth && $share == 1 ]] && continue
    "$python" "$here/export.py" $task --weights "$run/$task-best.pt" --out "$folder/$task-small" \
        --scores "$run/$task-scores.json" --trained-on "see docs/algorithms/networks.md; by retrain.sh"
done
"$python" "$here/curves.py" "$run"/{color,depth,edge}.jsonl -o "$run/curves.png"
