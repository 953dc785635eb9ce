#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Turns the checkpoints of Shih et al. 2020 into networks that unflat runs.

    python3 training/export_reference.py CHECKPOINTS -o DIR
    unflat photo.jpg --depth depth.png --models DIR

CHECKPOINTS is a folder with edge-model.pth, depth-model.pth and color-model.pth; what is missing is left out. Their
licence is their authors': read it before you use them (parts of the edge network's allow no commercial use).
Needs PyTorch (Debian: python3-torch). Exit status: 0 done, 1 usage, 2 a checkpoint cannot be used.
"""
import argparse
import hashlib
import json
import pathlib
import sys
import warnings

import torch

from reference.checkpoints import FILES, load
from reference.folded import FoldedUNet, fold_spectral_norm

MULTIPLE = 128  # the U-Nets halve seven times
OPSET = 13
RGB = ["red", "green", "blue"]
COMMON = {"format": 1, "multiple": MULTIPLE, "max_side": 512, "overlap": 64}
LICENCE = "of its authors; see the repository of the paper"
TRAINED_ON = "a checkpoint of Shih et al., '3D Photography using Context-aware Layered Depth Inpainting', 2020: COCO"
CARDS = {
    "edge": {"task": "inpaint-edge", "inputs": RGB + ["disparity_over_max", "edge", "context", "synthesis"],
             "output": "edge", "settings": {"threshold": 0.002, "passes": 3, "continued_edges": False}},
    "depth": {"task": "inpaint-depth", "inputs": ["log_depth_zero_mean", "edge", "context", "synthesis"],
              "output": "log_depth_zero_mean", "settings": {"smoothing": 2, "mask_closing": 41}},
    "color": {"task": "inpaint-color", "inputs": RGB + ["edge", "context", "synthesis"],
              "output": "rgb", "settings": {"mask_closing": 41}},
}


def fold(kind: str, network):
    return fold_spectral_norm(network) if kind == "edge" else FoldedUNet(network, sigmoid=kind == "color").eval()


def export(kind: str, checkpoint: pathlib.Path, folder: pathlib.Path) -> None:
    network = fold(kind, load(kind, checkpoint))
    folder.mkdir(parents=True, exist_ok=True)
    model = folder / "model.onnx"
    axes = {name: {0: "number", 2: "height", 3: "width"} for name in ("input", "output")}
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        torch.onnx.export(network, torch.zeros(1, len(CARDS[kind]["inputs"]), MULTIPLE, 2 * MULTIPLE), str(model),
                          input_names=["input"], output_names=["output"], dynamic_axes=axes, opset_version=OPSET)
    card = {**COMMON, "name": f"shih-2020-{kind}", **CARDS[kind],
            "parameters": sum(p.numel() for p in network.parameters()),
            "sha256": hashlib.sha256(model.read_bytes()).hexdigest(), "licence": LICENCE, "trained_on": TRAINED_ON}
    (folder / "card.json").write_text(json.dumps(card, indent=2) + "\n")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoints", type=pathlib.Path, metavar="CHECKPOINTS")
    parser.add_argument("-o", dest="folder", type=pathlib.Path, required=True, metavar="DIR")
    try:
        options = parser.parse_args()
    except SystemExit as stop:
        return 1 if stop.code else 0
    found = [kind for kind in CARDS if (options.checkpoints / FILES[kind]).is_file()]
    if not found:
        print(f"export_reference: '{options.checkpoints}' has none of {', '.join(FILES.values())}", file=sys.stderr)
        return 2
    for kind in found:
        try:
            export(kind, options.checkpoints / FILES[kind], options.folder / kind)
        except ValueError as error:
            print(f"export_reference: {error}", file=sys.stderr)
            return 2
        print(options.folder / kind)
    return 0


if __name__ == "__main__":
    sys.exit(main())
