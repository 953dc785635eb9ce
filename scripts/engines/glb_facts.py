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

primitive = content["meshes"][0]["primitives"][0]
positions = content["accessors"][primitive["attributes"]["POSITION"]]
indices = content["accessors"][primitive["indices"]]
node = content["nodes"][0]
scale, translation = node.get("scale", (1, 1, 1)), node.get("translation", (0, 0, 0))
box = [s * p + t for corner in ("min", "max") for p, s, t in zip(positions[corner], scale, translation)]
print(positions["count"], indices["count"] // 3, len(content["images"]),
      *content["scenes"][0]["extras"]["unflat"]["photo"], *box)
