#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check_usdz.py FILE VERTICES TRIANGLES: fails unless FILE is a USDZ package of a mesh of that size."""
import pathlib
import re
import struct
import sys
import zipfile

file, vertices, triangles = pathlib.Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
data = file.read_bytes()
with zipfile.ZipFile(file) as package:
    assert package.testzip() is None, "a checksum is wrong"
    members = package.infolist()
    assert [m.filename for m in members] == ["photo.usda", "texture.jpg"], members
    for member in members:
        assert member.compress_type == zipfile.ZIP_STORED and not member.flag_bits, member
        name, extra = struct.unpack_from("<HH", data, member.header_offset + 26)
        start = member.header_offset + 30 + name + extra
        assert start % 64 == 0, f"{member.filename} begins at {start}"
    text = package.read("photo.usda").decode()
    texture = package.read("texture.jpg")
assert texture[:3] == b"\xff\xd8\xff" and texture[-2:] == b"\xff\xd9", "the texture is no JPEG"

# A parser of as much of the language as there is: blocks, properties, lists of numbers and tuples
assert text.startswith("#usda 1.0\n")
assert text.count("{") == text.count("}") and text.count("(") == text.count(")") and text.count("[") == text.count("]")
lists = dict(re.findall(r"^\s+\S+ (\S+) = \[(.*?)\]", text, re.MULTILINE))
number = r"-?\d+(?:\.\d+)?(?:e[-+]?\d+)?"


def tuples(name: str, size: int) -> list[list[float]]:
    pattern = r"\(" + ", ".join([f"({number})"] * size) + r"\)"
    found = re.findall(pattern, lists[name])
    assert re.sub(pattern, "", lists[name]).strip(", ") == "", f"{name} holds something else"
    return [[float(x) for x in t] for t in found]


points, coordinates, extent = tuples("points", 3), tuples("primvars:st", 2), tuples("extent", 3)
counts = [int(x) for x in lists["faceVertexCounts"].split(",")]
indices = [int(x) for x in lists["faceVertexIndices"].split(",")]
assert len(points) == len(coordinates) == vertices and len(counts) == triangles and set(counts) == {3}
assert len(indices) == 3 * triangles and set(indices) == set(range(vertices))
assert all(0 <= x <= 1 for st in coordinates for x in st)
assert all(p[2] < 0 for p in points), "something is behind the camera"
assert [min(p[k] for p in points) for k in range(3)] == extent[0]
for target in re.findall(r"<(/[^>.]+)", text):
    path = ""
    for part in target.strip("/").split("/"):
        path += part
        assert re.search(rf'def \w+ "{part}"', text), f"{target} is nowhere"
assert re.search(r"asset inputs:file = @texture.jpg@", text)
