#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""How far depth edges made from small depth maps are from the true ones.

    measure_depth_edges.py --unflat PROGRAM --scenes FOLDER [--sides 320 384] [--blur 0 1.5]

FOLDER holds scenes.json (name, scale, left, left_disparity): photos with true disparity. It is reduced to a small side,
blurred as networks blur, its near things made a pixel too large as networks like to do (--grow), and brought back in several ways. Per pixel of true edge: how many pixels beside it lie on the wrong
side (the mean displacement, in pixels), and how many on neither (what is left of ramps).
"""

import argparse
import json
import subprocess
import tempfile
from pathlib import Path

import cv2
import numpy as np

REACH = 12  # how far beside an edge is looked [pixels]
STEP = 0.05  # that makes a true edge [of the range]
BETWEEN = 0.2  # share of a step by which a pixel may be off its side before it lies on neither
GUIDE_RADIUS, GUIDE_NOISE = 1.5, 1e-3  # of the guided filter: pixels of the small map; variance of sRGB in 0..1


def read_disparity(path: Path, scale: float) -> np.ndarray:
    """NaN where unknown."""
    if path.suffix == ".npz":
        with np.load(path) as data:
            disparity = data[data.files[0]].astype(np.float32)
    else:
        disparity = cv2.imread(str(path), cv2.IMREAD_UNCHANGED).astype(np.float32)
    disparity = disparity if disparity.ndim == 2 else disparity[..., 0]
    disparity = disparity / scale
    return np.where(np.isfinite(disparity) & (disparity > 0), disparity, np.nan)


def filled(disparity: np.ndarray) -> np.ndarray:
    """From the farther of the two known ends of a row."""
    result = disparity.copy()
    for row in result:
        known = np.nonzero(np.isfinite(row))[0]
        if len(known) == 0:
            row[:] = np.nanmin(disparity)
            continue
        for a, b in zip([-1, *known], [*known, len(row)]):
            if b > a + 1:
                ends = [row[i] for i in (a, b) if 0 <= i < len(row)]
                row[a + 1 : b] = min(ends)
    return result


def guided(small: np.ndarray, rgb: np.ndarray) -> np.ndarray:
    """Guided filter with the photo's grey as guide, after He, Sun and Tang."""
    size = rgb.shape[1::-1]
    guide = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).astype(np.float32) / 255
    large = cv2.resize(small, size, interpolation=cv2.INTER_LINEAR)
    radius = max(1, round(GUIDE_RADIUS * size[0] / small.shape[1]))

    def mean(x):
        return cv2.blur(x, (2 * radius + 1,) * 2)

    m, v = mean(guide), mean(guide * guide)
    a = (mean(guide * large) - m * mean(large)) / (v - m * m + GUIDE_NOISE)
    b = mean(large) - a * m
    return mean(a) * guide + mean(b)


def edge_band(truth: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    """Near and far level beside true edges, where the band is, and the edges' length."""
    low, high = np.nanpercentile(truth, [0.5, 99.5])
    step = STEP * (high - low)
    dx, dy = np.abs(np.diff(truth, axis=1)), np.abs(np.diff(truth, axis=0))
    cracks_x, cracks_y = dx > step, dy > step
    marks = np.zeros(truth.shape, np.uint8)
    marks[:, 1:] |= cracks_x
    marks[:, :-1] |= cracks_x
    marks[1:] |= cracks_y
    marks[:-1] |= cracks_y
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * REACH + 1,) * 2)
    near, far = cv2.dilate(truth, kernel), cv2.erode(truth, kernel)
    band = (cv2.dilate(marks, kernel) > 0) & (near - far > step)
    # Two levels only: where a third surface is near, sides mean nothing
    share = (truth - far) / np.maximum(near - far, 1e-6)
    band &= (share < BETWEEN) | (share > 1 - BETWEEN)
    return near, far, band, float(cracks_x.sum() + cracks_y.sum()) / np.sqrt(2)


def score(result: np.ndarray, truth: np.ndarray) -> tuple[float, float]:
    near, far, band, length = edge_band(truth)
    share = (result - far) / np.maximum(near - far, 1e-6)
    wrong = ((share > 0.5) != (truth - far > 0.5 * (near - far))) & band
    neither = (share > BETWEEN) & (share < 1 - BETWEEN) & band
    return wrong.sum() / length, neither.sum() / length


class Ways:
    def __init__(self, program: str, folder: Path):
        self.program, self.folder = program, folder

    def run(self, photo: Path, disparity: np.ndarray, *options: str) -> np.ndarray:
        depth, out = self.folder / "depth.npy", self.folder / "out.npy"
        np.save(depth, disparity.astype(np.float32))
        command = [self.program, "depth", str(photo), "-o", str(out), "--depth", str(depth)]
        subprocess.run([*command, "--depth-kind", "inverse-depth", "--quiet", *options], check=True)
        return np.load(out)

    def all(self, photo: Path, rgb: np.ndarray, small: np.ndarray) -> dict[str, np.ndarray]:
        size = rgb.shape[1::-1]
        enlarged = cv2.resize(small, size, interpolation=cv2.INTER_LINEAR)
        through = guided(small, rgb)
        return {
            "bilinear": enlarged,
            "guided": through,
            "not mixed": self.run(photo, small),
            "sharpened": self.run(photo, small, "--sharpened"),
            "guided, then sharpened": self.run(photo, through, "--sharpened"),
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--unflat", required=True)
    parser.add_argument("--scenes", type=Path, required=True)
    parser.add_argument("--sides", type=int, nargs="+", default=[320, 384])
    parser.add_argument("--blur", type=float, nargs="+", default=[0, 1.0], help="sigma [pixels of the small map]")
    parser.add_argument("--grow", type=int, default=0, help="near things become larger by this [pixels of the small map]")
    options = parser.parse_args()
    scenes = json.loads((options.scenes / "scenes.json").read_text())["scenes"]
    print("| side | blur | way | pixels on the wrong side | on neither |\n|---|---|---|---|---|")
    for side in options.sides:
        for blur in options.blur:
            sums: dict[str, list] = {}
            for scene in scenes:
                photo = options.scenes / scene["left"]
                rgb = cv2.cvtColor(cv2.imread(str(photo)), cv2.COLOR_BGR2RGB)
                truth = filled(read_disparity(options.scenes / scene["left_disparity"], scene["scale"]))
                scale = side / max(rgb.shape)
                small = cv2.resize(truth, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
                if options.grow:
                    small = cv2.dilate(small, np.ones((2 * options.grow + 1,) * 2, np.uint8))
                if blur:
                    small = cv2.GaussianBlur(small, (0, 0), blur)
                with tempfile.TemporaryDirectory() as folder:
                    for name, result in Ways(options.unflat, Path(folder)).all(photo, rgb, small).items():
                        sums.setdefault(name, []).append(score(result, truth))
            for name, values in sums.items():
                wrong, neither = np.mean(values, 0)
                print(f"| {side} | {blur} | {name} | {wrong:.2f} | {neither:.2f} |", flush=True)


if __name__ == "__main__":
    main()
