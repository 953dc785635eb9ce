#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# build.sh PRESET [STAMP TEXT] [-- TARGET...]: installs what is missing, configures and builds a preset.
# One at a time per preset: a second call waits, and returns at once where STAMP already holds TEXT.
# Silent unless it takes long; the log goes to standard error only on failure (status 70).
set -euo pipefail
root=$(cd -P -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/.." && pwd)
cd -- "$root"
preset=$1 stamp= text=
shift
if (($# >= 2)) && [[ $1 != -- ]]; then
    stamp=$1 text=$2
    shift 2
fi
[[ ${1-} == -- ]] && shift
folder=build/$preset log=build/$preset.log
mkdir -p "$folder"

if command -v flock >/dev/null; then
    exec 9>"build/$preset.lock"
    flock 9
fi
if [[ -n $stamp && -f $stamp && $(<"$stamp") == "$text" ]]; then
    exit 0
fi
./scripts/setup.sh 9>&-
# Without it all is built but what runs networks; it has said so
./scripts/fetch_onnxruntime.sh 9>&- || true

# A copied or moved checkout cannot go on with the old place's build folder
if [[ -f $folder/CMakeCache.txt ]] && ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$root" "$folder/CMakeCache.txt"; then
    rm -rf -- "$folder"
    mkdir -p "$folder"
fi

(sleep 3 >/dev/null 2>&1 && printf 'unflat: building in %s, some minutes the first time\n' "$root/$folder" >&2) 9>&- &
notice=$!
trap 'kill "$notice" 2>/dev/null || true' EXIT
if ! {
    cmake --preset "$preset" && cmake --build "$folder" ${1+--target "$@"}
} >"$log" 2>&1 </dev/null 9>&-; then
    tail -n 40 "$log" >&2
    printf 'unflat: building failed; all of it is in %s\n' "$root/$log" >&2
    exit 70
fi
if [[ -n $stamp ]]; then
    printf '%s\n' "$text" >"$stamp.new"
    mv -f -- "$stamp.new" "$stamp"
fi
