# SPDX-License-Identifier: MIT
"""From a built scene to pictures: Cycles passes, denoising, tone mapping, depth."""

import os
import shutil

import bpy
import numpy as np
from mathutils import Matrix, Vector

FOCAL_PER_LONG_SIDE = 1.0        # focal length in pixels = long side: 53.13 degrees
FAR_VALUE = 65535                # largest depth a 16-bit PNG holds; the sky is put there


def add_camera(position, target):
    data = bpy.data.cameras.new("camera")
    data.sensor_fit = "AUTO"     # the sensor width spans the picture's long side
    data.sensor_width, data.lens = 36.0, 36.0 * FOCAL_PER_LONG_SIDE
    data.clip_start, data.clip_end = 0.01, 20000.0
    made = bpy.data.objects.new("camera", data)
    bpy.context.scene.collection.objects.link(made)
    made.location = position
    made.rotation_euler = (Vector(target) - Vector(position)).to_track_quat("-Z", "Y").to_euler()
    bpy.context.scene.camera = made
    bpy.context.view_layer.update()
    return made


def camera_moved(camera, home, shift):
    """Moves the camera by a shift in the photo's camera frame (x right, y down, z forward)."""
    right_up_back = Vector((shift[0], -shift[1], -shift[2]))
    camera.matrix_world = home @ Matrix.Translation(right_up_back)


def set_up_cycles(width, height, bounces=5):
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.render.resolution_x, scene.render.resolution_y = width, height
    scene.render.resolution_percentage = 100
    scene.render.use_motion_blur = False
    cycles = scene.cycles
    cycles.device = "CPU"
    cycles.max_bounces, cycles.diffuse_bounces = bounces, bounces
    cycles.glossy_bounces, cycles.transmission_bounces = min(3, bounces), min(3, bounces)
    cycles.transparent_max_bounces = 8
    cycles.caustics_reflective = cycles.caustics_refractive = False
    cycles.sample_clamp_indirect, cycles.sample_clamp_direct = 4.0, 0.0
    cycles.blur_glossy = 1.0
    cycles.use_denoising = False
    scene.view_settings.view_transform = "Standard"
    scene.render.use_persistent_data = True
    layer = bpy.context.view_layer
    layer.use_pass_z = True
    layer.cycles.denoising_store_passes = True


PASSES = {"Image": 3, "Denoising Albedo": 3, "Denoising Normal": 3, "Depth": 1}


def _render(folder):
    """Renders and returns {pass: float32 array (height, width, channels)}, top row first."""
    scene = bpy.context.scene
    scene.use_nodes = True
    tree = scene.node_tree
    tree.nodes.clear()
    layers = tree.nodes.new("CompositorNodeRLayers")
    files = tree.nodes.new("CompositorNodeOutputFile")
    os.makedirs(folder, exist_ok=True)
    files.base_path = folder
    files.format.file_format, files.format.color_depth = "OPEN_EXR", "32"
    files.format.exr_codec = "NONE"
    files.file_slots.clear()
    for name in PASSES:
        files.file_slots.new(name.replace(" ", ""))
        tree.links.new(layers.outputs[name], files.inputs[-1])
    bpy.ops.render.render()
    out = {}
    for name, channels in PASSES.items():
        path = os.path.join(folder, f"{name.replace(' ', '')}{scene.frame_current:04d}.exr")
        image = bpy.data.images.load(path)
        image.colorspace_settings.name = "Non-Color"
        width, height = image.size
        values = np.empty(width * height * 4, np.float32)
        image.pixels.foreach_get(values)
        bpy.data.images.remove(image)
        out[name] = values.reshape(height, width, 4)[::-1, :, :channels].copy()
    shutil.rmtree(folder)
    return out


def render_colour(samples, seed, folder, noise_threshold=0.04):
    """Two independent half-budget renders (their difference shows the noise), denoised to one."""
    scene = bpy.context.scene
    cycles = scene.cycles
    cycles.filter_width = 1.5
    cycles.use_adaptive_sampling = samples >= 32
    cycles.adaptive_threshold = noise_threshold
    cycles.adaptive_min_samples = max(8, samples // 8)
    cycles.samples = max(1, samples // 2)
    halves = []
    for k in range(2):
        cycles.seed = 2 * seed + k
        halves.append(_render(folder))
    return denoise(halves[0], halves[1])


def render_depth(folder):
    """Depth z along the optical axis at the pixel centres: one sample, no blending at edges."""
    scene = bpy.context.scene
    cycles = scene.cycles
    kept = cycles.max_bounces, scene.world
    cycles.use_adaptive_sampling, cycles.samples, cycles.filter_width = False, 1, 0.01
    cycles.max_bounces = 0
    z = _render(folder)["Depth"][..., 0]
    cycles.max_bounces = kept[0]
    return z


# -- denoising ------------------------------------------------------------------------------

def _box(image, radius):
    """Mean over a (2 radius + 1) window, edges repeated; works on the first two axes."""
    for axis in (0, 1):
        pad = [(0, 0)] * image.ndim
        pad[axis] = (radius + 1, radius)
        total = np.cumsum(np.pad(image, pad, mode="edge"), axis=axis, dtype=np.float32)
        width = 2 * radius + 1
        ahead = [slice(None)] * image.ndim
        behind = [slice(None)] * image.ndim
        ahead[axis], behind[axis] = slice(width, None), slice(None, -width)
        image = (total[tuple(ahead)] - total[tuple(behind)]) / width
    return image


def _shifted(padded, margin, dy, dx, shape):
    """The window of a padded array that lies (dy, dx) away from the picture."""
    return padded[margin + dy:margin + dy + shape[0], margin + dx:margin + dx + shape[1]]


def denoise(first, second, window=4, patch=2, strength=0.9):
    """Non-local means on light divided by albedo, so textures stay as sharp as they were.

    Weights for one half come from the other half (they do not follow their own noise), from
    the variance that the halves' difference shows, and from albedo, normals and depth.
    """
    albedo = (first["Denoising Albedo"] + second["Denoising Albedo"]) / 2 + 0.02
    normal = (first["Denoising Normal"] + second["Denoising Normal"]) / 2
    z = np.log(np.maximum((first["Depth"] + second["Depth"])[..., :1] / 2, 1e-3))
    # squared distance in this space is the exponent of the guides' weight
    guide = np.concatenate([albedo / 0.14, normal / 0.32, z / 0.02], axis=-1).astype(np.float32)
    light = [np.log1p(half["Image"] / albedo) for half in (first, second)]
    grey = [half.mean(-1) for half in light]
    # per-pixel variance of a half from two values is itself noisy: smoothed over a window
    variance = _box((grey[0] - grey[1]) ** 2 / 2, 3) + 1e-6

    def pad(image):
        return np.pad(image, [(window, window)] * 2 + [(0, 0)] * (image.ndim - 2), mode="edge")

    shape = variance.shape
    padded_guide, padded_variance = pad(guide), pad(variance)
    padded_light, padded_grey = [pad(v) for v in light], [pad(v) for v in grey]
    total = [np.zeros_like(light[0]) for _ in light]
    weights = [np.zeros(shape, np.float32) for _ in light]
    for dy in range(-window, window + 1):
        for dx in range(-window, window + 1):
            step = _shifted(padded_guide, window, dy, dx, shape) - guide
            alike = np.exp(-np.minimum(np.einsum("ijk,ijk->ij", step, step), 40.0))
            other = _shifted(padded_variance, window, dy, dx, shape)
            expected = variance + np.minimum(variance, other)
            scale = 1.0 / (1e-6 + strength ** 2 * (variance + other))
            for k in (0, 1):
                difference = _shifted(padded_grey[1 - k], window, dy, dx, shape) - grey[1 - k]
                excess = _box((difference * difference - expected) * scale, patch)
                weight = alike * np.exp(-np.clip(excess, 0.0, 40.0))
                total[k] += weight[..., None] * _shifted(padded_light[k], window, dy, dx, shape)
                weights[k] += weight
    smooth = sum(t / w[..., None] for t, w in zip(total, weights)) / 2
    return np.expm1(smooth) * albedo


# -- tone and files -------------------------------------------------------------------------

def tone_map(linear, exposure=1.0, saturation=1.0, warmth=0.0):
    """Filmic curve: the ACES reference transform as fitted by Stephen Hill; gives sRGB 0..1."""
    into = np.array([[0.59719, 0.35458, 0.04823], [0.07600, 0.90834, 0.01566],
                     [0.02840, 0.13383, 0.83777]], np.float32)
    back = np.array([[1.60475, -0.53108, -0.07367], [-0.10208, 1.10813, -0.00605],
                     [-0.00327, -0.07276, 1.07602]], np.float32)
    balance = np.array([1 + warmth, 1.0, 1 - warmth], np.float32)
    x = np.maximum(linear * exposure * balance, 0) @ into.T
    x = (x * (x + 0.0245786) - 0.000090537) / (x * (0.983729 * x + 0.4329510) + 0.238081)
    x = x @ back.T
    grey = x @ np.array([0.2126, 0.7152, 0.0722], np.float32)
    x = np.clip(grey[..., None] + saturation * (x - grey[..., None]), 0, 1)
    return np.where(x <= 0.0031308, 12.92 * x, 1.055 * np.maximum(x, 1e-8) ** (1 / 2.4) - 0.055)


def write_jpeg(path, srgb, quality=91):
    from PIL import Image
    pixels = np.clip(np.rint(srgb * 255), 0, 255).astype(np.uint8)
    Image.fromarray(pixels).save(path, quality=quality, subsampling="4:2:0", optimize=True)


def write_depth(path, z, units_per_metre, inverse=False):
    """16-bit PNG of z in scene units, or of units / z; nothing is 0, which means invalid."""
    from PIL import Image
    value = units_per_metre / np.maximum(z, 1e-6) if inverse else z * units_per_metre
    value = np.clip(np.rint(value), 1, FAR_VALUE).astype(np.uint16)
    Image.fromarray(value).save(path, optimize=True)
    return value
