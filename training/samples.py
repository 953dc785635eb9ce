# SPDX-License-Identifier: MIT
"""Samples of make_data.py as batches: mirrored and turned at random, laid out as the networks' channels."""

from pathlib import Path

import cv2
import numpy as np
import torch
from edges import THRESHOLD, continue_straight, near_sides
from networks import DISTANCE_UNIT
from patch_stream import CONTEXT, CUT_DOWN, CUT_RIGHT, OUTSIDE, SYNTHESIS

LEAST_SPREAD = 3 * THRESHOLD


def load_shard(path: Path) -> dict[str, np.ndarray]:
    with np.load(path) as data:
        return {name: data[name] for name in data}


def turn_cuts(cuts: np.ndarray, turn: int) -> np.ndarray:
    """Cuts of the map that is transposed (turn & 4), then mirrored in x (& 1) and y (& 2)."""
    right, down = (cuts & CUT_RIGHT) > 0, (cuts & CUT_DOWN) > 0
    if turn & 4:
        right, down = down.T, right.T
    if turn & 1:  # the cut between x and x + 1 becomes that between w - 2 - x and w - 1 - x
        right, down = np.roll(right[:, ::-1], -1, 1), down[:, ::-1]
    if turn & 2:
        right, down = right[::-1], np.roll(down[::-1], -1, 0)
    return right * np.uint8(CUT_RIGHT) + down * np.uint8(CUT_DOWN)


def turn_map(values: np.ndarray, turn: int) -> np.ndarray:
    if turn & 4:
        values = values.swapaxes(0, 1)
    if turn & 1:
        values = values[:, ::-1]
    return values[::-1] if turn & 2 else values


def sample_at(shard: dict, i: int, turn: int = 0) -> dict[str, np.ndarray]:
    return {
        name: turn_cuts(values[i], turn) if "cuts" in name else turn_map(values[i], turn)
        for name, values in shard.items()
        if name != "exact"
    }


def planes(cuts: np.ndarray, role: np.ndarray) -> dict[str, np.ndarray]:
    inside = role != OUTSIDE
    return {
        "edge_horizontal": ((cuts & CUT_RIGHT) > 0) & inside,
        "edge_vertical": ((cuts & CUT_DOWN) > 0) & inside,
    }


def channels(sample: dict[str, np.ndarray], task: str) -> dict[str, np.ndarray]:
    """Every channel that a network of this task may ask for, by name. 0 outside the patch."""
    role = sample["role"]
    context, synthesis = role == CONTEXT, role == SYNTHESIS
    result = {"context": context, "synthesis": synthesis}
    if task == "edge":
        marks = near_sides(sample["cuts"], sample["disparity"].astype(np.float32), context)
        result["edge"] = marks | continue_straight(marks, synthesis)
    else:
        result |= planes(sample["seen_cuts"], role)
    if task in ("edge", "depth"):
        disparity = sample["disparity"].astype(np.float32)
        mean, spread = local_scale(sample, context)
        result["disparity_local"] = context * (disparity - mean) / spread
        result["true_right"], result["true_down"] = (sample["cuts"] & CUT_RIGHT) > 0, (sample["cuts"] & CUT_DOWN) > 0
    if task == "depth":
        diffused = np.where(context, disparity, sample["diffused_disparity"].astype(np.float32))
        result["diffused_disparity"] = (role != OUTSIDE) * (diffused - mean) / spread
        result["true_disparity"] = (disparity - mean) / spread
    fills = (("diffused", "diffused"), ("exemplar", "exemplar")) if task == "color" else (("", "seen"),)
    for name, fill in fills:
        values = np.where(context[..., None], sample["seen"], sample[fill]) if name else sample["seen"]
        values = values * ((role != OUTSIDE) if name else context)[..., None] / np.float32(255)
        for c, colour in enumerate(("red", "green", "blue")):
            result[f"{name}_{colour}" if name else colour] = values[..., c]
    if task != "edge":
        distance = cv2.distanceTransform((~context).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
        result["distance"] = synthesis * np.minimum(distance / DISTANCE_UNIT, 1)
    return result


def local_scale(sample: dict, context: np.ndarray) -> tuple[float, float]:
    """Mean of the context's disparity and the unit in which the networks see it: its standard deviation.

    A sample is a part of a patch, whose statistics are those of the whole: `jitter` stands for the difference.
    """
    values = sample["disparity"].astype(np.float32)[context]
    shift, scale = sample.get("jitter", (0.0, 1.0))
    spread = max(float(values.std()), LEAST_SPREAD)
    return float(values.mean()) + shift * spread, spread * scale


def stack(maps: list[dict], names: list[str]) -> torch.Tensor:
    return torch.from_numpy(np.stack([np.stack([m[n] for n in names]).astype(np.float32) for m in maps]))


def make_batch(samples: list[dict], task: str, inputs: list[str]) -> dict[str, torch.Tensor]:
    """x: the network's input; synthesis: 1 there; what is true."""
    maps = [channels(s, task) for s in samples]
    batch = {"x": stack(maps, inputs), "synthesis": stack(maps, ["synthesis"]), "context": stack(maps, ["context"])}
    if task == "color":
        rgb = np.stack([s["rgb"] for s in samples]).transpose(0, 3, 1, 2)
        batch["truth"] = torch.from_numpy(rgb.astype(np.float32) / 255)
    elif task == "depth":
        batch["truth"] = stack(maps, ["true_disparity"])
        batch["diffused"] = stack(maps, ["diffused_disparity"])
    else:
        batch["truth"] = stack(maps, ["true_right", "true_down"])
    return batch


def crop(rng, sample: dict, side: int) -> dict:
    ys, xs = np.nonzero(sample["role"] == SYNTHESIS)
    if side >= min(sample["role"].shape):
        return sample
    i = rng.integers(len(ys))
    limit = np.array(sample["role"].shape) - side
    y, x = np.clip(np.array([ys[i], xs[i]]) - side // 2 + rng.integers(-side // 4, side // 4 + 1, 2), 0, limit)
    return {name: values[y : y + side, x : x + side] for name, values in sample.items()}


class Samples:
    """All shards of a split that are there; `refresh` takes in those that came meanwhile."""

    def __init__(self, folder: Path, split: str, kinds: tuple[str, ...] = ("mixed",), wanted=lambda sample: True):
        self._wanted = wanted
        self._folder, self._names = folder, [f"{split}-{kind}-???.npz" for kind in kinds]
        self.shards: dict[str, dict] = {}
        self._useful: dict[str, list[int]] = {}
        self.refresh()

    def refresh(self) -> None:
        for path in sorted(p for name in self._names for p in self._folder.glob(name)):
            if path.name not in self.shards:
                shard = self.shards[path.name] = load_shard(path)
                useful = [i for i in range(len(shard["role"])) if self._wanted(sample_at(shard, i))]
                self._useful[path.name] = useful
        self._index = [(n, i) for n in sorted(self.shards) for i in self._useful[n]]

    def __len__(self) -> int:
        return len(self._index)

    def draw(self, rng, count: int, side: int) -> list[dict]:
        """Random samples, turned at random, cut to windows of `side` pixels around some of their hole."""
        picks = rng.integers(len(self._index), size=count)
        samples = [sample_at(self.shards[n], i, int(rng.integers(8))) for n, i in (self._index[p] for p in picks)]
        samples = [crop(rng, sample, side) for sample in samples]
        for sample in samples:
            sample["jitter"] = (rng.normal() * 0.5, np.exp(rng.normal() * 0.4))
        return samples

    def __iter__(self):
        for name, i in self._index:
            yield sample_at(self.shards[name], i)
