#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Makes the data, trains the three networks and exports them into models/: see README.md. Can be stopped and started
# again: what is there is kept.
#
#     training/retrain.sh PHOTOS TEACHER.onnx FEATURES.onnx WORK
set -euo pipefail
photos=$1 teacher=$2 features=$3 work=$4
here=$(cd -P -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")" && pwd)
root=$(dirname -- "$here")
python=${PYTHON:-/usr/bin/python3}
run=$work/run shards=$work/shards
mkdir -p "$work"

cmake -S "$root" -B "$work/build" -DCMAKE_BUILD_TYPE=Release -DUNFLAT_TRAINING=ON -DUNFLAT_TESTS=OFF -DUNFLAT_TOOLS=OFF
cmake --build "$work/build" --target unflat_patches
tool=$work/build/training/patches/unflat_patches

"$python" "$here/label_depth.py" "$photos" --model "$teacher" --out "$work/labels"
make_data() {
    "$python" "$here/make_data.py" --photos "$photos" --labels "$work/labels" --tool "$tool" --out "$shards" \
        --cache "$work/cache" --limit 800 "$@"
}
make_data --split validation --kind mixed --shards 2
make_data --split validation --kind scenes --shards 1
make_data --split validation --kind edges --shards 1
make_data --split train --kind mixed --shards 36
make_data --split train --kind scenes --shards 10
make_data --split train --kind edges --shards 24

train() { "$python" "$here/train.py" "$@" --data "$shards" --out "$run" --features "$features"; }
train color --steps 4500 --rate 2e-3
train depth --steps 3500 --rate 1.5e-3
train edge --steps 8000 --rate 1.5e-3

for task in color depth edge; do
    kind=mixed
    [[ $task == depth ]] && kind=scenes
    [[ $task == edge ]] && kind=edges
    "$python" "$here/evaluate.py" $task --weights "$run/$task-best.pt" --data "$shards" --kind $kind \
        --features "$features" --json "$run/$task-scores.json" --sheet "$run/$task.png"
    # Depth is no better than diffusion so far, and edges do not pay: docs/algorithms/networks.md
    [[ $task == depth ]] && continue
    folder=$root/models
    [[ $task == edge ]] && folder=$here/candidates
    "$python" "$here/export.py" $task --weights "$run/$task-best.pt" --out "$folder/$task-small" \
        --scores "$run/$task-scores.json" --trained-on "see docs/algorithms/networks.md; by retrain.sh"
done
"$python" "$here/curves.py" "$run"/{color,depth,edge}.jsonl -o "$run/curves.png"
