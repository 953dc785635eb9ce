#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""reference_test.py PROBE: what the program makes of the authors' checkpoints is what PyTorch makes of them.

The checkpoints are random, in their exact layout. PyTorch runs the networks as the checkpoints hold them, with
pre- and post-processing written here a second time; the program runs what export_reference.py made of them.
Skipped (status 77) where PyTorch is missing.
"""
import pathlib
import subprocess
import sys
import tempfile

try:
    import cv2
    import numpy as np
    import torch
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

HERE = pathlib.Path(__file__).resolve().parent
TRAINING = HERE.parent.parent / "training"
sys.path[:0] = [str(HERE), str(TRAINING)]
from edge_paths import CONTEXT, OUTSIDE, SYNTHESIS, Cleaner  # noqa: E402
from reference.checkpoints import FILES, load, write_random  # noqa: E402

TOLERANCE = 1e-4
THRESHOLD = 0.04  # of a depth edge
EDGE_THRESHOLD, PASSES, MULTIPLE, CLOSING, SWEEPS = 0.002, 3, 128, 41, 2


def make_patch(height: int, width: int, seed: int) -> dict[str, np.ndarray]:
    """A wall before the sky, known above, hidden below; a post across the hidden part; a hole in the context."""
    random = np.random.default_rng(seed)
    role = np.full((height, width), CONTEXT, np.uint8)
    y, x = np.mgrid[:height, :width]
    split = width // 2 + (y - height // 3) // 6
    disparity = np.where(x < split, 1.2 + 0.002 * x, 0.4 + 0.001 * y).astype(np.float32)
    top, bottom = height // 3, height - height // 6
    hidden = (y >= top) & (y < bottom) & (x > 8)
    role[hidden] = SYNTHESIS
    disparity[hidden] = np.where(x < width // 2, 1.2, 0.4)[hidden]  # guesses, straight on
    role[4:9, 10:30] = OUTSIDE
    role[bottom:, :width // 3] = OUTSIDE
    disparity[role == OUTSIDE] = 0
    rgb = random.integers(0, 256, (height, width, 3), np.uint8)
    rgb[role != CONTEXT] = 0
    cuts = np.zeros((height, width), np.uint8)
    cuts[:, :-1][np.abs(np.diff(disparity, axis=1)) > THRESHOLD] |= 1
    cuts[:-1][np.abs(np.diff(disparity, axis=0)) > THRESHOLD] |= 2
    most = np.where(role == SYNTHESIS, 9, 0).astype(np.float32)
    ridge = np.exp(-((x - split + 1) / 1.5) ** 2).astype(np.float32) * 0.3
    return {"role": role, "disparity": disparity, "max_disparity": most, "cuts": cuts, "rgb": rgb,
            "probability": np.where(role == SYNTHESIS, ridge, 0).astype(np.float32)}


def near_side(p: dict, cuts: np.ndarray, disparity: np.ndarray, in_synthesis: bool) -> np.ndarray:
    marks = np.zeros(p["role"].shape, np.float32)
    counts = p["role"] == CONTEXT
    if in_synthesis:
        counts |= p["role"] == SYNTHESIS
    for axis, mark in ((1, 1), (0, 2)):
        a = (slice(None), slice(None, -1)) if axis == 1 else (slice(None, -1), slice(None))
        b = (slice(None), slice(1, None)) if axis == 1 else (slice(1, None), slice(None))
        cut = ((cuts[a] & mark) > 0) & counts[a] & counts[b]
        step = disparity[a] - disparity[b]
        marks[a][cut & (step >= np.float32(-THRESHOLD))] = 1
        marks[b][cut & (step <= np.float32(THRESHOLD))] = 1
    return marks


def closed_mask(role: np.ndarray) -> np.ndarray:
    regions = (role != OUTSIDE).astype(np.uint8)
    closed = cv2.morphologyEx(regions, cv2.MORPH_CLOSE, np.ones((CLOSING, CLOSING), np.uint8))
    return ((role == SYNTHESIS) | ((closed > 0) & (role == OUTSIDE))).astype(np.float32)


def run(network: torch.nn.Module, channels: list[np.ndarray]) -> np.ndarray:
    """Pads to multiples of 128, half of it at the top and left; returns the maps of the output."""
    x = np.stack(channels).astype(np.float32)
    height, width = x.shape[1:]
    down, right = -height % MULTIPLE, -width % MULTIPLE
    top, left = down // 2, right // 2
    x = np.pad(x, ((0, 0), (top, down - top), (left, right - left)))
    with torch.no_grad():
        y = network(torch.from_numpy(x)[None])[0].numpy()
    return y[:, top:top + height, left:left + width]


class Expected:
    def __init__(self, checkpoints: pathlib.Path, p: dict):
        self.networks = {kind: load(kind, checkpoints / FILES[kind]) for kind in FILES}
        self.p = p
        self.context = (p["role"] == CONTEXT).astype(np.float32)
        self.mask = (p["role"] == SYNTHESIS).astype(np.float32)
        self.rgb = [p["rgb"][..., c] / np.float32(255) * self.context for c in range(3)]

    def edge(self, marks: np.ndarray) -> np.ndarray:
        disparity = self.p["disparity"] * self.context
        return run(self.networks["edge"], [*self.rgb, disparity / disparity.max(), marks, self.context, self.mask])[0]

    def log_depth(self, marks: np.ndarray) -> tuple[np.ndarray, float]:
        known = self.context > 0
        logs = np.log(1 / np.where(known, self.p["disparity"], 1).astype(np.float64))
        mean = logs[known].mean()
        channel = np.where(known, logs - mean, 0)
        out = run(self.networks["depth"], [channel, marks, self.context, closed_mask(self.p["role"])])[0]
        return out, mean

    def color(self, marks: np.ndarray) -> np.ndarray:
        return run(self.networks["color"], [*self.rgb, marks, self.context, closed_mask(self.p["role"])])


def fill_disparity(p: dict, output: np.ndarray, mean: float) -> np.ndarray:
    """exp, the allowed span, two sweeps of averaging over what is linked, behind what hides it."""
    hidden, known = p["role"] == SYNTHESIS, p["role"] == CONTEXT
    low, high = p["disparity"][known].min(), p["disparity"][known].max()
    values = np.clip(np.exp(-(output.astype(np.float64) + mean)), max(low - THRESHOLD, low / 2), high + THRESHOLD)
    values = np.where(hidden, values, p["disparity"])
    right = (p["cuts"][:, :-1] & 1 == 0) & (p["role"][:, :-1] != OUTSIDE) & (p["role"][:, 1:] != OUTSIDE)
    down = (p["cuts"][:-1] & 2 == 0) & (p["role"][:-1] != OUTSIDE) & (p["role"][1:] != OUTSIDE)
    for _ in range(SWEEPS):
        total, count = np.zeros_like(values), np.zeros_like(values)
        total[:, :-1] += right * values[:, 1:]
        total[:, 1:] += right * values[:, :-1]
        total[:-1] += down * values[1:]
        total[1:] += down * values[:-1]
        count[:, :-1] += right
        count[:, 1:] += right
        count[:-1] += down
        count[1:] += down
        values = np.where(hidden & (count > 0), total / np.maximum(count, 1), values)
    return np.where(hidden, np.minimum(values, p["max_disparity"]), 0)


def sides_of(p: dict, cuts: np.ndarray) -> np.ndarray:
    """Disparities as the next pass is shown them: of what each hidden pixel hangs together with."""
    role, guess, seen, queue = p["role"], p["disparity"].copy(), np.zeros(p["role"].shape, bool), []
    height, width = role.shape
    steps = ((1, 0), (0, 1), (-1, 0), (0, -1))

    def joined(y, x, dx, dy):
        v, u = y + dy, x + dx
        if not (0 <= u < width and 0 <= v < height):
            return False
        return not cuts[min(y, v), min(x, u)] & (1 if dx else 2)

    for y, x in np.argwhere(role == SYNTHESIS):
        for dx, dy in steps:
            if joined(y, x, dx, dy) and role[y + dy, x + dx] == CONTEXT:
                guess[y, x], seen[y, x] = guess[y + dy, x + dx], True
                queue.append((y, x))
                break
    for y, x in queue:
        for dx, dy in steps:
            v, u = y + dy, x + dx
            if joined(y, x, dx, dy) and role[v, u] == SYNTHESIS and not seen[v, u]:
                guess[v, u], seen[v, u] = guess[y, x], True
                queue.append((v, u))
    return guess


def check(name: str, got: np.ndarray, wanted: np.ndarray, where: np.ndarray, tolerance=TOLERANCE) -> bool:
    difference = np.abs(got - wanted)[where].max()
    print(f"  {name}: largest difference {difference:.2e}, values {wanted[where].min():.3f} to {wanted[where].max():.3f}")
    return bool(difference <= tolerance)


def test(probe: str, networks: pathlib.Path, checkpoints: pathlib.Path, size, work: pathlib.Path) -> bool:
    print(f"patch of {size[1]} x {size[0]}")
    p = make_patch(*size, seed=size[0])
    (work / "out").mkdir(parents=True)
    for name in ("role", "disparity", "max_disparity", "cuts", "probability"):
        np.save(work / f"{name}.npy", p[name])
    cv2.imwrite(str(work / "rgb.png"), p["rgb"][..., ::-1])
    subprocess.run([probe, str(networks), str(work), str(work / "out")], check=True)
    got = {file.stem: np.load(file) for file in (work / "out").glob("*.npy")}

    hidden = p["role"] == SYNTHESIS
    expected = Expected(checkpoints, p)
    probability = expected.edge(near_side(p, p["cuts"], p["disparity"], False))
    fine = check("edge probability", got["edge"], probability, hidden)

    # The path clean-up, on a drawn line, and after three passes of the network
    cuts, _ = Cleaner(p["role"], p["disparity"], p["cuts"], p["probability"], EDGE_THRESHOLD).clean()
    fine &= check("cuts of a drawn line", got["drawn_cuts"], cuts, hidden, 0)
    fine &= bool((cuts != p["cuts"]).any())
    view, disparity, last = p["cuts"], p["disparity"], None
    for number in range(PASSES):
        if number > 0:
            disparity = sides_of({**p, "disparity": disparity}, view)
            probability = expected.edge(near_side(p, view, disparity, True))
        last = Cleaner(p["role"], disparity, view, probability, EDGE_THRESHOLD).clean()
        view = last[0]
    fine &= check(f"cuts after {PASSES} passes", got["cuts"], last[0], hidden, 0)
    fine &= check("paths after them", got["paths"], last[1], hidden, 0) and bool(last[1].any())

    marks = near_side(p, p["cuts"], p["disparity"], True)
    log_depth, mean = expected.log_depth(marks)
    fine &= check("log depth", got["log_depth"], log_depth, hidden)
    fine &= check("disparity", got["filled_disparity"], fill_disparity(p, log_depth, mean), hidden)
    color = expected.color(marks)
    for c in range(3):
        fine &= check(f"colour {c}", got[f"color_{c}"], color[c], hidden)
    return fine


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        write_random(folder / "checkpoints")
        subprocess.run([sys.executable, str(TRAINING / "export_reference.py"), str(folder / "checkpoints"), "-o",
                        str(folder / "networks")], check=True, stdout=subprocess.DEVNULL)
        results = [test(sys.argv[1], folder / "networks", folder / "checkpoints", size, folder / f"{size}")
                   for size in ((90, 100), (150, 117), (128, 256))]
    print("all as PyTorch says" if all(results) else "FAILED")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
