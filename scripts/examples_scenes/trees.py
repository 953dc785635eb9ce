# SPDX-License-Identifier: MIT
"""Branching trees and tufts of grass as meshes (metres, z up)."""

import math

import numpy as np

from . import shapes as sp


def _perpendicular(direction, rng):
    side = np.cross(direction, rng.normal(size=3))
    return side / (np.linalg.norm(side) + 1e-9)


class Tree:
    """Grows branches recursively; wood and leaves are collected as two meshes."""

    def __init__(self, seed, height, spread=0.75, levels=4, leaf_size=0.09, leaves_per_twig=9,
                 trunk_share=0.28, radius=None, droop=0.0):
        self.rng = np.random.default_rng(seed)
        self.wood, self.leaves = sp.MeshParts(), sp.MeshParts()
        self.levels, self.spread, self.droop = levels, spread, droop
        self.leaf_size, self.leaves_per_twig = leaf_size, leaves_per_twig
        radius = radius or height * 0.022
        self._branch(np.zeros(3), np.array([0.02, 0.01, 1.0]), height * 0.62, radius, 0,
                     trunk_share)

    def _branch(self, start, direction, length, radius, level, bare):
        rng = self.rng
        steps = max(5, 12 - 2 * level)
        points, d = [start], direction / np.linalg.norm(direction)
        for k in range(steps):
            lift = 0.10 if level else 0.03
            d = d + rng.normal(0, 0.10 + 0.04 * level, 3) + (0, 0, lift - self.droop * level * 0.3)
            d /= np.linalg.norm(d)
            points.append(points[-1] + d * length / steps)
        points = np.array(points)
        share = np.linspace(0, 1, steps + 1)
        radii = radius * (1 - 0.72 * share)
        if level == 0:
            radii[0] *= 1.45                   # roots flare
        sides = (12, 8, 6, 4, 3, 3)[level]
        self.wood.add(*sp.tube_geometry(points, radii, sides))
        if level >= self.levels:
            self._leaves(points)
            return
        count = (9, 7, 5, 4, 3)[level]
        for k in range(count):
            t = bare + (1 - bare) * (k + rng.uniform(0.1, 0.9)) / count if level == 0 else (
                0.22 + 0.78 * (k + rng.uniform(0.1, 0.9)) / count)
            i = min(int(t * steps), steps - 1)
            at = points[i] + (points[i + 1] - points[i]) * (t * steps - i)
            along = points[i + 1] - points[i]
            along /= np.linalg.norm(along)
            out = _perpendicular(along, rng)
            if level == 0:                     # spread evenly round the trunk
                a = 2.4 * k + rng.uniform(-0.4, 0.4)
                out = np.array([math.cos(a), math.sin(a), 0.05])
            angle = self.spread * rng.uniform(0.75, 1.2) * (1.1 - 0.35 * t)
            child = along * math.cos(angle) + out * math.sin(angle)
            self._branch(at, child, length * rng.uniform(0.48, 0.66) * (1.12 - 0.35 * t),
                         radii[i] * rng.uniform(0.5, 0.66), level + 1, 0.2)
        if level == self.levels - 1:
            self._leaves(points[steps // 2:])

    def _leaves(self, points):
        rng = self.rng
        for _ in range(self.leaves_per_twig):
            i = rng.integers(1, len(points))
            base = points[i] + rng.normal(0, self.leaf_size * 0.5, 3)
            direction = rng.normal(size=3) + (0, 0, -0.35)
            normal = rng.normal(size=3) * 0.7 + (0, 0, 1.0)
            size = self.leaf_size * rng.uniform(0.7, 1.3)
            self.leaves.add(*sp.leaf_geometry(base, direction, normal, size, size * 0.62, 0.2, 0.2,
                                              rows=3))


def grass_tuft(seed, blades=26, height=0.3, radius=0.07, width=0.006, bend=0.55):
    """One tuft; returns MeshParts of narrow bent blades."""
    rng = np.random.default_rng(seed)
    parts = sp.MeshParts()
    for _ in range(blades):
        a, r = rng.uniform(0, 2 * np.pi), radius * math.sqrt(rng.uniform())
        lean = a + rng.normal(0, 0.9)
        h = height * rng.uniform(0.45, 1.1)
        t = np.linspace(0, 1, 5)
        reach = bend * h * rng.uniform(0.2, 1.1)
        middle = np.stack([r * math.cos(a) + reach * t ** 2 * math.cos(lean),
                           r * math.sin(a) + reach * t ** 2 * math.sin(lean),
                           h * t * (1 - 0.25 * t * bend) - 0.02], 1)
        side = np.array([-math.sin(lean), math.cos(lean), 0])
        w = width * (1 - t ** 1.5) * rng.uniform(0.7, 1.2) / 2 + 0.0003
        vertices = np.stack([middle - w[:, None] * side, middle + w[:, None] * side], 1)
        parts.add(vertices.reshape(-1, 3), sp.grid_faces(5, 2))
    return parts


def ear_tuft(seed, stalks=5, height=0.62):
    """Dry stalks with seed heads that stand out above the meadow."""
    rng = np.random.default_rng(seed)
    parts = sp.MeshParts()
    for _ in range(stalks):
        a, lean, h = rng.uniform(0, 6.28), rng.uniform(0.02, 0.3), height * rng.uniform(0.7, 1.15)
        t = np.linspace(0, 1, 8)
        base = rng.normal(0, 0.05, 2)
        path = np.stack([base[0] + h * lean * t ** 2 * math.cos(a),
                         base[1] + h * lean * t ** 2 * math.sin(a), h * t], 1)
        parts.add(*sp.tube_geometry(path, np.linspace(0.0022, 0.0012, 8), 4))
        parts.add(*sp.tube_geometry(path[5:], [0.002, 0.007, 0.001], 5))
    return parts
