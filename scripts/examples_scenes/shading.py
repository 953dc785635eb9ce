# SPDX-License-Identifier: MIT
"""Procedural materials: every texture is computed from noise, nothing is loaded from a file.

Lengths are metres; colours are linear RGB.
"""

import bpy


class Shader:
    """Builds one material's node tree; sockets and constants may be mixed freely as inputs."""

    def __init__(self, name):
        self.material = bpy.data.materials.new(name)
        self.material.use_nodes = True
        self.tree = self.material.node_tree
        self.tree.nodes.clear()

    def node(self, kind, inputs=None, **properties):
        made = self.tree.nodes.new(kind)
        for key, value in properties.items():
            setattr(made, key, value)
        for key, value in (inputs or {}).items():
            self.connect(value, made.inputs[key])
        return made

    def connect(self, value, socket):
        if isinstance(value, bpy.types.NodeSocket):
            self.tree.links.new(value, socket)
        elif value is not None:
            if socket.type == "RGBA" and len(value) == 3:
                value = (*value, 1.0)
            socket.default_value = value

    # -- coordinates ------------------------------------------------------------------------
    def coordinates(self, kind="Object", scale=(1, 1, 1), rotation=(0, 0, 0)):
        source = self.node("ShaderNodeTexCoord").outputs[kind]
        mapping = self.node("ShaderNodeMapping", {"Vector": source, "Scale": scale,
                                                  "Rotation": rotation})
        return mapping.outputs["Vector"]

    def shifted_per_piece(self, vector, amount=50.0):
        """Moves the texture by a random amount per connected piece of a mesh (planks, books)."""
        shift = self.node("ShaderNodeVectorMath", {0: (1.0, 1.7, 0.6), "Scale": self.math(
            "MULTIPLY", self.random_piece(), amount)}, operation="SCALE")
        return self.node("ShaderNodeVectorMath", {0: vector, 1: shift.outputs[0]}).outputs[0]

    def random_piece(self):
        return self.node("ShaderNodeNewGeometry").outputs["Random Per Island"]

    def random_object(self):
        return self.node("ShaderNodeObjectInfo").outputs["Random"]

    # -- patterns ---------------------------------------------------------------------------
    def noise(self, vector, scale, detail=4.0, roughness=0.5, distortion=0.0):
        return self.node("ShaderNodeTexNoise", {
            "Vector": vector, "Scale": scale, "Detail": detail, "Roughness": roughness,
            "Distortion": distortion}).outputs["Fac"]

    def voronoi(self, vector, scale, feature="F1", output="Distance"):
        return self.node("ShaderNodeTexVoronoi", {"Vector": vector, "Scale": scale},
                         feature=feature).outputs[output]

    def wave(self, vector, scale, distortion=0.0, kind="BANDS", direction="X", detail=2.0,
             detail_scale=1.0):
        axis = "rings_direction" if kind == "RINGS" else "bands_direction"
        return self.node("ShaderNodeTexWave", {
            "Vector": vector, "Scale": scale, "Distortion": distortion, "Detail": detail,
            "Detail Scale": detail_scale}, wave_type=kind, **{axis: direction}).outputs["Fac"]

    def ramp(self, value, *stops, interpolation="LINEAR"):
        """stops: (position, colour or grey)."""
        made = self.node("ShaderNodeValToRGB", {"Fac": value})
        made.color_ramp.interpolation = interpolation
        elements = made.color_ramp.elements
        while len(elements) < len(stops):
            elements.new(0.5)
        for element, (position, colour) in zip(elements, stops):
            element.position = position
            element.color = (*colour, 1) if hasattr(colour, "__len__") else (colour,) * 3 + (1,)
        return made.outputs["Color"]

    def mix(self, factor, first, second, blend="MIX"):
        made = self.node("ShaderNodeMixRGB", {"Fac": factor, "Color1": first, "Color2": second},
                         blend_type=blend)
        return made.outputs["Color"]

    def math(self, operation, first, second=0.0):
        return self.node("ShaderNodeMath", {0: first, 1: second}, operation=operation).outputs[0]

    def separate(self, vector):
        return self.node("ShaderNodeSeparateXYZ", {"Vector": vector}).outputs

    def vary(self, colour, random, hue=0.02, saturation=0.2, value=0.3):
        """Shifts hue, saturation and value by a random number in 0..1."""
        def around(centre, reach, stride):
            spread = self.math("FRACT", self.math("MULTIPLY", random, stride))
            return self.math("ADD", self.math("MULTIPLY", spread, 2 * reach), centre - reach)
        return self.node("ShaderNodeHueSaturation", {
            "Hue": around(0.5, hue, 7.13), "Saturation": around(1.0, saturation, 13.7),
            "Value": around(1.0, value, 1.0), "Color": colour}).outputs["Color"]

    def bump(self, height, distance, strength=1.0, normal=None):
        return self.node("ShaderNodeBump", {"Height": height, "Distance": distance,
                                            "Strength": strength, "Normal": normal}).outputs[0]

    # -- surfaces ---------------------------------------------------------------------------
    def principled(self, colour, roughness=0.5, normal=None, metallic=0.0, specular=0.5, coat=0.0,
                   sheen=0.0):
        return self.node("ShaderNodeBsdfPrincipled", {
            "Base Color": colour, "Roughness": roughness, "Normal": normal, "Metallic": metallic,
            "Specular": specular, "Clearcoat": coat, "Clearcoat Roughness": 0.08,
            "Sheen": sheen}).outputs[0]

    def translucent(self, surface, colour, amount):
        """Lets light through a thin sheet (leaves, lamp shades, curtains)."""
        through = self.node("ShaderNodeBsdfTranslucent", {"Color": colour}).outputs[0]
        return self.node("ShaderNodeMixShader", {0: amount, 1: surface, 2: through}).outputs[0]

    def finish(self, surface):
        output = self.node("ShaderNodeOutputMaterial")
        self.tree.links.new(surface, output.inputs["Surface"])
        return self.material


def plain(name, colour, roughness=0.5, metallic=0.0, bump=0.0, bump_scale=60.0, coat=0.0,
          sheen=0.0, variation=0.12):
    """One colour with slight mottling, uneven gloss and an optional fine relief (metres)."""
    s = Shader(name)
    at = s.coordinates()
    cloud = s.noise(at, 9.0, 5.0)
    shade = s.mix(1.0, colour, s.ramp(cloud, (0.3, 1 - variation), (0.7, 1 + variation)),
                  "MULTIPLY")
    gloss = s.math("ADD", s.math("MULTIPLY", cloud, 0.16), roughness - 0.08)
    normal = s.bump(s.noise(at, bump_scale, 6.0, 0.6), bump) if bump else None
    return s.finish(s.principled(shade, gloss, normal, metallic, coat=coat, sheen=sheen))


def wood(name, dark, light, along="X", scale=1.0, roughness=0.45, per_piece=False, coat=0.0,
         bump=0.0006, wear=0.0, space="Object", waxed=False):
    """Sawn wood: growth rings stretched along the board, fibres, pores, slight relief.

    waxed: long soft streaks, the pores filled. wear: strength of darker stains.
    """
    s = Shader(name)
    squeeze = 0.12 if waxed else 0.16         # the pattern is this much longer along the board
    stretch = {"X": (squeeze, 1, 1), "Y": (1, squeeze, 1), "Z": (1, 1, squeeze)}[along]
    fine_squeeze = 0.3 if waxed else 0.4      # and fibres once more
    at = s.coordinates(space, [scale * v for v in stretch])
    fine = s.coordinates(space, [v * scale * (fine_squeeze if v < 1 else 1.0) for v in stretch])
    if per_piece:
        at, fine = s.shifted_per_piece(at), s.shifted_per_piece(fine)
    across = {"X": "Y", "Y": "X", "Z": "X"}[along]
    rings = s.wave(at, 4.0, 16.0, direction=across, detail=3.0, detail_scale=0.7)
    clouds = s.noise(at, 7.0, 6.0, 0.6, 0.4)
    tone = s.math("ADD", s.math("MULTIPLY", rings, 0.25), s.math("MULTIPLY", clouds, 0.75))
    colour = s.ramp(tone, (0.28, dark), (0.72, light))
    if waxed:
        fibres = s.noise(fine, 190.0, 3.0, 0.7)
        colour = s.mix(0.55, colour, s.ramp(fibres, (0.32, 0.45), (0.62, 1.0)), "MULTIPLY")
    else:
        fibres = s.noise(fine, 150.0, 5.0, 0.72)
        pores = s.ramp(s.noise(fine, 420.0, 2.0, 0.6), (0.30, 0.35), (0.44, 1.0))
        colour = s.mix(0.7, colour, s.ramp(fibres, (0.32, 0.45), (0.62, 1.05)), "MULTIPLY")
        colour = s.mix(0.7, colour, pores, "MULTIPLY")
    if per_piece:
        colour = s.vary(colour, s.random_piece(), 0.012, 0.12, 0.22)
    if wear:
        stain = s.noise(s.coordinates(), 3.1, 7.0, 0.62)
        colour = s.mix(wear, colour, s.ramp(stain, (0.35, 0.55), (0.6, 1.1)), "MULTIPLY")
    gloss = s.math("ADD", s.math("MULTIPLY", fibres, 0.25), roughness - 0.1)
    relief = s.math("ADD", fibres, s.math("MULTIPLY", clouds, 0.5))
    return s.finish(s.principled(colour, gloss, s.bump(relief, bump), coat=coat))


def plaster(name, colour, relief=0.004, mottling=0.18, scale=1.0):
    """A painted or lime-washed wall."""
    s = Shader(name)
    at = s.coordinates(scale=(scale,) * 3)
    clouds = s.noise(at, 1.7, 8.0, 0.62)
    strokes = s.noise(at, 14.0, 6.0, 0.65, 0.6)
    shade = s.mix(1.0, colour, s.ramp(clouds, (0.3, 1 - mottling), (0.7, 1 + mottling)),
                  "MULTIPLY")
    shade = s.mix(0.5, shade, s.ramp(strokes, (0.35, 0.86), (0.6, 1.04)), "MULTIPLY")
    height = s.math("ADD", strokes, s.math("MULTIPLY", s.noise(at, 120.0, 3.0), 0.15))
    return s.finish(s.principled(shade, 0.85, s.bump(height, relief), specular=0.2))


def brick(name, colours=((0.34, 0.11, 0.06), (0.22, 0.075, 0.05)), mortar=(0.42, 0.38, 0.33),
          uv_scale=1.0):
    """A brick wall; UV in metres."""
    s = Shader(name)
    at = s.coordinates("UV", (uv_scale,) * 3)
    warp = s.node("ShaderNodeVectorMath", {0: s.node("ShaderNodeTexNoise", {
        "Vector": at, "Scale": 18.0, "Detail": 3.0}).outputs["Color"], "Scale": 0.012},
        operation="SCALE").outputs[0]
    at2 = s.node("ShaderNodeVectorMath", {0: at, 1: warp}).outputs[0]
    made = s.node("ShaderNodeTexBrick", {
        "Vector": at2, "Color1": colours[0], "Color2": colours[1], "Mortar": mortar,
        "Scale": 1.0, "Mortar Size": 0.007, "Mortar Smooth": 0.35, "Bias": -0.1,
        "Brick Width": 0.23, "Row Height": 0.075})
    grain = s.noise(at, 60.0, 7.0, 0.7)
    stain = s.noise(at, 1.6, 6.0, 0.6)
    colour = s.mix(0.8, made.outputs["Color"], s.ramp(grain, (0.3, 0.5), (0.7, 1.25)), "MULTIPLY")
    colour = s.mix(0.7, colour, s.ramp(stain, (0.35, 0.6), (0.65, 1.2)), "MULTIPLY")
    height = s.math("SUBTRACT", s.math("MULTIPLY", grain, 0.35), made.outputs["Fac"])
    return s.finish(s.principled(colour, 0.9, s.bump(height, 0.009), specular=0.2))


def fabric(name, colour, stripe=None, stripe_bands=(), threads=900.0, sheen=0.3, roughness=0.9,
           fold_noise=0.0, through=0.0):
    """Woven cloth; UV in metres. stripe_bands: (v from, v to) intervals in colour `stripe`."""
    s = Shader(name)
    at = s.coordinates("UV")
    axes = s.separate(at)
    weft = s.wave(at, threads / 20.0, 0.4, direction="X", detail=1.0)
    warp = s.wave(at, threads / 20.0, 0.4, direction="Y", detail=1.0)
    weave = s.math("MULTIPLY", weft, warp)
    shade = colour
    for start, end in stripe_bands:
        inside = s.math("MULTIPLY", s.math("GREATER_THAN", axes["Y"], start),
                        s.math("LESS_THAN", axes["Y"], end))
        shade = s.mix(inside, shade, stripe)
    slub = s.noise(s.coordinates("UV", (6, 160, 1)), 1.0, 4.0, 0.6)
    slub2 = s.noise(s.coordinates("UV", (160, 6, 1)), 1.0, 4.0, 0.6)
    both = s.math("ADD", slub, slub2)
    shade = s.mix(1.0, shade, s.ramp(s.math("MULTIPLY", both, 0.5), (0.3, 0.8), (0.7, 1.12)),
                  "MULTIPLY")
    shade = s.mix(0.5, shade, s.ramp(weave, (0.0, 0.7), (0.7, 1.1)), "MULTIPLY")
    normal = s.bump(weave, 0.0006, 0.6)
    if fold_noise:
        normal = s.bump(s.noise(at, 7.0, 4.0, 0.55, 0.8), fold_noise, 1.0, normal)
    surface = s.principled(shade, roughness, normal, sheen=sheen, specular=0.15)
    if through:
        surface = s.translucent(surface, shade, through)
    return s.finish(surface)


def glaze(name, colour, speckle=(0.12, 0.07, 0.04), amount=0.35, roughness=0.18, foot=None):
    """Stoneware glaze with iron speckles; below `foot` (object z, metres) the clay is bare."""
    s = Shader(name)
    at = s.coordinates()
    clouds = s.noise(at, 12.0, 6.0, 0.6)
    shade = s.mix(1.0, colour, s.ramp(clouds, (0.3, 0.82), (0.7, 1.1)), "MULTIPLY")
    dots = s.math("MULTIPLY", s.math("LESS_THAN", s.voronoi(at, 240.0), 0.26),
                  s.ramp(s.noise(at, 60.0), (0.52, 0.0), (0.6, 1.0)))
    shade = s.mix(s.math("MULTIPLY", dots, amount), shade, speckle)
    gloss = s.math("ADD", s.math("MULTIPLY", clouds, 0.2), roughness - 0.06)
    height = s.separate(at)["Z"]
    throwing = s.wave(at, 22.0, 1.0, direction="Z", detail=2.0)
    if foot is not None:
        edge = s.math("ADD", height, s.math("MULTIPLY", s.math("SUBTRACT", clouds, 0.5), 0.03))
        bare = s.math("LESS_THAN", edge, foot)
        clay = s.ramp(s.noise(at, 90.0, 5.0), (0.3, (0.33, 0.2, 0.11)), (0.7, (0.46, 0.3, 0.18)))
        shade = s.mix(bare, shade, clay)
        gloss = s.math("ADD", gloss, s.math("MULTIPLY", bare, 0.55))
    return s.finish(s.principled(shade, gloss, s.bump(throwing, 0.0005)))


def leaf(name, colour, back=None, vein_scale=0.0, roughness=0.45, through=0.3, per="piece",
         hue=0.03, value=0.35):
    """Leaves: each piece (or instance) has its own tint, light shines through."""
    s = Shader(name)
    random = s.random_piece() if per == "piece" else s.random_object()
    shade = s.vary(colour, random, hue, 0.2, value)
    if vein_scale:
        axes = s.separate(s.coordinates("UV"))
        # side veins leave the midrib (v = 0.5) at an angle
        off = s.math("ABSOLUTE", s.math("SUBTRACT", axes["Y"], 0.5))
        phase = s.math("SUBTRACT", axes["X"], s.math("MULTIPLY", off, 0.8))
        side = s.math("POWER", s.math("ABSOLUTE", s.math("SINE", s.math(
            "MULTIPLY", phase, vein_scale))), 0.35)
        rib = s.ramp(off, (0.0, 0.0), (0.03, 1.0))
        veins = s.math("MULTIPLY", side, rib)
        shade = s.mix(0.35, shade, s.mix(1.0, shade, s.ramp(veins, (0.3, 1.7), (0.9, 0.85)),
                                         "MULTIPLY"))
        normal = s.bump(veins, 0.002)
    else:
        normal = None
    surface = s.principled(shade, roughness, normal, specular=0.4)
    glow = s.mix(1.0, shade, (1.25, 1.2, 0.45), "MULTIPLY")
    return s.finish(s.translucent(surface, glow, through))


def glow(name, colour, strength):
    s = Shader(name)
    return s.finish(s.node("ShaderNodeEmission", {"Color": colour,
                                                  "Strength": strength}).outputs[0])
