#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Measures assets and prints a Markdown table for docs/performance.md.

    scripts/measure_assets.py [--unflat PROGRAM] [--data FOLDER] [--fill FILL] [--frames N] [--only NAME,…]
                              [--asset-size BYTES] [--texture jpeg|webp] [--soft-edges on|off] [--keep FOLDER]

Photos: as scripts/measure.py. Own view: the asset's frame at pose 0 against the photo at the working size. Paths: frames
of the four paths rendered from the asset against those of the scene that was not made smaller, both in videos without
loss; dB of the mean squared error over all of a path's frames (Y'CbCr turned to RGB).
Needs numpy, OpenCV and Pillow for Python, and ffmpeg.
"""

import argparse
import os
import pathlib
import subprocess
import tempfile

import cv2
import numpy as np

import measure

PATHS = ["dolly-zoom", "zoom-in", "circle", "swing"]


def frames(video: pathlib.Path) -> list[np.ndarray]:
    capture, found = cv2.VideoCapture(str(video)), []
    while True:
        more, frame = capture.read()
        if not more:
            return found
        found.append(frame)


def make(program: str, photo: pathlib.Path, depth: list[str], args: argparse.Namespace, folder: pathlib.Path) -> dict:
    report, _ = measure.run(program, "make", str(photo), *depth, "--fill", args.fill, "--formats", "glb,mp4", "--frames",
                            str(args.frames), "--crf", "0", "--asset-size", args.asset_size, "--texture", args.texture,
                            "--soft-edges", args.soft_edges, "-o", str(folder))
    return report


def own_view(program: str, photo: pathlib.Path, asset: pathlib.Path, folder: pathlib.Path) -> float:
    view = folder / "own.png"
    measure.run(program, "render", str(asset), "--pose", "0,0,0", "-o", str(view))
    frame, truth = cv2.imread(str(view)), measure.read_photo(photo)
    if truth.shape != frame.shape:
        truth = cv2.resize(truth, (frame.shape[1], frame.shape[0]), interpolation=cv2.INTER_AREA)
    return measure.psnr(frame, truth)


def path_psnr(program: str, asset: pathlib.Path, stem: str, args: argparse.Namespace, folder: pathlib.Path) -> dict[str, float]:
    result = {}
    for path in PATHS:
        video = folder / f"asset-{path}.mp4"
        measure.run(program, "video", str(asset), "--path", path, "--frames", str(args.frames), "--crf", "0", "-o", str(video))
        pairs = zip(frames(folder / f"{stem}-{path}.mp4"), frames(video), strict=True)
        errors = [np.mean((a.astype(np.float64) - b.astype(np.float64)) ** 2) for a, b in pairs]
        result[path] = 10 * float(np.log10(255**2 / np.mean(errors)))
    return result


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--unflat", default=str(measure.ROOT / "unflat"))
    parser.add_argument("--data", default=os.environ.get("UNFLAT_DATA"))
    parser.add_argument("--fill", default="patch")
    parser.add_argument("--frames", type=int, default=8)
    parser.add_argument("--only", default="")
    parser.add_argument("--asset-size", default="500k")
    parser.add_argument("--texture", default="jpeg", choices=["jpeg", "webp"])
    parser.add_argument("--soft-edges", default="on", choices=["on", "off"])
    parser.add_argument("--keep", help="folder that keeps what was made")
    args = parser.parse_args()
    chosen = measure.examples() + (measure.photos_of(pathlib.Path(args.data)) if args.data else [])
    only = set(filter(None, args.only.split(",")))
    print("| photo | KB | triangles | of the scene | bound, px | texture | quality | scale | own view, dB | "
          + " | ".join(PATHS) + " |")
    print("|---|" + "---:|" * 12, flush=True)
    for name, photo, depth in chosen:
        if only and name not in only:
            continue
        with tempfile.TemporaryDirectory() as temporary:
            folder = pathlib.Path(args.keep or temporary) / name
            folder.mkdir(parents=True, exist_ok=True)
            try:
                report = make(args.unflat, photo, depth, args, folder)
            except SystemExit as failure:
                print(f"| {name} | {failure} |", flush=True)
                continue
            asset, made = folder / f"{photo.stem}.glb", report["asset"]
            chroma = "4:4:4" if made["full_chroma"] else "4:2:0"
            cells = [name, f"{asset.stat().st_size / 1000:.0f}", made["triangles"], report["counts"]["triangles"],
                     made["error_bound_px"], "x".join(map(str, made["texture"])), f"{made['texture_quality']} {chroma}",
                     made["front_scale"], f"{own_view(args.unflat, photo, asset, folder):.1f}"]
            dB = path_psnr(args.unflat, asset, photo.stem, args, folder)
            print("| " + " | ".join(map(str, cells + [f"{dB[path]:.1f}" for path in PATHS])) + " |", flush=True)


if __name__ == "__main__":
    main()
