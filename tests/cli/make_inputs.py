#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""make_inputs.py FOLDER: small photos and depth maps, good and bad, with nothing but the standard library."""
import array
import base64
import math
import pathlib
import struct
import sys
import zlib


def png(width: int, height: int, channels: int, bits: int, rows: list) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    color_type = {1: 0, 3: 2, 4: 6}[channels]
    header = struct.pack(">IIBBBBB", width, height, bits, color_type, 0, 0, 0)
    pixels = zlib.compress(b"".join(b"\0" + row for row in rows))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def photo(width: int, height: int, shift: float = 0) -> bytes:
    """Soft waves with texture, no two places alike."""
    across = [(math.sin(0.05 * x + shift), math.sin(0.011 * x + 1), (x * 7) % 13) for x in range(width)]
    rows = []
    for y in range(height):
        wave = math.sin(0.06 * y)
        row = bytearray()
        for a, b, grain in across:
            row += bytes((int(128 + 50 * (a + wave) + grain), int(128 + 50 * (b - wave)),
                          int(128 + 50 * a * wave + (y * 5) % 11)))
        rows.append(bytes(row))
    return png(width, height, 3, 8, rows)


def disc(width: int, height: int, far: float, near: float) -> array.array:
    """A disc before a plane, as disparity."""
    radius = min(width, height) / 4
    return array.array("f", (near if math.hypot(x + 0.5 - width / 2, y + 0.5 - height / 2) < radius else far
                             for y in range(height) for x in range(width)))


def pfm(width: int, height: int, values: array.array) -> bytes:
    """PFM stores the lowest row first."""
    rows = [values[y * width:(y + 1) * width].tobytes() for y in reversed(range(height))]
    return f"Pf\n{width} {height}\n-1.0\n".encode() + b"".join(rows)


def npy(width: int, height: int, values: array.array) -> bytes:
    header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({height}, {width}), }}"
    header += " " * (63 - (10 + len(header)) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + values.tobytes()


def grey_png(width: int, height: int, values: array.array) -> bytes:
    rows = [b"".join(struct.pack(">H", int(16000 * v)) for v in values[y * width:(y + 1) * width]) for y in range(height)]
    return png(width, height, 1, 16, rows)


def portrait(photo_file: pathlib.Path, depth: bytes) -> bytes:
    """A JPEG that carries GDepth."""
    xmp = ('<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
           '<rdf:Description xmlns:GDepth="http://ns.google.com/photos/1.0/depthmap/" GDepth:Format="RangeInverse" '
           f'GDepth:Near="1" GDepth:Far="4" GDepth:Units="m" GDepth:Mime="image/png" '
           f'GDepth:Data="{base64.b64encode(depth).decode()}"/></rdf:RDF></x:xmpmeta>')
    content = b"http://ns.adobe.com/xap/1.0/\0" + xmp.encode()
    jpeg = photo_file.read_bytes()
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(content) + 2) + content + jpeg[2:]


def main(folder: pathlib.Path) -> None:
    def write(name: str, data: bytes) -> None:
        (folder / name).write_bytes(data)

    width, height = 96, 64
    good_photo, good_depth = photo(width, height), disc(width, height, 1, 3)
    write("photo.png", good_photo)
    write("photo.jpg", good_photo)  # photos are recognised by content, not by name
    write("other.png", photo(width, height, 1))
    write("depth.pfm", pfm(width, height, good_depth))
    write("depth.npy", npy(width, height, good_depth))
    write("depth.png", grey_png(width, height, good_depth))

    # Kinds and sizes
    write("rgba.png", png(width, height, 4, 8, [bytes((x * 2, y * 3, 90, x * 2)[c] for x in range(width) for c in range(4))
                                                for y in range(height)]))
    write("grey16.png", grey_png(width, height, good_depth))
    write("wide.png", photo(5000, 1))
    write("wide.pfm", pfm(5000, 1, array.array("f", [1.0 + x // 1000 for x in range(5000)])))
    write("small.png", photo(16, 16))
    write("small.pfm", pfm(16, 16, disc(16, 16, 1, 3)))
    write("one.pfm", pfm(1, 1, array.array("f", [2.0])))

    # Usable, with something to say about it
    write("constant.pfm", pfm(width, height, array.array("f", [2.0] * (width * height))))
    write("tiny.png", photo(1, 1))
    write("line.png", photo(1, 5000))
    write("tiny.pfm", pfm(1, 1, array.array("f", [2.0])))
    write("line.pfm", pfm(1, 5000, array.array("f", [1.0 + y % 2 for y in range(5000)])))

    # Depth inside: 12 x 8, dark is near. Nearer to the bottom, and the other way round
    corpus = pathlib.Path(__file__).resolve().parent.parent.parent / "fuzz" / "corpus" / "photo"
    upright = png(12, 8, 1, 8, [bytes([240 - 30 * y] * 12) for y in range(8)])
    upside_down = png(12, 8, 1, 8, [bytes([30 * y] * 12) for y in range(8)])
    write("portrait.jpg", portrait(corpus / "progressive.jpg", upright))
    write("doubtful.jpg", portrait(corpus / "progressive.jpg", upside_down))
    write("broken.jpg", portrait(corpus / "progressive.jpg", upright[:40]))
    write("plain.jpg", (corpus / "progressive.jpg").read_bytes())
    write("near_bottom.png", png(12, 8, 1, 8, [bytes([30 * y] * 12) for y in range(8)]))
    write("near_top.png", upright)

    # Not usable
    write("photo.gif", b"GIF89a" + bytes(20))
    write("huge.pfm", pfm(width, height, disc(width, height, 1e38, 3e38)))
    write("empty.jpg", b"")
    write("truncated.png", good_photo[:len(good_photo) // 2])
    write("text.jpg", b"This is a letter, not a photo.\n" * 20)
    write("nan.pfm", pfm(width, height, array.array("f", [math.nan] * (width * height))))
    write("tall.pfm", pfm(32, 96, disc(32, 96, 1, 3)))
    write("truncated.pfm", pfm(width, height, good_depth)[:-100])
    write("truncated.npy", npy(width, height, good_depth)[:-100])
    write("empty.pfm", b"")
    write("text.png", b"This is a letter, not a depth map.\n" * 20)

    # Large enough to be stopped at work
    write("large.png", photo(640, 480))
    write("large.pfm", pfm(64, 48, disc(64, 48, 1, 3)))


main(pathlib.Path(sys.argv[1]))
