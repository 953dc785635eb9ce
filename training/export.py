#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Writes trained weights as a model folder: model.onnx and card.json (docs/models.md).

    export.py color|depth|edge --weights FILE --out models/color-small [--scores FILE.json] [--trained-on TEXT]
"""

import argparse
import hashlib
import json
from pathlib import Path

import numpy as np
import onnx
import torch
from networks import MULTIPLE, NETWORKS, parameter_count

OPSET = 11
SETTINGS = {"edge": {"threshold": 0.3, "passes": 1, "continued_edges": True}, "depth": {}, "color": {}}


def export(network: torch.nn.Module, path: Path) -> None:
    side = 4 * MULTIPLE
    example = torch.zeros(1, len(network.inputs), side, side)
    axes = {name: {0: "n", 2: "h", 3: "w"} for name in ("input", "output")}
    torch.onnx.export(
        network, example, str(path), opset_version=OPSET, input_names=["input"], output_names=["output"], dynamic_axes=axes
    )
    model = onnx.load(str(path))
    onnx.checker.check_model(model)
    for node in model.graph.node:  # names of the exporter's own modules: no use to anybody
        node.ClearField("doc_string")
    onnx.save(model, str(path))


def write_card(task: str, network, folder: Path, trained_on: str, scores: dict) -> None:
    model = (folder / "model.onnx").read_bytes()
    card = {
        "format": 1,
        "name": folder.name,
        "task": network.task,
        "inputs": network.inputs,
        "output": network.output,
        "multiple": MULTIPLE,
        "max_side": 256,
        "overlap": 32,
        "settings": SETTINGS[task],
        "parameters": parameter_count(network),
        "sha256": hashlib.sha256(model).hexdigest(),
        "licence": "MIT",
        "trained_on": trained_on,
        "scores": scores,
    }
    (folder / "card.json").write_text(json.dumps(card, indent=2) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("task", choices=sorted(NETWORKS))
    parser.add_argument("--weights", type=Path, required=True, help="<task>-best.pt of train.py")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--scores", type=Path, help="of evaluate.py")
    parser.add_argument("--trained-on", default="not said")
    options = parser.parse_args()
    torch.manual_seed(0)
    np.random.seed(0)
    network = NETWORKS[options.task]().eval()
    network.load_state_dict(torch.load(options.weights)["weights"])
    options.out.mkdir(parents=True, exist_ok=True)
    export(network, options.out / "model.onnx")
    scores = json.loads(options.scores.read_text()) if options.scores else {}
    write_card(options.task, network, options.out, options.trained_on, scores)


if __name__ == "__main__":
    main()
