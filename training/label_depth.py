#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Disparity labels for photos without depth, by an outside network (larger is nearer).

Writes OUT/<folder>_<name>.png (16 bit) for every photo below PHOTOS and skips those that are there, so it can be
stopped and started again. The photos themselves are not copied.
"""

import argparse
import hashlib
from pathlib import Path

import cv2
import numpy as np

LONG_SIDE = 384  # what the teacher was trained on
MULTIPLE = 32


def label(net: cv2.dnn.Net, bgr: np.ndarray) -> np.ndarray:
    """16-bit disparity of the network's size, spread over the whole range."""
    height, width = bgr.shape[:2]
    scale = LONG_SIDE / max(height, width)
    size = [max(MULTIPLE, round(side * scale / MULTIPLE) * MULTIPLE) for side in (width, height)]
    small = cv2.resize(bgr, size, interpolation=cv2.INTER_AREA)
    net.setInput(cv2.dnn.blobFromImage(small, 1 / 255, swapRB=True))
    disparity = net.forward()[0, 0]
    low, high = float(disparity.min()), float(disparity.max())
    return np.round((disparity - low) / max(high - low, 1e-6) * 65535).astype(np.uint16)


def photos_below(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*") if p.suffix.lower() in (".jpg", ".jpeg", ".png"))


def shuffled(photos: list[Path]) -> list[Path]:
    """Always the same order, but mixed: a part of the work is a fair sample of the whole."""
    return sorted(photos, key=lambda p: hashlib.md5(p.name.encode()).hexdigest())


def label_name(photo: Path) -> str:
    return f"{photo.parent.name}_{photo.stem}.png"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--model", type=Path, required=True, help="the teacher, ONNX")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--limit", type=int, help="label so many photos only")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    cv2.setNumThreads(1)
    net = cv2.dnn.readNetFromONNX(str(options.model))
    for photo in shuffled(photos_below(options.photos))[: options.limit]:
        target = options.out / label_name(photo)
        if target.exists():
            continue
        bgr = cv2.imread(str(photo))
        if bgr is None:
            continue
        partial = target.with_suffix(".part.png")
        cv2.imwrite(str(partial), label(net, bgr))
        partial.rename(target)


if __name__ == "__main__":
    main()
