# SPDX-License-Identifier: MIT
"""A living room in the afternoon: sun through a tall window on boards, rug, chair and sofa."""

import math

import bpy
import numpy as np
from mathutils import Vector

from . import output, shading as sh, shapes as sp
from .books import Library
from .shading import Shader

SIZE = (960, 640)
SAMPLES = 96
BOUNCES = 6
EXPOSURE, SATURATION, WARMTH = 1.35, 1.04, 0.01
UNITS_PER_METRE, UNIT, INVERSE_DEPTH = 1000, "mm", False
VIEWS = False
SKY_DEPTH = math.inf             # no sky in sight

LEFT, BACK, CEILING = -2.3, 2.2, 2.7          # inner faces of the walls, m


def build():
    _walls()
    _window()
    _light()
    _rug()
    _sofa()
    _coffee_table()
    _spindle_chair()
    _low_shelf()
    _plant()
    _floor_lamp()
    _pictures()
    _pendant()
    return output.add_camera((1.72, -2.9, 1.42), (-0.52, 1.2, 0.86))


def _walls():
    boards = sp.MeshParts()
    length, width = 0.54, 0.09                # herringbone: boards at 45 degrees, in pairs
    rng = np.random.default_rng(3)
    c = math.sqrt(0.5)
    for kind in (0, 1):
        for i in range(-40, 41):
            for j in range(-16, 17):
                # one board per cell of the staircase lattice
                x = i * width + j * length + (0.0 if kind == 0 else 0.0)
                y = i * width - j * length
                if kind == 0:
                    rect = (x, y, length, width)
                else:
                    rect = (x, y + width, width, length)
                a, b, w, h = rect
                corners = np.array([(a, b), (a + w, b), (a + w, b + h), (a, b + h)])
                turned = np.stack([c * (corners[:, 0] - corners[:, 1]),
                                   c * (corners[:, 0] + corners[:, 1])], 1)
                middle = turned.mean(0)
                if not (-2.7 < middle[0] < 3.3 and -4.2 < middle[1] < 2.6):
                    continue
                gap = 0.0007
                inner = middle + (turned - middle) * (1 - gap / width * 2)
                uv = np.array([(0, 0), (w, 0), (w, h), (0, h)])
                if kind == 1:
                    uv = uv[:, ::-1]
                z = rng.uniform(-0.0003, 0.0003)
                boards.add(np.column_stack([inner, np.full(4, z)]), [(0, 1, 2, 3)], uv)
    boards.build("floor", sh.wood("oak floor", (0.20, 0.115, 0.058), (0.46, 0.30, 0.17), "X", 1.2,
                                  0.36, True, bump=0.0003, space="UV"), smooth=False)
    dark = sh.plain("gaps", (0.05, 0.03, 0.02), 0.9)
    sp.rectangle("under floor", (-3, -5, -0.004), (7, 0, 0), (0, 8, 0), dark)

    white = sh.plaster("white wall", (0.80, 0.77, 0.71), 0.0008, 0.04)
    sp.rectangle("back wall", (LEFT, BACK, 0), (5.4, 0, 0), (0, 0, CEILING), sh.brick("brick"))
    paint = sh.plain("white paint", (0.78, 0.76, 0.72), 0.4)
    # the left wall leaves the window (y 0.25..1.45, z 0.82..2.35) open
    t = 0.28
    x = LEFT - t / 2
    sp.boxes("left wall", [((t, 5.6, 0.82), (x, -0.6, 0.41)), ((t, 5.6, 0.4), (x, -0.6, 2.55)),
                           ((t, 3.65, 1.53), (x, -1.575, 1.585)), ((t, 0.8, 1.53), (x, 1.85, 1.585))],
             white)
    sp.rectangle("ceiling", (LEFT - 0.3, -2.2, CEILING), (4, 0, 0), (0, 4.5, 0), white)
    sp.boxes("skirting", [((5.4, 0.018, 0.12), (0.4, BACK - 0.009, 0.06)),
                          ((0.018, 4.6, 0.12), (LEFT + 0.009, -0.1, 0.06))], paint, 0.004)


def _window():
    paint = sh.plain("window paint", (0.80, 0.78, 0.74), 0.35)
    x, y0, y1, z0, z1 = LEFT - 0.16, 0.25, 1.45, 0.82, 2.35
    bars = [((0.07, y1 - y0, 0.06), (x, (y0 + y1) / 2, z0 + 0.03)),
            ((0.07, y1 - y0, 0.06), (x, (y0 + y1) / 2, z1 - 0.03)),
            ((0.07, 0.06, z1 - z0), (x, y0 + 0.03, (z0 + z1) / 2)),
            ((0.07, 0.06, z1 - z0), (x, y1 - 0.03, (z0 + z1) / 2)),
            ((0.06, 0.05, z1 - z0), (x, (y0 + y1) / 2, (z0 + z1) / 2))]
    bars += [((0.04, y1 - y0, 0.028), (x, (y0 + y1) / 2, z)) for z in (1.33, 1.84)]
    bars += [((0.30, y1 - y0 + 0.12, 0.035), (LEFT - 0.08, (y0 + y1) / 2, z0 - 0.005))]
    sp.boxes("window", bars, paint, 0.005)
    # outside: a bright hazy garden on a screen, so that the view through the panes is finite
    s = Shader("garden")
    at = s.coordinates("UV")
    leaves = s.noise(at, 3.2, 8.0, 0.62)
    green = s.ramp(leaves, (0.32, (0.16, 0.24, 0.08)), (0.5, (0.55, 0.68, 0.30)),
                   (0.68, (1.0, 0.98, 0.8)))
    crowns = s.math("MULTIPLY", s.math("SUBTRACT", s.noise(at, 1.1, 6.0, 0.6), 0.5), 1.6)
    level = s.math("ADD", s.math("MULTIPLY", s.separate(at)["Y"], 0.30), crowns)
    colour = s.mix(s.ramp(level, (0.95, 0.0), (1.15, 1.0)), green, (0.92, 1.0, 1.1))
    bright = s.node("ShaderNodeEmission", {"Color": colour, "Strength": 1.25}).outputs[0]
    screen = sp.rectangle("garden", (-6.0, 9, -1), (0, -12, 0), (0, 0, 6), s.finish(bright))
    screen.visible_shadow = screen.visible_diffuse = screen.visible_glossy = False

    linen = sh.fabric("curtain", (0.90, 0.86, 0.78), threads=1500.0, through=0.4)
    for start, end in ((-0.12, 0.26), (1.42, 1.80)):
        def folds(u, v, start=start, end=end):
            gather = 1 - 0.10 * np.sin(np.pi * v)
            middle = (start + end) / 2
            y = middle + (start + u * (end - start) - middle) * gather
            depth = 0.035 * np.sin(u * 38 + 0.8 * np.sin(3 * v)) + 0.010 * np.sin(u * 71 + 2 * v)
            return LEFT + 0.085 + depth * (0.75 + 0.25 * v), y, 0.02 + v * 2.46
        sp.sheet("curtain", folds, 20, 160, linen, (0.9, 2.46))
    iron = sh.plain("rail", (0.05, 0.045, 0.04), 0.4, 0.8)
    sp.tube("rail", [(LEFT + 0.085, -0.25, 2.5), (LEFT + 0.085, 1.93, 2.5)], 0.012, iron, 16)


def _lamp(name, kind, position, direction, energy, colour, size=0.0):
    light = bpy.data.lights.new(name, kind)
    light.energy, light.color = energy, colour
    if kind == "AREA":
        light.shape, light.size = "SQUARE", size
    elif kind == "SUN":
        light.angle = size
    else:
        light.shadow_soft_size = size
    made = bpy.data.objects.new(name, light)
    bpy.context.scene.collection.objects.link(made)
    made.location = position
    made.rotation_euler = sp.turn_towards(-Vector(direction))
    made.visible_camera = False
    return made


def _light():
    world = bpy.context.scene.world
    world.use_nodes = True
    background = world.node_tree.nodes["Background"]
    background.inputs["Color"].default_value = (0.72, 0.78, 0.9, 1)
    background.inputs["Strength"].default_value = 0.45
    _lamp("sun", "SUN", (0, 0, 5), (1.0, -0.50, -0.60), 16.0, (1.0, 0.80, 0.56), math.radians(0.8))
    sky = _lamp("window light", "AREA", (LEFT - 0.35, 0.85, 1.6), (1, -0.1, -0.2), 110,
                (0.82, 0.9, 1.0), 1.4)
    sky.data.spread = math.radians(150)
    _lamp("room light", "AREA", (1.6, -3.4, 2.3), (-0.35, 1, -0.35), 120, (1.0, 0.93, 0.85), 2.4)


def _rug():
    s = Shader("rug")
    at = s.coordinates("UV")
    axes = s.separate(at)
    w, h = 2.3, 1.55
    # distance to the rim draws the borders; a diamond grid fills the field
    dx = s.math("MINIMUM", axes["X"], s.math("SUBTRACT", w, axes["X"]))
    dy = s.math("MINIMUM", axes["Y"], s.math("SUBTRACT", h, axes["Y"]))
    rim = s.math("MINIMUM", dx, dy)
    a = s.math("PINGPONG", s.math("ADD", axes["X"], axes["Y"]), 0.13)
    b = s.math("PINGPONG", s.math("SUBTRACT", axes["X"], axes["Y"]), 0.13)
    grid = s.math("MINIMUM", a, b)
    cell = s.math("MAXIMUM", a, b)
    field = s.mix(s.math("LESS_THAN", grid, 0.012), (0.30, 0.055, 0.045), (0.55, 0.42, 0.26))
    field = s.mix(s.math("GREATER_THAN", s.math("ADD", a, b), 0.205), field, (0.05, 0.075, 0.13))
    field = s.mix(s.math("LESS_THAN", cell, 0.03), field, (0.50, 0.26, 0.08))
    border = s.mix(s.math("LESS_THAN", s.math("PINGPONG", s.math("ADD", axes["X"], axes["Y"]), 0.05),
                          0.02), (0.045, 0.06, 0.11), (0.5, 0.36, 0.2))
    shade = s.mix(s.math("LESS_THAN", rim, 0.20), field, border)
    for near, far in ((0.0, 0.05), (0.19, 0.215), (0.085, 0.095)):
        band = s.math("MULTIPLY", s.math("GREATER_THAN", rim, near), s.math("LESS_THAN", rim, far))
        shade = s.mix(band, shade, (0.55, 0.45, 0.32))
    wool = s.noise(at, 240.0, 3.0, 0.7)
    worn = s.noise(at, 3.0, 7.0, 0.65)
    shade = s.mix(1.0, shade, s.ramp(wool, (0.3, 0.55), (0.7, 1.2)), "MULTIPLY")
    shade = s.mix(0.8, shade, s.ramp(worn, (0.3, 0.7), (0.7, 1.35)), "MULTIPLY")
    rug = s.finish(s.principled(shade, 1.0, s.bump(wool, 0.004), sheen=0.4, specular=0.1))
    turn = math.radians(-7)
    c, sn = math.cos(turn), math.sin(turn)

    def surface(u, v):
        x, y = (u - 0.5) * w, (v - 0.5) * h
        z = 0.008 + 0.004 * np.sin(3 * x + 1) * np.sin(4 * y) + 0.012 * np.exp(-((u - 1) / 0.02) ** 2)
        return -0.1 + c * x - sn * y, 0.32 + sn * x + c * y, z
    sp.sheet("rug", surface, 40, 60, rug, (w, h), 0.006)
    fringe = sp.MeshParts()
    rng = np.random.default_rng(9)
    for side in (-1, 1):
        for k in range(150):
            y = (k / 149 - 0.5) * h
            x = side * w / 2
            out = side * rng.uniform(0.035, 0.055)
            points = [(x - side * 0.004, y, 0.011), (x + out * 0.5, y + rng.normal(0, 0.004), 0.012),
                      (x + out, y + rng.normal(0, 0.009), 0.004)]
            points = [(-0.1 + c * p[0] - sn * p[1], 0.32 + sn * p[0] + c * p[1], p[2]) for p in points]
            fringe.add(*sp.tube_geometry(points, 0.0022, 5))
    fringe.build("fringe", sh.plain("fringe", (0.62, 0.53, 0.40), 0.95))


def _upholstery(name, colour):
    s = Shader(name)
    at = s.coordinates()
    knit = s.voronoi(at, 520.0)
    cloud = s.noise(at, 6.0, 6.0, 0.6)
    shade = s.mix(1.0, colour, s.ramp(cloud, (0.3, 0.82), (0.7, 1.15)), "MULTIPLY")
    shade = s.mix(0.6, shade, s.ramp(knit, (0.0, 1.15), (0.7, 0.6)), "MULTIPLY")
    sag = s.bump(s.noise(at, 5.0, 3.0, 0.5, 0.6), 0.03)
    return s.finish(s.principled(shade, 0.95, s.bump(knit, 0.0012, 0.7, sag), sheen=0.5,
                                 specular=0.15))


def _sofa():
    cloth = _upholstery("sofa", (0.115, 0.20, 0.20))
    wood = sh.wood("sofa legs", (0.10, 0.05, 0.025), (0.26, 0.15, 0.08), "Z", 3.0)
    cx, y = 0.05, 1.28
    items = [((1.98, 0.80, 0.20), (cx, y + 0.42, 0.26)), ((1.98, 0.20, 0.50), (cx, y + 0.74, 0.55)),
             ((0.19, 0.82, 0.42), (cx - 0.98, y + 0.42, 0.38)),
             ((0.19, 0.82, 0.42), (cx + 0.98, y + 0.42, 0.38))]
    sp.boxes("sofa", items, cloth, 0.055, 6)
    for k, x in enumerate((-0.45, 0.45)):
        seat = sp.box("seat", (0.885, 0.68, 0.17), (cx + x, y + 0.32, 0.425), cloth, 0.06, 0.0, 6)
        back = sp.box("backrest", (0.87, 0.20, 0.46), (cx + x, y + 0.60, 0.71), cloth, 0.075, 0.0, 6)
        back.rotation_euler.x = math.radians(-12)
    for x in (-0.92, 0.92):
        for dy in (0.08, 0.74):
            sp.tube("sofa leg", [(cx + x, y + dy, 0), (cx + x, y + dy, 0.17)], [0.016, 0.026], wood)

    stripes = tuple((v, v + 0.022) for v in np.arange(-0.25, 0.25, 0.06))
    pillows = (("ochre", sh.fabric("ochre", (0.62, 0.33, 0.06), threads=4000, fold_noise=0.012),
                (0.46, 0.46, 0.19), (cx - 0.66, y + 0.44, 0.70), (68, 8, 14)),
               ("striped", sh.fabric("striped", (0.74, 0.68, 0.56), (0.35, 0.07, 0.05), stripes,
                                     threads=4000, fold_noise=0.012),
                (0.42, 0.42, 0.17), (cx - 0.34, y + 0.36, 0.675), (62, -6, -12)),
               ("rust", sh.fabric("rust", (0.42, 0.11, 0.05), threads=4000, fold_noise=0.012),
                (0.50, 0.36, 0.18), (cx + 0.66, y + 0.42, 0.66), (66, -4, -10)))
    for k, (name, material, size, location, turn) in enumerate(pillows):
        sp.place(sp.cushion(name, size, material, 0.36, 32, k), location, turn)
    # a blanket over the right arm
    wool = sh.fabric("blanket", (0.66, 0.60, 0.50), (0.20, 0.22, 0.25),
                     ((0.05, 0.09), (0.11, 0.12), (0.8, 0.84), (0.77, 0.78)), threads=2200)
    arc = sp.smooth_curve([(-0.40, 0.515), (-0.15, 0.522), (-0.112, 0.56), (-0.10, 0.60), (-0.03, 0.612),
                           (0.07, 0.607), (0.108, 0.57), (0.112, 0.48), (0.118, 0.30), (0.125, 0.20)], 8)
    step = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(arc, axis=0), axis=1))])

    def draped(u, v):
        s = v * step[-1]
        x, z = np.interp(s, step, arc[:, 0]), np.interp(s, step, arc[:, 1])
        wave = 0.010 * np.sin(15 * u + 2 * v) + 0.006 * np.sin(31 * u + 1)
        side = np.interp(s, step, [0, 0, 0, 0, 0.3, 0.3, 0.3, 0.3] + [1.0] * (len(step) - 8))
        hang = np.clip((s - 0.55) / 0.3, 0, 1)
        return (cx + 0.985 + x + (0.006 + wave) * hang, y + 0.10 + u * 0.44 + 0.02 * np.sin(4 * v),
                z + 0.010 + wave * (1 - hang) * 0.5)
    sp.sheet("blanket", draped, 60, 40, wool, (0.44, 0.95), 0.007)


def _coffee_table():
    walnut = sh.wood("walnut", (0.085, 0.042, 0.02), (0.27, 0.155, 0.08), "X", 1.5, 0.3, bump=0.0003,
                     coat=0.2)
    x, y, top = -0.12, 0.36, 0.42
    sp.place(sp.lathe("table top", [(0.0, -0.028), (0.40, -0.028), (0.43, -0.02), (0.44, -0.008),
                                    (0.437, -0.001), (0.43, 0.0), (0.0, 0.0)], walnut, 96, False),
             (x, y, top), (0, 0, 35))
    for k in range(3):
        a = math.radians(35 + 120 * k)
        sp.tube("leg", [(x + 0.27 * math.cos(a), y + 0.27 * math.sin(a), top - 0.02),
                        (x + 0.40 * math.cos(a), y + 0.40 * math.sin(a), 0.012)], [0.021, 0.012], walnut)
    books = Library(77)
    z = books.stack(x - 0.14, y + 0.10, top, 3, (0.27, 0.20), (0.02, 0.034), (5, 40))
    books.build()
    sage = sh.glaze("bowl", (0.42, 0.50, 0.42), roughness=0.25, foot=0.01)
    bowl = sp.lathe("bowl", [(0.0, 0.008), (0.03, 0.004), (0.04, 0.0), (0.045, 0.006), (0.08, 0.03),
                             (0.105, 0.06), (0.107, 0.062), (0.102, 0.06), (0.07, 0.032), (0.0, 0.015)],
                    sage, 72)
    sp.place(bowl, (x + 0.17, y - 0.06, top))
    lemon = sh.plain("lemon", (0.85, 0.60, 0.05), 0.45, bump=0.0015, bump_scale=160)
    for dx, dy, dz in ((-0.03, 0.01, 0.05), (0.035, 0.02, 0.05), (0.0, -0.035, 0.05), (0.004, 0.0, 0.09)):
        sp.place(sp.ball("fruit", 0.033, lemon, 1.12), (x + 0.17 + dx, y - 0.06 + dy, top + dz),
                 (80 * dx * 30, 60, dy * 900))
    glass = sh.glaze("carafe", (0.76, 0.70, 0.60), roughness=0.3)
    vase = sp.lathe("carafe", [(0.0, 0.004), (0.035, 0.001), (0.045, 0.01), (0.058, 0.05), (0.05, 0.10),
                               (0.022, 0.15), (0.017, 0.19), (0.024, 0.21), (0.023, 0.211), (0.014, 0.19)],
                    glass, 64)
    sp.place(vase, (x - 0.13, y + 0.10, z))
    _dry_grass((x - 0.13, y + 0.10, z + 0.19))


def _dry_grass(foot):
    rng = np.random.default_rng(17)
    stems, ears = sp.MeshParts(), sp.MeshParts()
    for k in range(17):
        a, lean, length = rng.uniform(0, 6.28), rng.uniform(0.05, 0.5), rng.uniform(0.22, 0.38)
        t = np.linspace(0, 1, 14)
        path = np.stack([foot[0] + length * lean * t ** 1.7 * math.cos(a),
                         foot[1] + length * lean * t ** 1.7 * math.sin(a),
                         foot[2] - 0.03 + length * t * (1 - 0.16 * lean * t)], 1)
        stems.add(*sp.tube_geometry(path, np.linspace(0.0016, 0.0008, 14), 5))
        ears.add(*sp.tube_geometry(path[9:] + rng.normal(0, 0.0008, (5, 3)),
                                   [0.001, 0.006, 0.008, 0.006, 0.001], 8))
    straw = sh.plain("straw", (0.60, 0.44, 0.22), 0.8)
    stems.build("stems", straw)
    ears.build("ears", sh.plain("ears", (0.66, 0.52, 0.32), 0.95, bump=0.006, bump_scale=420))


def _spindle_chair():
    """A chair with a bent back rail and thin spindles, seen from behind, in front of all else."""
    wood = sh.wood("chair", (0.035, 0.018, 0.011), (0.11, 0.058, 0.032), "Z", 2.0, 0.32, coat=0.25)
    origin, turn = np.array([0.86, -0.72, 0.0]), math.radians(33)
    c, s = math.cos(turn), math.sin(turn)
    at = lambda x, y, z: origin + (c * x - s * y, s * x + c * y, z)
    angle = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    outline = np.stack([0.235 * np.sign(np.cos(angle)) * np.abs(np.cos(angle)) ** 0.72,
                        0.22 * np.sign(np.sin(angle)) * np.abs(np.sin(angle)) ** 0.72], 1)
    seat = sp.MeshParts()
    rings = [(0.90, 0.432), (0.985, 0.438), (1.0, 0.45), (0.99, 0.462), (0.96, 0.467), (0.7, 0.458),
             (0.35, 0.452), (0.02, 0.451)]
    vertices = [at(x * k, y * k, z) for k, z in rings for x, y in outline]
    seat.add(vertices, sp.grid_faces(len(rings), 48, True))
    seat.build("seat", wood)
    # the back is at -y of the chair (towards the camera)
    bow = sp.smooth_curve([(-0.205, -0.165, 0.455), (-0.225, -0.215, 0.62), (-0.222, -0.262, 0.80),
                           (-0.165, -0.298, 0.925), (0.0, -0.312, 0.962), (0.165, -0.298, 0.925),
                           (0.222, -0.262, 0.80), (0.225, -0.215, 0.62), (0.205, -0.165, 0.455)], 10)
    sp.tube("bow", [at(*p) for p in bow], 0.0125, wood, 14)
    for k in range(9):
        u = -0.165 + 0.33 * k / 8
        top = bow[np.argmin(np.abs(bow[:, 0] - u * 1.12) + (bow[:, 2] < 0.7) * 9)]
        t = np.linspace(0, 1, 12)[:, None]
        foot = np.array([u * 0.9, -0.178 - 0.012 * (1 - (u / 0.165) ** 2), 0.455])
        radius = 0.0058 + 0.0032 * np.sin(np.pi * t[:, 0]) ** 2
        sp.tube("spindle", [at(*p) for p in foot + t * (top - foot)], radius, wood, 10)
    for x, y in ((-1, -1), (1, -1), (-1, 1), (1, 1)):
        t = np.linspace(0, 1, 14)
        radius = 0.0125 + 0.0065 * np.sin(np.pi * np.clip(t * 1.15, 0, 1)) ** 2
        sp.tube("leg", [at(x * (0.145 + 0.085 * k), y * (0.135 + 0.09 * k), 0.44 * (1 - k)) for k in t],
                radius[::1], wood, 12)
    for y in (-1, 1):
        sp.tube("stretcher", [at(-0.19, y * 0.182, 0.20), at(0, y * 0.182, 0.20), at(0.19, y * 0.182, 0.20)],
                [0.008, 0.012, 0.008], wood, 12)
    sp.tube("cross stretcher", [at(0, -0.182, 0.20), at(0, 0.182, 0.20)], 0.0095, wood, 12)


def _low_shelf():
    oak = sh.wood("shelf oak", (0.24, 0.14, 0.075), (0.50, 0.34, 0.20), "Y", 1.5, 0.4)
    y0, y1, x = 0.02, 1.50, LEFT + 0.03
    depth, top = 0.29, 0.70
    items = [((depth, y1 - y0, 0.024), (x + depth / 2, (y0 + y1) / 2, z)) for z in (0.09, 0.39, top)]
    items += [((depth, 0.024, top - 0.02), (x + depth / 2, y, top / 2)) for y in (y0, (y0 + y1) / 2, y1)]
    items += [((0.008, y1 - y0, top), (x + 0.004, (y0 + y1) / 2, top / 2))]
    sp.boxes("low shelf", items, oak, 0.002)
    books = Library(55)
    half = (y1 - y0) / 2 - 0.02
    for z in (0.102, 0.402):
        books.row(-half, -0.02, 0.0, z, (0.19, 0.265), (0.016, 0.045), (14, 15), (0.15, 0.2))
        books.row(0.015, half * 0.75, 0.0, z, (0.19, 0.265), (0.016, 0.045), (9,), (0.15, 0.2))
    books.stack(-0.34, 0.12, top + 0.012, 3, (0.25, 0.19), (0.02, 0.04))
    holder = books.build()
    holder.location = (x + depth - 0.05, (y0 + y1) / 2, 0)
    holder.rotation_euler.z = math.radians(90)
    blue = sh.glaze("blue pot", (0.10, 0.20, 0.30), foot=0.02)
    pot = sp.lathe("blue pot", [(0.0, 0.004), (0.05, 0.0), (0.056, 0.005), (0.078, 0.06), (0.082, 0.10),
                                (0.068, 0.135), (0.066, 0.137), (0.06, 0.13), (0.06, 0.1), (0.0, 0.11)],
                   blue, 64)
    sp.place(pot, (x + 0.15, 1.16, top + 0.012))
    trailing = sp.MeshParts()
    rng = np.random.default_rng(2)
    for k in range(60):
        a, r = rng.uniform(0, 6.28), rng.uniform(0.02, 0.12)
        base = np.array([x + 0.15 + r * math.cos(a), 1.16 + r * math.sin(a),
                         top + 0.17 + rng.uniform(-0.02, 0.07) - r * 0.4])
        trailing.add(*sp.leaf_geometry(base, (math.cos(a), math.sin(a), rng.uniform(-0.4, 0.7)),
                                       (0, 0, 1), rng.uniform(0.05, 0.08), 0.045, 0.25))
    trailing.build("pot leaves", sh.leaf("pot plant", (0.10, 0.22, 0.06)))


def _plant():
    """A tall plant with large veined leaves in a basket, in the corner."""
    rng = np.random.default_rng(14)
    x, y = -1.66, 1.72
    s = Shader("basket")
    weave = s.math("MULTIPLY", s.wave(s.coordinates("UV", (10, 0, 0)), 3.0, direction="X"),
                   s.wave(s.coordinates("UV", (0, 14, 0)), 1.0, direction="Y"))
    straw = s.ramp(weave, (0.1, (0.20, 0.12, 0.055)), (0.6, (0.55, 0.40, 0.22)))
    basket = s.finish(s.principled(straw, 0.85, s.bump(weave, 0.012)))
    sp.place(sp.lathe("basket", [(0.0, 0.01), (0.13, 0.0), (0.15, 0.02), (0.19, 0.16), (0.185, 0.30),
                                 (0.165, 0.36), (0.155, 0.36), (0.15, 0.32), (0.0, 0.31)], basket, 72),
             (x, y, 0))
    bark = sh.plain("trunk", (0.13, 0.08, 0.05), 0.85, bump=0.006, bump_scale=60)
    trunks, leaves = sp.MeshParts(), sp.MeshParts()
    for lean, turn, height in ((0.16, 5.4, 1.62), (0.20, 0.4, 1.30), (0.12, 3.9, 1.42)):
        t = np.linspace(0, 1, 24)
        path = np.stack([x + 0.03 * math.cos(turn) + lean * height * t ** 1.4 * math.cos(turn)
                         + 0.015 * np.sin(7 * t + turn),
                         y + 0.03 * math.sin(turn) + lean * height * t ** 1.4 * math.sin(turn),
                         0.28 + (height - 0.1) * t], 1)
        trunks.add(*sp.tube_geometry(path, np.linspace(0.015, 0.007, 24), 9))
        for k in range(8, 24):
            for m in range(2 if k > 10 else 1):
                a = 2.4 * (2 * k + m) + rng.uniform(-0.3, 0.3)
                out = np.array([math.cos(a), math.sin(a), rng.uniform(0.15, 0.75)])
                size = rng.uniform(0.17, 0.27)
                stalk = path[k] + out * 0.05
                trunks.add(*sp.tube_geometry([path[k], stalk], 0.0035, 6))
                base = stalk
                tip = base + out * size
                if tip[1] > BACK - 0.05 or tip[0] < LEFT + 0.16:
                    continue
                leaves.add(*sp.leaf_geometry(base, out, (0, 0, 1) + rng.normal(0, 0.25, 3), size,
                                             size * 0.62, rng.uniform(0.15, 0.5), 0.16, 10))
    trunks.build("trunks", bark)
    leaves.build("fig leaves", sh.leaf("fig leaf", (0.055, 0.145, 0.035), vein_scale=26.0,
                                       roughness=0.32, through=0.22, hue=0.02, value=0.3))


def _floor_lamp():
    x, y = 1.36, 1.74
    brass = sh.plain("lamp brass", (0.58, 0.38, 0.15), 0.3, 1.0)
    for k in range(3):
        a = math.radians(90 + 120 * k + 20)
        sp.tube("lamp leg", [(x + 0.02 * math.cos(a), y + 0.02 * math.sin(a), 1.18),
                             (x + 0.24 * math.cos(a), y + 0.24 * math.sin(a), 0.0)], 0.0095, brass, 10)
    sp.tube("lamp stem", [(x, y, 1.12), (x, y, 1.36)], 0.008, brass, 10)
    s = Shader("shade")
    at = s.coordinates("UV", (40, 120, 1))
    linen = s.ramp(s.noise(at, 6.0, 3.0), (0.3, (0.75, 0.64, 0.46)), (0.7, (0.86, 0.77, 0.60)))
    inner = s.node("ShaderNodeEmission", {"Color": (1.0, 0.66, 0.32, 1), "Strength": 0.75}).outputs[0]
    body = s.principled(linen, 0.9)
    paper = s.finish(s.node("ShaderNodeAddShader", {0: body, 1: inner}).outputs[0])
    sp.place(sp.lathe("lamp shade", [(0.205, 0.0), (0.15, 0.30), (0.148, 0.30), (0.203, 0.0)], paper,
                      72, False), (x, y, 1.30))
    _lamp("bulb", "POINT", (x, y, 1.44), (0, 0, -1), 22, (1.0, 0.66, 0.34), 0.05)


def _pictures():
    oak = sh.wood("frame oak", (0.26, 0.16, 0.09), (0.52, 0.36, 0.22), "Z", 1.0, 0.4)
    ebony = sh.plain("frame black", (0.02, 0.018, 0.016), 0.35)
    for k, (x, z, w, h, frame) in enumerate(((-0.62, 1.66, 0.52, 0.68, oak), (0.08, 1.74, 0.66, 0.50, ebony),
                                             (0.74, 1.62, 0.42, 0.56, oak), (-1.12, 1.47, 0.28, 0.34, ebony))):
        t, y = 0.028, BACK - 0.018
        sp.boxes(f"frame {k}", [((w, 0.03, t), (x, y, z + h / 2)), ((w, 0.03, t), (x, y, z - h / 2)),
                                ((t, 0.03, h + t), (x - w / 2, y, z)), ((t, 0.03, h + t), (x + w / 2, y, z))],
                 frame, 0.002)
        mat = 0.16 * min(w, h)
        sp.rectangle(f"mat {k}", (x - w / 2, y + 0.004, z - h / 2), (w, 0, 0), (0, 0, h),
                     sh.plain(f"mat {k}", (0.76, 0.74, 0.68), 0.8, variation=0.03))
        sp.rectangle(f"print {k}", (x - w / 2 + mat, y + 0.002, z - h / 2 + mat), (w - 2 * mat, 0, 0),
                     (0, 0, h - 2 * mat), _print(k, w - 2 * mat, h - 2 * mat))


def _print(k, width, height):
    """Abstract prints: hills, a sun over bands, leaves of colour, a ringed tree."""
    s = Shader(f"print {k}")
    at = s.coordinates("UV")
    axes = s.separate(at)
    x, y = s.math("DIVIDE", axes["X"], width), s.math("DIVIDE", axes["Y"], height)
    grain = s.noise(at, 90.0, 5.0, 0.7)
    paper = (0.72, 0.66, 0.52)
    if k == 0:
        shade = s.ramp(y, (0.3, (0.80, 0.62, 0.42)), (1.0, (0.30, 0.47, 0.55)))
        dx, dy = s.math("SUBTRACT", axes["X"], 0.62 * width), s.math("SUBTRACT", axes["Y"], 0.7 * height)
        r = s.math("SQRT", s.math("ADD", s.math("MULTIPLY", dx, dx), s.math("MULTIPLY", dy, dy)))
        shade = s.mix(s.math("LESS_THAN", r, 0.13 * width), shade, (0.80, 0.25, 0.08))
        for j, (level, colour) in enumerate(((0.55, (0.35, 0.38, 0.42)), (0.42, (0.16, 0.24, 0.30)),
                                             (0.27, (0.06, 0.12, 0.16)), (0.14, (0.25, 0.10, 0.05)))):
            ridge = s.noise(s.coordinates("UV", (1, 0, 0)), 5.0 + 3 * j + k, 4.0)
            edge = s.math("ADD", s.math("MULTIPLY", s.math("SUBTRACT", ridge, 0.5), 0.4), level)
            shade = s.mix(s.math("LESS_THAN", y, edge), shade, colour)
    elif k == 1:
        middle = s.node("ShaderNodeVectorMath", {0: at, 1: (0.30 * width, 0.42 * height, 0)},
                        operation="SUBTRACT").outputs[0]
        rings = s.wave(middle, 17.0, 2.2, "RINGS", "Z", 2.0, 1.4)
        shade = s.ramp(rings, (0.30, (0.03, 0.10, 0.16)), (0.45, (0.10, 0.26, 0.33)),
                       (0.62, (0.66, 0.60, 0.46)))
        shade = s.mix(s.math("GREATER_THAN", x, 0.78), shade, (0.62, 0.20, 0.07))
    else:
        warp = s.noise(at, 7.0, 3.0, 0.5, 1.5)
        blobs = s.ramp(warp, (0.40, (0.55, 0.14, 0.06)), (0.45, paper), (0.55, (0.08, 0.16, 0.22)),
                       (0.62, (0.62, 0.42, 0.10)), interpolation="CONSTANT")
        shade = s.mix(0.0 if k == 3 else 0.1, blobs, paper)
    shade = s.mix(0.5, shade, s.ramp(grain, (0.3, 0.7), (0.7, 1.2)), "MULTIPLY")
    return s.finish(s.principled(shade, 0.75))


def _pendant():
    x, y, z = -0.75, 0.30, 1.98
    metal = sh.plain("pendant", (0.04, 0.06, 0.055), 0.35, 0.2)
    dome = sp.lathe("pendant", [(0.19, 0.0), (0.18, 0.05), (0.13, 0.12), (0.05, 0.165), (0.022, 0.18),
                                (0.02, 0.22), (0.0, 0.222)], metal, 72)
    dome.modifiers.new("thickness", "SOLIDIFY").thickness = 0.003
    sp.place(dome, (x, y, z))
    sp.tube("cord", [(x, y, z + 0.2), (x, y, CEILING)], 0.0035, metal, 8)
