# SPDX-License-Identifier: MIT
"""Writes small ONNX models and the folders around them, with nothing but the standard library."""
import hashlib
import json
import pathlib
import random
import struct

FLOAT, INT, INTS = 1, 2, 7  # of TensorProto.DataType and AttributeProto.AttributeType


def varint(value: int) -> bytes:
    out = bytearray()
    while True:
        out.append(value & 0x7F | (0x80 if value > 0x7F else 0))
        value >>= 7
        if not value:
            return bytes(out)


def number(field: int, value: int) -> bytes:
    return varint(field << 3) + varint(value)


def piece(field: int, value) -> bytes:
    data = value.encode() if isinstance(value, str) else value
    return varint(field << 3 | 2) + varint(len(data)) + data


def tensor(name: str, dims: list[int], values: list[float]) -> bytes:
    return (b"".join(number(1, d) for d in dims) + number(2, FLOAT) + piece(8, name) +
            piece(9, struct.pack(f"<{len(values)}f", *values)))


def ends(name: str, channels: int, size=("height", "width")) -> bytes:
    """An input or output [N, channels, H, W]; sizes that are texts are free."""
    def dim(value):
        return piece(1, piece(2, value) if isinstance(value, str) else number(1, value))
    shape = dim("number") + dim(channels) + dim(size[0]) + dim(size[1])
    return piece(1, name) + piece(2, piece(1, number(1, FLOAT) + piece(2, shape)))


def attribute(name: str, value) -> bytes:
    """Of a whole number, or of a list of them."""
    if isinstance(value, int):
        return piece(5, piece(1, name) + number(3, value) + number(20, INT))
    return piece(5, piece(1, name) + b"".join(number(8, v) for v in value) + number(20, INTS))


def node(kind: str, inputs: list[str], output: str, **attributes) -> bytes:
    attributes = b"".join(attribute(name, value) for name, value in attributes.items())
    return b"".join(piece(1, i) for i in inputs) + piece(2, output) + piece(4, kind) + attributes


def model(layers, channels: int, size=("height", "width")) -> bytes:
    """layers: (weights [out][in][k][k], biases [out], activation or None), one after another."""
    nodes, weights, last = b"", b"", "input"
    for i, (kernel, bias, activation) in enumerate(layers):
        out, into, side = len(kernel), len(kernel[0]), len(kernel[0][0])
        flat = [v for o in kernel for c in o for row in c for v in row]
        weights += piece(5, tensor(f"w{i}", [out, into, side, side], flat))
        weights += piece(5, tensor(f"b{i}", [out], bias))
        name = f"x{i}" if activation else ("output" if i == len(layers) - 1 else f"y{i}")
        nodes += piece(1, node("Conv", [last, f"w{i}", f"b{i}"], name, pads=[side // 2] * 4))
        last = name
        if activation:
            last = "output" if i == len(layers) - 1 else f"y{i}"
            nodes += piece(1, node(activation, [name], last))
    graph = (nodes + piece(2, "test") + weights + piece(11, ends("input", channels, size)) +
             piece(12, ends("output", len(layers[-1][0]), size)))
    return number(1, 8) + piece(7, graph) + piece(8, piece(1, "") + number(2, 13))


def depth_model(kernel, bias: float, size=("height", "width"), names=("input", "output"), flat=False) -> bytes:
    """One convolution of three channels to one, [1, 1, H, W], or [1, H, W] where it is `flat`."""
    out, into, side = 1, len(kernel[0]), len(kernel[0][0])
    weights = piece(5, tensor("w", [out, into, side, side], [v for c in kernel[0] for row in c for v in row]))
    weights += piece(5, tensor("b", [out], [bias]))
    nodes = piece(1, node("Conv", [names[0], "w", "b"], "y" if flat else names[1], pads=[side // 2] * 4))
    shape = ends(names[1], 1, size)
    if flat:
        nodes += piece(1, node("ReduceMax", ["y"], names[1], axes=[1], keepdims=0))
        shape = piece(1, names[1]) + piece(2, piece(1, number(1, FLOAT)))  # of any rank
    graph = nodes + piece(2, "test") + weights + piece(11, ends(names[0], into, size)) + piece(12, shape)
    return number(1, 8) + piece(7, graph) + piece(8, piece(1, "") + number(2, 13))


def pick(choice: list[list[float]]) -> list:
    """Weights of a 1 x 1 convolution from its matrix [out][in]."""
    return [[[[value]] for value in row] for row in choice]


def noise(seed: int, out: int, into: int, side: int) -> list:
    generator = random.Random(seed)
    scale = (into * side * side) ** -0.5
    return [[[[generator.uniform(-scale, scale) for _ in range(side)] for _ in range(side)]
             for _ in range(into)] for _ in range(out)]


def write(folder: pathlib.Path, task: str, inputs: list[str], output: str, onnx: bytes, **more) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.onnx").write_bytes(onnx)
    card = {"format": 1, "name": folder.name, "task": task, "inputs": inputs, "output": output,
            "multiple": 4, "parameters": 1, "sha256": hashlib.sha256(onnx).hexdigest(),
            "licence": "MIT", "trained_on": "nothing: a stand-in for tests", **more}
    (folder / "card.json").write_text(json.dumps(card, indent=1))
