#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# setup.sh [LIST]: installs what LIST (scripts/packages.txt) names and this machine lacks. On a
# system without apt it names what is missing and stops with status 4. Says nothing when nothing
# is missing.
set -euo pipefail
root=$(cd -P -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/.." && pwd)
list=${1-$root/scripts/packages.txt}

stop() {
    printf 'unflat: %s\n' "$1" >&2
    exit 4
}

# Whether a thing of the list's second column is there, on any system
is_there() {
    local kind=${1%%:*} name=${1#*:} folder
    case $kind in
    command) command -v "$name" >/dev/null ;;
    pkg-config) pkg-config --exists "$name" 2>/dev/null ;;
    header)
        for folder in /usr/include /usr/local/include /opt/homebrew/include; do
            [[ -e $folder/$name ]] && return 0
        done
        return 1
        ;;
    esac
}

packages=() tests=()
while read -r package test _; do
    [[ -z $package || $package == '#'* ]] && continue
    packages+=("$package")
    tests+=("$test")
done <"$list"

missing=()
if command -v dpkg-query >/dev/null && command -v apt-get >/dev/null; then
    installed=$(dpkg-query -W -f='${Package} ${db:Status-Status}\n' "${packages[@]}" 2>/dev/null || true)
    for i in "${!packages[@]}"; do
        # What was installed by other means than a package serves as well
        [[ $'\n'$installed$'\n' == *$'\n'"${packages[i]} installed"$'\n'* ]] ||
            is_there "${tests[i]}" || missing+=("${packages[i]}")
    done
    ((${#missing[@]})) || exit 0
else
    for i in "${!packages[@]}"; do
        is_there "${tests[i]}" || missing+=("${packages[i]} (${tests[i]#*:})")
    done
    ((${#missing[@]})) || exit 0
    names=$(printf ', %s' "${missing[@]}")
    stop "this system has no apt-get, and these things, named as in Debian, are missing: ${names:2}"
fi

as_root=()
if ((EUID != 0)); then
    command -v sudo >/dev/null ||
        stop "these packages are missing and can only be installed as root: ${missing[*]}"
    as_root=(sudo)
fi
apt() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq "$@" </dev/null; }

printf 'unflat: installing %s\n' "${missing[*]}" >&2
log=$(mktemp)
trap 'rm -f "$log"' EXIT
install=(install -y --no-install-recommends "${missing[@]}")
# Lists of packages that are missing or old are fetched only if they are needed
if ! apt "${install[@]}" >"$log" 2>&1; then
    { apt update && apt "${install[@]}"; } >"$log" 2>&1 || {
        tail -n 20 "$log" >&2
        stop "these packages could not be installed: ${missing[*]}"
    }
fi
