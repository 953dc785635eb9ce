#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Do tiles help? The whole photo, a larger whole photo, and tiles merged into the whole, against true disparity.

    tiles.py --network FILE.onnx [--log] [--side 384] --runner FILE.so --runtime FILE.so --examples DIR [--stereo DIR]

Tiles overlap by half and are seen as large as the whole photo was. Each is brought to the whole by the best scale and
offset; then it gives what is finer than the whole shows (what is left of it without its blurred self).
"""

import argparse
from pathlib import Path

import cv2
import numpy as np
from network import MULTIPLE
from teacher import Runner
from truth import Truth, known, stereo
from validation import scaled, size_for
from views import planes, read_rgb

TILE = 0.5  # of the photo's sides
EDGE_STEP, EDGE_REACH = 0.05, 6  # a true edge [of the range]; how far beside it is looked [pixels]


def examples(folder: Path) -> list[Truth]:
    result = []
    for photo in sorted(folder.glob("*/photo.jpg")):
        values = cv2.imread(str(photo.with_name("depth.png")), cv2.IMREAD_UNCHANGED).astype(np.float32)
        inverse = photo.parent.name == "landscape"
        result.append(Truth(photo.parent.name, read_rgb(photo), known(values if inverse else 1 / values)))
    return result


class Network:
    def __init__(self, runner: Runner, log: bool):
        self.runner, self.log = runner, log

    def __call__(self, rgb: np.ndarray, side: int) -> np.ndarray:
        """Disparity at the size of rgb."""
        answer = self.runner(planes(scaled(rgb, size_for(rgb, side, MULTIPLE))))[0].squeeze()
        answer = np.exp(answer) if self.log else answer
        return cv2.resize(answer, rgb.shape[1::-1], interpolation=cv2.INTER_LINEAR)


def fit(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """x brought to y by scale and offset."""
    a = np.cov(x.ravel(), y.ravel())
    return y.mean() + (x - x.mean()) * a[0, 1] / max(a[0, 0], 1e-12)


def merged(network: Network, rgb: np.ndarray, side: int) -> np.ndarray:
    height, width = rgb.shape[:2]
    whole = network(rgb, side)
    h, w = int(height * TILE), int(width * TILE)
    sigma = 0.03 * max(height, width)
    window = np.outer(np.hanning(h + 2)[1:-1], np.hanning(w + 2)[1:-1]) + 1e-3
    total, weight = np.zeros_like(whole), np.zeros_like(whole)
    for y in np.linspace(0, height - h, 3).astype(int):
        for x in np.linspace(0, width - w, 3).astype(int):
            piece = (slice(y, y + h), slice(x, x + w))
            tile = fit(network(rgb[piece], side), whole[piece])
            fine = tile - cv2.GaussianBlur(tile, (0, 0), sigma) + cv2.GaussianBlur(whole[piece], (0, 0), sigma)
            total[piece] += window * fine
            weight[piece] += window
    return total / weight


def edge_error(result: np.ndarray, truth: np.ndarray) -> float:
    """Mean error beside true edges, of the range, after the best scale and offset."""
    low, high = np.nanpercentile(truth, [0.5, 99.5])
    filled = np.where(np.isfinite(truth), truth, low)
    kernel = np.ones((3, 3), np.uint8)
    edges = (cv2.dilate(filled, kernel) - cv2.erode(filled, kernel) > EDGE_STEP * (high - low)) & np.isfinite(truth)
    band = (cv2.dilate(edges.astype(np.uint8), np.ones((2 * EDGE_REACH + 1,) * 2)) > 0) & np.isfinite(truth)
    valid = np.isfinite(truth)
    fitted = np.full(truth.shape, np.nan)
    fitted[valid] = fit(result[valid], truth[valid])
    return float(np.abs(fitted - truth)[band].mean() / (high - low))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("network", "runner", "runtime", "examples"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--stereo", type=Path)
    parser.add_argument("--log", action="store_true", help="the network tells log disparity")
    parser.add_argument("--side", type=int, default=384)
    options = parser.parse_args()
    network = Network(Runner(options.runner, options.runtime, options.network), options.log)
    truths = examples(options.examples) + (stereo(options.stereo) if options.stereo else [])
    side = options.side
    ways = {
        f"whole at {side}": lambda rgb: network(rgb, side),
        f"whole at {side * 3 // 2}": lambda rgb: network(rgb, side * 3 // 2),
        f"whole at {side * 2}": lambda rgb: network(rgb, side * 2),
        "with tiles": lambda rgb: merged(network, rgb, side),
    }
    print("| way | correlation | error beside edges | " + " | ".join(t.name for t in truths))
    for name, way in ways.items():
        correlations, errors = [], []
        for truth in truths:
            result, valid = way(truth.rgb), np.isfinite(truth.disparity)
            correlations.append(np.corrcoef(result[valid], truth.disparity[valid])[0, 1])
            errors.append(edge_error(result, truth.disparity))
        each = " | ".join(f"{c:.3f} {e:.3f}" for c, e in zip(correlations, errors))
        print(f"| {name} | {np.mean(correlations):.3f} | {np.mean(errors):.4f} | {each} |", flush=True)


if __name__ == "__main__":
    main()
