# SPDX-License-Identifier: MIT
"""Views: photos cropped, stretched, turned and mixed, each labelled anew by the teacher.

The pool keeps the latest views on the disk. A view has one of five shapes of about 80,000 pixels; it holds the picture, the
log of the teacher's disparity, and two of the teacher's inner layers.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from network import HINT_CHANNELS
from teacher import Runner

SHAPES = ((352, 224), (320, 256), (288, 288), (256, 320), (224, 352))  # width, height
LARGEST = max(w * h for w, h in SHAPES)
SQUEEZED = ("flickr8k", "coco", "pacs_photo")  # folders of photos that were made square by squeezing
SQUEEZED_SHAPES = (0.35, 0.35, 0.1, 0.15, 0.05)  # how often each of SHAPES gives them their width back
WHOLE_SHARE = 0.5  # of views that show the whole photo
LEAST_CROP = 0.5  # of the photo's sides
MIXED_SHARE = 0.1  # of views with a piece of another photo laid in
TURNED_SHARE = 0.15
LARGEST_TURN = 8.0  # degrees
ENLARGED_SHARE = 0.15  # of views that the teacher sees 1.2 times as large
ENLARGED = 1.2
TEACHER_MULTIPLE = 32
LEAST_DISPARITY = 1e-4


def photos_below(folders: list[Path]) -> list[Path]:
    photos = [p for folder in folders for p in folder.rglob("*") if p.suffix.lower() in (".jpg", ".jpeg", ".png")]
    return sorted(photos, key=lambda p: (hashlib.md5(p.name.encode()).hexdigest(), str(p)))


def is_validation(photo: Path) -> bool:
    """Kodak as a whole and a twelfth of the rest, by name, never by chance."""
    return photo.parent.name == "kodak" or hashlib.md5(photo.name.encode()).digest()[1] % 12 == 0


def read_rgb(photo: Path) -> np.ndarray:
    bgr = cv2.imread(str(photo), cv2.IMREAD_COLOR)
    if bgr is None:
        raise ValueError(f"cannot read {photo}")
    return cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB)


def planes(rgb: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(rgb.transpose(2, 0, 1), np.float32) / 255


def turned(rng, rgb: np.ndarray) -> np.ndarray:
    """Turned about its centre and cropped to what is inside."""
    height, width = rgb.shape[:2]
    angle = rng.uniform(-LARGEST_TURN, LARGEST_TURN)
    s, c = np.sin(np.radians(abs(angle))), np.cos(np.radians(angle))
    grow = max(c + s * height / width, c + s * width / height)
    turn = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), angle, grow)
    return cv2.warpAffine(rgb, turn, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)


def crop_to(rng, rgb: np.ndarray, photo: Path) -> tuple[np.ndarray, int]:
    """A view of one photo, and the index of its shape."""
    height, width = rgb.shape[:2]
    if rng.random() < TURNED_SHARE:
        rgb = turned(rng, rgb)
    if photo.parent.name in SQUEEZED:
        shape = int(rng.choice(len(SHAPES), p=SQUEEZED_SHAPES))
        aspect = width / height
    else:
        aspect = width / height * np.exp(rng.normal(0, 0.06))
        shape = int(np.argmin([abs(np.log(w / h / aspect)) for w, h in SHAPES]))
        if rng.random() < 0.2:
            shape = int(rng.integers(len(SHAPES)))
        aspect = SHAPES[shape][0] / SHAPES[shape][1] * np.exp(rng.normal(0, 0.05))
    part = 1.0 if rng.random() < WHOLE_SHARE else rng.uniform(LEAST_CROP, 1)
    w, h = min(width, height * aspect), min(height, width / aspect)
    w, h = max(8, round(w * part)), max(8, round(h * part))
    x, y = rng.integers(width - w + 1), rng.integers(height - h + 1)
    piece = rgb[y : y + h, x : x + w]
    smaller = w > SHAPES[shape][0]
    return cv2.resize(piece, SHAPES[shape], interpolation=cv2.INTER_AREA if smaller else cv2.INTER_CUBIC), shape


def lay_in(rng, rgb: np.ndarray, other: np.ndarray) -> np.ndarray:
    """A rectangle or an ellipse of another photo in front."""
    height, width = rgb.shape[:2]
    w, h = int(width * rng.uniform(0.25, 0.7)), int(height * rng.uniform(0.25, 0.7))
    x, y = rng.integers(width - w + 1), rng.integers(height - h + 1)
    mask = np.zeros((height, width), np.uint8)
    if rng.random() < 0.5:
        cv2.rectangle(mask, (x, y), (x + w, y + h), 255, -1)
    else:
        cv2.ellipse(mask, (x + w // 2, y + h // 2), (w // 2, h // 2), rng.uniform(0, 180), 0, 360, 255, -1)
    return np.where(mask[..., None] > 0, other, rgb)


def make_view(rng, photos: list[Path]) -> tuple[np.ndarray, int]:
    photo = photos[rng.integers(len(photos))]
    rgb, shape = crop_to(rng, read_rgb(photo), photo)
    if rng.random() < MIXED_SHARE:
        other = read_rgb(photos[rng.integers(len(photos))])
        rgb = lay_in(rng, rgb, cv2.resize(other, SHAPES[shape], interpolation=cv2.INTER_AREA))
    return rgb, shape


@dataclass
class Label:
    log_disparity: np.ndarray  # [H, W]
    deepest: np.ndarray  # [C, H / 32, W / 32]
    deep: np.ndarray  # [C, H / 16, W / 16]


def resized(features: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """[C, H, W] at another size (width, height)."""
    moved = cv2.resize(np.ascontiguousarray(features.transpose(1, 2, 0)), size, interpolation=cv2.INTER_LINEAR)
    return moved.reshape(size[1], size[0], -1).transpose(2, 0, 1)


def teach(rng, teacher: Runner, rgb: np.ndarray) -> Label:
    """One pass of the teacher, mirrored or not and at one of two scales: the student learns what they have in common."""
    height, width = rgb.shape[:2]
    scale = ENLARGED if rng.random() < ENLARGED_SHARE else 1
    size = [round(side * scale / TEACHER_MULTIPLE) * TEACHER_MULTIPLE for side in (width, height)]
    shown = cv2.resize(rgb, size, interpolation=cv2.INTER_CUBIC) if scale != 1 else rgb
    mirrored = rng.random() < 0.5
    outputs = teacher(planes(shown[:, ::-1] if mirrored else shown))
    if mirrored:
        outputs = [output[..., ::-1] for output in outputs]
    log_disparity = np.log(np.maximum(outputs[0], LEAST_DISPARITY))
    return Label(
        resized(log_disparity, (width, height))[0],
        resized(outputs[1], (width // 32, height // 32)),
        resized(outputs[2], (width // 16, height // 16)),
    )


class Pool:
    """Views on the disk; the oldest gives way to the newest."""

    def __init__(self, folder: Path, size: int):
        folder.mkdir(parents=True, exist_ok=True)
        self.size = size
        self.rgb = self.array(folder / "rgb.bin", np.uint8, 3 * LARGEST)
        self.log_disparity = self.array(folder / "log_disparity.bin", np.float16, LARGEST)
        self.deepest = self.array(folder / "deepest.bin", np.float16, HINT_CHANNELS * (LARGEST // 1024))
        self.deep = self.array(folder / "deep.bin", np.float16, HINT_CHANNELS * (LARGEST // 256))
        self.shape = self.array(folder / "shape.bin", np.int8, 1)  # index of the shape + 1; 0: empty

    def array(self, path: Path, kind, width: int) -> np.ndarray:
        mode = "r+" if path.exists() else "w+"
        return np.memmap(path, kind, mode, shape=(self.size, width))

    def put(self, index: int, rgb: np.ndarray, shape: int, label: Label) -> None:
        slot = index % self.size
        for array, value in (
            (self.rgb, rgb.transpose(2, 0, 1)),
            (self.log_disparity, label.log_disparity),
            (self.deepest, label.deepest),
            (self.deep, label.deep),
        ):
            array[slot, : value.size] = value.reshape(-1)
        self.shape[slot] = shape + 1

    def draw(self, rng, count: int) -> tuple[int, list[np.ndarray]]:
        """A shape, and rgb, log disparity and hints of `count` views of it, [N, C, H, W]."""
        filled = np.asarray(self.shape[:, 0])
        shape = int(filled[rng.choice(np.nonzero(filled)[0])])
        slots = rng.choice(np.nonzero(filled == shape)[0], count)
        width, height = SHAPES[shape - 1]
        sizes = (
            (self.rgb, 3, 1), (self.log_disparity, 1, 1), (self.deepest, HINT_CHANNELS, 32), (self.deep, HINT_CHANNELS, 16),
        )  # fmt: skip
        arrays = []
        for array, channels, unit in sizes:
            h, w = height // unit, width // unit
            arrays.append(array[slots, : channels * h * w].reshape(count, channels, h, w))
        return shape - 1, arrays
