#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The launcher builds when there is nothing to start or another commit is checked out, only then,
# and passes arguments and status on. A stand-in takes the place of the real build.
set -euo pipefail
source=$(cd -P -- "$(dirname -- "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
fail() {
    printf 'FAILED: %s\n' "$*" >&2
    exit 1
}

house="$work/a house"
mkdir -p "$house/scripts" "$house/.git/refs/heads"
cp "$source/unflat" "$house/unflat"
cat >"$house/scripts/build.sh" <<'END'
#!/usr/bin/env bash
cd -- "$(dirname -- "$0")/.." && mkdir -p build/release/tools/unflat
echo "$1 $4 $5" >>builds
printf '#!/bin/sh\nprintf "%%s|" "$@"\nexit 7\n' >build/release/tools/unflat/unflat
chmod +x build/release/tools/unflat/unflat
echo "$3" >"$2"
END
chmod +x "$house/scripts/build.sh"
echo 'ref: refs/heads/main' >"$house/.git/HEAD"
echo 'aaaa' >"$house/.git/refs/heads/main"

# start BUILDS COMMAND...: the program gets its arguments, and BUILDS builds were made so far
start() {
    local builds=$1 got=0 said
    shift
    said=$("$@" 'two words' -x '') || got=$?
    [[ $got == 7 && $said == 'two words|-x||' ]] || fail "status $got, '$said' from $*"
    [[ $(wc -l <"$house/builds") == "$builds" ]] || fail "$(wc -l <"$house/builds") builds instead of $builds"
}
start 1 "$house/unflat"
start 1 "$house/unflat"
cd -- "$house" && start 1 ./unflat && cd / && start 1 bash "$house/unflat"
ln -s "$house/unflat" "$work/link" && start 1 "$work/link"
PATH=$house:$PATH start 1 unflat
[[ $(<"$house/builds") == 'release -- unflat_cli' ]] || fail "built $(<"$house/builds")"

# A pull builds anew, also where the branch is only in the packed list, or HEAD names a commit
echo 'bbbb' >"$house/.git/refs/heads/main" && start 2 "$house/unflat"
rm "$house/.git/refs/heads/main" && echo 'cccc refs/heads/main' >"$house/.git/packed-refs"
start 3 "$house/unflat" && start 3 "$house/unflat"
echo 'dddd' >"$house/.git/HEAD" && start 4 "$house/unflat" && start 4 "$house/unflat"
# A work tree beside the checkout
mv "$house/.git" "$work/store" && echo "gitdir: $work/store" >"$house/.git" && start 4 "$house/unflat"
# No git at all, and a program that was deleted
rm "$house/.git" && start 5 "$house/unflat" && start 5 "$house/unflat"
rm "$house/build/release/tools/unflat/unflat" && start 6 "$house/unflat"

# A system without apt is told what is missing, by name
mkdir "$work/bin" && for tool in bash readlink dirname env; do ln -s "$(command -v "$tool")" "$work/bin/"; done
mkdir "$work/bare" "$work/bare/scripts" && cp "$source"/scripts/{setup.sh,packages.txt} "$work/bare/scripts/"
got=0
said=$(PATH=$work/bin "$work/bare/scripts/setup.sh" 2>&1) || got=$?
[[ $got == 4 && $said == *'no apt-get'*'cmake'*'ninja-build'* ]] || fail "status $got, '$said' without apt"
