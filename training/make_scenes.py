#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Measures hidden depth in whole generated scenes: what the program puts behind things against what is there.

    make_scenes.py --tool unflat_patches --cache DIR --out DIR --fills diffusion,patch,MODELS [--count N]

Scenes have at least three layers, so depth edges end at an occluder (T-junctions) and things stand behind things; seeds
and textures differ from those of training. Two errors are measured where the program invented something: `next`, of what it
puts right behind the front against what is right behind it, which is what a moving camera sees; and `any`, of everything
that it invented against the nearest of all surfaces hidden at that place.
"""

import argparse
import json
import subprocess
from pathlib import Path

import cv2
import numpy as np
import scenes

SIDE = 256
HEADER, PIXEL = 64, np.dtype([("x", "i4"), ("y", "i4"), ("disparity", "f4"), ("rgb", "u1", 3), ("round", "u1"), ("rest", "i4", 5)])
SEED = 77
THRESHOLD = 0.04


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


def make(folder: Path, count: int, photos: list[np.ndarray]) -> list[np.ndarray]:
    """Photos and depth in files. Per scene the disparities of all layers, front to back, NaN where a layer is not."""
    folder.mkdir(parents=True, exist_ok=True)
    truths, rng = [], np.random.default_rng(SEED)
    while len(truths) < count:
        layers = scenes.make_layers(rng, SIDE, photos)
        if len(layers) < 3 or not has_junction(layers):
            continue
        front = scenes.view(layers)
        cv2.imwrite(str(folder / f"{len(truths)}.png"), front.rgb[..., ::-1])
        write_pfm(folder / f"{len(truths)}.pfm", front.disparity)
        stack = np.stack([np.where(layer.mask, layer.disparity, np.nan) for layer in layers])
        stack[stack >= front.disparity - 1e-6] = np.nan  # what is seen is not hidden
        truths.append(stack)
    return truths


def hidden_errors(path: Path, truth: np.ndarray) -> dict[str, np.ndarray]:
    pixels = np.frombuffer(path.read_bytes()[HEADER:], PIXEL)
    inside = (pixels["x"] >= 0) & (pixels["y"] >= 0) & (pixels["x"] < SIDE) & (pixels["y"] < SIDE)
    hidden = pixels[(pixels["round"] > 0) & inside]
    first = np.zeros((SIDE, SIDE), np.float32)
    np.maximum.at(first, (hidden["y"], hidden["x"]), hidden["disparity"])
    there = truth[:, hidden["y"], hidden["x"]]
    known = ~np.isnan(there).all(0)
    following = np.nan_to_num(truth, nan=0).max(0)
    both = (first > 0) & (following > 0)
    return {
        "next": np.abs(first - following)[both],
        "any": np.nanmin(np.abs(there[:, known] - hidden["disparity"][known]), 0),
    }


def summary(errors: list[dict], kind: str) -> dict:
    every = np.concatenate([e[kind] for e in errors])
    return {
        f"{kind}_error": round(float(every.mean()), 4),
        f"{kind}_off_by_an_edge": round(float((every > THRESHOLD).mean()), 4),
        f"{kind}_pixels": len(every),
    }


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
    truths = make(options.out, options.count, [p for p in photos if min(p.shape[:2]) >= SIDE])
    lines = [f"{options.out / f'{i}.png'} {options.out / f'{i}.pfm'} inverse-depth 0 {options.motion:g}" for i in range(options.count)]
    (options.out / "list").write_text("\n".join(lines) + "\n")
    table = {}
    for fill in options.fills.split(","):
        layers = options.out / Path(fill).name
        layers.mkdir(exist_ok=True)
        subprocess.run([options.tool, "ldi", options.out / "list", layers, fill], check=True)
        errors = [hidden_errors(layers / f"{i}.ldi", truths[i]) for i in range(options.count)]
        table[Path(fill).name] = summary(errors, "next") | summary(errors, "any")
        print(fill, table[Path(fill).name], flush=True)
    if options.json:
        options.json.write_text(json.dumps(table, indent=2) + "\n")


if __name__ == "__main__":
    main()
