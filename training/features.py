# SPDX-License-Identifier: MIT
"""Feature distance of two pictures in torch: runs a small ONNX classifier (convolutions, ReLU, pooling, joining)."""

import numpy as np
import onnx
import onnx.numpy_helper
import torch
import torch.nn.functional as F

MEAN_BGR = (103.939, 116.779, 123.68)
# Output -> (stride, offset): feature (i, j) is centred on pixel (offset + i * stride, offset + j * stride)
LAYERS = {
    "feat_conv1": (2, 1), "feat_fire3": (4, 3), "feat_fire5": (8, 7), "feat_fire6": (16, 15), "feat_fire7": (16, 15),
    "feat_fire8": (16, 15), "feat_fire9": (16, 15),
}  # fmt: skip


class Features:
    def __init__(self, path):
        graph = onnx.load(str(path)).graph
        self._weights = {t.name: torch.from_numpy(onnx.numpy_helper.to_array(t).copy()) for t in graph.initializer}
        self._nodes = list(graph.node)
        self._input = next(i.name for i in graph.input if i.name not in self._weights)

    def __call__(self, rgb: torch.Tensor) -> list[torch.Tensor]:
        """rgb: n x 3 x h x w in 0..1. Per layer n x c x h' x w', every pixel's vector of length 1."""
        values = {self._input: rgb.flip(1) * 255 - torch.tensor(MEAN_BGR).view(1, 3, 1, 1)}
        for node in self._nodes:
            values[node.output[0]] = self._run(node, values)
        return [values[n] / (values[n].norm(dim=1, keepdim=True) + 1e-10) for n in LAYERS]

    def _run(self, node, values):
        attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
        x = [values[n] if n in values else self._weights[n] for n in node.input]
        if node.op_type == "Conv":
            assert not any(attributes.get("pads", [0])) or len(set(attributes["pads"])) == 1
            return F.conv2d(x[0], x[1], x[2], attributes.get("strides", [1, 1]), attributes.get("pads", [0])[0])
        if node.op_type == "Relu":
            return F.relu(x[0])
        if node.op_type == "Concat":
            return torch.cat(x, attributes["axis"])
        if node.op_type == "Identity":
            return x[0]
        if node.op_type == "MaxPool":
            assert not any(attributes.get("pads", [0]))
            mode = bool(attributes.get("ceil_mode", 0))
            return F.max_pool2d(x[0], attributes["kernel_shape"], attributes["strides"], ceil_mode=mode)
        raise ValueError(f"features: {node.op_type} is not known")


def distance(a: list[torch.Tensor], b: list[torch.Tensor], mask: torch.Tensor) -> torch.Tensor:
    """Mean over layers of the squared differences, each at the places of the mask (n x 1 x h x w); one per picture."""
    total = 0
    for (stride, offset), x, y in zip(LAYERS.values(), a, b):
        difference = ((x - y) ** 2).sum(1, keepdim=True)
        height, width = mask.shape[2:]
        ys = (torch.arange(height, dtype=torch.float32) - offset) / stride
        xs = (torch.arange(width, dtype=torch.float32) - offset) / stride
        ys, xs = 2 * ys / (difference.shape[2] - 1) - 1, 2 * xs / (difference.shape[3] - 1) - 1
        grid = torch.stack(torch.meshgrid(xs, ys, indexing="xy"), -1)[None].expand(len(x), -1, -1, -1)
        full = F.grid_sample(difference, grid, padding_mode="border", align_corners=True)
        total = total + (full * mask).sum((1, 2, 3)) / mask.sum((1, 2, 3)).clamp(min=1)
    return total / len(LAYERS)
