#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the pictures of README and docs from examples/ with the program itself.

    scripts/make_docs_images.py [--unflat PROGRAM] [--teacher tiefenrausch.onnx] [--only-depth-network] [--only-soft-edges]

Needs numpy and OpenCV for Python (Debian: python3-numpy python3-opencv).
"""

import argparse
import pathlib
import shutil
import subprocess
import tempfile

import cv2
import numpy as np

ROOT = pathlib.Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs/images"
WIDTH = 960  # of a page's picture


def scene(name: str) -> list[str]:
    folder = ROOT / "examples" / name
    return [str(folder / "photo.jpg"), "--depth", str(folder / "depth.png"), "--depth-kind", "depth", "--quiet"]


def inspect(program: str, name: str, folder: pathlib.Path) -> dict[str, np.ndarray]:
    """All pictures of `inspect` by their names without number."""
    subprocess.run([program, "inspect", *scene(name), "--fill", "patch", "-o", str(folder)], check=True)
    return {p.stem.split("-", 1)[1]: cv2.imread(str(p)) for p in sorted(folder.glob("*.png"))}


def fit(image: np.ndarray, width: int) -> np.ndarray:
    return cv2.resize(image, (width, round(image.shape[0] * width / image.shape[1])), interpolation=cv2.INTER_AREA)


def row(images: list[np.ndarray], width: int = WIDTH, gap: int = 4) -> np.ndarray:
    """Pictures of one height side by side."""
    height = min(image.shape[0] for image in images)
    same = [fit(image, round(image.shape[1] * height / image.shape[0])) for image in images]
    height = min(image.shape[0] for image in same)
    spaced = []
    for image in same:
        spaced += [image[:height], np.full((height, gap, 3), 255, np.uint8)]
    return fit(np.hstack(spaced[:-1]), width)


def column(images: list[np.ndarray], gap: int = 4) -> np.ndarray:
    width = min(image.shape[1] for image in images)
    spaced = []
    for image in images:
        spaced += [image[:, :width], np.full((gap, width, 3), 255, np.uint8)]
    return np.vstack(spaced[:-1])


def save(name: str, image: np.ndarray) -> None:
    cv2.imwrite(str(IMAGES / name), image, [cv2.IMWRITE_JPEG_QUALITY, 86])
    print(f"docs/images/{name}: {image.shape[1]} x {image.shape[0]}")


def view(program: str, name: str, pose: str, fill: str, folder: pathlib.Path) -> np.ndarray:
    out = folder / "view.png"
    subprocess.run([program, "render", *scene(name), "--pose", pose, "--fill", fill, "-o", str(out)], check=True)
    return cv2.imread(str(out))


def disparity_picture(program: str, name: str, folder: pathlib.Path, *options: str) -> np.ndarray:
    out = folder / "disparity.npy"
    photo = str(ROOT / "examples" / name / "photo.jpg")
    subprocess.run([program, "depth", photo, "-o", str(out), "--quiet", *options], check=True)
    values = np.load(out)
    grey = np.uint8(255 * (values - values.min()) / max(float(np.ptp(values)), 1e-6))
    return cv2.applyColorMap(grey, cv2.COLORMAP_INFERNO)


def depth_network(program: str, teacher: pathlib.Path, folder: pathlib.Path) -> np.ndarray:
    """Photo, our network and its teacher, of all examples."""
    models = folder / "teacher"
    models.mkdir()
    shutil.copy(ROOT / "models/outside/tiefenrausch/card.json", models)
    (models / "model.onnx").symlink_to(teacher.resolve())
    rows = []
    for name in ("room", "still_life", "landscape", "figure"):
        photo = cv2.imread(str(ROOT / "examples" / name / "photo.jpg"))
        ours = disparity_picture(program, name, folder)
        theirs = disparity_picture(program, name, folder, "--models", str(folder))
        parts = [photo, ours, theirs]
        if photo.shape[0] > photo.shape[1]:  # of a portrait the middle
            parts = [part[200:627] for part in parts]
        rows.append(row(parts))
    return column(rows)


def soft_edges(program: str, folder: pathlib.Path) -> np.ndarray:
    """Hard edges, soft ones and the truth, enlarged, from the left."""
    position = (-344, 0, 0)  # of view_1 [0.1 mm]
    parts = []
    for soft in ("off", "on"):
        subprocess.run([program, "make", *scene("figure"), "--fill", "patch", "--formats", "glb", "--soft-edges", soft, "-o", str(folder / soft)], check=True)
        picture = folder / f"{soft}.png"
        subprocess.run([program, "render", str(folder / soft / "photo.glb"), "--pose", ",".join(map(str, position)), "-o", str(picture), "--quiet"], check=True)
        parts.append(cv2.imread(str(picture)))
    parts.append(cv2.imread(str(ROOT / "examples/figure/view_1.jpg")))
    return row([cv2.resize(part[215:325, 210:315], None, fx=4, fy=4, interpolation=cv2.INTER_NEAREST) for part in parts])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--unflat", default=str(ROOT / "unflat"))
    parser.add_argument("--teacher", type=pathlib.Path, help="for the page about the depth network; without it that is left")
    parser.add_argument("--only-depth-network", action="store_true")
    parser.add_argument("--only-soft-edges", action="store_true")
    options = parser.parse_args()
    program = options.unflat
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        if options.teacher:
            save("depth-network.jpg", depth_network(program, options.teacher, folder))
        if options.only_depth_network:
            return
        save("soft-edges.jpg", soft_edges(program, folder))
        if options.only_soft_edges:
            return
        room = inspect(program, "room", folder / "room")
        photo, edge = room["photo"], (room["layer-1"].shape[1] - room["photo"].shape[1]) // 2
        layers = [room["layer-1"], room["layer-2"]]
        layers = [layer[edge:edge + photo.shape[0], edge:edge + photo.shape[1]] for layer in layers]
        frames = [room["view-circle-1"], room["view-own"], room["view-circle-3"]]
        save("readme.jpg", column([row([photo, *layers]), row(frames)]))
        save("regions.jpg", fit(room["regions-round-1"], WIDTH))
        save("layers.jpg", row([photo, *layers]))
        save("edges.jpg", fit(room["depth-edges"], WIDTH))
        save("depth.jpg", fit(room["depth-before-and-after"], WIDTH))
        save("mesh.jpg", fit(room["mesh"], WIDTH))
        save("atlas.jpg", fit(room["atlas"], WIDTH))

        # A camera far to the side, so that much of what was hidden shows; units of 0.1 mm
        fills = [view(program, "figure", "-1100,0,0", fill, folder)[80:480, 60:560] for fill in
                 ("none", "diffusion", "patch")]
        save("fills.jpg", row(fills))


if __name__ == "__main__":
    main()
