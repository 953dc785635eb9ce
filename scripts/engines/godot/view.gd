# SPDX-License-Identifier: MIT
# Prints "found VERTICES TRIANGLES TEXTURES" of what came of photo.glb; what the imported camera sees goes to picture.png.
extends Spatial

var vertices = 0
var triangles = 0
var textures = {}

func _ready():
	var photo = load("res://photo.glb").instance()
	add_child(photo)
	for node in photo.get_children():
		if node is Camera:
			node.make_current()
		elif node is MeshInstance:
			count(node.mesh)
	print("found %d %d %d" % [vertices, triangles, textures.size()])
	for _frame in 3: # the first may be drawn before everything has arrived
		yield(VisualServer, "frame_post_draw")
	var picture = get_viewport().get_texture().get_data()
	picture.flip_y()
	picture.save_png("res://picture.png")
	get_tree().quit()

func count(mesh):
	for surface in mesh.get_surface_count():
		var arrays = mesh.surface_get_arrays(surface)
		vertices += arrays[Mesh.ARRAY_VERTEX].size()
		triangles += arrays[Mesh.ARRAY_INDEX].size() / 3
		var material = mesh.surface_get_material(surface)
		material.flags_unshaded = true # Godot 3.2 does not know KHR_materials_unlit
		if material.albedo_texture and material.albedo_texture.get_width() > 0:
			# Each material has a copy of its own
			textures[hash(material.albedo_texture.get_data().get_data())] = true
