#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The sheet of docs/algorithms/networks.md: ten crops of the example photos seen from the side, filled in several ways.

    sheet.py --unflat PROGRAM [--models DIR] -o FILE.jpg

Where an example has true views from elsewhere, the camera goes to one of them and the last column is what it really sees.
"""

import argparse
import json
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
FILLS = ("none", "diffusion", "patch", "network")
COLUMNS = ("photo", "hole", "diffusion", "patch", "network", "truth")
SHIFT = 0.12  # of the camera, in distances to the nearest thing, where there is no true view
FOCAL = 960  # of the examples [pixels]
SIDE = 96  # of a crop [pixels]
BORDER = 0.2  # of the picture: what comes in from beyond the photo is not shown


@dataclass
class Example:
    name: str
    kind: str  # of its depth
    crops: int
    view: int | None = None  # true view that is shown


SHOWN = (
    Example("figure", "depth", 2, 4),
    Example("figure", "depth", 1, 5),
    Example("still_life", "depth", 2, 4),
    Example("still_life", "depth", 1, 5),
    Example("room", "depth", 2),
    Example("landscape", "inverse-depth", 2),
)


def nearest_depth(depth: Path, kind: str) -> float:
    values = cv2.imread(str(depth), cv2.IMREAD_UNCHANGED).astype(np.float64)
    values = values[values > 0]
    return float(1 / np.percentile(values, 99) if kind == "inverse-depth" else np.percentile(values, 1))


def position_of(example: Example) -> str:
    folder = EXAMPLES / example.name
    if example.view is None:
        return f"{SHIFT * nearest_depth(folder / 'depth.png', example.kind)},0,0"
    view = json.loads((folder / "views.json").read_text())["views"][example.view]
    return ",".join(str(value) for value in view["position"])


def render(options, example: Example, fill: str, target: Path) -> np.ndarray:
    folder = EXAMPLES / example.name
    command = [options.unflat, "render", folder / "photo.jpg", "--depth", folder / "depth.png", "--depth-kind", example.kind]
    command += ["--pose", position_of(example), "--fill", fill, "-o", target, "--quiet"]
    if fill == "network" and options.models:
        command += ["--models", options.models]
    subprocess.run(command, check=True)
    return cv2.imread(str(target))


def windows(seen: np.ndarray, count: int) -> list[tuple[slice, slice]]:
    """Places where much is hidden, but not all that is around, and there is something to go on; apart from one another."""
    hole = (seen == 0).all(2).astype(np.float32)
    grey = cv2.cvtColor(seen, cv2.COLOR_BGR2GRAY).astype(np.float32)
    detail = np.abs(grey - cv2.medianBlur(grey, 5)) * (cv2.dilate(hole, np.ones((5, 5))) == 0)
    detail = np.sqrt(cv2.boxFilter(detail, -1, (SIDE, SIDE), borderType=cv2.BORDER_CONSTANT))
    margin = int(BORDER * hole.shape[1])
    hole[:, :margin] = hole[:, hole.shape[1] - margin :] = 0
    places = []
    for _ in range(count):
        share = cv2.boxFilter(hole, -1, (SIDE, SIDE), borderType=cv2.BORDER_CONSTANT)
        y, x = np.unravel_index((share * (1 - share) ** 2 * detail).argmax(), share.shape)
        y = int(np.clip(y - SIDE // 2, 0, hole.shape[0] - SIDE))
        x = int(np.clip(x - SIDE // 2, 0, hole.shape[1] - SIDE))
        places.append((slice(y, y + SIDE), slice(x, x + SIDE)))
        hole[max(0, y - SIDE // 2) : y + 3 * SIDE // 2, max(0, x - SIDE // 2) : x + 3 * SIDE // 2] = 0
    return places


def rows_of(options, example: Example) -> list[list[np.ndarray]]:
    with tempfile.TemporaryDirectory() as temporary:
        views = [render(options, example, fill, Path(temporary) / "v.png") for fill in FILLS]
    folder = EXAMPLES / example.name
    truth = np.full_like(views[0], 255)
    if example.view is not None:
        truth = cv2.imread(str(folder / f"view_{example.view}.jpg"))
    photo, depth = cv2.imread(str(folder / "photo.jpg")), cv2.imread(str(folder / "depth.png"), cv2.IMREAD_UNCHANGED)
    rows = []
    for window in windows(views[0], example.crops):
        # What stands farthest there lies elsewhere in the photo
        z = np.percentile(depth[window], 80)
        z = 1 / np.percentile(depth[window], 20) if example.kind == "inverse-depth" else z
        left = window[1].start + FOCAL * float(position_of(example).split(",")[0]) / z
        left = int(np.clip(left, 0, photo.shape[1] - SIDE))
        rows.append([photo[window[0], left : left + SIDE], *(picture[window] for picture in (*views, truth))])
    return rows


def heading() -> np.ndarray:
    bar = np.full((28, len(COLUMNS) * 2 * (SIDE + 2), 3), 255, np.uint8)
    for i, name in enumerate(COLUMNS):
        cv2.putText(bar, name, (2 * i * (SIDE + 2) + 6, 20), cv2.FONT_HERSHEY_SIMPLEX, 0.55, (40,) * 3, 1, cv2.LINE_AA)
    return bar


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--unflat", type=Path, required=True)
    parser.add_argument("--models", type=Path)
    parser.add_argument("-o", "--out", type=Path, required=True)
    options = parser.parse_args()
    rows = [row for example in SHOWN for row in rows_of(options, example)]
    framed = [[cv2.copyMakeBorder(c, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=(255,) * 3) for c in row] for row in rows]
    sheet = cv2.resize(np.vstack([np.hstack(row) for row in framed]), None, fx=2, fy=2, interpolation=cv2.INTER_NEAREST)
    cv2.imwrite(str(options.out), np.vstack([heading(), sheet]), [cv2.IMWRITE_JPEG_QUALITY, 85])


if __name__ == "__main__":
    main()
