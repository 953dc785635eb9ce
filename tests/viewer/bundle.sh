#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The viewer's types hold, and what stands in viewer/dist is what its sources make. Skipped (status 77) where its
# packages are not installed.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../../viewer"
if ! command -v node >/dev/null || [[ ! -d node_modules/esbuild ]]; then
    echo 'what builds the viewer is not installed: npm ci in viewer'
    exit 77
fi
node_modules/.bin/tsc --noEmit
node build.mjs --check
if grep -n '"resolved"' package-lock.json ../tests/*/package-lock.json; then
    echo 'a lock file names where packages come from; that is for each machine to say'
    exit 1
fi
