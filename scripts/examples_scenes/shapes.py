# SPDX-License-Identifier: MIT
"""Meshes made from numbers: lathes, tubes, boxes, sheets, leaves, branches (metres, z up)."""

import math

import bpy
import numpy as np
from mathutils import Matrix, Vector


class MeshParts:
    """Collects many small pieces into one mesh object (one object renders faster than many)."""

    def __init__(self):
        self.vertices, self.faces, self.uvs, self.count = [], [], [], 0

    def add(self, vertices, faces, uvs=None):
        """uvs: one (u, v) per vertex, or nothing."""
        vertices = np.asarray(vertices, float)
        self.vertices.append(vertices)
        self.uvs.append(np.zeros((len(vertices), 2)) if uvs is None else np.asarray(uvs, float))
        self.faces.extend([tuple(i + self.count for i in face) for face in faces])
        self.count += len(vertices)

    def build(self, name, material, smooth=True, crease_degrees=None):
        mesh = bpy.data.meshes.new(name)
        vertices = np.concatenate(self.vertices)
        mesh.from_pydata(vertices.tolist(), [], self.faces)
        layer = mesh.uv_layers.new(name="UVMap")
        corner = np.empty(len(mesh.loops), np.int32)
        mesh.loops.foreach_get("vertex_index", corner)
        layer.data.foreach_set("uv", np.concatenate(self.uvs)[corner].ravel())
        mesh.polygons.foreach_set("use_smooth", [smooth] * len(mesh.polygons))
        if crease_degrees is not None:
            mesh.use_auto_smooth = True
            mesh.auto_smooth_angle = math.radians(crease_degrees)
        mesh.materials.append(material)
        made = bpy.data.objects.new(name, mesh)
        bpy.context.scene.collection.objects.link(made)
        return made


def grid_faces(rows, columns, closed=False):
    """Quads of a rows x columns vertex grid; closed joins the last column to the first."""
    faces = []
    for r in range(rows - 1):
        for c in range(columns - (0 if closed else 1)):
            d = (c + 1) % columns
            faces.append((r * columns + c, r * columns + d,
                          (r + 1) * columns + d, (r + 1) * columns + c))
    return faces


def smooth_curve(points, samples_per_span=8):
    """Catmull-Rom through the given points, any dimension."""
    p = np.asarray(points, float)
    p = np.vstack([2 * p[0] - p[1], p, 2 * p[-1] - p[-2]])
    out = []
    for i in range(1, len(p) - 2):
        a, b, c, d = p[i - 1:i + 3]
        for t in np.arange(samples_per_span) / samples_per_span:
            out.append(0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t ** 2
                              + (3 * b - a - 3 * c + d) * t ** 3))
    out.append(p[-2])
    return np.array(out)


def lathe(name, profile, material, segments=64, smooth_profile=True, wobble=None, bend=0.0):
    """Turns a profile of (radius, z) about z. wobble(angle, s) scales the radius, s in 0..1."""
    curve = smooth_curve(profile) if smooth_profile else np.asarray(profile, float)
    curve[:, 0] = np.maximum(curve[:, 0], 1e-5)
    angle = np.linspace(0, 2 * np.pi, segments, endpoint=False)
    s = np.linspace(0, 1, len(curve))[:, None]
    radius = curve[:, :1] * (wobble(angle[None, :], s) if wobble else np.ones((1, segments)))
    z = np.repeat(curve[:, 1:], segments, 1)
    x, y = radius * np.cos(angle), radius * np.sin(angle)
    x = x + bend * (z - z.min()) ** 2
    uv = np.stack([np.broadcast_to(angle / (2 * np.pi), x.shape), np.broadcast_to(s, x.shape)], -1)
    parts = MeshParts()
    parts.add(np.stack([x, y, z], -1).reshape(-1, 3), grid_faces(len(curve), segments, True),
              uv.reshape(-1, 2))
    return parts.build(name, material, True, None if smooth_profile else 35)


def ball(name, radius, material, squash=1.0, segments=48):
    t = np.linspace(0, np.pi, segments // 2 + 1)
    profile = np.stack([np.sin(t), -squash * np.cos(t)], 1) * radius
    made = lathe(name, profile, material, segments, smooth_profile=False)
    made.data.use_auto_smooth = False
    return made


def tube_geometry(path, radii, sides=8, flat=1.0):
    """A tube along a path; returns vertices, faces, uvs. `flat` squeezes the second axis."""
    path = np.asarray(path, float)
    radii = np.broadcast_to(np.asarray(radii, float), (len(path),))
    tangent = np.gradient(path, axis=0)
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True) + 1e-12
    first = np.cross(tangent[0], (0.3, 0.2, 0.93) if abs(tangent[0][2]) < 0.9 else (1, 0, 0))
    angle = np.linspace(0, 2 * np.pi, sides, endpoint=False)
    vertices, length = [], 0.0
    uvs = []
    for i, centre in enumerate(path):
        first = first - tangent[i] * np.dot(first, tangent[i])   # carried along without twist
        first /= np.linalg.norm(first) + 1e-12
        second = np.cross(tangent[i], first)
        vertices.append(centre + radii[i] * (np.cos(angle)[:, None] * first
                                             + flat * np.sin(angle)[:, None] * second))
        length += np.linalg.norm(path[i] - path[i - 1]) if i else 0.0
        uvs.append(np.stack([angle / (2 * np.pi), np.full(sides, length)], 1))
    faces = grid_faces(len(path), sides, True)
    faces.append(tuple(range(sides))[::-1])
    faces.append(tuple((len(path) - 1) * sides + k for k in range(sides)))
    return np.concatenate(vertices), faces, np.concatenate(uvs)


def tube(name, path, radii, material, sides=12, flat=1.0):
    parts = MeshParts()
    parts.add(*tube_geometry(path, radii, sides, flat))
    return parts.build(name, material, True, 60)


def box_geometry(size, centre=(0, 0, 0), rotation=None):
    """Eight corners and six faces; rotation is a 3x3 matrix about the centre."""
    corners = np.array([(x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]) * 0.5
    corners = corners * np.asarray(size, float)
    if rotation is not None:
        corners = corners @ np.asarray(rotation).T
    faces = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    return corners + np.asarray(centre, float), faces


def bevel(made, width, segments=2):
    modifier = made.modifiers.new("bevel", "BEVEL")
    modifier.width, modifier.segments = width, segments
    modifier.limit_method = "ANGLE"
    made.data.use_auto_smooth = True
    made.data.auto_smooth_angle = math.radians(40)
    return made


def boxes(name, items, material, bevel_width=0.0, segments=2):
    """items: (size, centre) or (size, centre, z turn in degrees)."""
    parts = MeshParts()
    for item in items:
        turn = Matrix.Rotation(math.radians(item[2]), 3, "Z") if len(item) > 2 else None
        parts.add(*box_geometry(item[0], item[1], turn))
    made = parts.build(name, material, smooth=bevel_width > 0)
    return bevel(made, bevel_width, segments) if bevel_width else made


def box(name, size, centre, material, bevel_width=0.0, turn=0.0, segments=2):
    """A single box whose object origin is its centre (so object textures follow it)."""
    parts = MeshParts()
    parts.add(*box_geometry(size))
    made = parts.build(name, material, smooth=bevel_width > 0)
    made.location = centre
    made.rotation_euler.z = math.radians(turn)
    return bevel(made, bevel_width, segments) if bevel_width else made


def cushion(name, size, material, puff=0.35, rows=24, seed=0):
    """A pillow: a box whose faces bulge and whose rim is thin; lies in the xy plane."""
    u, v = np.meshgrid(np.linspace(-1, 1, rows), np.linspace(-1, 1, rows))
    bulge = ((1 - np.abs(u) ** 2.6) * (1 - np.abs(v) ** 2.6)) ** puff
    pinch = 1 - 0.07 * (1 - np.abs(u) ** 2) * np.abs(v) ** 3 - 0.0 * u
    pinch2 = 1 - 0.07 * (1 - np.abs(v) ** 2) * np.abs(u) ** 3
    rng = np.random.default_rng(seed)
    dent = sum(rng.uniform(-1, 1) * np.sin(rng.uniform(1, 4) * u + rng.uniform(1, 4) * v
                                           + rng.uniform(0, 6)) for _ in range(5))
    parts = MeshParts()
    for side in (1, -1):
        z = side * bulge * size[2] / 2 * (1 + 0.05 * dent)
        xyz = np.stack([u * pinch2 * size[0] / 2, v * pinch * size[1] / 2, z], -1).reshape(-1, 3)
        faces = grid_faces(rows, rows)
        uv = np.stack([u * size[0] / 2, v * size[1] / 2], -1).reshape(-1, 2)
        parts.add(xyz, faces if side > 0 else [f[::-1] for f in faces], uv)
    return parts.build(name, material)


def sheet(name, function, rows, columns, material, uv_size=(1.0, 1.0), thickness=0.0):
    """A surface function(u, v) -> (x, y, z) on arrays u, v in 0..1."""
    v, u = np.meshgrid(np.linspace(0, 1, rows), np.linspace(0, 1, columns), indexing="ij")
    xyz = np.stack(np.broadcast_arrays(*function(u, v)), -1).reshape(-1, 3)
    parts = MeshParts()
    parts.add(xyz, grid_faces(rows, columns),
              np.stack([u * uv_size[0], v * uv_size[1]], -1).reshape(-1, 2))
    made = parts.build(name, material)
    if thickness:
        modifier = made.modifiers.new("thickness", "SOLIDIFY")
        modifier.thickness, modifier.offset = thickness, 1.0
    return made


def rectangle(name, corner, edge_u, edge_v, material):
    """A flat rectangle with UV in metres."""
    corner, edge_u, edge_v = (np.asarray(v, float) for v in (corner, edge_u, edge_v))
    parts = MeshParts()
    a, b = np.linalg.norm(edge_u), np.linalg.norm(edge_v)
    parts.add([corner, corner + edge_u, corner + edge_u + edge_v, corner + edge_v], [(0, 1, 2, 3)],
              [(0, 0), (a, 0), (a, b), (0, b)])
    return parts.build(name, material, smooth=False)


def leaf_geometry(base, direction, normal, length, width, droop=0.2, fold=0.25, rows=7):
    """One leaf blade of rows x 3 vertices (its midrib bends down, its halves fold up)."""
    direction = np.asarray(direction, float) / np.linalg.norm(direction)
    side = np.cross(direction, normal)
    side /= np.linalg.norm(side) + 1e-12
    up = np.cross(side, direction)
    t = np.linspace(0, 1, rows)
    shape = np.sin(np.pi * t ** 0.75) ** 0.8 * (1 - 0.25 * t)
    shape[0], shape[-1] = 0.02, 0.01
    middle = (np.asarray(base, float) + np.outer(t * length, direction)
              - np.outer(droop * length * t ** 2, up))
    vertices, uvs = [], []
    for k in range(rows):
        for s in (-1, 0, 1):
            vertices.append(middle[k] + s * shape[k] * width / 2 * side
                            + abs(s) * fold * shape[k] * width / 2 * up)
            uvs.append((t[k], 0.5 + 0.5 * s))
    return np.array(vertices), grid_faces(rows, 3), np.array(uvs)


def rest_on(made, height=0.0):
    """Moves an object vertically until its lowest point lies at the height."""
    bpy.context.view_layer.update()
    lowest = min((made.matrix_world @ v.co).z for v in made.data.vertices)
    made.location.z += height - lowest
    return made


def place(made, location, rotation_degrees=(0, 0, 0), scale=1.0):
    made.location = location
    made.rotation_euler = [math.radians(a) for a in rotation_degrees]
    made.scale = (scale,) * 3
    return made


def copy(made, location, rotation_degrees=(0, 0, 0), scale=1.0):
    """Another object with the same mesh."""
    twin = made.copy()
    bpy.context.scene.collection.objects.link(twin)
    return place(twin, location, rotation_degrees, scale)


def turn_towards(direction, up="Z"):
    """Rotation (Euler) whose local z points along the direction."""
    return Vector(direction).to_track_quat("Z", "Y" if up == "Z" else "X").to_euler()
