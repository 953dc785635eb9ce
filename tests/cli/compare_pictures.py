#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""compare_pictures.py A.png B.png LEAST: fails unless two 8-bit RGB pictures have one size and a PSNR of LEAST dB."""
import math
import struct
import sys
import zlib


def predict(left: int, up: int, corner: int) -> int:
    """The predictor of filter 4 of the PNG specification."""
    distances = [abs(up - corner), abs(left - corner), abs(left + up - 2 * corner)]
    return (left, up, corner)[distances.index(min(distances))]


def read_png(file: str) -> tuple:
    data = open(file, "rb").read()
    position, pixels = 8, b""
    while position < len(data):
        length, kind = struct.unpack(">I4s", data[position:position + 8])
        body = data[position + 8:position + 8 + length]
        if kind == b"IHDR":
            width, height, bits, color_type = struct.unpack(">IIBB", body[:10])
            assert (bits, color_type) == (8, 2), f"{file} is not 8-bit RGB"
        if kind == b"IDAT":
            pixels += body
        position += length + 12
    raw, stride = zlib.decompress(pixels), 3 * width
    rows, above = [], bytes(stride)
    for y in range(height):
        filter_type, row = raw[y * (stride + 1)], bytearray(raw[y * (stride + 1) + 1:(y + 1) * (stride + 1)])
        for i in range(stride):
            left, up, corner = (row[i - 3] if i >= 3 else 0), above[i], (above[i - 3] if i >= 3 else 0)
            row[i] = (row[i] + (0, left, up, (left + up) // 2, predict(left, up, corner))[filter_type]) & 255
        rows.append(row)
        above = row
    return width, height, b"".join(rows)


width, height, first = read_png(sys.argv[1])
other_width, other_height, second = read_png(sys.argv[2])
if (width, height) != (other_width, other_height):
    sys.exit(f"the sizes differ: {width}x{height}, {other_width}x{other_height}")
error = sum((a - b) ** 2 for a, b in zip(first, second)) / len(first)
psnr = math.inf if error == 0 else 10 * math.log10(255 ** 2 / error)
print(f"{psnr:.2f} dB")
sys.exit(psnr < float(sys.argv[3]))
