# SPDX-License-Identifier: MIT
"""Photos with true depth, for testing only: rectified pairs and depth cameras."""

import json
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from views import read_rgb


@dataclass
class Truth:
    name: str
    rgb: np.ndarray
    disparity: np.ndarray  # NaN where unknown


def known(values: np.ndarray) -> np.ndarray:
    return np.where(np.isfinite(values) & (values > 0), values, np.nan)


def stereo(folder: Path) -> list[Truth]:
    """scenes.json: name, left, left_disparity, and scale, by which the disparity's numbers are to be divided."""
    result = []
    for scene in json.loads((folder / "scenes.json").read_text())["scenes"]:
        path = folder / scene["left_disparity"]
        if path.suffix == ".npz":
            with np.load(path) as data:
                disparity = data[data.files[0]].astype(np.float32)
        else:
            disparity = cv2.imread(str(path), cv2.IMREAD_UNCHANGED).astype(np.float32)
        result.append(Truth(scene["name"], read_rgb(folder / scene["left"]), known(disparity)))
    return result


def metres(path: Path) -> np.ndarray:
    raw = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    if path.name.startswith("NYU"):  # Kinect's own numbers, bytes swapped in the file as it is read
        return np.where((raw > 0) & (raw < 1084), 351.3 / (1092.5 - raw.astype(np.float32)), np.nan)
    if path.name.startswith("SUN"):
        return ((raw >> 3) | (raw << 13)).astype(np.float32) / 1000
    return raw.astype(np.float32) / (5000 if path.name.startswith("TUM") else 1000)


def depth_cameras(folder: Path) -> list[Truth]:
    """color/ and depth/ with the same names, and other_formats/NAME_color.*, NAME_depth.*"""
    pairs = [(color, folder / "depth" / (color.stem + ".png")) for color in sorted((folder / "color").iterdir())]
    for depth in sorted((folder / "other_formats").glob("*_depth.*")):
        stem = depth.stem.removesuffix("_depth")
        pairs.append((next(depth.parent.glob(stem + "_color.*")), depth))
    return [Truth(color.stem, read_rgb(color), known(1 / known(metres(depth)))) for color, depth in pairs]


def correlation(log_disparity: np.ndarray, truth: np.ndarray) -> tuple[float, float]:
    """Of disparity with the true one (Pearson) and of their ranks (Spearman)."""
    large = cv2.resize(log_disparity, truth.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    valid = np.isfinite(truth)
    a, b = np.exp(large[valid] - large[valid].mean()), truth[valid]
    pearson = np.corrcoef(a, b)[0, 1]
    order = [np.argsort(np.argsort(x, kind="stable"), kind="stable") for x in (a, b)]
    return float(pearson), float(np.corrcoef(*order)[0, 1])
