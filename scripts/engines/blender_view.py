# SPDX-License-Identifier: MIT
# blender -b -noaudio --factory-startup --python-exit-code 1 -P blender_view.py -- FILE.glb WIDTH HEIGHT PICTURE.png
# Imports a .glb, prints "found VERTICES TRIANGLES TEXTURES" and renders what the imported camera sees.
import sys

import bpy

file, width, height, picture = sys.argv[sys.argv.index("--") + 1:]
bpy.ops.wm.read_factory_settings(use_empty=True)
# Shading by normals, which the file has not, trips the importer of Debian 12 over its newer NumPy
bpy.ops.import_scene.gltf(filepath=file, import_shading="FLAT")

meshes = [thing.data for thing in bpy.data.objects if thing.type == "MESH"]
textures = {node.image.name for material in bpy.data.materials for node in material.node_tree.nodes
            if node.type == "TEX_IMAGE" and node.image and node.image.size[0] > 0}
triangles = 0
for mesh in meshes:
    mesh.calc_loop_triangles()
    triangles += len(mesh.loop_triangles)
print("found", sum(len(mesh.vertices) for mesh in meshes), triangles, len(textures))

scene = bpy.context.scene
scene.camera = next(thing for thing in bpy.data.objects if thing.type == "CAMERA")
scene.view_settings.view_transform = "Standard"  # Filmic, Blender's own choice, changes colours
scene.render.engine = "CYCLES"                   # the one that needs no display
scene.cycles.samples = 1
scene.cycles.filter_width = 0.01  # the middle of each pixel, as in the photo's texture: more would blur it twice
scene.cycles.use_denoising = False
scene.render.resolution_x, scene.render.resolution_y = int(width), int(height)
scene.render.resolution_percentage = 100
scene.render.image_settings.file_format = "PNG"
scene.render.filepath = picture
bpy.ops.render.render(write_still=True)
