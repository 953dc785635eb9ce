#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Renders the example pictures: photo, true depth and, for two scenes, six more true views.

    blender -b -noaudio -t 2 -P scripts/render_examples.py -- --scene still_life --out examples

Needs Blender 3.4 with Cycles, and NumPy and Pillow for Blender's Python
(Debian 12: blender python3-numpy python3-pil). Everything is procedural with fixed seeds.
"""

import argparse
import importlib
import json
import os
import sys
import tempfile
import time

import bpy
import numpy as np

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from examples_scenes import output  # noqa: E402

SCENES = ("still_life", "room", "landscape", "figure")

# Camera shifts of the six views, in units of 3 z_near (z_near: 1st percentile of depth), in
# the photo's camera frame: what the program's default paths do, then two larger ones.
VIEW_SHIFTS = ((0.015, 0.0, 0.0), (-0.03, 0.0, 0.0), (0.0, -0.03, 0.0), (0.02, 0.01, 0.05),
               (0.1, 0.0, 0.0), (-0.1, 0.0, 0.0))


def parse_arguments():
    parser = argparse.ArgumentParser(prog="render_examples.py")
    parser.add_argument("--scene", required=True, choices=SCENES)
    parser.add_argument("--out", required=True, help="folder that gets SCENE/photo.jpg and so on")
    parser.add_argument("--long-side", type=int, default=960)
    parser.add_argument("--samples", type=int, default=0, help="0: the scene's own number")
    parser.add_argument("--what", default="photo,depth,views", help="any of photo, depth, views")
    return parser.parse_args(sys.argv[sys.argv.index("--") + 1:])


def start_empty():
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.context.scene.world = bpy.data.worlds.new("world")


def develop(scene, samples, seed, scratch):
    """One finished picture, sRGB 0..1."""
    linear = output.render_colour(samples, seed, scratch)
    return output.tone_map(linear, scene.EXPOSURE, scene.SATURATION, scene.WARMTH)


def main():
    arguments = parse_arguments()
    start_empty()
    scene = importlib.import_module(f"examples_scenes.{arguments.scene}")
    scale = arguments.long_side / 960
    width, height = (round(side * scale) for side in scene.SIZE)
    output.set_up_cycles(width, height, scene.BOUNCES)
    started = time.time()
    camera = scene.build()
    home = camera.matrix_world.copy()
    samples = arguments.samples or scene.SAMPLES
    folder = os.path.join(arguments.out, arguments.scene)
    os.makedirs(folder, exist_ok=True)
    scratch = tempfile.mkdtemp()
    print(f"built in {time.time() - started:.0f} s")
    what = arguments.what.split(",")

    z = np.minimum(output.render_depth(scratch), scene.SKY_DEPTH)
    value = output.write_depth(os.path.join(folder, "depth.png"), z, scene.UNITS_PER_METRE,
                               scene.INVERSE_DEPTH)
    print(f"depth {z.min():.3f} .. {np.percentile(z, 99):.3f} m, stored {value.min()} .. "
          f"{value.max()}, {time.time() - started:.0f} s")
    if "photo" in what:
        output.write_jpeg(os.path.join(folder, "photo.jpg"), develop(scene, samples, 1, scratch))
        print(f"photo, {time.time() - started:.0f} s")
    if "views" in what and scene.VIEWS:
        render_views(scene, camera, home, value, arguments.samples or scene.VIEW_SAMPLES, folder,
                     scratch)
        print(f"views, {time.time() - started:.0f} s")


def render_views(scene, camera, home, depth_value, samples, folder, scratch):
    near = float(np.percentile(depth_value, 1))            # scene units, as in depth.png
    views = []
    for index, shift in enumerate(VIEW_SHIFTS):
        position = [round(3 * near * s) for s in shift]
        output.camera_moved(camera, home, [p / scene.UNITS_PER_METRE for p in position])
        name = f"view_{index}.jpg"
        output.write_jpeg(os.path.join(folder, name), develop(scene, samples, 2 + index, scratch))
        views.append({"file": name, "position": position, "rotation": [0, 0, 0]})
        print(f"{name} at {position}")
    output.camera_moved(camera, home, (0, 0, 0))
    about = {"unit": scene.UNIT, "frame": "photo camera: x right, y down, z forward",
             "focal_px": max(depth_value.shape), "views": views}
    with open(os.path.join(folder, "views.json"), "w", encoding="utf-8") as file:
        json.dump(about, file, indent=1)
        file.write("\n")


main()
