#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Measures the program on photos with depth and prints Markdown tables for docs/performance.md.

    scripts/measure.py [--unflat PROGRAM] [--data FOLDER] [--fill FILL,…] [--frames N] [--only NAME,…]

Photos: examples/, and those of a data folder (UNFLAT_DATA) that have depth in a file of its own.
Own view: the frame at pose 0 against the photo, decoded, turned and converted to sRGB by Pillow. At 0.0001: the frame at
pose 0.0001,0,0 against the photo, and against the photo warped analytically by its disparity, x + focal * 0.0001 * d.
Needs numpy, OpenCV and Pillow for Python (Debian: python3-numpy python3-opencv python3-pil).
"""

import argparse
import io
import json
import os
import pathlib
import subprocess
import tempfile
import time

import cv2
import numpy as np
from PIL import Image, ImageCms, ImageOps

ROOT = pathlib.Path(__file__).resolve().parent.parent


def examples() -> list[tuple[str, pathlib.Path, list[str]]]:
    kinds = {"landscape": "inverse-depth"}
    found = []
    for folder in sorted((ROOT / "examples").iterdir()):
        photo, depth = folder / "photo.jpg", folder / "depth.png"
        if photo.exists() and depth.exists():
            kind = kinds.get(folder.name, "depth")
            found.append((folder.name, photo, ["--depth", str(depth), "--depth-kind", kind]))
    return found


def photos_of(data: pathlib.Path) -> list[tuple[str, pathlib.Path, list[str]]]:
    photos = data / "photos"
    pairs = [(photos / "moon/moon.jpg", photos / "moon/moon.npy")]
    pairs += [(p, p.with_name(p.stem + "_depth.png")) for p in sorted(photos.glob("coco_dpt/*.jpg"))]
    pairs += [(p, p.with_suffix(".npy")) for p in sorted(photos.glob("oneshot/*.jpg"))]
    found = [(p.stem, p, ["--depth", str(d)]) for p, d in pairs]
    dark_near = ["--depth-kind", "range-inverse", "--depth-range", "1,10"]  # the files do not say how far
    for p in sorted(photos.glob("depthy/*-image.jpg")):
        depth = p.with_name(p.name.replace("-image", "-depth"))
        found.append((p.stem.removesuffix("-image"), p, ["--depth", str(depth), *dark_near]))
    return [(name, p, depth) for name, p, depth in found if p.exists() and pathlib.Path(depth[1]).exists()]


def run(program: str, *arguments: str) -> tuple[dict, float]:
    start = time.monotonic()
    done = subprocess.run([program, *arguments, "--json", "--quiet"], capture_output=True, text=True, check=False)
    seconds = time.monotonic() - start
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(arguments)}: status {done.returncode}: {done.stderr.strip()}")
    return json.loads(done.stdout), seconds


def psnr(a: np.ndarray, b: np.ndarray) -> float:
    error = np.mean((a.astype(np.float64) - b.astype(np.float64)) ** 2)
    return 99.0 if error == 0 else 10 * float(np.log10(255**2 / error))


def read_photo(file: pathlib.Path) -> np.ndarray:
    """B, G, R, upright, sRGB."""
    image = ImageOps.exif_transpose(Image.open(file))
    if profile := image.info.get("icc_profile"):
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        flags = ImageCms.FLAGS["BLACKPOINTCOMPENSATION"]
        image = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), renderingIntent=1, flags=flags)
    return np.ascontiguousarray(np.asarray(image.convert("RGB"))[..., ::-1])


def frame(program: str, photo: pathlib.Path, depth: list[str], fill: str, pose: str, folder: str) -> tuple[np.ndarray, int]:
    out = pathlib.Path(folder) / "view.png"
    report, _ = run(program, "render", str(photo), *depth, "--pose", pose, "--fill", fill, "-o", str(out))
    return cv2.imread(str(out)), report["counts"]["empty_pixels"]


def focal_of(program: str, photo: pathlib.Path, size: tuple[int, int]) -> float:
    done = subprocess.run([program, "info", str(photo), "--json"], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)["focal"] or max(size)


def warped(program: str, photo: pathlib.Path, image: np.ndarray, depth: list[str], shift: float, folder: str) -> np.ndarray:
    """What a camera moved by `shift` to the right sees where nothing is hidden."""
    out = pathlib.Path(folder) / "disparity.npy"
    run(program, "depth", str(photo), *depth, "-o", str(out))
    height, width = image.shape[:2]
    columns, rows = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    columns += np.float32(focal_of(program, photo, (height, width)) * shift) * np.load(out)
    return cv2.remap(image, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--unflat", default=str(ROOT / "unflat"))
    parser.add_argument("--data", default=os.environ.get("UNFLAT_DATA"))
    parser.add_argument("--fill", default="patch")
    parser.add_argument("--frames", type=int, default=240)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    scenes = examples() + (photos_of(pathlib.Path(options.data)) if options.data else [])
    only = set(filter(None, options.only.split(",")))
    scenes = [scene for scene in scenes if not only or scene[0] in only]

    print("| photo | fill | own view, dB | at 0.0001, dB | to analytic warp, dB | empty there | s to GLB | GLB, KB | triangles | layers "
          "| empty pixels in all frames |")
    print("|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---|")
    for name, photo, depth in scenes:
        for fill in options.fill.split(","):
            with tempfile.TemporaryDirectory() as folder:
                program, image = options.unflat, read_photo(photo)
                own, own_empty = frame(program, photo, depth, fill, "0,0,0", folder)
                moved, moved_empty = frame(program, photo, depth, fill, "0.0001,0,0", folder)
                analytic = warped(program, photo, image, depth, 0.0001, folder)
                asset, seconds = run(program, str(photo), *depth, "--fill", fill, "--formats", "glb", "-o", folder)
                size = pathlib.Path(asset["files"][0]).stat().st_size / 1000
                videos, _ = run(program, str(photo), *depth, "--fill", fill, "--formats", "mp4", "--frames",
                                str(options.frames), "-o", folder)
            counts, empty = asset["counts"], videos["counts"]["empty_pixels"]
            print(f"| {name} | {fill} | {psnr(own, image):.1f} | {psnr(moved, image):.1f} "
                  f"| {psnr(moved, analytic):.1f} | {own_empty + moved_empty} | {seconds:.2f} | {size:.0f} "
                  f"| {counts['triangles']} | {counts['layers']} "
                  f"| {', '.join(f'{path} {count}' for path, count in empty.items())} |", flush=True)


if __name__ == "__main__":
    main()
