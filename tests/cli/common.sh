# SPDX-License-Identifier: MIT
# What the tests of the program share. Each is called with the program; each works in a folder of
# its own that holds what make_inputs.py makes.
set -euo pipefail
unset UNFLAT_MODELS
program=$(readlink -f -- "$1")
here=$(cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
cd -- "$work"
python3 "$here/make_inputs.py" "$work"

fail() {
    printf 'FAILED: %s\n' "$*" >&2
    [[ -f stderr ]] && sed 's/^/  stderr: /' stderr >&2
    exit 1
}

# expect STATUS TEXT ARGS...: the program ends with STATUS, and standard error holds TEXT. Where it
# fails it says one line, and leaves no partial file.
expect() {
    local status=$1 text=$2 got=0
    shift 2
    "$program" "$@" >stdout 2>stderr </dev/null || got=$?
    [[ $got == "$status" ]] || fail "status $got instead of $status: unflat $*"
    [[ $(<stderr) == *"$text"* ]] || fail "no '$text' on standard error: unflat $*"
    if ((status != 0)); then
        local lines
        lines=$(grep -cv '^unflat: warning: ' stderr || true)
        [[ $lines == 1 ]] || fail "$lines lines instead of one sentence: unflat $*"
    fi
    no_partial_file
}

no_partial_file() {
    local left
    left=$(find . -name '*.partial*')
    [[ -z $left ]] || fail "a partial file is left: $left"
}

# json EXPRESSION: a Python expression about the object `o` on the last standard output holds
json() {
    python3 -c 'import json, sys; o = json.load(open("stdout")); sys.exit(not eval(sys.argv[1]))' "$1" ||
        fail "not so: $1 in $(<stdout)"
}

# Options that make a run short
short=(--quiet --frames 6)
