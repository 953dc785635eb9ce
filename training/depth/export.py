#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Writes the trained depth network as a model folder: model.onnx with weights of 16 bits, and card.json (docs/models.md).

    export.py --weights depth-best.pt --out models/depth-small [--scores FILE.json] [--trained-on TEXT]
"""

import argparse
import copy
import hashlib
import json
from pathlib import Path

import numpy as np
import onnx
import torch
from network import MULTIPLE, DepthNetwork, parameter_count
from onnx import numpy_helper
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

OPSET = 11
LEAST_HALVED = 64  # values; shorter ones, as biases and sizes, stay as they are


def folded(network: DepthNetwork) -> nn.Module:
    """The same function with normalisation inside the convolutions."""
    result = copy.deepcopy(network).eval()
    for module in list(result.modules()):
        if isinstance(module, nn.Sequential) and len(module) >= 2 and isinstance(module[1], nn.BatchNorm2d):
            module[0] = fuse_conv_bn_eval(module[0], module[1])
            module[1] = nn.Identity()
    return result


def halve(model: onnx.ModelProto) -> None:
    """Weights in 16 bits, cast to 32 when the network is loaded: half the file, the same arithmetic."""
    kept, casts = [], []
    for tensor in model.graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.dtype != np.float32 or values.size < LEAST_HALVED or values.ndim < 2:
            kept.append(tensor)
            continue
        kept.append(numpy_helper.from_array(values.astype(np.float16), tensor.name + "_16"))
        casts.append(onnx.helper.make_node("Cast", [tensor.name + "_16"], [tensor.name], to=onnx.TensorProto.FLOAT))
    del model.graph.initializer[:]
    model.graph.initializer.extend(kept)
    nodes = casts + list(model.graph.node)
    del model.graph.node[:]
    model.graph.node.extend(nodes)


def export(network: nn.Module, path: Path) -> None:
    example = torch.zeros(1, 3, 4 * MULTIPLE, 5 * MULTIPLE)
    axes = {name: {2: name + "_h", 3: name + "_w"} for name in ("input", "output")}
    torch.onnx.export(
        network, example, str(path), opset_version=OPSET, input_names=["input"], output_names=["output"], dynamic_axes=axes
    )
    model = onnx.load(str(path))
    halve(model)
    for node in model.graph.node:  # names of the exporter's own modules: no use to anybody
        node.ClearField("doc_string")
    onnx.checker.check_model(model)
    onnx.save(model, str(path))


def card_scores(scores: dict, mirror: bool) -> dict:
    """What a card says of evaluate.py's scores."""
    ours = "network, mirrored too" if mirror else "network"
    agreement = scores["agreement with the averaged teacher, Spearman"]
    teachers = {name: value for name, value in agreement.items() if "teacher" in name}
    result = {
        f"Spearman with the averaged teacher, {agreement['photos']} photos kept out": {"network": agreement[ours]} | teachers
    }
    for name, values in scores.items():
        if name.startswith("true disparity"):
            result[f"correlation with {name} (Pearson, Spearman)"] = {
                who: [values[key]["pearson"], values[key]["spearman"]] for who, key in (("network", ours), ("teacher", "teacher"))
            }
    return result


def write_card(network, folder: Path, side: int, mirror: bool, trained_on: str, scores: dict) -> None:
    card = {
        "format": 1,
        "name": folder.name,
        "task": "depth",
        "inputs": ["red", "green", "blue"],
        "output": "log-disparity",
        "multiple": MULTIPLE,
        "max_side": 1024,
        "settings": {"size": {"long_side": side}, "mirror": mirror},
        "parameters": parameter_count(network),
        "sha256": hashlib.sha256((folder / "model.onnx").read_bytes()).hexdigest(),
        "licence": "MIT",
        "trained_on": trained_on,
        "scores": scores,
    }
    (folder / "card.json").write_text(json.dumps(card, indent=2) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--side", type=int, default=320, help="long side at which it is to be used [pixels]")
    parser.add_argument("--no-mirror", action="store_true")
    parser.add_argument("--scores", type=Path, help="of evaluate.py")
    parser.add_argument("--trained-on", default="not said")
    options = parser.parse_args()
    network = DepthNetwork().eval()
    network.load_state_dict(torch.load(options.weights)["weights"])
    options.out.mkdir(parents=True, exist_ok=True)
    export(folded(network), options.out / "model.onnx")
    mirror = not options.no_mirror
    scores = card_scores(json.loads(options.scores.read_text()), mirror) if options.scores else {}
    write_card(network, options.out, options.side, mirror, options.trained_on, scores)


if __name__ == "__main__":
    main()
