#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Measures hidden depth in whole generated scenes: what a camera that moves sees behind things, against what is there.

    make_scenes.py --tool unflat_patches --cache DIR --photos DIR --out DIR --fills diffusion,patch,MODELS [--count N]

Scenes have at least three layers, so depth edges end at an occluder (T-junctions) and things stand behind things; seeds
and textures differ from those of training. The layers that the program makes and the true ones are seen from eight
positions around the photo's, and disparities compared at pixels whose true surface the photo hides. They are of three
kinds: at a `junction` two or more surfaces behind the occluder are seen nearby, and which of them goes on is the question;
`elsewhere` one; `unseen` surfaces are not seen nearby at all, and nobody can know them.
"""

import argparse
import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import scenes

SIDE = 256
HEADER, PIXEL = 64, np.dtype([("x", "i4"), ("y", "i4"), ("disparity", "f4"), ("rgb", "u1", 3), ("round", "u1"), ("rest", "i4", 5)])
SEED = 77
THRESHOLD = 0.04
NEARBY = 20  # how far around a pixel a surface is looked for [pixels]
SHIFT = 0.015  # of the camera in the widest preset path, in units of the focal length over disparity
VISIBLE, UNSEEN, ELSEWHERE, JUNCTION = range(4)
KINDS = {"junction": JUNCTION, "elsewhere": ELSEWHERE, "unseen": UNSEEN}


def write_pfm(path: Path, values: np.ndarray) -> None:
    with open(path, "wb") as file:
        file.write(f"Pf\n{values.shape[1]} {values.shape[0]}\n-1.0\n".encode())
        file.write(values[::-1].astype("<f4").tobytes())


def has_junction(layers: list[scenes.Layer]) -> bool:
    """A visible depth edge between two surfaces behind the occluder ends at the occluder."""
    front, hidden = scenes.view(layers), scenes.view(layers[:-1])
    cut = scenes.cuts_between(hidden.surface, hidden.disparity, THRESHOLD) != 0
    occluder = front.surface == len(layers) - 1
    rim = cv2.dilate(occluder.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    return bool((cut & rim & ~occluder).any()) and 0.03 < occluder.mean() < 0.5


def make(folder: Path, count: int, photos: list[np.ndarray]) -> list[list[scenes.Layer]]:
    """Photos and depth in files; the layers that they show, from far to near."""
    folder.mkdir(parents=True, exist_ok=True)
    made, rng = [], np.random.default_rng(SEED)
    while len(made) < count:
        layers = scenes.make_layers(rng, SIDE, photos)
        if len(layers) < 3 or not has_junction(layers):
            continue
        front = scenes.view(layers)
        cv2.imwrite(str(folder / f"{len(made)}.png"), front.rgb[..., ::-1])
        write_pfm(folder / f"{len(made)}.pfm", front.disparity)
        made.append(layers)
    return made


@dataclass
class Points:
    x: np.ndarray
    y: np.ndarray
    disparity: np.ndarray
    kind: np.ndarray  # VISIBLE or one of KINDS

    def seen_from(self, shift: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Disparity (0: nothing) and kind of the nearest point at each pixel."""
        u = np.floor(self.x + 0.5 - shift[0] * self.disparity).astype(int)
        v = np.floor(self.y + 0.5 - shift[1] * self.disparity).astype(int)
        inside = (u >= 0) & (v >= 0) & (u < SIDE) & (v < SIDE)
        order = np.flatnonzero(inside)[np.argsort(self.disparity[inside], kind="stable")]
        disparity, kind = np.zeros((SIDE, SIDE), np.float32), np.full((SIDE, SIDE), VISIBLE)
        disparity[v[order], u[order]] = self.disparity[order]  # the nearest is written last
        kind[v[order], u[order]] = self.kind[order]
        return disparity, kind


def true_points(layers: list[scenes.Layer]) -> Points:
    front = scenes.view(layers)
    window = np.ones((2 * NEARBY + 1,) * 2, np.uint8)
    near = [cv2.dilate((front.surface == k).astype(np.uint8), window) > 0 for k in range(len(layers))]
    behind = sum(n & (layer.disparity < front.disparity - THRESHOLD) for n, layer in zip(near, layers))
    y, x = np.mgrid[:SIDE, :SIDE]
    parts = []
    for k, layer in enumerate(layers):
        kind = np.where(near[k], np.where(behind >= 2, JUNCTION, ELSEWHERE), UNSEEN)
        kind[layer.disparity >= front.disparity - 1e-6] = VISIBLE
        parts.append([values[layer.mask] for values in (x, y, layer.disparity, kind)])
    return Points(*(np.concatenate(values) for values in zip(*parts)))


def program_points(path: Path) -> Points:
    pixels = np.frombuffer(path.read_bytes()[HEADER:], PIXEL)
    return Points(pixels["x"], pixels["y"], pixels["disparity"], np.zeros(len(pixels), int))


def errors_of(truth: Points, guess: Points, reach: float) -> dict[str, np.ndarray]:
    """Differences of disparity at what the photo hides, by kind."""
    found = {name: [] for name in KINDS}
    margin = int(np.ceil(reach * truth.disparity.max()))  # beyond it something may come in from outside the photo
    inner = slice(margin, SIDE - margin)
    for angle in np.arange(8) * np.pi / 4:
        shift = reach * np.array([np.cos(angle), np.sin(angle)])
        (true, kind), (made, _) = (points.seen_from(shift) for points in (truth, guess))
        error = np.abs(true - made)[inner, inner]
        # Where a surface widens points leave lines between them, through which others are seen: not what is asked about
        hidden = cv2.morphologyEx((kind != VISIBLE).astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
        hidden = ((hidden > 0) & (true > 0) & (made > 0))[inner, inner]
        for name, value in KINDS.items():
            found[name].append(error[hidden & (kind[inner, inner] == value)])
    return {name: np.concatenate(values) for name, values in found.items()}


def summary(errors: list[dict]) -> dict:
    table = {}
    for name in KINDS:
        every = np.concatenate([e[name] for e in errors])
        table[name] = {
            "error": round(float(every.mean()), 4),
            "off_by_an_edge": round(float((every > THRESHOLD).mean()), 4),
            "pixels": len(every),
        }
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tool", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True, help="prepared photos of make_data.py: textures")
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--fills", default="diffusion")
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--motion", type=float, default=3, help="factor on the default camera paths: how deep it looks")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    from make_data import is_validation
    from label_depth import label_name, photos_below, shuffled

    names = [(options.cache / label_name(p)).with_suffix(".npz") for p in shuffled(photos_below(options.photos)) if is_validation(p)]
    photos = [np.load(n)["rgb"] for n in names if n.exists()]
    truths = [true_points(layers) for layers in make(options.out, options.count, [p for p in photos if min(p.shape[:2]) >= SIDE])]
    lines = [f"{options.out / f'{i}.png'} {options.out / f'{i}.pfm'} inverse-depth 0 {options.motion:g}" for i in range(options.count)]
    (options.out / "list").write_text("\n".join(lines) + "\n")
    table = {}
    for fill in options.fills.split(","):
        layers = options.out / Path(fill).name
        layers.mkdir(exist_ok=True)
        subprocess.run([options.tool, "ldi", options.out / "list", layers, fill], check=True)
        reach = SHIFT * options.motion * SIDE  # the focal length is the photo's side
        errors = [errors_of(truths[i], program_points(layers / f"{i}.ldi"), reach) for i in range(options.count)]
        table[Path(fill).name] = summary(errors)
        print(fill, table[Path(fill).name], flush=True)
    if options.json:
        options.json.write_text(json.dumps(table, indent=2) + "\n")


if __name__ == "__main__":
    main()
