#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Fetches ONNX Runtime, which runs the networks, into build/third_party/onnxruntime: the library from
# the npm package onnxruntime-node, the headers from Debian 13's libonnxruntime-dev (downloaded with
# this machine's own apt and unpacked, not installed). Both are pinned by checksum. What has arrived
# is kept, so an interrupted run goes on where it was. Says nothing when all is there, or when the
# system has a package of its own. Status 4, and one line, where it cannot be had.
set -euo pipefail
root=$(cd -P -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/.." && pwd)
target=$root/build/third_party/onnxruntime

runtime_version=1.30.0
headers_version=1.21.0+dfsg-1
headers_sum=14f7d959d5deacbcf1504830d4189f91fc67382b399ed9ae9d3aa9c4050ced08
case $(uname -s)-$(uname -m) in
Linux-x86_64)
    platform=linux/x64
    runtime_sum=ffb75a925ba05e47b235bb66e3e3911714a80b328a9c9425539feb204aa32a23
    ;;
Linux-aarch64)
    platform=linux/arm64
    runtime_sum=1f549d46250b005580b597f4164984aaf75b3bcb9f3aeb07c7f8a8fe60b23c76
    ;;
*) platform='' runtime_sum='' ;;
esac
library=$target/lib/libonnxruntime.so.1
header=$target/include/onnxruntime/onnxruntime_cxx_api.h
log=$root/build/onnxruntime.log

stop() {
    printf 'unflat: networks cannot be run: %s\n' "$1" >&2
    exit 4
}
need() {
    command -v "$1" >/dev/null || stop "ONNX Runtime comes through $1, which is not installed"
}
matches() { [[ $(sha256sum <"$1") == "$2  -" ]]; }

fetch_library() {
    need npm
    (sleep 4 >/dev/null 2>&1 && printf 'unflat: fetching ONNX Runtime %s, 113 MB, once\n' "$runtime_version" >&2) &
    notice=$!
    # Few and short retries: where there is no network it should not take minutes to say so
    (cd -- "$work" && npm pack --silent --fetch-retries 1 --fetch-retry-mintimeout 1000 \
        "onnxruntime-node@$runtime_version") >"$log" 2>&1 </dev/null ||
        stop "ONNX Runtime could not be fetched through npm (build/onnxruntime.log)"
    kill "$notice" 2>/dev/null || true
    tar -xzf "$work/onnxruntime-node-$runtime_version.tgz" -C "$work" \
        "package/bin/napi-v6/$platform/libonnxruntime.so.1"
    local fetched=$work/package/bin/napi-v6/$platform/libonnxruntime.so.1
    matches "$fetched" "$runtime_sum" || stop "ONNX Runtime arrived with an unexpected checksum"
    mkdir -p "$target/lib"
    mv -f -- "$fetched" "$library"
}

fetch_headers() {
    need apt-get
    need dpkg-deb
    # The archive that this machine installs from, asked for Debian 13
    local archive apt
    archive=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 2>/dev/null |
        awk '$2 == "bookworm" && $3 == "main" { print $1; exit }')
    [[ -n $archive ]] || stop 'the headers of ONNX Runtime come through the archive of a Debian 12 system'
    mkdir -p "$work"/{lists,cache/archives}/partial
    printf 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] %s trixie main\n' \
        "$archive" >"$work/sources"
    apt=(apt-get -q -o "Dir::Etc::SourceList=$work/sources" -o Dir::Etc::SourceParts=-
        -o "Dir::State::Lists=$work/lists" -o "Dir::Cache=$work/cache" -o Acquire::Languages=none
        -o Acquire::Retries=1 -o APT::Sandbox::User=root -o APT::Update::Error-Mode=any)
    {
        "${apt[@]}" update && cd -- "$work" &&
            "${apt[@]}" download "libonnxruntime-dev=$headers_version"
    } >"$log" 2>&1 </dev/null ||
        stop 'the headers of ONNX Runtime could not be fetched through apt-get (build/onnxruntime.log)'
    local package
    package=$(find "$work" -maxdepth 1 -name 'libonnxruntime-dev_*.deb')
    matches "$package" "$headers_sum" || stop 'the headers of ONNX Runtime arrived with an unexpected checksum'
    dpkg-deb -x "$package" "$work/headers"
    mkdir -p "$target"
    cp -- "$work/headers/usr/share/doc/libonnxruntime-dev/copyright" "$target/copyright"
    rm -rf -- "$target/include"
    mv -- "$work/headers/usr/include" "$target/include"
}

if [[ -f $header ]] && [[ -f $library ]] && [[ $(cat "$target/version" 2>/dev/null) == "$runtime_sum $headers_sum" ]]; then
    exit 0
fi
if command -v pkg-config >/dev/null && pkg-config --exists libonnxruntime 2>/dev/null; then
    exit 0
fi
[[ -n $platform ]] || stop 'there is no pinned ONNX Runtime for this kind of machine'
mkdir -p "$target"
work=$(mktemp -d "$target/fetching.XXXXXX")
notice=
trap 'rm -rf -- "$work"; [[ -z $notice ]] || kill "$notice" 2>/dev/null || true' EXIT
[[ -f $library ]] && matches "$library" "$runtime_sum" || fetch_library
[[ -f $header && $(cat "$target/headers" 2>/dev/null) == "$headers_sum" ]] || fetch_headers
printf '%s\n' "$headers_sum" >"$target/headers"
printf '%s\n' "$runtime_sum $headers_sum" >"$target/version"
rm -f -- "$log"
