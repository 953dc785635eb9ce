# SPDX-License-Identifier: MIT
"""Rows of books with cloth spines, labels and printed titles (all made up)."""

import math

import bpy
import numpy as np

from . import shading as sh, shapes as sp
from .shading import Shader

TITLES = ("OPTICS", "A HISTORY OF LIGHT", "TREES", "THE QUIET SEA", "GEOMETRY", "BOTANY II",
          "LETTERS", "NORTHERN BIRDS", "ON SHADOWS", "PERSPECTIVE", "WINTER", "ATLAS", "CLAY",
          "THE ART OF SEEING", "ESSAYS", "STONES", "PAPER MOON", "TIDES", "FIELD NOTES",
          "COLOUR", "RIVERS", "NIGHT TRAINS", "MAPS", "THE ORCHARD", "SALT", "WEATHER")
DARK = ((0.16, 0.018, 0.016), (0.015, 0.04, 0.085), (0.018, 0.06, 0.035), (0.035, 0.03, 0.028),
        (0.10, 0.045, 0.018), (0.012, 0.065, 0.075), (0.07, 0.015, 0.05), (0.22, 0.07, 0.02))
LIGHT = ((0.62, 0.52, 0.36), (0.55, 0.30, 0.10), (0.42, 0.46, 0.40), (0.66, 0.60, 0.52),
         (0.30, 0.42, 0.48), (0.58, 0.42, 0.12), (0.55, 0.22, 0.15))


def _cover_material(name, palette):
    s = Shader(name)
    at = s.coordinates()
    stops = [(k / len(palette), colour) for k, colour in enumerate(palette)]
    shade = s.ramp(s.random_piece(), *stops, interpolation="CONSTANT")
    shade = s.vary(shade, s.random_piece(), 0.015, 0.15, 0.25)
    worn = s.noise(s.shifted_per_piece(at), 26.0, 7.0, 0.65)
    shade = s.mix(1.0, shade, s.ramp(worn, (0.35, 0.75), (0.72, 1.5)), "MULTIPLY")
    cloth = s.math("MULTIPLY", s.wave(at, 260.0, 0.6, direction="X"),
                   s.wave(at, 260.0, 0.6, direction="Z"))
    gloss = s.math("ADD", s.math("MULTIPLY", worn, 0.3), 0.4)
    return s.finish(s.principled(shade, gloss, s.bump(cloth, 0.0004)))


def _paper_material(name):
    s = Shader(name)
    lines = s.noise(s.coordinates(scale=(900, 6, 6)), 1.0, 2.0)
    paper = s.ramp(lines, (0.3, (0.36, 0.29, 0.19)), (0.7, (0.70, 0.62, 0.46)))
    paper = s.vary(paper, s.random_piece(), 0.01, 0.2, 0.15)
    return s.finish(s.principled(paper, 0.9, s.bump(lines, 0.0005)))


def cover_geometry(width, depth, height, board=0.0022):
    """A U of two boards and a rounded spine, extruded upwards; the spine faces -y, base z = 0."""
    half = width / 2
    arc = np.linspace(math.pi, 2 * math.pi, 9)
    outer = [(-half, depth)] + [(half * math.cos(a), 0.16 * width * math.sin(a)) for a in arc]
    outer += [(half, depth)]
    inner = [(-half + board, depth)] + [((half - board) * math.cos(a),
                                         board + 0.16 * width * math.sin(a)) for a in arc]
    inner += [(half - board, depth)]
    n = len(outer)
    flat = np.array(outer + inner)
    bottom = np.column_stack([flat, np.zeros(2 * n)])
    vertices = np.vstack([bottom, bottom + (0, 0, height)])
    faces = []
    for i in range(n - 1):
        j, top = i + 1, 2 * n
        faces += [(i, j, j + top, i + top), (n + j, n + i, n + i + top, n + j + top),
                  (i + top, j + top, n + j + top, n + i + top), (j, i, n + i, n + j)]
    faces += [(0, 2 * n, 3 * n, n), (n - 1, 2 * n - 1, 4 * n - 1, 3 * n - 1)]
    return vertices, faces


class Library:
    """Collects books; build() makes one mesh per material."""

    def __init__(self, seed, titles=True):
        self.rng = np.random.default_rng(seed)
        self.covers = {"dark": sp.MeshParts(), "light": sp.MeshParts()}
        self.paper, self.gilt, self.ink = sp.MeshParts(), sp.MeshParts(), sp.MeshParts()
        self.titles = [] if titles else None

    def book(self, base, size, transform):
        """base: lower middle of the spine; transform: 3x3 rotation about it."""
        rng, (w, d, h) = self.rng, size
        place = lambda v: np.asarray(v) @ np.asarray(transform).T + np.asarray(base)
        kind = "dark" if rng.uniform() < 0.66 else "light"
        vertices, faces = cover_geometry(w, d, h)
        self.covers[kind].add(place(vertices), faces)
        block, block_faces = sp.box_geometry((w - 0.005, d - 0.006, h - 0.008),
                                             (0, d / 2 - 0.001, h / 2))
        self.paper.add(place(block), block_faces)
        print_parts = self.gilt if kind == "dark" else self.ink
        spine = -0.16 * w
        for level in ((0.08, 0.88, 0.92), (0.10, 0.14, 0.9), (0.06, 0.8))[rng.integers(3)]:
            # a band hugging the rounded spine
            arc = np.linspace(math.pi * 1.06, math.pi * 1.94, 9)
            r, lift = w / 2, 0.0004
            ring = np.array([((r + lift) * math.cos(a), (0.16 * w + lift) * math.sin(a)) for a in arc])
            band = max(0.0012, 0.008 * h * rng.uniform(0.5, 1.2))
            low = np.column_stack([ring, np.full(9, h * level)])
            print_parts.add(place(np.vstack([low, low + (0, 0, band)])), sp.grid_faces(2, 9))
        if self.titles is not None:
            self.titles.append((kind, base, transform, (0, spine - 0.0006, h * 0.5), w, h))

    def row(self, x_from, x_to, y, z, heights=(0.17, 0.25), widths=(0.014, 0.042), lean_at=(),
            depth=(0.11, 0.16)):
        """Books side by side from x_from to x_to; at the given indices they lean to the left."""
        rng, x, k = self.rng, x_from, 0
        while x < x_to:
            w, h, d = rng.uniform(*widths), rng.uniform(*heights), rng.uniform(*depth)
            if k in lean_at:
                tilt = math.radians(rng.uniform(9, 15))
                turn = np.array([[math.cos(tilt), 0, -math.sin(tilt)], [0, 1, 0],
                                 [math.sin(tilt), 0, math.cos(tilt)]])
                x += h * math.sin(tilt) + w / 2 * math.cos(tilt)
                self.book((x, y + rng.uniform(0, 0.012), z + w / 2 * math.sin(tilt)), (w, d, h),
                          turn)
                x += w / 2 + 0.004
            else:
                self.book((x + w / 2, y + rng.uniform(0, 0.014), z), (w, d, h), np.eye(3))
                x += w + rng.uniform(0.0004, 0.0016)
            k += 1
        return x

    def stack(self, x, y, z, count, size=(0.20, 0.15), thickness=(0.018, 0.035), turns=(-10, 10)):
        """Books lying flat, spines towards -y; returns the height reached."""
        for _ in range(count):
            rng = self.rng
            w = rng.uniform(*thickness)
            h, d = size[0] * rng.uniform(0.85, 1.05), size[1] * rng.uniform(0.85, 1.05)
            a = math.radians(rng.uniform(*turns))
            lying = np.array([[0, 0, 1], [0, 1, 0], [-1, 0, 0]], float)      # height along x
            spin = np.array([[math.cos(a), -math.sin(a), 0], [math.sin(a), math.cos(a), 0],
                             [0, 0, 1]])
            base = np.array([x, y, z + w / 2]) + spin @ np.array([-h / 2, -d / 2, 0])
            self.book(base, (w, d, h), spin @ lying)
            z += w + 0.0004
        return z

    def build(self):
        """Makes the objects and returns an empty they all hang on (to move or turn them)."""
        collection = bpy.context.scene.collection
        before = set(collection.objects)
        self._build_parts()
        holder = bpy.data.objects.new("library", None)
        for made in set(collection.objects) - before:
            made.parent = holder
        collection.objects.link(holder)
        return holder

    def _build_parts(self):
        gold = sh.plain("gilt", (0.72, 0.50, 0.20), 0.38, 0.85)
        black = sh.plain("ink", (0.03, 0.025, 0.02), 0.7)
        for kind, palette in (("dark", DARK), ("light", LIGHT)):
            if self.covers[kind].count:
                self.covers[kind].build(f"{kind} covers",
                                        _cover_material(f"{kind} cloth", palette), True, 45)
        self.paper.build("pages", _paper_material("paper"), smooth=False)
        for parts, material in ((self.gilt, gold), (self.ink, black)):
            if parts.count:
                parts.build("bands", material)
        for kind, base, transform, at, w, h in self.titles or ():
            if w < 0.017 or self.rng.uniform() < 0.12:
                continue
            title = TITLES[self.rng.integers(len(TITLES))]
            curve = bpy.data.curves.new("title", "FONT")
            curve.body = title
            curve.size = min(0.52 * w, 0.58 * h / (0.62 * len(title)))
            curve.align_x, curve.align_y = "CENTER", "CENTER"
            curve.materials.append(gold if kind == "dark" else black)
            text = bpy.data.objects.new("title", curve)
            bpy.context.scene.collection.objects.link(text)
            # text x runs down the spine (-z of the book), its face looks out (-y)
            axes = np.asarray(transform) @ np.array([[0, 1, 0], [0, 0, -1], [-1, 0, 0]], float)
            matrix = np.eye(4)
            matrix[:3, :3] = axes
            matrix[:3, 3] = np.asarray(base) + np.asarray(transform) @ np.asarray(at)
            text.matrix_world = [list(r) for r in matrix.T]
