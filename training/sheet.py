#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The sheet of docs/algorithms/networks.md: crops of the example photos seen from the side, filled in several ways.

    sheet.py --unflat PROGRAM [--models DIR] -o FILE.jpg
"""

import argparse
import subprocess
import tempfile
from pathlib import Path

import cv2
import numpy as np

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
KINDS = {"landscape": "inverse-depth"}  # of true depth; all others: depth
FILLS = ("none", "diffusion", "patch", "network")
SHIFT = 0.12  # of the camera, in distances to the nearest thing
SIDE, ROWS, PER_PHOTO = 96, 10, 2
BORDER = 0.12  # of the picture: what comes in from beyond the photo is not shown


def nearest_depth(depth: Path, kind: str) -> float:
    values = cv2.imread(str(depth), cv2.IMREAD_UNCHANGED).astype(np.float64)
    values = values[values > 0]
    return float(1 / np.percentile(values, 99) if kind == "inverse-depth" else np.percentile(values, 1))


def render(options, folder: Path, fill: str, target: Path) -> np.ndarray:
    kind = KINDS.get(folder.name, "depth")
    shift = SHIFT * nearest_depth(folder / "depth.png", kind)
    command = [options.unflat, "render", folder / "photo.jpg", "--depth", folder / "depth.png", "--depth-kind", kind]
    command += ["--long-side", "960", "--pose", f"{shift},0,0", "--fill", fill, "-o", target, "--quiet"]
    if fill == "network" and options.models:
        command += ["--models", options.models]
    subprocess.run(command, check=True)
    return cv2.imread(str(target))


def windows(hole: np.ndarray) -> list[tuple[int, int]]:
    """Places with the most hidden pixels, apart from one another."""
    hole = hole.astype(np.float32)
    margin = int(BORDER * hole.shape[1])
    hole[:, :margin] = hole[:, hole.shape[1] - margin :] = 0
    places = []
    for _ in range(PER_PHOTO):
        area = cv2.boxFilter(hole, -1, (SIDE, SIDE), normalize=False, borderType=cv2.BORDER_CONSTANT)
        y, x = np.unravel_index(area.argmax(), area.shape)
        y = int(np.clip(y - SIDE // 2, 0, hole.shape[0] - SIDE))
        x = int(np.clip(x - SIDE // 2, 0, hole.shape[1] - SIDE))
        places.append((y, x))
        hole[max(0, y - SIDE // 2) : y + 3 * SIDE // 2, max(0, x - SIDE // 2) : x + 3 * SIDE // 2] = 0
    return places


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--unflat", type=Path, required=True)
    parser.add_argument("--models", type=Path)
    parser.add_argument("-o", "--out", type=Path, required=True)
    options = parser.parse_args()
    rows = []
    for folder in sorted(p for p in EXAMPLES.iterdir() if (p / "photo.jpg").exists()):
        with tempfile.TemporaryDirectory() as temporary:
            views = [render(options, folder, fill, Path(temporary) / "v.png") for fill in FILLS]
        photo = cv2.imread(str(folder / "photo.jpg"))
        photo = cv2.resize(photo, views[0].shape[1::-1], interpolation=cv2.INTER_AREA)
        for y, x in windows((views[0] == 0).all(2)):
            crops = [v[y : y + SIDE, x : x + SIDE] for v in (photo, *views)]
            rows.append(np.hstack([cv2.copyMakeBorder(c, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=(255,) * 3) for c in crops]))
    sheet = cv2.resize(np.vstack(rows[:ROWS]), None, fx=2, fy=2, interpolation=cv2.INTER_NEAREST)
    cv2.imwrite(str(options.out), sheet, [cv2.IMWRITE_JPEG_QUALITY, 88])


if __name__ == "__main__":
    main()
