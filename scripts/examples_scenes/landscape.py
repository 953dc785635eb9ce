# SPDX-License-Identifier: MIT
"""Autumn hills: a rail fence in long grass, a bare tree and leafy trees, hazy ridges, clouds."""

import math

import bpy
import numpy as np
from mathutils import Matrix, Vector

from . import output, shading as sh, shapes as sp
from .shading import Shader
from .trees import Tree, ear_tuft, grass_tuft

SIZE = (960, 640)
SAMPLES = 20
BOUNCES = 2
EXPOSURE, SATURATION, WARMTH = 0.85, 1.06, 0.01
# 16 bits hold inverse depth here: 65535 is 1.83 m, the sky (3.5 km) is 34
UNITS_PER_METRE, UNIT, INVERSE_DEPTH = 120000, "1/120000 per metre", True
VIEWS = False
SKY_DEPTH = 3500.0               # m; the sky has no depth of its own

EYE = 1.65                       # camera height above the ground under it, m
SUN_ELEVATION, SUN_AZIMUTH = 27.0, -108.0     # degrees; azimuth from +y towards +x
HAZE = (0.52, 0.64, 0.82)


def _waves(x, y, seed, octaves, size):
    """Smooth random height field in about -1..1: a few rotated sine products per octave."""
    rng = np.random.default_rng(seed)
    total, weight = 0.0, 0.0
    for octave in range(octaves):
        f = 2 ** octave * 2 * math.pi / size
        for _ in range(3):
            a = rng.uniform(0, 2 * np.pi)
            u = f * (x * math.cos(a) + y * math.sin(a)) + rng.uniform(0, 6.28)
            total = total + 0.6 ** octave * np.sin(u + 0.8 * np.sin(0.7 * u + rng.uniform(0, 6.28)))
        weight += 3 * 0.6 ** octave
    return total / weight


def ground(x, y):
    """Height of the meadow: a slope to the right, a dip behind the fence, rising afterwards."""
    x, y = np.asarray(x, float), np.asarray(y, float)
    rough = 0.05 * _waves(x, y, 5, 2, 5.0) + 0.45 * _waves(x, y, 6, 2, 40.0)
    dip = -1.6 * np.exp(-((y - 34) / 16) ** 2)
    rise = 0.016 * np.maximum(y - 34, 0) + 2.0 * _waves(x, y, 7, 2, 150.0) * np.clip((y - 25) / 60, 0, 1)
    slope = -0.045 * x * np.clip(y / 20, 0.2, 1)
    return rough + dip + rise + slope


def path_middle(y):
    """x of the middle of the footpath."""
    return 0.9 + 0.05 * y + 1.3 * np.sin(y / 8.5 + 0.4) * np.clip(y / 12, 0, 1)


def build():
    _sky_and_sun()
    _ground()
    _ridges()
    _fence()
    _trees()
    _grass()
    _stones()
    z = float(ground(0, 0)) + EYE
    return output.add_camera((0.0, 0.0, z), (0.35, 10.0, z - 0.15))


def sun_direction():
    e, a = math.radians(SUN_ELEVATION), math.radians(SUN_AZIMUTH)
    return Vector((math.sin(a) * math.cos(e), math.cos(a) * math.cos(e), math.sin(e)))


def _sky_and_sun():
    world = bpy.context.scene.world
    world.use_nodes = True
    tree = world.node_tree
    sky = tree.nodes.new("ShaderNodeTexSky")
    sky.sky_type, sky.sun_disc = "NISHITA", False
    sky.sun_elevation = math.radians(SUN_ELEVATION)
    sky.sun_rotation = math.radians(SUN_AZIMUTH)
    sky.altitude, sky.air_density, sky.dust_density = 200, 1.0, 1.2
    sky.ozone_density = 2.0
    # the camera sees clouds; light comes from the plain sky, which is much cheaper to sample
    seen, light_source = tree.nodes["Background"], tree.nodes.new("ShaderNodeBackground")
    for background in (seen, light_source):
        background.inputs["Strength"].default_value = 0.42
    tree.links.new(sky.outputs[0], light_source.inputs["Color"])
    choice = tree.nodes.new("ShaderNodeMixShader")
    tree.links.new(tree.nodes.new("ShaderNodeLightPath").outputs["Is Camera Ray"], choice.inputs[0])
    tree.links.new(light_source.outputs[0], choice.inputs[1])
    tree.links.new(seen.outputs[0], choice.inputs[2])
    tree.links.new(choice.outputs[0], tree.nodes["World Output"].inputs["Surface"])
    # clouds: noise on the plane that the view ray meets at cloud height
    def node(kind, **properties):
        made = tree.nodes.new(kind)
        for key, value in properties.items():
            setattr(made, key, value)
        return made

    def math_node(operation, a, b=0.0):
        made = node("ShaderNodeMath", operation=operation)
        for socket, value in zip(made.inputs, (a, b)):
            if isinstance(value, bpy.types.NodeSocket):
                tree.links.new(value, socket)
            else:
                socket.default_value = value
        return made.outputs[0]

    direction = node("ShaderNodeTexCoord").outputs["Generated"]
    axes = node("ShaderNodeSeparateXYZ")
    tree.links.new(direction, axes.inputs[0])
    height = math_node("MAXIMUM", axes.outputs["Z"], 0.015)
    flat = node("ShaderNodeCombineXYZ")
    lifted = math_node("ADD", height, 0.09)
    tree.links.new(math_node("DIVIDE", axes.outputs["X"], lifted), flat.inputs[0])
    tree.links.new(math_node("DIVIDE", axes.outputs["Y"], lifted), flat.inputs[1])

    def cloud_noise(offset):
        mapping = node("ShaderNodeMapping")
        tree.links.new(flat.outputs[0], mapping.inputs["Vector"])
        mapping.inputs["Location"].default_value = (3.1 + offset[0], 1.7 + offset[1], 0)
        mapping.inputs["Scale"].default_value = (0.62, 0.85, 1)
        noise = node("ShaderNodeTexNoise")
        tree.links.new(mapping.outputs[0], noise.inputs["Vector"])
        noise.inputs["Scale"].default_value, noise.inputs["Detail"].default_value = 1.1, 9.0
        noise.inputs["Roughness"].default_value, noise.inputs["Distortion"].default_value = 0.56, 0.25
        return noise.outputs["Fac"]

    def ramp(value, low, high, low_colour, high_colour):
        made = node("ShaderNodeValToRGB")
        tree.links.new(value, made.inputs[0])
        made.color_ramp.interpolation = "EASE"
        for element, position, colour in zip(made.color_ramp.elements, (low, high),
                                             (low_colour, high_colour)):
            element.position, element.color = position, colour
        return made.outputs[0]

    density = cloud_noise((0, 0))
    toward_sun = cloud_noise((-0.10, 0.06))
    cover = ramp(density, 0.47, 0.66, (0, 0, 0, 1), (1, 1, 1, 1))
    # lit where the density falls off towards the sun
    light = math_node("ADD", math_node("MULTIPLY", math_node("SUBTRACT", density, toward_sun), 3.2), 0.5)
    white = ramp(light, 0.15, 0.75, (1.5, 1.6, 1.85, 1), (4.6, 4.2, 3.7, 1))
    mix = node("ShaderNodeMixRGB")
    fade = ramp(axes.outputs["Z"], 0.0, 0.10, (0.25, 0.25, 0.25, 1), (0.92, 0.92, 0.92, 1))
    tree.links.new(math_node("MULTIPLY", cover, fade), mix.inputs[0])
    tree.links.new(sky.outputs[0], mix.inputs[1])
    tree.links.new(white, mix.inputs[2])
    tree.links.new(mix.outputs[0], seen.inputs["Color"])

    sun = bpy.data.lights.new("sun", "SUN")
    sun.energy, sun.angle, sun.color = 9.0, math.radians(0.6), (1.0, 0.80, 0.56)
    lamp = bpy.data.objects.new("sun", sun)
    bpy.context.scene.collection.objects.link(lamp)
    lamp.rotation_euler = sp.turn_towards(sun_direction())


def _hazed(s, surface, distance):
    """Aerial perspective: the share 1 - exp(-z / distance) of the light is scattered haze."""
    z = s.node("ShaderNodeCameraData").outputs["View Z Depth"]
    share = s.math("SUBTRACT", 1.0, s.math("POWER", math.e, s.math("DIVIDE", z, -distance)))
    haze = s.node("ShaderNodeEmission", {"Color": HAZE, "Strength": 1.05}).outputs[0]
    return s.node("ShaderNodeMixShader", {0: share, 1: surface, 2: haze}).outputs[0]


def _ground():
    # rows get sparser with distance; columns span a little more than the view
    far = 420.0
    s = np.linspace(0, 1, 420)
    y = -3 + (far + 3) * s ** 3.0 + 8 * s
    u = np.linspace(-1, 1, 330)
    yy = np.repeat(y[:, None], len(u), 1)
    xx = u[None, :] * (6 + 0.72 * np.maximum(yy, 0))
    zz = ground(xx, yy)
    off = np.abs(xx - path_middle(yy))
    zz = zz - 0.07 * np.exp(-(off / 0.45) ** 2) * (yy < 60)
    parts = sp.MeshParts()
    parts.add(np.stack([xx, yy, zz], -1).reshape(-1, 3), sp.grid_faces(len(y), len(u)),
              np.stack([off, yy], -1).reshape(-1, 2))
    m = Shader("meadow")
    at = m.coordinates()
    broad = m.noise(at, 0.06, 6.0, 0.6)
    middle = m.noise(at, 1.3, 7.0, 0.65)
    fine = m.noise(at, 28.0, 6.0, 0.7)
    grass = m.ramp(broad, (0.35, (0.105, 0.125, 0.028)), (0.5, (0.20, 0.165, 0.045)),
                   (0.65, (0.30, 0.215, 0.075)))
    grass = m.mix(0.75, grass, m.ramp(middle, (0.3, 0.55), (0.7, 1.35)), "MULTIPLY")
    grass = m.mix(0.7, grass, m.ramp(fine, (0.3, 0.5), (0.7, 1.35)), "MULTIPLY")
    axes = m.separate(m.coordinates("UV"))
    edge = m.math("ADD", axes["X"], m.math("MULTIPLY", m.math("SUBTRACT", middle, 0.5), 0.7))
    dirt = m.ramp(m.noise(at, 9.0, 8.0, 0.7), (0.3, (0.16, 0.105, 0.06)), (0.7, (0.36, 0.265, 0.165)))
    track = m.math("MULTIPLY", m.ramp(edge, (0.36, 1.0), (0.55, 0.0)),
                   m.math("LESS_THAN", axes["Y"], 62.0))
    shade = m.mix(track, grass, dirt)
    surface = m.principled(shade, 0.95, m.bump(fine, 0.03), specular=0.1)
    parts.build("meadow", m.finish(_hazed(m, surface, 900.0)))


def _ridges():
    """Wooded ridges behind one another, paler with distance; the last thing is the sky."""
    for k, (distance, height, base, seed) in enumerate(((430, 34, -6, 11), (800, 95, -10, 12),
                                                        (1500, 260, -20, 13), (2600, 560, -30, 14))):
        n, rows = 900, 26
        x = np.linspace(-1, 1, n) * distance * 0.85
        crest = base + height * (0.62 + 0.38 * _waves(x, 0 * x, seed, 5, distance * 0.75))
        rng = np.random.default_rng(seed)
        v = np.linspace(0, 1, rows)[:, None]
        y = distance + 0.32 * distance * v + 0 * x
        z = (base - 12) + (crest - base + 12) * np.sin(v * math.pi / 2)
        # tree tops roughen the near ridges
        z = z + rng.normal(0, 1, z.shape) * (1.5, 1.6, 1.2, 0.8)[k] * np.clip(v * 6, 0, 1)
        z = z + height * 0.05 * _waves(x + 0 * v, y, seed + 5, 4, distance * 0.2) * np.sin(v * 3.14)
        parts = sp.MeshParts()
        xyz = np.stack([np.broadcast_to(x, z.shape), np.broadcast_to(y, z.shape), z], -1)
        parts.add(xyz.reshape(-1, 3), sp.grid_faces(rows, n))
        m = Shader(f"ridge {k}")
        at = m.coordinates(scale=(1, 1, 1.6))
        size = 430 / distance
        wood = m.noise(at, 0.11 * size ** 0.5, 6.0, 0.7)
        patch = m.noise(at, 0.012 * size, 5.0, 0.6)
        forest = m.ramp(wood, (0.3, (0.020, 0.035, 0.012)), (0.55, (0.075, 0.075, 0.02)),
                        (0.7, (0.19, 0.105, 0.028)))
        fields = m.ramp(wood, (0.3, (0.16, 0.16, 0.05)), (0.7, (0.28, 0.22, 0.09)))
        shade = m.mix(m.ramp(patch, (0.56, 0.0), (0.60, 0.85 if k < 2 else 0.3)), forest, fields)
        surface = m.principled(shade, 1.0, m.bump(wood, 6.0 / size ** 0.5), specular=0.0)
        parts.build(f"ridge {k}", m.finish(_hazed(m, surface, 2400.0)), smooth=k > 1)


def _fence():
    """A split-rail fence that comes from the left foreground and runs back along the path."""
    rng = np.random.default_rng(41)
    s = Shader("weathered wood")
    at = s.shifted_per_piece(s.coordinates("UV", (9, 1.6, 1)))
    fibre = s.noise(at, 5.0, 7.0, 0.7, 0.3)
    cracks = s.noise(s.shifted_per_piece(s.coordinates("UV", (30, 1.0, 1))), 3.0, 4.0, 0.6)
    shade = s.ramp(fibre, (0.3, (0.10, 0.085, 0.068)), (0.55, (0.26, 0.225, 0.18)),
                   (0.72, (0.42, 0.38, 0.31)))
    shade = s.mix(s.ramp(cracks, (0.34, 1.0), (0.40, 0.0)), shade, (0.03, 0.022, 0.016))
    moss = s.ramp(s.noise(s.coordinates(), 7.0, 6.0, 0.6), (0.56, 0.0), (0.68, 0.75))
    shade = s.mix(moss, shade, (0.10, 0.115, 0.03))
    height = s.math("ADD", fibre, s.math("MULTIPLY", cracks, 0.8))
    grey = s.finish(s.principled(shade, 0.9, s.bump(height, 0.012), specular=0.2))
    parts = sp.MeshParts()
    t = np.linspace(0, 1, 15)
    line = sp.smooth_curve([(-3.6, 2.6), (-1.55, 4.4), (-0.75, 7.4), (-0.35, 11.0), (-1.0, 16.0),
                            (-3.2, 22.0), (-6.5, 28.0), (-10.0, 36.0)], 40)
    walked = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    at_length = np.arange(0.35, walked[-1], 1.95)
    posts = np.stack([np.interp(at_length, walked, line[:, k]) for k in (0, 1)], 1)
    posts += rng.normal(0, 0.04, posts.shape)
    feet = [np.array([x, y, float(ground(x, y))]) for x, y in posts]
    tops = []
    for foot in feet:
        lean = np.array([rng.normal(0, 0.035), rng.normal(0, 0.035), 1.0])
        h = rng.uniform(1.08, 1.28)
        tops.append((foot, lean, h))
        z = np.linspace(-0.1, 1, 12)
        path = foot + np.outer(z * h, lean) + rng.normal(0, 0.004, (12, 3))
        radii = np.array([0.075 * (1 + rng.normal(0, 0.05)) for _ in z]) * (1.08 - 0.14 * z)
        vertices, faces, uvs = sp.tube_geometry(path, radii, 9, 0.85)
        parts.add(vertices + rng.normal(0, 0.0035, vertices.shape), faces, uvs)
    for (a, lean_a, _), (b, lean_b, _) in zip(tops, tops[1:]):
        for level in (0.40, 0.70, 0.98):
            if rng.uniform() < 0.05:
                continue
            start = a + lean_a * (level + rng.normal(0, 0.03))
            end = b + lean_b * (level + rng.normal(0, 0.03))
            axis = (end - start) / np.linalg.norm(end - start)
            side = np.array([axis[1], -axis[0], 0]) * 0.075     # rails lie against the posts
            path = start - axis * 0.22 + np.outer(t, end - start + axis * 0.44) + side
            sag = rng.uniform(0.0, 0.03)
            path[:, 2] -= sag * 4 * t * (1 - t)
            path += rng.normal(0, 0.005, path.shape)
            radii = rng.uniform(0.036, 0.052) * (1 + 0.12 * np.sin(3 * t + rng.uniform(0, 6)))
            vertices, faces, uvs = sp.tube_geometry(path, radii, 7, 0.75)
            parts.add(vertices + rng.normal(0, 0.003, vertices.shape), faces, uvs)
    parts.build("fence", grey, True, 48)


def _leaf_material(name, colours, hue=0.03):
    s = Shader(name)
    random = s.random_piece()
    shade = s.ramp(random, *[(k / len(colours), c) for k, c in enumerate(colours)])
    shade = s.vary(shade, random, hue, 0.15, 0.35)
    surface = s.principled(shade, 0.55, specular=0.3)
    shine = s.mix(1.0, shade, (1.3, 1.15, 0.5), "MULTIPLY")
    return s.finish(_hazed(s, s.translucent(surface, shine, 0.42), 900.0))


def _bark(name, dark, light):
    s = Shader(name)
    at = s.coordinates(scale=(1, 1, 0.35))
    ridges = s.noise(at, 22.0, 7.0, 0.7, 0.6)
    moss = s.ramp(s.noise(s.coordinates(), 2.6, 6.0), (0.52, 0.0), (0.68, 0.6))
    shade = s.mix(moss, s.ramp(ridges, (0.35, dark), (0.65, light)), (0.09, 0.10, 0.03))
    return s.finish(_hazed(s, s.principled(shade, 0.95, s.bump(ridges, 0.03), specular=0.1), 900.0))


def _trees():
    grey = _bark("grey bark", (0.045, 0.035, 0.028), (0.19, 0.16, 0.13))
    brown = _bark("brown bark", (0.03, 0.022, 0.016), (0.12, 0.09, 0.065))
    pale = _bark("pale bark", (0.20, 0.18, 0.15), (0.55, 0.52, 0.46))
    gold = _leaf_material("gold leaves", ((0.42, 0.22, 0.02), (0.52, 0.30, 0.03), (0.48, 0.15, 0.015),
                                          (0.30, 0.22, 0.03)))
    red = _leaf_material("red leaves", ((0.35, 0.055, 0.012), (0.45, 0.12, 0.015), (0.26, 0.035, 0.012)))
    green = _leaf_material("green leaves", ((0.075, 0.12, 0.02), (0.12, 0.15, 0.025), (0.20, 0.18, 0.03)))

    def stand(kinds, x, y, turn, scale=1.0):
        z = float(ground(x, y)) - 0.05
        for made in kinds:
            sp.copy(made, (x, y, z), (0, 0, turn), scale)

    def grow(name, bark, leaf, **options):
        tree = Tree(**options)
        objects = [tree.wood.build(name + " wood", bark)]
        if tree.leaves.count:
            objects.append(tree.leaves.build(name + " leaves", leaf, smooth=False))
        for made in objects:
            made.location = (0, -500, -100)    # the pattern itself stays out of sight
        return objects

    bare = grow("bare", grey, gold, seed=7, height=7.6, spread=0.85, levels=5, leaves_per_twig=0,
                trunk_share=0.30, radius=0.17)
    maple = grow("maple", brown, red, seed=21, height=7.5, levels=4, leaves_per_twig=16,
                 leaf_size=0.20, trunk_share=0.25)
    birch = grow("birch", pale, gold, seed=33, height=9.5, spread=0.55, levels=4, leaves_per_twig=13,
                 leaf_size=0.15, trunk_share=0.30, radius=0.12, droop=0.25)
    oak = grow("oak", brown, green, seed=52, height=9.0, spread=0.9, levels=4, leaves_per_twig=18,
               leaf_size=0.22, trunk_share=0.22, radius=0.30)
    stand(bare, 3.75, 8.6, 40)
    stand(maple, -5.4, 17.5, 0)
    stand(birch, 6.3, 24, 10, 1.0)
    stand(birch, 8.6, 27, 130, 0.85)
    stand(oak, -13.5, 33, 0, 1.15)
    stand(maple, 15.5, 40, 80, 1.1)
    stand(birch, -6.5, 46, 200, 1.0)
    rng = np.random.default_rng(61)
    for _ in range(260):                       # woods on the far side of the dip
        y = 52 + 330 * rng.uniform() ** 1.3
        x = rng.uniform(-0.62, 0.62) * y
        if abs(x - 0.06 * y) < 0.10 * y and y < 150:
            continue                           # a clearing keeps the view to the hills open
        kinds = (oak, maple, birch, oak)[rng.integers(4)]
        stand(kinds, x, y, rng.uniform(0, 360), rng.uniform(0.7, 1.2))


def _instances(name, patterns, points, turns, scales, materials):
    """Copies of a few meshes at many points (their meshes are shared)."""
    for index, (pattern, material) in enumerate(zip(patterns, materials)):
        made = pattern.build(f"{name} {index}", material)
        made.location = (0, -500, -100)
        collection = bpy.context.scene.collection
        for k in range(index, len(points), len(patterns)):
            twin = made.copy()
            twin.matrix_world = (Matrix.Translation(points[k]) @ Matrix.Rotation(turns[k], 4, "Z")
                                 @ Matrix.Scale(scales[k], 4))
            collection.objects.link(twin)


def _grass_material(name, colours):
    s = Shader(name)
    random = s.math("FRACT", s.math("ADD", s.random_piece(), s.random_object()))
    shade = s.ramp(random, *[(k / len(colours), c) for k, c in enumerate(colours)])
    shade = s.vary(shade, random, 0.02, 0.15, 0.3)
    surface = s.principled(shade, 0.6, specular=0.25)
    return s.finish(s.translucent(surface, s.mix(1.0, shade, (1.2, 1.1, 0.6), "MULTIPLY"), 0.35))


def _grass():
    rng = np.random.default_rng(71)
    fresh = _grass_material("grass", ((0.10, 0.125, 0.022), (0.16, 0.16, 0.035), (0.30, 0.235, 0.08),
                                      (0.12, 0.14, 0.03)))
    straw = _grass_material("straw", ((0.42, 0.31, 0.13), (0.34, 0.25, 0.10), (0.24, 0.20, 0.06)))
    n = 15000
    y = 1.2 + 44 * rng.uniform(0, 1, n) ** 1.9
    x = rng.uniform(-1, 1, n) * (0.9 + 0.62 * y)
    keep = np.abs(x - path_middle(y)) > 0.42 + 0.25 * rng.uniform(size=n)
    clump = _waves(x, y, 77, 2, 3.0) + rng.normal(0, 0.35, n)
    keep &= clump > -0.65
    x, y = x[keep], y[keep]
    points = [(a, b, c) for a, b, c in zip(x, y, ground(x, y))]
    near = np.clip(1.25 - 0.012 * y, 0.8, 1.25)
    scales = near * rng.uniform(0.55, 1.15, len(x)) * (1 + 0.014 * y)
    turns = rng.uniform(0, 6.28, len(x))
    _instances("tuft", [grass_tuft(k, 30, 0.30, 0.10, 0.0055) for k in range(4)], points, turns, scales,
               [fresh, fresh, straw, fresh])
    m = 700
    y = 2.2 + 26 * rng.uniform(0, 1, m) ** 1.5
    x = rng.uniform(-1, 1, m) * (0.6 + 0.6 * y)
    keep = (np.abs(x - path_middle(y)) > 0.75) & (_waves(x, y, 78, 2, 6.0) > -0.05)
    x, y = x[keep], y[keep]
    points = [(a, b, c) for a, b, c in zip(x, y, ground(x, y))]
    _instances("ears", [ear_tuft(k) for k in range(3)], points, rng.uniform(0, 6.28, len(x)),
               rng.uniform(0.8, 1.2, len(x)), [straw] * 3)
    # fallen leaves under the bare tree
    parts = sp.MeshParts()
    for _ in range(900):
        a, r = rng.uniform(0, 6.28), 3.4 * rng.uniform() ** 0.6
        x, y = 3.75 + r * math.cos(a), 8.6 + 1.3 * r * math.sin(a)
        parts.add(*sp.leaf_geometry((x, y, float(ground(x, y)) + 0.02 + 0.05 * rng.uniform()),
                                    (math.cos(a * 7), math.sin(a * 7), rng.normal(0, 0.3)),
                                    rng.normal(0, 0.4, 3) + (0, 0, 1), 0.085, 0.055, 0.2, 0.2, 4))
    parts.build("fallen", _leaf_material("fallen leaves", ((0.40, 0.17, 0.025), (0.30, 0.09, 0.02),
                                                          (0.48, 0.28, 0.05))))


def _stones():
    rng = np.random.default_rng(81)
    s = Shader("stone")
    at = s.coordinates()
    grain = s.noise(at, 9.0, 9.0, 0.7)
    lichen = s.ramp(s.noise(at, 5.0, 5.0), (0.55, 0.0), (0.62, 0.8))
    shade = s.mix(lichen, s.ramp(grain, (0.3, (0.13, 0.12, 0.11)), (0.7, (0.36, 0.34, 0.31))),
                  (0.33, 0.32, 0.17))
    rock = s.finish(s.principled(shade, 0.95, s.bump(grain, 0.03), specular=0.2))
    for x, y, size in ((2.05, 4.6, 0.30), (2.5, 4.95, 0.19), (1.75, 5.2, 0.12), (-1.0, 9.2, 0.26),
                       (3.0, 12.5, 0.4), (0.15, 3.6, 0.07), (0.6, 6.2, 0.08)):
        stone = sp.ball("stone", size, rock, 0.62, 48)
        phase = rng.uniform(0, 6, 3)
        for vertex in stone.data.vertices:
            p = np.array(vertex.co) / size
            bump = 1 + 0.13 * math.sin(3.1 * p[0] + phase[0]) + 0.12 * math.sin(
                3.7 * p[1] + 2 * p[2] + phase[1]) + 0.04 * math.sin(9 * p[0] + 7 * p[1] + phase[2])
            vertex.co = Vector(p * size * bump)
        sp.place(stone, (x, y, float(ground(x, y)) + 0.15 * size), rng.uniform(-15, 15, 3))
