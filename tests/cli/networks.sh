#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Networks: listed, chosen by --fill, refused with one sentence. The second argument is the folder
# of stand-ins that tests/neural/make_networks.py makes; without it the build cannot run networks.
made=${2-}
. "$(dirname -- "$0")/common.sh"
common=(photo.png --depth depth.pfm)
mkdir none

# None: auto is patch and says so, by name it is an error
expect 0 'hidden parts are filled by --fill patch' make "${common[@]}" -o auto --models none --formats glb
expect 4 'no inpainting network' make "${common[@]}" -o x --models none --fill network
expect 0 'filled by --fill patch' make "${common[@]}" -o missing --models nowhere --formats glb
expect 4 "'nowhere'" make "${common[@]}" -o x --models nowhere --fill network
expect 2 "'nowhere'" models --models nowhere
expect 0 '' models --models none
grep -q 'no networks' stdout || fail 'models does not say that there are none'
expect 0 '' models --models none --json
json 'o["models"] == [] and not o["complete"] and o["stages"]["colour"] == "exemplars"'

if [[ -z $made ]]; then
    mkdir -p some/a && echo '{}' >some/a/card.json
    expect 0 'filled by --fill patch' make "${common[@]}" -o y --models some --formats glb
    exit 0
fi

# link FOLDER NAME...: a folder of these stand-ins
link() {
    local folder=$1 name
    mkdir "$folder"
    for name in "${@:2}"; do ln -s "$made/$name" "$folder/"; done
}
link whole good/color-purple good/edge-same good/depth-diffused
link broken good/edge-same broken/two-channels
link edges good/edge-same

expect 0 '' models --models whole --json
json 'o["complete"] and all(m["usable"] for m in o["models"]) and len(o["models"]) == 3'
json 'o["stages"] == {"edges": "edge-same", "depth": "depth-diffused", "colour": "color-purple"}'
expect 0 '' models --models broken
grep -q "two-channels: .*by the card 2" stdout || fail "models does not say what is broken: $(<stdout)"
expect 0 '' models --models broken --json
json 'not o["complete"] and [m["usable"] for m in o["models"]] == [True, False]'
expect 0 '' models --models edges --json
json 'not o["complete"] and o["stages"]["edges"] == "edge-same"'

# Used by auto and by name, from the option and from the environment, with the same bytes on any
# number of threads; what is hidden is purple then
view=(render "${common[@]}" --pose 0.02,0,0.01 --quiet)
for threads in 1 2 7; do
    expect 0 '' "${view[@]}" --fill network --models whole -o "n$threads.png" --threads "$threads"
done
expect 0 '' "${view[@]}" --models whole -o auto.png
UNFLAT_MODELS=whole expect 0 '' "${view[@]}" -o env.png
expect 0 '' "${view[@]}" --fill patch -o patch.png
for file in n2 n7 auto env; do
    cmp n1.png "$file.png" || fail "$file.png differs"
done
cmp -s n1.png patch.png && fail 'the network changed nothing'

# Broken or incomplete ones
expect 4 'two-channels' make "${common[@]}" -o x --models broken --fill network
expect 0 'two-channels' make "${common[@]}" -o fallback --models broken --formats glb
expect 4 'colour' make "${common[@]}" -o x --models edges --fill network
cp -r -L whole changed && printf 'x' >>changed/color-purple/model.onnx
expect 4 'sha256' make "${common[@]}" -o x --models changed --fill network
expect 0 'sha256' make "${common[@]}" -o fallback --models changed --formats glb
echo '{"format": 9}' >changed/color-purple/card.json
expect 4 'format is 9' make "${common[@]}" -o x --models changed --fill network
[[ ! -e x ]] || fail 'something was made'
