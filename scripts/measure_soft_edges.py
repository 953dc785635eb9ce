#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Measures what soft edges are worth at silhouettes, and prints a Markdown table for docs/algorithms/soft-edges.md.

    scripts/measure_soft_edges.py [--scenes FILE] [--unflat PROGRAM] [--model FILE] [--fill FILL] [--only NAME,…] [--keep FOLDER]

Without --scenes: the two of examples/ that have true views, of which the four that the camera paths reach are compared, within 5
pixels of where the photo's silhouettes stand there.

FILE lists rectified stereo pairs: {"scenes": [{"name", "left", "right", "left_disparity", "right_disparity", "scale"}]}, paths
beside it; disparity in pixels is value / scale, 0 where it is not known. Of the left photo and its true depth an asset is made, with
soft edges and without, and drawn at the right camera. Compared with the right photo are pixels within 5 pixels of the foreground's
silhouettes there (neighbours whose disparities differ by more than 2 pixels), as far as their disparity is known and the left photo
reaches. The last columns compare the asset's own view with the left photo, near its silhouettes.

Perceptual distance: FILE of --model is an ONNX network of SqueezeNet 1.1's features at seven depths; every pixel's features are scaled to
length 1, their squared differences interpolated to full size, the mean taken. It is not the calibrated LPIPS: compare its values
only with each other. Without it there is none. Needs numpy and OpenCV for Python.
"""

import argparse
import json
import pathlib
import subprocess
import tempfile

import cv2
import numpy as np

import measure

NEAR = 5  # of a silhouette [pixels]
STEP = 2  # of disparity at one [pixels]
SEES_AS_FAR = 0.015 * 3  # sideways reach of the path "swing", in units of the nearest depth


class Features:
    MEAN_BGR = (103.939, 116.779, 123.68)
    # Output: stride and offset of its features [pixels]
    LAYERS = {"feat_conv1": (2, 1), "feat_fire3": (4, 3), "feat_fire5": (8, 7), "feat_fire6": (16, 15),
              "feat_fire7": (16, 15), "feat_fire8": (16, 15), "feat_fire9": (16, 15)}

    def __init__(self, model: pathlib.Path):
        self.net = cv2.dnn.readNetFromONNX(str(model))

    def of(self, image: np.ndarray) -> list[np.ndarray]:
        self.net.setInput(cv2.dnn.blobFromImage(image, 1.0, mean=self.MEAN_BGR))
        maps = [output[0] for output in self.net.forward(list(self.LAYERS))]
        return [m / (np.linalg.norm(m, axis=0) + 1e-10) for m in maps]

    def distance(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        y, x = np.indices(a.shape[:2], np.float32)
        total = np.zeros(a.shape[:2], np.float32)
        for (stride, offset), one, other in zip(self.LAYERS.values(), self.of(a), self.of(b), strict=True):
            total += cv2.remap(np.sum((one - other) ** 2, axis=0), (x - offset) / stride, (y - offset) / stride,
                               cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return total / len(self.LAYERS)


def read_disparity(file: pathlib.Path, scale: float) -> np.ndarray:
    if file.suffix == ".npz":
        with np.load(file) as arrays:
            values = arrays[arrays.files[0]]
    else:
        values = cv2.imread(str(file), cv2.IMREAD_UNCHANGED)
        values = values if values.ndim == 2 else values[..., 0]
    values = values.astype(np.float32) / scale
    return np.where(np.isfinite(values) & (values > 0), values, np.float32(0))


def near_silhouettes(disparity: np.ndarray) -> np.ndarray:
    """Pixels within NEAR of the foreground's outermost ones."""
    rim = np.zeros(disparity.shape, np.uint8)
    for axis in (0, 1):
        for shift in (1, -1):
            other = np.roll(disparity, shift, axis)
            step = (disparity > 0) & (other > 0) & (disparity - other > STEP)
            edge = 0 if shift == 1 else -1
            step[(edge, slice(None)) if axis == 0 else (slice(None), edge)] = False
            rim |= step.astype(np.uint8)
    return cv2.distanceTransform(1 - rim, cv2.DIST_L2, cv2.DIST_MASK_PRECISE) <= NEAR


def write_pfm(file: pathlib.Path, values: np.ndarray) -> None:
    height, width = values.shape
    file.write_bytes(f"Pf\n{width} {height}\n-1.0\n".encode() + np.flipud(values).astype("<f4").tobytes())


def psnr(image: np.ndarray, truth: np.ndarray, mask: np.ndarray) -> float:
    return 10 * float(np.log10(255**2 / np.mean((image[mask].astype(np.float64) - truth[mask]) ** 2)))


def measure_one(scene: dict, root: pathlib.Path, args: argparse.Namespace, features: Features | None, folder: pathlib.Path) -> dict:
    left, right = cv2.imread(str(root / scene["left"])), cv2.imread(str(root / scene["right"]))
    known = read_disparity(root / scene["left_disparity"], scene["scale"])
    seen = read_disparity(root / scene["right_disparity"], scene["scale"])
    width = left.shape[1]
    depth = np.divide(width, known, out=np.zeros_like(known), where=known > 0)
    folder.mkdir(parents=True, exist_ok=True)
    write_pfm(folder / "depth.pfm", depth)
    # As far as the right camera stands, 1 to the right: what it sees must be filled
    motion = 1.1 / (SEES_AS_FAR * float(np.percentile(depth[depth > 0], 1)))
    inside = (seen > 0) & (np.arange(width)[None, :] + seen < width - 1)
    there, here = near_silhouettes(seen) & inside, near_silhouettes(known) & (known > 0)
    result = {"share": float(there.sum() / inside.sum())}
    for soft in ("off", "on"):
        out = folder / soft
        measure.run(args.unflat, "make", str(root / scene["left"]), "--depth", str(folder / "depth.pfm"), "--depth-kind", "depth", "--focal",
                    str(width), "--long-side", "0", "--fill", args.fill, "--formats", "glb", "--paths", "swing", "--motion", f"{motion:.4f}",
                    "--soft-edges", soft, "-o", str(out))
        asset = next(out.glob("*.glb"))
        frames = []
        for name, pose in (("right", "1,0,0"), ("own", "0,0,0")):
            measure.run(args.unflat, "render", str(asset), "--pose", pose, "-o", str(out / f"{name}.png"))
            frames.append(cv2.imread(str(out / f"{name}.png")))
        moved = np.where(inside[..., None], frames[0], right)
        result[soft] = {"psnr": psnr(moved, right, there), "own": psnr(frames[1], left, here), "whole": psnr(frames[1], left, here | True),
                        "perceptual": float(features.distance(moved, right)[there].mean()) if features else float("nan")}
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--unflat", default="build/release/tools/unflat/unflat", metavar="PROGRAM")
    parser.add_argument("--scenes", type=pathlib.Path, metavar="FILE")
    parser.add_argument("--model", type=pathlib.Path, metavar="FILE")
    parser.add_argument("--fill", default="patch")
    parser.add_argument("--only", metavar="NAME,…")
    parser.add_argument("--keep", type=pathlib.Path, metavar="FOLDER")
    args = parser.parse_args()
    features = Features(args.model) if args.model else None
    listing = json.loads(args.scenes.read_text()) if args.scenes else {"scenes": [{"name": "figure"}, {"name": "still_life"}]}
    root = args.scenes.parent / listing.get("root", ".") if args.scenes else None
    rows = []
    print("| scene | near silhouettes | perceptual: hard | soft | PSNR [dB]: hard | soft | own view, near [dB]: hard | soft | whole: hard | soft |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as scratch:
        for scene in listing["scenes"]:
            if (root and not scene.get("right_disparity")) or (args.only and scene["name"] not in args.only.split(",")):
                continue
            folder = (args.keep or pathlib.Path(scratch)) / scene["name"]
            result = measure_one(scene, root, args, features, folder) if root else measure_example(scene["name"], args, features, folder)
            rows.append([result["share"], *(result[s][m] for m in ("perceptual", "psnr", "own", "whole") for s in ("off", "on"))])
            print_row(scene["name"], rows[-1])
    if len(rows) > 1:
        print_row("mean", list(np.mean(rows, axis=0)))


def example_rims(depth: np.ndarray, focal: float, position: list[float]) -> np.ndarray:
    """Pixels of a view within NEAR of the photo's silhouettes there."""
    inverse = 1 / depth
    step = 0.0133 * (np.percentile(inverse, 99.5) - np.percentile(inverse, 0.5))
    rim = np.zeros(depth.shape, bool)
    for axis in (0, 1):
        for shift in (1, -1):
            rim |= inverse - np.roll(inverse, shift, axis) > step
    rim[[0, -1]] = rim[:, [0, -1]] = False
    y, x = np.nonzero(rim)
    z = depth[rim]
    height, width = depth.shape
    moved = [(x + 0.5 - width / 2) * z / focal - position[0], (y + 0.5 - height / 2) * z / focal - position[1], z - position[2]]
    u = np.floor(focal * moved[0] / moved[2] + width / 2).astype(int)
    v = np.floor(focal * moved[1] / moved[2] + height / 2).astype(int)
    inside = (u >= 0) & (v >= 0) & (u < width) & (v < height)
    free = np.ones(depth.shape, np.uint8)
    free[v[inside], u[inside]] = 0
    return cv2.distanceTransform(free, cv2.DIST_L2, cv2.DIST_MASK_PRECISE) <= NEAR


def measure_example(name: str, args: argparse.Namespace, features: Features | None, folder: pathlib.Path) -> dict:
    source = pathlib.Path(__file__).resolve().parent.parent / "examples" / name
    photo, depth = cv2.imread(str(source / "photo.jpg")), cv2.imread(str(source / "depth.png"), cv2.IMREAD_UNCHANGED).astype(np.float64)
    listing = json.loads((source / "views.json").read_text())
    views = listing["views"][:4]
    result = {}
    for soft in ("off", "on"):
        out = folder / soft
        measure.run(args.unflat, "make", str(source / "photo.jpg"), "--depth", str(source / "depth.png"), "--depth-kind", "depth", "--fill", args.fill,
                    "--formats", "glb", "--soft-edges", soft, "-o", str(out))
        values, shares = [], []
        for file, position in [("photo.jpg", [0, 0, 0])] + [(view["file"], view["position"]) for view in views]:
            picture = out / f"{pathlib.Path(file).stem}.png"
            measure.run(args.unflat, "render", str(out / "photo.glb"), "--pose", ",".join(map(str, position)), "-o", str(picture))
            frame, truth = cv2.imread(str(picture)), cv2.imread(str(source / file))
            near = example_rims(depth, listing["focal_px"], position)
            values.append((psnr(frame, truth, near), float(features.distance(frame, truth)[near].mean()) if features else float("nan")))
            shares.append(near.mean())
            if file == "photo.jpg":
                whole = psnr(frame, photo, near | True)
        result[soft] = {"psnr": np.mean([v[0] for v in values[1:]]), "perceptual": np.mean([v[1] for v in values[1:]]),
                        "own": values[0][0], "whole": whole}
        result["share"] = float(np.mean(shares[1:]))
    return result


def print_row(name: str, row: list[float]) -> None:
    print(f"| {name} | {100 * row[0]:.0f} % | {row[1]:.4f} | {row[2]:.4f} | " + " | ".join(f"{v:.2f}" for v in row[3:]) + " |", flush=True)


if __name__ == "__main__":
    main()
