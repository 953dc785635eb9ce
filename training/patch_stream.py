# SPDX-License-Identifier: MIT
"""Reads and writes the streams of training/patches/stream.h, and runs the tool that makes and fills them."""

import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

HEADER = np.dtype(
    [("magic", "i4"), ("width", "i4"), ("height", "i4"), ("x", "i4"), ("y", "i4"), ("photo", "i4"), ("kind", "i4")]
    + [("seed", "u4"), ("threshold", "f4"), ("range", "f4")]
)
MAGIC = 0x54415055
CONTENT, PATCH, BORDER = range(3)  # kinds of records
OUTSIDE, CONTEXT, SYNTHESIS = range(3)  # roles
CUT_RIGHT, CUT_DOWN = 1, 2  # bits of cuts


@dataclass
class Patch:
    """One inpainting problem; maps are height x width (x 3)."""

    role: np.ndarray
    cuts: np.ndarray
    rgb: np.ndarray
    disparity: np.ndarray
    max_disparity: np.ndarray
    threshold: float
    range: float = 3.0
    seed: int = 0
    x: int = 0
    y: int = 0
    photo: int = 0
    kind: int = PATCH


@dataclass
class Fills:
    """What the built-in fills make of a patch; valid in its synthesis region."""

    diffused: np.ndarray
    exemplar: np.ndarray
    disparity: np.ndarray


MAPS = (("role", "u1", 1), ("cuts", "u1", 1), ("rgb", "u1", 3), ("disparity", "f4", 1), ("max_disparity", "f4", 1))


def read_maps(stream, maps, height: int, width: int) -> list[np.ndarray]:
    result = []
    for _, kind, channels in maps:
        kind = np.dtype(kind)
        data = stream.read(kind.itemsize * channels * height * width)
        shape = (height, width, channels) if channels > 1 else (height, width)
        result.append(np.frombuffer(data, kind).reshape(shape))
    return result


def read_patches(path: Path):
    """All records of a file, one after another."""
    with open(path, "rb") as stream:
        while data := stream.read(HEADER.itemsize):
            header = np.frombuffer(data, HEADER)[0]
            if header["magic"] != MAGIC:
                raise ValueError(f"{path}: not a stream of patches")
            maps = read_maps(stream, MAPS, int(header["height"]), int(header["width"]))
            yield Patch(
                *maps,
                threshold=float(header["threshold"]),
                range=float(header["range"]),
                seed=int(header["seed"]),
                x=int(header["x"]),
                y=int(header["y"]),
                photo=int(header["photo"]),
                kind=int(header["kind"]),
            )


def write_patches(path: Path, patches: list[Patch]) -> None:
    with open(path, "wb") as stream:
        for patch in patches:
            height, width = patch.role.shape
            header = np.zeros(1, HEADER)
            for name, value in (
                ("magic", MAGIC), ("width", width), ("height", height), ("x", patch.x), ("y", patch.y),
                ("photo", patch.photo), ("kind", patch.kind), ("seed", patch.seed),
                ("threshold", patch.threshold), ("range", patch.range),
            ):  # fmt: skip
                header[name] = value
            stream.write(header.tobytes())
            for name, kind, _ in MAPS:
                stream.write(np.ascontiguousarray(getattr(patch, name), np.dtype(kind)).tobytes())


def fill(tool: Path, patches: list[Patch]) -> list[Fills]:
    """Fills patches as the program does."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "in", Path(folder) / "out"
        write_patches(source, patches)
        subprocess.run([tool, "fill", source, target], check=True)
        maps = (("diffused", "u1", 3), ("exemplar", "u1", 3), ("disparity", "f4", 1))
        with open(target, "rb") as stream:
            return [Fills(*read_maps(stream, maps, *patch.role.shape)) for patch in patches]


def dump(tool: Path, lines: list[str], out: Path) -> None:
    """Runs the pipeline on photos with depth; see training/patches/main.cpp for the lines."""
    listing = out.with_suffix(".list")
    listing.write_text("\n".join(lines) + "\n")
    subprocess.run([tool, "dump", listing, out], check=True)
