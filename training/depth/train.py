#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Distils the depth network from a teacher.

    train.py --photos DIR... --teacher FILE.onnx --runner FILE.so --runtime libonnxruntime.so.1 --out DIR [--steps N]
    train.py … --cool-down N

The learning rate stays where it is, so training goes on for as long as there is time: start the same command again with
more steps. Small pictures (--scale 0.5) teach most per second at first. --cool-down goes from the averaged weights with a
falling rate and writes OUT/depth-best.pt; the state stays as it was. OUT/depth.pt is the state, OUT/pool the views, OUT/depth.jsonl the log.
"""

import argparse
import copy
import json
import time
from pathlib import Path

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from losses import depth_loss, hint_loss
from network import MULTIPLE, DepthNetwork, Hints
from teacher import HINTS, Runner, with_hints
from validation import agreement, labelled, validation_photos
from views import SHAPES, Pool, is_validation, make_view, photos_below, teach

WARM_UP = 200  # steps
AVERAGE, AVERAGE_COOLING = 0.998, 0.99  # decay of the running mean of weights
COOLING_RATE = 0.3  # of the rate, with which cooling begins: averaged weights are already near where it is low
GRADIENT_LIMIT = 1.0
FIRST_VIEWS = 192  # before the first step
FOLLOW_EVERY = 4  # steps between looks of the averaged weights
LEAST_WINDOW = 0.7  # of a view's sides that a sample shows


def reduced(shape: tuple[int, int], scale: float) -> tuple[int, int]:
    """The nearest shape that the network takes."""
    return tuple(max(1, int(side * scale / MULTIPLE + 0.5)) * MULTIPLE for side in shape)


def move_windows(rng, arrays: list[np.ndarray], size: tuple[int, int]) -> list[torch.Tensor]:
    """The same random windows, half of them mirrored, of all arrays; pictures come at `size`, hints at their share of it."""
    count = len(arrays[0])
    theta = np.zeros((count, 2, 3), np.float32)
    for matrix in theta:
        part = rng.uniform(LEAST_WINDOW, 1, 2) if rng.random() < 0.5 else np.ones(2)
        if part[0] < 1:
            part = np.clip(part.mean() + (part - part.mean()) * 0.3, LEAST_WINDOW, 1)
        matrix[0, 0], matrix[1, 1] = part * [rng.choice([-1, 1]), 1]
        matrix[:, 2] = (1 - part) * rng.uniform(-1, 1, 2)
    theta = torch.from_numpy(theta)
    result = []
    for array, unit in zip(arrays, (1, 1, 32, 16)):
        values = torch.from_numpy(array.astype(np.float32))
        grid = F.affine_grid(theta, (count, 1, size[1] // unit, size[0] // unit), align_corners=False)
        result.append(F.grid_sample(values, grid, padding_mode="border", align_corners=False))
    return result


def recolour(rng, rgb: torch.Tensor) -> torch.Tensor:
    """Other light, another camera: what does not change depth."""
    count = len(rgb)

    def draw(spread):
        return torch.from_numpy(np.exp(rng.normal(0, spread, (count, 1, 1, 1))).astype(np.float32))

    def draw_colour(spread):
        return torch.from_numpy(np.exp(rng.normal(0, spread, (count, 3, 1, 1))).astype(np.float32))

    grey = rgb.mean(1, keepdim=True)
    rgb = grey + (rgb - grey) * draw(0.25)
    if rng.random() < 0.1:
        rgb = grey.expand(-1, 3, -1, -1)
    rgb = (rgb * draw_colour(0.06)).clamp_min(0) ** draw(0.15)
    mean = rgb.mean((1, 2, 3), keepdim=True)
    rgb = mean + (rgb - mean) * draw(0.15)
    if rng.random() < 0.15:
        rgb = F.avg_pool2d(rgb, 3, 1, 1, count_include_pad=False)
    if rng.random() < 0.25:
        rgb = rgb + torch.from_numpy(rng.normal(0, rng.uniform(0, 0.03), rgb.shape).astype(np.float32))
    return rgb.clamp(0, 1)


class Trainer:
    def __init__(self, options):
        self.options = options
        torch.manual_seed(options.seed)
        options.out.mkdir(parents=True, exist_ok=True)
        photos = photos_below(options.photos)
        self.photos = [p for p in photos if not is_validation(p)]
        model = with_hints(options.teacher, options.out / "teacher-with-hints.onnx", HINTS)
        self.teacher = Runner(options.runner, options.runtime, model)
        validation = validation_photos(photos, options.validation)
        self.validation = labelled(validation, self.teacher, options.out / "validation")
        self.pool = Pool(options.out / "pool", options.pool)
        self.network, self.hints = DepthNetwork(), Hints()
        self.network.to(memory_format=torch.channels_last)
        self.average = copy.deepcopy(self.network).eval()
        parameters = [*self.network.parameters(), *self.hints.parameters()]
        decayed = [p for p in parameters if p.dim() > 1]
        groups = [{"params": decayed, "weight_decay": 0.02}, {"params": [p for p in parameters if p.dim() <= 1]}]
        self.optimizer = torch.optim.AdamW(groups, options.rate, betas=(0.9, 0.99), weight_decay=0)
        self.parameters = parameters
        self.step, self.views, self.cpu_seconds = 0, 0, 0.0
        self.state_file = options.out / "depth.pt"
        if self.state_file.exists():
            self.resume()
        while self.views < FIRST_VIEWS:
            self.add_view()
        self.deviations = [self.deviation(a) for a in (self.pool.deepest, self.pool.deep)]

    def deviation(self, array: np.ndarray) -> float:
        """Of the first views' hints, all channels alike."""
        return float(np.std(np.asarray(array[:256, : array.shape[1] // 2], np.float32)))

    def modules(self):
        return {"network": self.network, "hints": self.hints, "average": self.average, "optimizer": self.optimizer}

    def resume(self):
        state = torch.load(self.state_file)
        for name, module in self.modules().items():
            module.load_state_dict(state[name])
        self.step, self.views, self.cpu_seconds = state["step"], state["views"], state["cpu_seconds"]

    def save(self):
        partial = self.state_file.with_suffix(".part")
        state = {name: module.state_dict() for name, module in self.modules().items()}
        torch.save(state | {"step": self.step, "views": self.views, "cpu_seconds": self.cpu_seconds}, partial)
        partial.rename(self.state_file)

    def add_view(self):
        rng = np.random.default_rng([self.options.seed, 1, self.views])
        rgb, shape = make_view(rng, self.photos)
        self.pool.put(self.views, rgb, shape, teach(rng, self.teacher, rgb))
        self.views += 1

    def learning_rate(self) -> float:
        if self.options.cool_down:
            done = (self.step - self.first_step) / self.options.cool_down
            return self.options.rate * COOLING_RATE * max(0.01, 1 - done)
        return self.options.rate * min(1, (self.step + 1) / WARM_UP)

    def train_step(self) -> dict[str, float]:
        rng = np.random.default_rng([self.options.seed, 2, self.step])
        shape, arrays = self.pool.draw(rng, self.options.batch)
        size = reduced(SHAPES[shape], self.options.scale)
        rgb, truth, *hints = move_windows(rng, arrays, size)
        rgb = recolour(rng, rgb / 255).contiguous(memory_format=torch.channels_last)
        for group in self.optimizer.param_groups:
            group["lr"] = self.learning_rate()
        with torch.autocast("cpu", dtype=torch.bfloat16):
            result, *features = self.network.features(rgb)
            told = self.hints(*features)
        loss, parts = depth_loss(result.float(), truth)
        hint = hint_loss([t.float() for t in told], hints, self.deviations)
        self.optimizer.zero_grad(set_to_none=True)
        (loss + hint).backward()
        torch.nn.utils.clip_grad_norm_(self.parameters, GRADIENT_LIMIT)
        self.optimizer.step()
        self.follow()
        self.step += 1
        return {"loss": float(loss), "hint": float(hint)} | {name: float(value) for name, value in parts.items()}

    @torch.no_grad()
    def follow(self):
        if self.step % FOLLOW_EVERY:
            return
        slowest = AVERAGE_COOLING if self.options.cool_down else AVERAGE
        decay = min(slowest, (1 + self.step) / (10 + self.step)) ** FOLLOW_EVERY
        for mean, value in zip(self.average.state_dict().values(), self.network.state_dict().values()):
            if mean.dtype.is_floating_point:
                mean.lerp_(value, 1 - decay)
            else:
                mean.copy_(value)

    def report(self, sums, count, started):
        scores = np.array(agreement(self.average, self.validation, self.options.side))
        line = {"step": self.step, "views": self.views, "cpu_seconds": round(self.cpu_seconds)}
        line |= {"seconds": round(time.time() - started), "rate": round(self.learning_rate(), 6)}
        line["train"] = {name: round(value / max(1, count), 4) for name, value in sums.items()}
        line["spearman"] = {"mean": round(float(scores.mean()), 4), "median": round(float(np.median(scores)), 4)}
        with open(self.options.out / "depth.jsonl", "a") as log:
            log.write(json.dumps(line) + "\n")
        print(json.dumps(line), flush=True)
        return float(scores.mean())

    def run(self):
        started, used = time.time(), time.process_time()
        self.owed = 0.0
        self.first_step = self.step
        if self.options.cool_down:
            self.network.load_state_dict(self.average.state_dict())
        last = self.step + self.options.cool_down if self.options.cool_down else self.options.steps
        if self.step >= last:
            return  # a part that was done before
        sums, count = {}, 0
        while self.step < last:
            self.owed += self.options.new_views
            while self.owed >= 1:
                self.add_view()
                self.owed -= 1
            for name, value in self.train_step().items():
                sums[name] = sums.get(name, 0) + value
            count += 1
            if self.step % self.options.every and self.step < last:
                continue
            self.cpu_seconds += time.process_time() - used
            score = self.report(sums, count, started)
            used = time.process_time()
            sums, count = {}, 0
            if not self.options.cool_down:
                self.save()
        best = {"weights": self.average.state_dict(), "step": self.step, "views": self.views}
        target = "depth-best.pt" if self.options.cool_down else "depth-latest.pt"
        torch.save(best | {"cpu_seconds": self.cpu_seconds, "spearman": score}, self.options.out / target)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=Path, nargs="+", required=True)
    parser.add_argument("--teacher", type=Path, required=True)
    parser.add_argument("--runner", type=Path, required=True, help="built from runner/")
    parser.add_argument("--runtime", type=Path, required=True, help="ONNX Runtime's library")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=30000)
    parser.add_argument("--cool-down", type=int, default=0, help="steps with a falling rate from the state that is there")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--rate", type=float, default=1.5e-3)
    parser.add_argument("--new-views", type=float, default=0.6, help="labelled at each step, on average")
    parser.add_argument("--pool", type=int, default=12288, help="views kept")
    parser.add_argument("--scale", type=float, default=1, help="of the views' size, at which is learnt")
    parser.add_argument("--every", type=int, default=250, help="steps between validations")
    parser.add_argument("--validation", type=int, default=96, help="photos looked at")
    parser.add_argument("--side", type=int, default=256, help="long side in validation [pixels]")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    cv2.setNumThreads(1)
    Trainer(options).run()


if __name__ == "__main__":
    main()
