# SPDX-License-Identifier: MIT
"""Generated scenes whose hidden colour, depth and depth edges are exact: textured shapes and planes in layers."""

from dataclasses import dataclass

import cv2
import numpy as np


@dataclass
class Layer:
    mask: np.ndarray  # where the surface is, hidden or not
    rgb: np.ndarray
    disparity: np.ndarray


@dataclass
class View:
    """What is seen once some layers are taken away."""

    surface: np.ndarray  # number of the layer seen at each pixel
    rgb: np.ndarray
    disparity: np.ndarray


def noise(rng, side: int, cell: float) -> np.ndarray:
    """Smooth noise in about -1..1 whose waves are some `cell` pixels long."""
    count = max(2, int(np.ceil(side / cell)) + 1)
    return cv2.resize(rng.standard_normal((count, count)).astype(np.float32), (side, side), interpolation=cv2.INTER_CUBIC)


def coordinates(side: int):
    y, x = np.mgrid[:side, :side].astype(np.float32)
    return x, y


# ---- Shapes


def polygon(points: np.ndarray, side: int) -> np.ndarray:
    mask = np.zeros((side, side), np.uint8)
    cv2.fillPoly(mask, [np.round(points).astype(np.int32)], 1)
    return mask > 0


def rectangle(rng, centre, radius, side):
    angle = rng.choice([0, rng.uniform(0, np.pi)])
    half = radius * rng.uniform(0.5, 1.2, 2)
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * half
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return polygon(corners @ turn.T + centre, side)


def ellipse(rng, centre, radius, side):
    x, y = coordinates(side)
    a, b = radius * rng.uniform(0.6, 1.2, 2)
    angle = rng.uniform(0, np.pi)
    u = (x - centre[0]) * np.cos(angle) + (y - centre[1]) * np.sin(angle)
    v = (y - centre[1]) * np.cos(angle) - (x - centre[0]) * np.sin(angle)
    return (u / a) ** 2 + (v / b) ** 2 < 1


def star(rng, centre, radius, side):
    count = int(rng.integers(3, 9))
    angles = np.sort(rng.uniform(0, 2 * np.pi, count))
    lengths = radius * rng.uniform(0.4, 1.4, count)
    return polygon(np.stack([np.cos(angles), np.sin(angles)], 1) * lengths[:, None] + centre, side)


def blob(rng, centre, radius, side):
    x, y = coordinates(side)
    distance = np.hypot(x - centre[0], y - centre[1]) / radius
    return distance + 0.35 * noise(rng, side, radius * rng.uniform(0.4, 1)) < 1


def band(rng, centre, radius, side):
    x, y = coordinates(side)
    angle = rng.uniform(0, np.pi)
    bend = rng.uniform(-1, 1) / (4 * side)
    u = (x - centre[0]) * np.cos(angle) + (y - centre[1]) * np.sin(angle)
    v = (y - centre[1]) * np.cos(angle) - (x - centre[0]) * np.sin(angle)
    return np.abs(u + bend * v * v) < radius * rng.uniform(0.3, 0.7)


def half_plane(rng, centre, _, side):
    x, y = coordinates(side)
    angle = rng.uniform(0, 2 * np.pi)
    bend = rng.choice([0, rng.uniform(-1, 1) / (2 * side)])
    u = (x - centre[0]) * np.cos(angle) + (y - centre[1]) * np.sin(angle)
    v = (y - centre[1]) * np.cos(angle) - (x - centre[0]) * np.sin(angle)
    return u + bend * v * v > 0


SHAPES = (rectangle, ellipse, star, blob, band, half_plane)


def ragged(rng, mask: np.ndarray) -> np.ndarray:
    """An outline that strays by a pixel or two, as those of estimated depth do."""
    side = len(mask)
    x, y = coordinates(side)
    shift = [rng.uniform(0.3, 1.2) * noise(rng, side, rng.uniform(2, 8)) for _ in range(2)]
    return cv2.remap(mask.astype(np.uint8), x + shift[0], y + shift[1], cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE) > 0


# ---- Surfaces


def texture(rng, side: int, photos) -> np.ndarray:
    """Colours of a surface, uint8."""
    kind = rng.choice(["photo", "noise", "gradient", "stripes"], p=[0.55, 0.15, 0.15, 0.15])
    if kind == "photo":
        photo = photos[rng.integers(len(photos))]
        y, x = (rng.integers(0, max(1, n - side + 1)) for n in photo.shape[:2])
        crop = photo[y : y + side, x : x + side]
        return crop if crop.shape[:2] == (side, side) else cv2.resize(crop, (side, side))
    a, b = rng.uniform(0, 255, (2, 3))
    x, y = coordinates(side)
    angle = rng.uniform(0, 2 * np.pi)
    along = (x * np.cos(angle) + y * np.sin(angle)) / side
    if kind == "gradient":
        t = along - along.min()
    elif kind == "stripes":
        t = 0.5 + 0.5 * np.sin(along * rng.uniform(10, 80))
        t = t if rng.random() < 0.5 else (t > 0.5).astype(np.float32)
    else:
        t = 0.5 + sum(noise(rng, side, cell) * cell for cell in (4, 12, 36)) / 60
    colour = a + np.clip(t, 0, 1.5)[..., None] * (b - a)
    grain = rng.uniform(0, 6) * rng.standard_normal((side, side, 1))
    return np.clip(colour + grain, 0, 255).astype(np.uint8)


def plane(rng, side: int, nearness: float, slant: float) -> np.ndarray:
    """Disparity of a slanted surface; `slant` bounds its change across the picture."""
    x, y = coordinates(side)
    gx, gy = rng.uniform(-slant, slant, 2)
    if rng.random() < 0.3:  # seen face-on
        gx = gy = 0
    return np.maximum(nearness + gx * (x / side - 0.5) + gy * (y / side - 0.5), 0.02).astype(np.float32)


def make_layers(rng, side: int, photos) -> list[Layer]:
    """From far to near: a background, things that stand before it, and an occluder (the last)."""
    count = int(rng.choice([2, 3, 4], p=[0.2, 0.45, 0.35]))
    levels = np.sort(rng.uniform(0.15, 2.6, count))
    for i in range(1, count):  # apart by more than a depth edge, slants included
        levels[i] = max(levels[i], levels[i - 1] + rng.uniform(0.12, 0.5))
    layers = []
    for i, level in enumerate(levels):
        gap = min(levels[i] - levels[i - 1] if i else 9, levels[i + 1] - level if i + 1 < count else 9)
        mask = np.ones((side, side), bool)
        if i:
            shape = SHAPES[rng.integers(len(SHAPES))]
            centre = rng.uniform(0.15, 0.85, 2) * side
            mask = shape(rng, centre, side * rng.uniform(0.15, 0.42), side)
            if rng.random() < 0.4:
                mask = ragged(rng, mask)
        slant = min(gap * 0.45, level * 0.8)
        disparity = plane(rng, side, level, slant)
        if rng.random() < 0.2:  # not every surface is flat
            disparity = disparity + 0.15 * slant * noise(rng, side, side / 3)
        layers.append(Layer(mask, texture(rng, side, photos), disparity))
    return layers


def view(layers: list[Layer]) -> View:
    """The nearest surface at each pixel."""
    result = View(np.zeros(layers[0].mask.shape, np.uint8), layers[0].rgb.copy(), layers[0].disparity.copy())
    for i, layer in enumerate(layers[1:], 1):
        nearer = layer.mask & (layer.disparity > result.disparity)
        result.surface[nearer] = i
        result.rgb[nearer] = layer.rgb[nearer]
        result.disparity[nearer] = layer.disparity[nearer]
    return result


def cuts_between(surface: np.ndarray, disparity: np.ndarray, threshold: float) -> np.ndarray:
    """Depth edges as cuts: bit 0 to the right neighbour, bit 1 to the lower one."""
    cuts = np.zeros(surface.shape, np.uint8)
    for axis, bit in ((1, 1), (0, 2)):
        step = np.abs(np.diff(disparity, axis=axis)) > threshold
        other = np.diff(surface.astype(np.int16), axis=axis) != 0
        target = cuts[:, :-1] if axis == 1 else cuts[:-1]
        target[step & other] |= bit
    return cuts
