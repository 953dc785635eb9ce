# SPDX-License-Identifier: MIT
"""A jointed wooden figure striding over a desk, full bookshelves behind it (portrait)."""

import math

import bpy
import numpy as np
from mathutils import Vector

from . import output, shading as sh, shapes as sp
from .books import Library
from .shading import Shader

SIZE = (640, 960)
SAMPLES, VIEW_SAMPLES = 72, 10
BOUNCES = 4
EXPOSURE, SATURATION, WARMTH = 1.25, 1.05, 0.0
UNITS_PER_METRE, UNIT, INVERSE_DEPTH = 10000, "0.1 mm", False
VIEWS = True
SKY_DEPTH = math.inf             # no sky in sight

DESK = 0.74                      # height of the desk top, m
SHELF_Y = 0.30                   # front edge of the bookcase


def build():
    _light()
    _desk()
    _bookcase()
    _figure()
    _desk_things()
    return output.add_camera((0.05, -0.53, DESK + 0.235), (0.002, 0.0, DESK + 0.178))


def _light():
    world = bpy.context.scene.world
    world.use_nodes = True
    background = world.node_tree.nodes["Background"]
    background.inputs["Color"].default_value = (0.75, 0.8, 0.95, 1)
    background.inputs["Strength"].default_value = 0.3
    for name, position, target, size, watts, colour in (
            ("window", (-1.0, -0.75, DESK + 0.75), (0.0, 0.1, DESK + 0.15), 0.55, 15, (1.0, 0.91, 0.8)),
            ("bounce", (1.1, -0.9, DESK + 0.3), (0, 0.2, DESK + 0.1), 0.9, 6.0, (0.8, 0.88, 1.0)),
            ("lamp", (0.45, 0.0, DESK + 0.72), (0.05, 0.3, DESK + 0.1), 0.12, 5.0, (1.0, 0.68, 0.36))):
        light = bpy.data.lights.new(name, "AREA")
        light.shape, light.size, light.energy, light.color = "SQUARE", size, watts, colour
        lamp = bpy.data.objects.new(name, light)
        bpy.context.scene.collection.objects.link(lamp)
        lamp.location = position
        lamp.rotation_euler = sp.turn_towards(Vector(position) - Vector(target))


def _desk():
    oak = sh.wood("desk", (0.16, 0.085, 0.042), (0.44, 0.285, 0.16), "X", 1.4, 0.4, True,
                  bump=0.0004, wear=0.4)
    items, y = [], -0.45
    for width in (0.21, 0.19, 0.22, 0.2):
        items.append(((1.8, width - 0.001, 0.03), (0, y + width / 2, DESK - 0.015)))
        y += width
    sp.boxes("desk", items, oak, 0.0015)


def _bookcase():
    walnut = sh.wood("bookcase", (0.045, 0.022, 0.012), (0.15, 0.08, 0.04), "X", 1.2, 0.4,
                     bump=0.0003)
    upright = sh.wood("bookcase sides", (0.045, 0.022, 0.012), (0.15, 0.08, 0.04), "Z", 1.2, 0.4)
    y, z0 = SHELF_Y, DESK
    levels = (z0 + 0.012, z0 + 0.305, z0 + 0.60)
    boards = [((1.9, 0.24, 0.018), (0, y + 0.12, z - 0.009 + 0.0)) for z in levels]
    sp.boxes("shelves", boards, walnut, 0.0015)
    sp.boxes("sides", [((0.02, 0.24, 1.2), (x, y + 0.12, z0 + 0.4)) for x in (-0.93, 0.275, 0.93)],
             upright, 0.0015)
    back = sh.wood("bookcase back", (0.03, 0.016, 0.009), (0.09, 0.05, 0.026), "Z", 1.0, 0.6)
    sp.rectangle("back", (-0.95, y + 0.235, z0 - 0.1), (1.9, 0, 0), (0, 0, 1.2), back)

    books = Library(31)
    books.row(-0.70, -0.12, y + 0.02, levels[0], (0.18, 0.255), lean_at=(23,))
    top = books.stack(-0.005, y + 0.10, levels[0], 4, (0.18, 0.14))
    books.row(0.105, 0.235, y + 0.02, levels[0], (0.19, 0.25), lean_at=(0,))
    books.row(0.29, 0.7, y + 0.02, levels[0], (0.18, 0.25))
    books.row(-0.72, -0.225, y + 0.02, levels[1], (0.17, 0.24))
    books.row(-0.098, 0.155, y + 0.015, levels[1], (0.17, 0.25), lean_at=(7,))
    books.row(0.30, 0.7, y + 0.02, levels[1], (0.17, 0.24), lean_at=(0,))
    books.row(-0.7, 0.25, y + 0.02, levels[2], (0.18, 0.25))
    books.row(0.30, 0.7, y + 0.02, levels[2], (0.18, 0.25))
    books.build()

    blue = sh.glaze("small vase", (0.05, 0.16, 0.24), foot=0.008)
    vase = sp.lathe("small vase", [(0.0, 0.003), (0.022, 0.001), (0.028, 0.006), (0.045, 0.04),
                                   (0.047, 0.06), (0.03, 0.095), (0.014, 0.115), (0.012, 0.135),
                                   (0.019, 0.15), (0.0185, 0.151), (0.01, 0.137), (0.01, 0.12)],
                    blue, 64)
    sp.place(vase, (-0.152, y + 0.085, levels[1]))
    _globe((-0.005, y + 0.095, top))
    copper = sh.plain("copper", (0.58, 0.24, 0.12), 0.3, 1.0, bump=0.0006, bump_scale=90)
    pot = sp.lathe("copper pot", [(0.0, 0.002), (0.02, 0.0), (0.024, 0.004), (0.031, 0.03),
                                  (0.034, 0.05), (0.036, 0.052), (0.033, 0.05), (0.028, 0.02)],
                   copper, 56)
    sp.place(pot, (0.225, y + 0.06, levels[1]))


def _globe(base):
    s = Shader("globe")
    at = s.coordinates(scale=(1, 1, 1))
    land = s.noise(at, 34.0, 8.0, 0.55)
    shade = s.ramp(land, (0.50, (0.10, 0.22, 0.27)), (0.515, (0.50, 0.40, 0.20)),
                   (0.62, (0.42, 0.27, 0.12)))
    earth = s.finish(s.principled(shade, 0.35, coat=0.3))
    brass = sh.plain("globe brass", (0.6, 0.4, 0.17), 0.28, 1.0)
    base = np.array(base)
    centre = base + (0, 0, 0.062)
    sp.place(sp.ball("globe", 0.037, earth, 1.0, 56), centre, (12, 20, 30))
    angle = np.linspace(-0.5 * math.pi - 0.4, 0.5 * math.pi - 0.4, 30)
    arc = [(0.0415 * math.cos(a), 0, 0.0415 * math.sin(a)) for a in angle]
    sp.place(sp.tube("meridian", arc, 0.0016, brass, 8), centre)
    foot = sp.lathe("globe foot", [(0.0, 0.0), (0.026, 0.0), (0.027, 0.003), (0.012, 0.007),
                                   (0.005, 0.012), (0.004, 0.022), (0.0, 0.0225)], brass, 40)
    sp.place(foot, base)


# -- the figure -----------------------------------------------------------------------------

def _figure():
    beech = sh.wood("beech", (0.42, 0.24, 0.115), (0.66, 0.45, 0.26), "Z", 5.0, 0.33, bump=0.0001,
                    coat=0.25)
    # the joints are turned from the same wood, a little darker from handling
    knob = sh.wood("beech joints", (0.34, 0.18, 0.08), (0.55, 0.35, 0.19), "Z", 5.0, 0.3,
                   bump=0.0001, coat=0.25)
    steel = sh.plain("rod", (0.55, 0.54, 0.52), 0.25, 1.0)
    foot = sp.lathe("base", [(0.0, 0.0), (0.062, 0.0), (0.065, 0.003), (0.065, 0.011),
                             (0.0635, 0.0135), (0.056, 0.0155), (0.0, 0.016)], beech, 96, False)
    sp.place(foot, (0.0, 0.02, DESK), (0, 0, 20))

    def unit(v):
        return np.asarray(v, float) / np.linalg.norm(v)

    def ball(at, r):
        sp.place(sp.ball("joint", r, knob, 1.0, 36), at, (31 * r * 1000, 40, 10))

    def limb(start, end, profile, squash=1.0, roll=0.0):
        """A turned piece between two joints: profile of (radius, share of the length)."""
        start, end = np.asarray(start, float), np.asarray(end, float)
        length = np.linalg.norm(end - start)
        made = sp.lathe("limb", [(r, s * length) for r, s in profile], beech, 40)
        for vertex in made.data.vertices:
            vertex.co.y *= squash
        made.location = start
        made.rotation_euler = (Vector(end - start).to_track_quat("Z", "Y").to_matrix()
                               @ sp.Matrix.Rotation(math.radians(roll), 3, "Z")).to_euler()
        return made

    hip = np.array([0.0, 0.01, DESK + 0.196])
    lean = unit((-0.06, -0.05, 1.0))
    waist = hip + 0.026 * lean
    chest_axis = unit((-0.10, -0.03, 1.0))
    chest_top = waist + 0.074 * chest_axis
    ball(waist, 0.0125)
    limb(hip - 0.022 * lean, hip + 0.024 * lean,
         [(0.0, 0.0), (0.014, 0.01), (0.024, 0.22), (0.0265, 0.5), (0.021, 0.82), (0.012, 0.98),
          (0.0, 1.0)], 0.72, 12)
    limb(waist + 0.002 * chest_axis, chest_top,
         [(0.0, 0.0), (0.013, 0.02), (0.022, 0.2), (0.029, 0.52), (0.0315, 0.75), (0.025, 0.91),
          (0.012, 0.985), (0.0, 1.0)], 0.66, -6)
    neck = chest_top + 0.006 * chest_axis
    ball(neck, 0.0095)
    face = unit((-0.16, -0.12, 1.0))
    limb(neck + 0.004 * face, neck + 0.057 * face,
         [(0.0, 0.0), (0.009, 0.02), (0.0155, 0.2), (0.0195, 0.48), (0.0205, 0.66), (0.0155, 0.88),
          (0.006, 0.985), (0.0, 1.0)], 1.12)

    arm = [(0.0, 0.0), (0.007, 0.03), (0.0098, 0.25), (0.0102, 0.45), (0.0085, 0.75), (0.0068, 0.96),
           (0.0, 1.0)]
    fore = [(0.0, 0.0), (0.0066, 0.03), (0.0092, 0.28), (0.0082, 0.6), (0.0058, 0.95), (0.0, 1.0)]
    hand_shape = [(0.0, 0.0), (0.005, 0.03), (0.0088, 0.35), (0.0092, 0.6), (0.006, 0.9), (0.0, 1.0)]
    across = unit((1.0, -0.25, 0.12))
    for side, upper, lower, hand in (
            (-1, (-0.72, -0.22, 0.50), (-0.28, -0.30, 0.95), (-0.05, -0.25, 1.0)),   # waving
            (1, (0.55, 0.28, -0.78), (0.42, -0.72, -0.28), (0.45, -0.85, 0.12))):
        shoulder = chest_top - 0.016 * chest_axis + side * 0.0355 * across
        ball(shoulder, 0.0098)
        start = shoulder + 0.006 * unit(upper)
        elbow = start + 0.058 * unit(upper)
        limb(start, elbow, arm)
        ball(elbow + 0.004 * unit(upper), 0.0078)
        start = elbow + 0.007 * unit(upper) + 0.003 * unit(lower)
        wrist = start + 0.055 * unit(lower)
        limb(start, wrist, fore)
        ball(wrist + 0.002 * unit(lower), 0.0058)
        start = wrist + 0.004 * unit(lower)
        limb(start, start + 0.032 * unit(hand), hand_shape, 0.5, 20)

    thigh = [(0.0, 0.0), (0.0105, 0.03), (0.0145, 0.2), (0.014, 0.45), (0.0105, 0.8), (0.009, 0.97),
             (0.0, 1.0)]
    shin = [(0.0, 0.0), (0.0085, 0.03), (0.0122, 0.26), (0.011, 0.5), (0.0075, 0.85), (0.0062, 0.97),
            (0.0, 1.0)]
    for side, upper, lower, toe in ((-1, (-0.42, -0.50, -0.75), (-0.02, 0.30, -1.0), (-0.5, -1.0, -0.05)),
                                    (1, (0.22, 0.18, -1.0), (0.34, 0.38, -0.9), (0.55, -0.8, -0.55))):
        joint = hip + np.array([side * 0.0155, 0, -0.016])
        ball(joint, 0.0112)
        start = joint + 0.005 * unit(upper)
        knee = start + 0.070 * unit(upper)
        limb(start, knee, thigh)
        ball(knee + 0.004 * unit(upper), 0.0096)
        start = knee + 0.006 * unit(upper) + 0.004 * unit(lower)
        ankle = start + 0.068 * unit(lower)
        limb(start, ankle, shin)
        ball(ankle + 0.003 * unit(lower), 0.0068)
        heel = ankle + 0.008 * unit(lower) - 0.010 * unit(toe)
        limb(heel, heel + 0.047 * unit(toe),
             [(0.0, 0.0), (0.007, 0.04), (0.0105, 0.3), (0.0118, 0.62), (0.008, 0.9), (0.0, 1.0)], 0.62)
    rod = [(0.0, 0.072, DESK + 0.012), (0.0, 0.072, DESK + 0.19), (0.0, 0.07, DESK + 0.197),
           (0.0, 0.064, DESK + 0.202), (0.0, 0.02, DESK + 0.203)]
    sp.tube("rod", sp.smooth_curve(rod, 8), 0.0021, steel, 14)


# -- things on the desk -----------------------------------------------------------------------

def _desk_things():
    _pencils()
    _chess()
    _notebook()
    _plant()


def _pencils():
    clay = sh.glaze("pencil cup", (0.60, 0.20, 0.10), amount=0.6, roughness=0.3, foot=0.012)
    x, y = -0.137, -0.035
    cup = sp.lathe("pencil cup", [(0.0, 0.004), (0.03, 0.002), (0.033, 0.004), (0.035, 0.02),
                                  (0.036, 0.075), (0.0362, 0.082), (0.035, 0.0835), (0.0335, 0.081),
                                  (0.0325, 0.02), (0.0, 0.01)], clay, 72)
    sp.place(cup, (x, y, DESK))
    paints = [sh.plain(f"pencil {k}", colour, 0.3, coat=0.4) for k, colour in enumerate(
        ((0.75, 0.42, 0.02), (0.45, 0.03, 0.02), (0.02, 0.12, 0.32), (0.03, 0.22, 0.10),
         (0.03, 0.03, 0.035), (0.70, 0.58, 0.40)))]
    bare = sh.plain("pencil wood", (0.62, 0.42, 0.24), 0.7)
    lead = sh.plain("pencil lead", (0.05, 0.05, 0.055), 0.4)
    rng = np.random.default_rng(5)
    for k in range(9):
        a = 2 * math.pi * k / 9 + rng.uniform(-0.25, 0.25)
        foot = np.array([x - 0.020 * math.cos(a), y - 0.020 * math.sin(a), DESK + 0.014])
        rim = np.array([x + 0.026 * math.cos(a), y + 0.026 * math.sin(a), DESK + 0.083])
        axis = (rim - foot) / np.linalg.norm(rim - foot)
        length = rng.uniform(0.135, 0.178)
        shaft = sp.tube("pencil", [foot, foot + axis * (length - 0.022)], 0.0036, paints[k % 6], 6)
        shaft.data.use_auto_smooth = True
        shaft.data.auto_smooth_angle = math.radians(20)
        sp.tube("pencil tip", [foot + axis * (length - s) for s in (0.022, 0.005)],
                [0.0036, 0.0011], bare, 10)
        sp.tube("pencil point", [foot + axis * (length - s) for s in (0.005, 0.0)],
                [0.0011, 0.0002], lead, 8)
    sp.tube("loose pencil", [(0.030, -0.195, DESK + 0.0106), (0.128, -0.150, DESK + 0.0106)], 0.0036,
            paints[0], 6)
    a, b = np.array([0.030, -0.195, DESK + 0.0106]), np.array([0.128, -0.150, DESK + 0.0106])
    axis = (a - b) / np.linalg.norm(a - b)
    sp.tube("loose tip", [a, a + 0.017 * axis], [0.0036, 0.0011], bare, 10)
    sp.tube("loose point", [a + 0.017 * axis, a + 0.022 * axis], [0.0011, 0.0002], lead, 8)


def _chess():
    black = sh.wood("ebony", (0.010, 0.007, 0.006), (0.035, 0.022, 0.016), "Z", 6.0, 0.25, coat=0.3)
    white = sh.wood("boxwood", (0.55, 0.38, 0.19), (0.72, 0.56, 0.34), "Z", 6.0, 0.3, coat=0.3)
    pawn = [(0.0, 0.0), (0.0135, 0.0), (0.0142, 0.004), (0.012, 0.008), (0.0085, 0.012),
            (0.0055, 0.024), (0.0052, 0.028), (0.0088, 0.030), (0.0086, 0.032), (0.0052, 0.034),
            (0.0082, 0.041), (0.0060, 0.0475), (0.0, 0.049)]
    king = [(0.0, 0.0), (0.017, 0.0), (0.018, 0.005), (0.0155, 0.010), (0.0105, 0.016),
            (0.0068, 0.04), (0.0064, 0.052), (0.0118, 0.055), (0.0115, 0.058), (0.0075, 0.060),
            (0.0118, 0.076), (0.0125, 0.079), (0.0105, 0.082), (0.0035, 0.085), (0.0042, 0.089),
            (0.002, 0.092), (0.0022, 0.098), (0.0, 0.099)]
    sp.place(sp.lathe("pawn", pawn, black, 48), (0.108, -0.05, DESK))
    sp.place(sp.lathe("king", king, white, 48), (0.143, -0.012, DESK))
    fallen = sp.lathe("fallen pawn", pawn, white, 48)
    sp.place(fallen, (0.075, -0.082, DESK + 0.0125), (86.5, 0, 62))


def _notebook():
    """An open sketchbook whose pages arch away from the gutter."""
    s = Shader("page")
    at = s.coordinates("UV")
    grain = s.noise(at, 300.0, 4.0)
    # a drawn spiral and hatching in pencil
    axes = s.separate(at)
    circle = s.wave(s.coordinates("UV"), 26.0, 3.5, "RINGS", "Z", 3.0, 2.0)
    line = s.ramp(circle, (0.0, 0.0), (0.025, 1.0))
    hatch = s.ramp(s.wave(s.coordinates("UV", rotation=(0, 0, 0.9)), 110.0, 3.0, detail=2.0),
                   (0.05, 0.0), (0.2, 1.0))
    where = s.ramp(s.noise(at, 9.0, 2.0), (0.50, 1.0), (0.58, 0.0))
    paper = s.mix(1.0, (0.78, 0.74, 0.64), s.ramp(grain, (0.3, 0.94), (0.7, 1.02)), "MULTIPLY")
    marks = s.math("MULTIPLY", s.math("MAXIMUM", s.math("SUBTRACT", 1.0, hatch), 0.0),
                   s.math("SUBTRACT", 1.0, where))
    marks = s.math("MAXIMUM", marks, s.math("SUBTRACT", 1.0, line))
    inside = s.math("MULTIPLY", s.math("GREATER_THAN", axes["X"], 0.014),
                    s.math("MULTIPLY", s.math("LESS_THAN", axes["X"], 0.116),
                           s.math("MULTIPLY", s.math("GREATER_THAN", axes["Y"], 0.016),
                                  s.math("LESS_THAN", axes["Y"], 0.164))))
    marks = s.math("MULTIPLY", s.math("MULTIPLY", marks, inside), 0.72)
    page = s.finish(s.principled(s.mix(marks, paper, (0.12, 0.12, 0.13)), 0.85,
                                 s.bump(grain, 0.0002)))
    cover = sh.plain("notebook cover", (0.03, 0.03, 0.035), 0.6, bump=0.0008, bump_scale=500)
    w, h = 0.13, 0.18
    for side in (-1, 1):
        def arch(u, v, side=side):
            lift = 0.0045 + 0.006 * np.exp(-((u - 0.12) / 0.16) ** 2) * (1 - np.exp(-u * 30)) * 1.3
            return side * u * w, (v - 0.5) * h, lift
        leafy = sp.sheet("page", arch, 4, 40, page, (w, h))
        rim = sp.box("block", (w - 0.002, h - 0.002, 0.004), (0, 0, 0), page)
        board = sp.box("cover", (w + 0.004, h + 0.006, 0.002), (0, 0, 0), cover, 0.0006)
        turn = 23
        c, sn = math.cos(math.radians(turn)), math.sin(math.radians(turn))
        mid = np.array([0.045, -0.225, DESK])
        sp.place(leafy, mid, (0, 0, turn))
        for part, z in ((rim, 0.0042), (board, 0.0011)):
            sp.place(part, mid + (side * w / 2 * c, side * w / 2 * sn, z), (0, 0, turn))


def _plant():
    """A small plant with long thin leaves in a clay pot, in front of the shelf at the right."""
    rng = np.random.default_rng(8)
    terracotta = sh.plain("terracotta", (0.42, 0.17, 0.085), 0.85, bump=0.002, bump_scale=120,
                          variation=0.25)
    soil = sh.plain("soil", (0.03, 0.02, 0.013), 1.0, bump=0.01, bump_scale=180)
    green = sh.leaf("spider plant", (0.11, 0.22, 0.045), roughness=0.4, through=0.3)
    x, y = 0.172, 0.175
    pot = sp.lathe("pot", [(0.0, 0.0), (0.03, 0.0), (0.031, 0.002), (0.040, 0.052), (0.0445, 0.053),
                           (0.0455, 0.068), (0.0415, 0.069), (0.040, 0.06), (0.0, 0.058)],
                   terracotta, 64, False)
    sp.place(pot, (x, y, DESK))
    sp.place(sp.ball("soil", 0.04, soil, 0.15), (x, y, DESK + 0.058))
    leaves = sp.MeshParts()
    for k in range(54):
        a = 2.399963 * k + rng.uniform(-0.2, 0.2)
        steep = rng.uniform(0.35, 1.25)
        length = rng.uniform(0.11, 0.19)
        t = np.linspace(0, 1, 14)
        out = length * (t * math.cos(steep) + 0.25 * t ** 2)
        up = length * (t * math.sin(steep) - 0.62 * t ** 2.3)
        middle = np.stack([x + out * math.cos(a), y + out * math.sin(a), DESK + 0.058 + up], 1)
        middle[:, 1] = np.minimum(middle[:, 1], SHELF_Y - 0.004 + 0.0 * t)
        middle[:, 2] = np.maximum(middle[:, 2], DESK + 0.004)
        side = np.array([-math.sin(a), math.cos(a), 0])
        width = 0.0052 * np.sin(np.pi * np.clip(t * 0.9 + 0.1, 0, 1)) ** 0.6
        vertices = np.concatenate([[m - w * side + (0, 0, w * 0.5), m, m + w * side + (0, 0, w * 0.5)]
                                   for m, w in zip(middle, width)])
        leaves.add(vertices, sp.grid_faces(14, 3))
    leaves.build("leaves", green)
