# SPDX-License-Identifier: MIT
"""Fruit, stoneware and dry branches on a wooden table beside a window."""

import math

import bpy
import numpy as np

from . import output, shading as sh, shapes as sp
from .shading import Shader

SIZE = (960, 640)
SAMPLES, VIEW_SAMPLES = 110, 10
BOUNCES = 4
EXPOSURE, SATURATION, WARMTH = 1.4, 1.05, 0.0
UNITS_PER_METRE, UNIT, INVERSE_DEPTH = 10000, "0.1 mm", False
VIEWS = True
SKY_DEPTH = math.inf             # no sky in sight

CLOTH_FRAMES = 30                # the towel has come to rest by then
TABLE = 0.75                     # height of the table top, m
TABLE_FRONT = -0.365            # its front edge (the table's middle is about y = 0)
WALL_Y = 0.95                    # the wall behind


def build():
    _room_and_light()
    _table()
    _cloth()
    _vessels()
    _fruit()
    _branches()
    _small_things()
    return output.add_camera((0.06, -1.02, TABLE + 0.36), (0.0, 0.05, TABLE + 0.125))


def _room_and_light():
    world = bpy.context.scene.world
    world.use_nodes = True
    background = world.node_tree.nodes["Background"]
    background.inputs["Color"].default_value = (0.55, 0.6, 0.7, 1)
    background.inputs["Strength"].default_value = 0.16

    wall = sh.plaster("wall", (0.36, 0.355, 0.32), 0.004, 0.22)
    sp.rectangle("wall", (-4, WALL_Y, -0.5), (8, 0, 0), (0, 0, 4), wall)
    sp.rectangle("floor", (-4, -4, -0.02), (8, 0, 0), (0, 5, 0),
                 sh.wood("floor", (0.05, 0.03, 0.02), (0.14, 0.09, 0.05), waxed=True))
    # A window wall at the left, never seen: its bars draw the light on the wall and the table.
    x = -1.7
    white = sh.plain("frame", (0.7, 0.7, 0.68))
    bars = [((0.1, 6, 1.0), (x, 0, 0.45)), ((0.1, 6, 2.0), (x, 0, 3.35)),
            ((0.1, 3, 3), (x, -2.55, 1.5)), ((0.1, 3, 3), (x, 1.95, 1.5))]
    bars += [((0.04, 0.035, 1.5), (x, y, 1.65)) for y in (-0.55, -0.05)]
    bars += [((0.04, 1.6, 0.03), (x, -0.3, z)) for z in (1.35, 1.82)]
    sp.boxes("window", bars, white)

    sun = bpy.data.lights.new("sun", "SUN")
    sun.energy, sun.angle, sun.color = 5.2, math.radians(1.2), (1.0, 0.83, 0.62)
    lamp = bpy.data.objects.new("sun", sun)
    bpy.context.scene.collection.objects.link(lamp)
    lamp.rotation_euler = sp.turn_towards((-1.0, -0.52, 0.36))
    _area("sky", (x - 0.15, -0.3, 1.6), (1, 0.1, -0.15), 1.6, 60, (0.75, 0.86, 1.0))
    _area("fill", (1.5, -2.2, 2.0), (-0.9, 2.0, -0.9), 2.0, 16, (1.0, 0.9, 0.8))


def _area(name, position, direction, size, watts, colour):
    light = bpy.data.lights.new(name, "AREA")
    light.shape, light.size, light.energy, light.color = "SQUARE", size, watts, colour
    lamp = bpy.data.objects.new(name, light)
    bpy.context.scene.collection.objects.link(lamp)
    lamp.location = position
    lamp.rotation_euler = sp.turn_towards([-d for d in direction])
    lamp.visible_camera = False
    return lamp


def _table():
    boards = sh.wood("boards", (0.10, 0.048, 0.022), (0.36, 0.205, 0.105), "X", 1.0, 0.42, True,
                     bump=0.0008, wear=0.6, waxed=True)
    items, y, rng = [], TABLE_FRONT, np.random.default_rng(4)
    for width in (0.15, 0.17, 0.13, 0.18, 0.15, 0.16):
        items.append(((1.9 + rng.uniform(-0.004, 0.004), width - 0.0025, 0.04),
                      (0.0, y + width / 2, TABLE - 0.02 + rng.uniform(-0.0006, 0.0006))))
        y += width
    sp.boxes("table", items, boards, 0.004)
    sp.boxes("apron", [((1.7, 0.03, 0.1), (0, TABLE_FRONT + 0.05, TABLE - 0.09))], boards, 0.003)


def _cloth():
    """A linen towel dropped over the front edge of the table (a short cloth simulation)."""
    linen = sh.fabric("linen", (0.74, 0.70, 0.60), (0.13, 0.20, 0.33),
                      ((0.05, 0.075), (0.085, 0.092), (0.535, 0.562), (0.518, 0.525), (0.572, 0.579)),
                      threads=7000.0)
    def flat(u, v):
        x, y = (u - 0.5) * 0.42, (v - 0.5) * 0.62
        x = x * (0.70 + 0.16 * np.sin(5 * v))                # gathered: this makes the folds
        ripple = 0.022 * np.sin(17 * u + 3 * v) + 0.012 * np.sin(31 * u - 4 * v + 1) + 0.010 * (
            np.sin(9 * v + 4 * u))
        turn = 0.30
        c, s = math.cos(turn), math.sin(turn)
        return -0.19 + c * x - s * y, TABLE_FRONT + 0.02 + s * x + c * y, TABLE + 0.045 + ripple
    towel = sp.sheet("towel", flat, 84, 58, linen, (0.42, 0.62))
    table = sp.box("cloth stop", (1.9, 1.2, 0.04), (0, TABLE_FRONT + 0.6, TABLE - 0.0195), linen,
                   0.006)
    table.modifiers.new("collision", "COLLISION")
    table.collision.thickness_outer, table.collision.cloth_friction = 0.003, 60.0
    drape = towel.modifiers.new("cloth", "CLOTH")
    settings = drape.settings
    settings.quality, settings.mass = 6, 0.2
    settings.tension_stiffness = settings.compression_stiffness = 12.0
    settings.shear_stiffness, settings.bending_stiffness = 4.0, 0.15
    settings.air_damping = 2.0
    drape.collision_settings.distance_min = 0.003
    drape.collision_settings.collision_quality = 2
    drape.collision_settings.use_self_collision = True
    drape.collision_settings.self_distance_min = 0.002
    drape.point_cache.frame_end = CLOTH_FRAMES
    scene = bpy.context.scene
    for frame in range(1, CLOTH_FRAMES + 1):
        scene.frame_set(frame)
    graph = bpy.context.evaluated_depsgraph_get()
    settled = bpy.data.meshes.new_from_object(towel.evaluated_get(graph))
    towel.modifiers.clear()
    towel.data = settled
    scene.frame_set(1)
    bpy.data.objects.remove(table)
    modifier = towel.modifiers.new("smooth", "SUBSURF")
    modifier.levels = modifier.render_levels = 1
    modifier = towel.modifiers.new("thickness", "SOLIDIFY")
    modifier.thickness, modifier.offset = 0.0016, 0.0


def _vessels():
    jug = sh.glaze("jug glaze", (0.17, 0.27, 0.33), foot=0.035)
    body = sp.lathe("jug", [(0.0, 0.006), (0.05, 0.004), (0.062, 0.002), (0.066, 0.01),
                            (0.088, 0.06), (0.097, 0.11), (0.088, 0.165), (0.058, 0.215),
                            (0.046, 0.25), (0.05, 0.275), (0.058, 0.29), (0.0585, 0.292),
                            (0.053, 0.288), (0.043, 0.26), (0.042, 0.245), (0.06, 0.2)], jug, 96,
                    wobble=lambda a, s: 1 + np.where(s > 0.68, 0.16, 0) * np.exp(
                        -((a - np.pi * 1.1) / 0.42) ** 2) * np.clip((s - 0.68) * 9, 0, 1))
    sp.place(body, (-0.23, 0.20, TABLE))
    handle = sp.smooth_curve([(0.045, 0, 0.262), (0.09, 0, 0.272), (0.128, 0, 0.235),
                              (0.128, 0, 0.18), (0.104, 0, 0.135), (0.09, 0, 0.125)], 10)
    grip = sp.tube("jug handle", handle, np.linspace(0.012, 0.0095, len(handle)), jug, 16, 0.62)
    sp.place(grip, (-0.23, 0.20, TABLE), (0, 0, 18))

    bottle = Shader("bottle glass")
    tint = bottle.ramp(bottle.noise(bottle.coordinates(), 8.0), (0.3, (0.006, 0.02, 0.008)),
                       (0.7, (0.012, 0.035, 0.012)))
    glass = bottle.finish(bottle.principled(tint, 0.06, coat=0.6))
    flask = sp.lathe("bottle", [(0.0, 0.012), (0.03, 0.004), (0.037, 0.001), (0.0405, 0.008),
                                (0.0405, 0.06), (0.0405, 0.12), (0.0405, 0.19), (0.036, 0.215),
                                (0.02, 0.245), (0.0155, 0.27), (0.0148, 0.31), (0.0148, 0.318),
                                (0.0172, 0.32), (0.0172, 0.331), (0.015, 0.333), (0.011, 0.333)],
                     glass, 72)
    sp.place(flask, (-0.43, 0.36, TABLE))
    cork = sp.lathe("cork", [(0.0, 0.318), (0.0112, 0.32), (0.0122, 0.352), (0.0115, 0.354),
                             (0.0, 0.354)], sh.plain("cork", (0.36, 0.22, 0.11), 0.8, bump=0.002,
                                                     bump_scale=260), 32, False)
    sp.place(cork, (-0.43, 0.36, TABLE))

    bowl = sh.glaze("bowl glaze", (0.78, 0.74, 0.64), amount=0.75, roughness=0.24, foot=0.02)
    dish = sp.lathe("bowl", [(0.0, 0.014), (0.04, 0.012), (0.052, 0.0), (0.058, 0.001),
                             (0.06, 0.012), (0.095, 0.035), (0.128, 0.068), (0.143, 0.098),
                             (0.1445, 0.1), (0.141, 0.101), (0.124, 0.072), (0.09, 0.042),
                             (0.05, 0.026), (0.0, 0.022)], bowl, 96)
    sp.place(dish, (0.20, 0.13, TABLE))

    vase = sh.plain("vase", (0.30, 0.13, 0.075), 0.75, bump=0.003, bump_scale=70, variation=0.3)
    jar = sp.lathe("vase", [(0.0, 0.004), (0.035, 0.002), (0.042, 0.008), (0.058, 0.06),
                            (0.064, 0.10), (0.054, 0.15), (0.03, 0.19), (0.024, 0.22),
                            (0.029, 0.245), (0.031, 0.247), (0.026, 0.243), (0.02, 0.22),
                            (0.024, 0.19), (0.04, 0.15)], vase, 72)
    sp.place(jar, (0.03, 0.42, TABLE))

    cup = sh.glaze("cup glaze", (0.62, 0.60, 0.55), amount=0.8, roughness=0.3, foot=0.016)
    mug = sp.lathe("cup", [(0.0, 0.008), (0.026, 0.006), (0.029, 0.001), (0.033, 0.004),
                           (0.0385, 0.03), (0.0405, 0.07), (0.041, 0.078), (0.0395, 0.0795),
                           (0.038, 0.077), (0.036, 0.035), (0.03, 0.012), (0.0, 0.01)], cup, 72)
    sp.place(mug, (-0.36, -0.03, TABLE))
    ear = sp.smooth_curve([(0.037, 0, 0.062), (0.06, 0, 0.066), (0.07, 0, 0.045),
                           (0.058, 0, 0.022), (0.036, 0, 0.02)], 10)
    sp.place(sp.tube("cup ear", ear, 0.0052, cup, 12, 0.8), (-0.36, -0.03, TABLE), (0, 0, -65))
    tea = sp.lathe("tea", [(0.0, 0.06), (0.0372, 0.06)],
                   sh.plain("tea", (0.09, 0.028, 0.008), 0.05), 48, False)
    sp.place(tea, (-0.36, -0.03, TABLE))


# -- fruit ----------------------------------------------------------------------------------

def _orange_skin():
    s = Shader("orange")
    at = s.coordinates()
    pores = s.voronoi(at, 420.0)
    shade = s.ramp(s.noise(at, 18.0, 4.0), (0.3, (0.78, 0.19, 0.012)), (0.7, (0.92, 0.30, 0.02)))
    shade = s.vary(shade, s.random_object(), 0.012, 0.06, 0.12)
    shade = s.mix(0.35, shade, s.ramp(pores, (0.0, 0.5), (0.45, 1.1)), "MULTIPLY")
    return s.finish(s.principled(shade, 0.42, s.bump(pores, 0.0011, 0.8), sheen=0.1))


def _lemon_skin():
    s = Shader("lemon")
    at = s.coordinates()
    lumps = s.math("ADD", s.math("MULTIPLY", s.voronoi(at, 210.0), 0.6), s.noise(at, 60.0, 3.0))
    shade = s.ramp(s.noise(at, 16.0, 4.0), (0.3, (0.80, 0.52, 0.03)), (0.7, (0.90, 0.68, 0.07)))
    ends = s.math("ABSOLUTE", s.separate(at)["Z"])
    shade = s.mix(s.ramp(ends, (0.030, 0.0), (0.046, 0.55)), shade, (0.42, 0.44, 0.04))
    return s.finish(s.principled(shade, 0.4, s.bump(lumps, 0.0012)))


def _apple_skin():
    s = Shader("apple")
    streaks = s.noise(s.coordinates("UV", (60, 2.2, 1)), 1.0, 6.0, 0.65)
    at = s.coordinates()
    patches = s.noise(at, 16.0, 3.0)
    blush = s.math("ADD", s.math("MULTIPLY", streaks, 0.55), s.math("MULTIPLY", patches, 0.75))
    shade = s.ramp(blush, (0.46, (0.60, 0.45, 0.08)), (0.58, (0.52, 0.12, 0.03)),
                   (0.74, (0.30, 0.018, 0.015)))
    freckle = s.math("LESS_THAN", s.voronoi(at, 190.0), 0.13)
    shade = s.mix(s.math("MULTIPLY", freckle, 0.5), shade, (0.75, 0.6, 0.3))
    near_stem = s.ramp(s.separate(s.coordinates("UV"))["Y"], (0.86, 0.0), (0.99, 0.85))
    shade = s.mix(near_stem, shade, (0.32, 0.33, 0.06))
    return s.finish(s.principled(shade, 0.27, s.bump(patches, 0.0015), coat=0.15))


def _pear_skin():
    s = Shader("pear")
    at = s.coordinates()
    shade = s.ramp(s.noise(at, 13.0, 5.0), (0.34, (0.36, 0.36, 0.045)), (0.66, (0.60, 0.47, 0.07)))
    side = s.ramp(s.math("ADD", s.math("MULTIPLY", s.separate(at)["X"], 9.0),
                         s.noise(at, 22.0, 5.0)), (0.55, 0.0), (0.95, 0.8))
    shade = s.mix(side, shade, (0.44, 0.13, 0.035))
    spots = s.math("MULTIPLY", s.math("LESS_THAN", s.voronoi(at, 300.0), 0.22),
                   s.ramp(s.noise(at, 40.0), (0.45, 0.0), (0.55, 0.65)))
    shade = s.mix(spots, shade, (0.2, 0.12, 0.04))
    russet = s.ramp(s.noise(at, 30.0, 7.0, 0.65), (0.56, 0.0), (0.7, 0.6))
    shade = s.mix(russet, shade, (0.30, 0.18, 0.06))
    return s.finish(s.principled(shade, 0.42, s.bump(s.noise(at, 80.0), 0.0008)))


def _grape_skin():
    s = Shader("grape")
    at = s.coordinates()
    bloom = s.noise(at, 55.0, 5.0, 0.6)
    shade = s.vary((0.075, 0.012, 0.035), s.random_piece(), 0.05, 0.15, 0.45)
    shade = s.mix(s.ramp(bloom, (0.42, 0.0), (0.75, 0.45)), shade, (0.22, 0.22, 0.33))
    return s.finish(s.principled(shade, s.math("ADD", s.math("MULTIPLY", bloom, 0.5), 0.06)))


def _stem(points, radius, material):
    curve = sp.smooth_curve(points, 6)
    swell = np.linspace(1.0, 1.0, len(curve))
    swell[-2:] = (1.35, 1.5)
    return sp.tube("stem", curve, radius * swell, material, 10)


def _fruit():
    bark = sh.plain("stem bark", (0.10, 0.06, 0.03), 0.8, bump=0.002, bump_scale=300)
    orange, lemon = _orange_skin(), _lemon_skin()
    apple, pear, grape = _apple_skin(), _pear_skin(), _grape_skin()

    def make_apple(location, turn, size):
        lobes = lambda a, s: 1 + 0.035 * np.cos(5 * a) * (1 - s) ** 2 + 0.012 * np.cos(2 * a + 1)
        made = sp.lathe("apple", [(0.0, 0.010), (0.008, 0.006), (0.018, 0.0), (0.028, 0.006),
                                  (0.037, 0.024), (0.040, 0.042), (0.036, 0.060), (0.024, 0.071),
                                  (0.013, 0.070), (0.005, 0.062), (0.0, 0.058)], apple, 64,
                        wobble=lobes)
        twig = _stem([(0, 0, 0.058), (0.001, 0, 0.07), (0.005, 0.001, 0.084)], 0.0016, bark)
        for part in (made, twig):
            sp.place(part, location, turn, size)

    def make_pear(location, turn, size):
        made = sp.lathe("pear", [(0.0, 0.005), (0.010, 0.002), (0.022, 0.002), (0.034, 0.016),
                                 (0.0375, 0.035), (0.031, 0.058), (0.020, 0.077), (0.0165, 0.090),
                                 (0.012, 0.101), (0.004, 0.105), (0.0, 0.103)], pear, 64, bend=0.9,
                        wobble=lambda a, s: 1 + 0.02 * np.cos(2 * a) + 0.012 * np.cos(3 * a + 2))
        twig = _stem([(0.0085, 0, 0.1), (0.012, 0, 0.116), (0.020, 0.003, 0.131)], 0.0017, bark)
        for part in (made, twig):
            sp.place(part, location, turn, size)

    # in the bowl: its inside reaches radius 0.09 at height 0.042
    cx, cy = 0.20, 0.13
    for k, (dx, dy, dz, r) in enumerate([(-0.066, 0.025, 0.082, 0.038), (0.012, 0.074, 0.085, 0.039),
                                         (0.073, 0.012, 0.083, 0.037), (0.005, -0.002, 0.124, 0.038)]):
        made = sp.ball("orange", r, orange, 0.94, 64)
        sp.place(made, (cx + dx, cy + dy, TABLE + dz), (20 * k + 15, 35 * k - 20, 70 * k))
        tip = sp.lathe("calyx", [(0.0, 0.0012), (0.0022, 0.001), (0.0032, 0.0)], bark, 10, False,
                       wobble=lambda a, s: 1 + 0.3 * np.cos(5 * a))
        tip.parent = made
        tip.location = (0, 0, r * 0.94 - 0.0004)
    lemon_profile = [(0.0, -0.047), (0.004, -0.046), (0.007, -0.041), (0.016, -0.034),
                     (0.027, -0.016), (0.0295, 0.002), (0.026, 0.02), (0.014, 0.035),
                     (0.007, 0.040), (0.003, 0.043), (0.0, 0.0435)]
    for location, turn in [((cx - 0.018, cy - 0.078, TABLE + 0.088), (70, 10, 55)),
                           ((cx + 0.052, cy - 0.062, TABLE + 0.087), (90, 0, -30))]:
        sp.place(sp.lathe("lemon", lemon_profile, lemon, 64), location, turn)

    make_apple((-0.115, -0.045, TABLE + 0.0), (0, 0, 40), 1.0)
    make_apple((0.415, 0.03, TABLE + 0.038), (96, 0, 205), 0.98)
    make_pear((-0.045, -0.14, TABLE + 0.0042), (0, 4, 25), 1.0)
    make_pear((0.085, -0.185, TABLE + 0.0405), (-86, 0, 62), 1.02)
    lemon2 = sp.place(sp.lathe("lemon", lemon_profile, lemon, 64),
                      (0.335, -0.145, TABLE + 0.0295), (90, 0, 30))
    _grapes(grape, bark)


def _grapes(skin, bark):
    """A bunch hanging over the bowl's rim down to the table: berries pushed apart by size."""
    rng = np.random.default_rng(12)
    n = 58
    t = np.sort(rng.uniform(0, 1, n))
    spine = np.array([(0.30, 0.03, 0.118), (0.33, -0.02, 0.085), (0.345, -0.06, 0.05),
                      (0.30, -0.10, 0.025), (0.24, -0.125, 0.018)])
    curve = sp.smooth_curve(spine, 16)
    centre = curve[(t * (len(curve) - 1)).astype(int)]
    spread = 0.034 * np.sqrt(1.05 - t)[:, None]
    at = centre + rng.normal(0, 1, (n, 3)) * spread * 0.8
    radius = rng.uniform(0.0088, 0.0112, n)
    bowl = np.array([0.20, 0.13])
    for _ in range(140):                       # relax: no overlaps, nothing below the table
        for i in range(n):
            away = at[i] - at
            gap = np.linalg.norm(away, axis=1)
            close = (gap < radius + radius[i]) & (gap > 0)
            push = (radius[i] + radius[close] - gap[close]) / gap[close]
            at[i] += 0.4 * (away[close] * push[:, None]).sum(0)
        at += 0.02 * (centre - at)
        at[:, 2] = np.maximum(at[:, 2], radius + 0.001)
        flat = at[:, :2] - bowl                # outside of the bowl's outer wall
        reach = np.linalg.norm(flat, axis=1)
        wall = np.interp(at[:, 2], [0, 0.03, 0.068, 0.1, 0.112], [0.06, 0.092, 0.131, 0.147, 0.0])
        inside = reach < wall + radius
        at[inside, :2] = bowl + flat[inside] * ((wall + radius)[inside] / reach[inside])[:, None]
    parts = sp.MeshParts()
    u = np.linspace(0, np.pi, 15)
    a = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    unit = np.stack([np.outer(np.sin(u), np.cos(a)), np.outer(np.sin(u), np.sin(a)),
                     np.outer(-np.cos(u), np.ones(24))], -1).reshape(-1, 3)
    faces = sp.grid_faces(15, 24, True)
    for p, r in zip(at, radius):
        stretch = np.array([1, 1, rng.uniform(1.0, 1.15)])
        parts.add(unit * r * stretch + p + (0, 0, TABLE), faces)
    parts.build("grapes", skin)
    twigs = sp.MeshParts()
    main = curve[: int(len(curve) * 0.9)] + (0, 0, TABLE + 0.004)
    lead = np.vstack([(0.268, 0.075, TABLE + 0.150), (0.283, 0.05, TABLE + 0.138), main])
    twigs.add(*sp.tube_geometry(lead, np.linspace(0.0026, 0.001, len(lead)), 8))
    for p, c in zip(at[::2], centre[::2]):
        twigs.add(*sp.tube_geometry([c + (0, 0, TABLE + 0.004), (p + c) / 2 + (0, 0, TABLE + 0.006),
                                     p + (0, 0, TABLE)], 0.0007, 5))
    twigs.build("grape stalks", bark)


# -- branches -------------------------------------------------------------------------------

def _branches():
    """Twigs with catkins and eucalyptus stems in the vase."""
    rng = np.random.default_rng(21)
    bark = sh.plain("twig", (0.075, 0.042, 0.028), 0.7, bump=0.002, bump_scale=220)
    down = sh.plain("catkin", (0.46, 0.43, 0.38), 0.95, bump=0.004, bump_scale=420, sheen=1.0)
    green = sh.leaf("eucalyptus", (0.13, 0.20, 0.145), roughness=0.6, through=0.2, hue=0.02,
                    value=0.3)
    twigs, buds, leaves = sp.MeshParts(), sp.MeshParts(), sp.MeshParts()
    foot = np.array([0.03, 0.42, TABLE + 0.2])

    def stem(lean, turn, length, bow):
        t = np.linspace(0, 1, 28)[:, None]
        side = np.array([math.cos(turn), math.sin(turn), 0])
        path = foot + length * (t * np.array([0, 0, 1.0]) * math.cos(lean)
                                + (t ** (1 + bow)) * side * math.sin(lean) * 1.3)
        wiggle = np.cumsum(rng.normal(0, 0.0022, (28, 3)), 0)
        return path + wiggle * np.array([1, 1, 0.3])

    def add_catkins(path, start):
        for k in range(start, len(path) - 1, 1):
            if rng.uniform() < 0.35:
                continue
            along = path[k + 1] - path[k]
            along /= np.linalg.norm(along)
            out = np.cross(along, rng.normal(size=3))
            out /= np.linalg.norm(out)
            tip = path[k] + out * 0.004
            axis = along * 0.8 + out * 0.55
            axis /= np.linalg.norm(axis)
            s = np.linspace(0, 1, 9)
            size = rng.uniform(0.011, 0.018)
            radii = 0.0046 * np.sin(np.pi * np.clip(s * 0.93 + 0.06, 0, 1)) ** 0.75 + 2e-4
            buds.add(*sp.tube_geometry(tip + np.outer(s * size, axis), radii, 10))

    for lean, turn, length in [(0.32, 2.9, 0.40), (0.20, 0.3, 0.46), (0.62, 3.5, 0.34),
                               (0.52, 0.1, 0.40), (0.08, 4.5, 0.50)]:
        path = stem(lean, turn, length, 0.35)
        twigs.add(*sp.tube_geometry(path, np.linspace(0.0028, 0.0010, len(path)), 7))
        add_catkins(path, 9)
        for k in (10, 14, 18):                # side twigs
            if rng.uniform() < 0.75:
                t = np.linspace(0, 1, 12)[:, None]
                heading = (path[k + 1] - path[k]) * 26 + rng.normal(0, 0.5, 3) * 0.14
                heading[2] = abs(heading[2])
                side = path[k] + t * heading * rng.uniform(0.35, 0.6) + t ** 2 * (0, 0, 0.02)
                twigs.add(*sp.tube_geometry(side, np.linspace(0.0016, 0.0007, 12), 6))
                add_catkins(side, 3)

    for lean, turn, length in [(0.75, 2.6, 0.36), (0.62, 0.6, 0.38), (0.95, 5.6, 0.30),
                               (0.9, 3.9, 0.30)]:
        path = stem(lean, turn, length, 0.7)
        path[:, 2] -= 0.10 * np.linspace(0, 1, len(path)) ** 2
        twigs.add(*sp.tube_geometry(path, np.linspace(0.0022, 0.0008, len(path)), 6))
        for k in range(5, len(path) - 1):
            along = path[k + 1] - path[k]
            along /= np.linalg.norm(along)
            for sign in (-1, 1):
                out = np.cross(along, (math.cos(k * 1.6), math.sin(k * 1.6), 0.3)) * sign
                out = out / np.linalg.norm(out) + 0.45 * along + rng.normal(0, 0.15, 3)
                size = 0.034 * (1 - 0.5 * k / len(path)) * rng.uniform(0.8, 1.15)
                leaves.add(*sp.leaf_geometry(path[k], out, (0.2, -0.3, 1.0) + rng.normal(0, 0.3, 3),
                                             size, size * 0.85, rng.uniform(0, 0.25), 0.12))
    twigs.build("twigs", bark)
    buds.build("catkins", down)
    leaves.build("leaves", green)


# -- books, candle, knife -------------------------------------------------------------------

def _small_things():
    _books()
    brass = sh.plain("brass", (0.62, 0.40, 0.16), 0.24, 1.0, bump=0.0008, bump_scale=90)
    stand = sp.lathe("candlestick", [(0.0, 0.0), (0.05, 0.0), (0.053, 0.004), (0.048, 0.010),
                                     (0.02, 0.016), (0.009, 0.026), (0.008, 0.045),
                                     (0.0145, 0.055), (0.008, 0.064), (0.0065, 0.105),
                                     (0.011, 0.118), (0.0075, 0.128), (0.009, 0.14),
                                     (0.023, 0.149), (0.024, 0.152), (0.0135, 0.151),
                                     (0.0132, 0.166), (0.0115, 0.167), (0.0, 0.16)], brass, 64)
    sp.place(stand, (0.425, 0.36, TABLE))
    wax = Shader("wax")
    cream = wax.finish(wax.translucent(wax.principled((0.85, 0.76, 0.58), 0.45),
                                       (0.9, 0.75, 0.5), 0.25))
    candle = sp.lathe("candle", [(0.0108, 0.15), (0.0108, 0.315), (0.0098, 0.322), (0.006, 0.321),
                                 (0.0, 0.3195)], cream, 40, False,
                      wobble=lambda a, s: 1 + 0.02 * np.cos(3 * a + 2 * s))
    sp.place(candle, (0.425, 0.36, TABLE))
    wick = sp.tube("wick", [(0, 0, 0.318), (0.0006, 0, 0.328), (0.003, 0, 0.334)], 0.0008,
                   sh.plain("wick", (0.02, 0.02, 0.02), 0.9), 6)
    sp.place(wick, (0.425, 0.36, TABLE))
    _knife()


def _books():
    for k, (size, colour, turn, dx) in enumerate([
            ((0.24, 0.165, 0.034), (0.10, 0.022, 0.020), 12, 0.0),
            ((0.215, 0.15, 0.026), (0.030, 0.055, 0.060), -6, 0.006)]):
        cover = Shader(f"book {k}")
        at = cover.coordinates()
        cloth = cover.noise(at, 500.0, 2.0)
        worn = cover.noise(at, 30.0, 6.0, 0.65)
        shade = cover.mix(1.0, colour, cover.ramp(worn, (0.35, 0.75), (0.7, 1.7)), "MULTIPLY")
        cover = cover.finish(cover.principled(shade, 0.65, cover.bump(cloth, 0.0006)))
        pages = Shader(f"pages {k}")
        lines = pages.noise(pages.coordinates(scale=(4, 4, 900)), 1.0, 2.0)
        paper = pages.ramp(lines, (0.3, (0.42, 0.33, 0.2)), (0.7, (0.72, 0.62, 0.44)))
        pages = pages.finish(pages.principled(paper, 0.9, pages.bump(lines, 0.0006)))
        z = TABLE + (0.017 if k == 0 else 0.034 + 0.013)
        w, d, h = size
        at = (-0.43 + dx, 0.14, z)
        sp.boxes(f"covers {k}", [((w, d, 0.003), (0, 0, h / 2 - 0.0015)),
                                 ((w, d, 0.003), (0, 0, -h / 2 + 0.0015)),
                                 ((w, 0.004, h), (0, -d / 2 + 0.001, 0))], cover, 0.0012)
        book = bpy.context.scene.collection.objects[-1]
        sp.place(book, at, (0, 0, turn))
        block = sp.box(f"paper {k}", (w - 0.008, d - 0.006, h - 0.006), at, pages, 0.0, turn)
        gold = sh.plain(f"gold {k}", (0.75, 0.5, 0.2), 0.35, 1.0)
        stripe = sp.boxes(f"bands {k}", [((0.0016, 0.0006, h * 0.92), (x, -d / 2 - 0.0011, 0))
                                         for x in (-0.085, -0.075, -0.03, 0.03, 0.075, 0.085)], gold)
        sp.place(stripe, at, (0, 0, turn))


def _knife():
    steel = sh.plain("steel", (0.62, 0.62, 0.62), 0.28, 1.0, bump=0.0003, bump_scale=150)
    grip = sh.wood("grip", (0.03, 0.016, 0.01), (0.10, 0.05, 0.028), "X", 3.0, 0.35, waxed=True)
    n = 14
    t = np.linspace(0, 1, n)
    upper = np.stack([t * 0.115, 0.010 - 0.006 * t ** 2.5], 1)
    lower = np.stack([t * 0.115, -0.009 + 0.013 * t ** 3], 1)
    vertices = [(x, y, z) for z in (0.0, 0.0014) for x, y in np.vstack([upper, lower])]
    faces = []
    for layer in (0, 2 * n):
        faces += [(layer + i, layer + i + 1, layer + n + i + 1, layer + n + i) for i in range(n - 1)]
    rim = list(range(n)) + list(range(2 * n - 1, n - 1, -1))
    faces += [(a, b, b + 2 * n, a + 2 * n) for a, b in zip(rim, rim[1:] + rim[:1])]
    parts = sp.MeshParts()
    parts.add(vertices, faces)
    blade = parts.build("blade", steel, smooth=False)
    handle = sp.tube("knife handle", [(-0.105, 0.001, 0.001), (-0.1, 0.001, 0.001),
                                      (-0.05, 0, 0.001), (-0.006, 0, 0.001), (0, 0, 0.001)],
                     [0.006, 0.0105, 0.0088, 0.0100, 0.0085], grip, 16, 0.72)
    for part in (blade, handle):
        sp.place(part, (0.36, -0.28, TABLE + 0.0078), (0, 0, 158))
