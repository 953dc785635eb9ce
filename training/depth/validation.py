# SPDX-License-Identifier: MIT
"""Photos kept out of training, with the teacher's averaged disparity, and how well another one agrees with it."""

from pathlib import Path

import cv2
import numpy as np
import torch
from network import MULTIPLE
from teacher import Runner
from views import LEAST_DISPARITY, TEACHER_MULTIPLE, is_validation, planes, read_rgb

TEACHER_SIDES = (320, 384, 448)  # long sides of the passes that are averaged, each mirrored too
ONE_PASS_SIDE = 384


def size_for(rgb: np.ndarray, long_side: int, multiple: int) -> tuple[int, int]:
    """Width and height for a network: sides are rounded to the nearest multiple."""
    height, width = rgb.shape[:2]
    scale = long_side / max(width, height)
    return tuple(max(multiple, round(side * scale / multiple) * multiple) for side in (width, height))


def scaled(rgb: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    smaller = size[0] < rgb.shape[1]
    return cv2.resize(rgb, size, interpolation=cv2.INTER_AREA if smaller else cv2.INTER_CUBIC)


def teacher_pass(teacher: Runner, rgb: np.ndarray, long_side: int, mirrored: bool, size) -> np.ndarray:
    """Log disparity, brought to `size`."""
    shown = scaled(rgb, size_for(rgb, long_side, TEACHER_MULTIPLE))
    disparity = teacher(planes(shown[:, ::-1] if mirrored else shown))[0][0]
    log_disparity = np.log(np.maximum(disparity[:, ::-1] if mirrored else disparity, LEAST_DISPARITY))
    return cv2.resize(np.ascontiguousarray(log_disparity), size, interpolation=cv2.INTER_LINEAR)


def averaged_teacher(teacher: Runner, rgb: np.ndarray) -> np.ndarray:
    """Mean of the log disparity of six passes, each less its own mean."""
    size = size_for(rgb, ONE_PASS_SIDE, TEACHER_MULTIPLE)
    passes = [teacher_pass(teacher, rgb, side, m, size) for side in TEACHER_SIDES for m in (False, True)]
    return np.mean([p - p.mean() for p in passes], 0)


def network_pass(network, rgb: np.ndarray, long_side: int, size=None, mirror: bool = False) -> np.ndarray:
    """Log disparity of our network; mirror: averaged with that of the mirrored photo."""
    x = torch.from_numpy(planes(scaled(rgb, size_for(rgb, long_side, MULTIPLE))))[None]
    with torch.no_grad():
        y = network(x)
        if mirror:
            y = (y + network(x.flip(3)).flip(3)) / 2
    y = y[0, 0].numpy()
    return cv2.resize(y, size, interpolation=cv2.INTER_LINEAR) if size else y


def ranks(values: np.ndarray) -> np.ndarray:
    order = np.argsort(values, kind="stable")
    result = np.empty(len(values))
    result[order] = np.arange(len(values))
    return result


def spearman(a: np.ndarray, b: np.ndarray) -> float:
    """Rank correlation; of every second pixel along each side."""
    return float(np.corrcoef(ranks(a[::2, ::2].ravel()), ranks(b[::2, ::2].ravel()))[0, 1])


def validation_photos(photos: list[Path], count: int) -> list[Path]:
    """`photos` in their fixed mixed order; large ones (train) and small ones (train_small) as they come."""
    return [p for p in photos if is_validation(p)][:count]


def labelled(photos: list[Path], teacher: Runner, cache: Path) -> list[tuple[np.ndarray, np.ndarray]]:
    """Photos (reduced) and their averaged teacher; kept in `cache`."""
    cache.mkdir(parents=True, exist_ok=True)
    result = []
    for photo in photos:
        file = cache / f"{photo.parent.name}_{photo.stem}.npz"
        if not file.exists():
            rgb = read_rgb(photo)
            if max(rgb.shape) > 640:
                rgb = scaled(rgb, size_for(rgb, 640, 2))
            label = averaged_teacher(teacher, rgb)
            one = [teacher_pass(teacher, rgb, ONE_PASS_SIDE, m, label.shape[::-1]) for m in (False, True)]
            np.savez(
                file, rgb=rgb, label=label.astype(np.float16), one=spearman(one[0], label), flip=spearman(one[0], one[1])
            )
        with np.load(file) as data:
            result.append((data["rgb"], data["label"].astype(np.float32), float(data["one"]), float(data["flip"])))
    return result


def agreement(network, data, long_side: int, mirror: bool = False) -> list[float]:
    """Spearman's correlation with the averaged teacher, photo by photo."""
    return [
        spearman(network_pass(network, rgb, long_side, label.shape[::-1], mirror), label) for rgb, label, _, _ in data
    ]
