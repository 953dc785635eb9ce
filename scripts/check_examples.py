#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Warps each example photo by its depth into its true views and reports PSNR (dB).

    python3 scripts/check_examples.py examples

Only visible pixels count: those that the photo's depth reaches and where the depth found there
agrees. A wrong unit, frame, sign or depth convention gives less than 20 dB. Exit status 1 when
the nearest view (view 0) of a scene stays under 28 dB. Needs NumPy and Pillow.
"""

import json
import os
import sys

import numpy as np
from PIL import Image

REQUIRED_DB = 28.0


def load_rgb(path):
    return np.asarray(Image.open(path).convert("RGB"), np.float64) / 255


def warp(photo, z, focal, position):
    """The photo seen from `position` (same orientation); returns colours and a mask."""
    height, width = z.shape
    v, u = np.mgrid[0:height, 0:width] + 0.5
    cx, cy = width / 2, height / 2
    tx, ty, tz = position
    # forward: which depth is nearest at each pixel of the new view
    new_z = z - tz
    to_u = focal * (z * (u - cx) / focal - tx) / new_z + cx
    to_v = focal * (z * (v - cy) / focal - ty) / new_z + cy
    i, j = np.floor(to_u).astype(int), np.floor(to_v).astype(int)
    inside = (i >= 0) & (i < width) & (j >= 0) & (j < height) & (new_z > 0)
    reached = np.full(height * width, np.inf)
    np.minimum.at(reached, (j * width + i)[inside], new_z[inside])
    reached = reached.reshape(height, width)
    # backward: colours by bilinear interpolation, the depth refined at the place found
    mask = np.isfinite(reached)
    depth = np.where(mask, reached, 1.0)
    for _ in range(3):
        from_u = ((depth * (u - cx) / focal + tx) / (depth + tz)) * focal + cx
        from_v = ((depth * (v - cy) / focal + ty) / (depth + tz)) * focal + cy
        x = np.clip(np.floor(from_u).astype(int), 0, width - 1)
        y = np.clip(np.floor(from_v).astype(int), 0, height - 1)
        found = z[y, x] - tz
        agrees = np.abs(found - depth) < 0.01 * depth
        depth = np.where(agrees, found, depth)
    inside = (from_u > 1) & (from_u < width - 1) & (from_v > 1) & (from_v < height - 1)
    mask &= agrees & inside
    x0 = np.clip(np.floor(from_u - 0.5).astype(int), 0, width - 2)
    y0 = np.clip(np.floor(from_v - 0.5).astype(int), 0, height - 2)
    fx, fy = (from_u - 0.5 - x0)[..., None], (from_v - 0.5 - y0)[..., None]
    colours = ((1 - fy) * ((1 - fx) * photo[y0, x0] + fx * photo[y0, x0 + 1])
               + fy * ((1 - fx) * photo[y0 + 1, x0] + fx * photo[y0 + 1, x0 + 1]))
    return colours, mask


def check(folder):
    with open(os.path.join(folder, "views.json"), encoding="utf-8") as file:
        about = json.load(file)
    photo = load_rgb(os.path.join(folder, "photo.jpg"))
    z = np.asarray(Image.open(os.path.join(folder, "depth.png")), np.float64)
    assert z.shape == photo.shape[:2] and z.min() > 0, "depth must cover every pixel of the photo"
    first = None
    for view in about["views"]:
        true = load_rgb(os.path.join(folder, view["file"]))
        colours, mask = warp(photo, z, about["focal_px"], view["position"])
        error = ((colours - true) ** 2)[mask].mean()
        decibel = -10 * np.log10(error)
        first = decibel if first is None else first
        print(f"{os.path.basename(folder)} {view['file']}: {decibel:.2f} dB over "
              f"{100 * mask.mean():.1f} % of the pixels")
    return first >= REQUIRED_DB


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else "examples"
    folders = [os.path.join(root, name) for name in sorted(os.listdir(root))
               if os.path.exists(os.path.join(root, name, "views.json"))]
    return 0 if folders and all([check(folder) for folder in folders]) else 1


if __name__ == "__main__":
    sys.exit(main())
