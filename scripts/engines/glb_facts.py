#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""glb_facts.py FILE.glb: what a .glb of unflat says of itself, as words on one line: vertices, triangles, textures, width
and height of the photo, then the least x, y, z and the greatest of its box."""
import json
import pathlib
import struct
import sys

file = pathlib.Path(sys.argv[1]).read_bytes()
(length,) = struct.unpack_from("<I", file, 12)  # of the JSON chunk, whose text begins at byte 20
content = json.loads(file[20:20 + length])

primitives = content["meshes"][0]["primitives"]
accessors = content["accessors"]
positions = [accessors[primitive["attributes"]["POSITION"]] for primitive in primitives]
triangles = sum(accessors[primitive["indices"]]["count"] // 3 for primitive in primitives)
node = content["nodes"][0]
scale, translation = node.get("scale", (1, 1, 1)), node.get("translation", (0, 0, 0))
least = [min(values) for values in zip(*(p["min"] for p in positions))]
greatest = [max(values) for values in zip(*(p["max"] for p in positions))]
box = [s * p + t for corner in (least, greatest) for p, s, t in zip(corner, scale, translation)]
print(sum(p["count"] for p in positions), triangles, len(content["images"]),
      *content["scenes"][0]["extras"]["unflat"]["photo"], *box)
