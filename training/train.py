#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Trains one of the three networks.

    train.py color|depth|edge --data DIR --out DIR [--features squeezenet11-features.onnx] [--steps N]

OUT/<task>.pt is the state to go on from (start the same command again), OUT/<task>-best.pt the averaged weights with
the best validation score so far, OUT/<task>.jsonl the log.
"""

import argparse
import copy
import json
import math
import time
from pathlib import Path

import numpy as np
import torch
from edges import has_edge_to_continue
from features import Features
from losses import LOSSES, color_scores
from networks import NETWORKS, blend
from samples import Samples, make_batch

WARM_UP = 100  # steps
AVERAGE = 0.995  # decay of the running mean of weights
GRADIENT_LIMIT = 1.0
SIDE = {"color": 96, "depth": 128, "edge": 128}  # of a training sample [pixels]
KINDS = {"color": ("mixed",), "depth": ("mixed", "scenes"), "edge": ("edges",)}  # of shards


def learning_rate(step: int, options) -> float:
    """Linear warm-up, then half a cosine down to a hundredth."""
    if step < WARM_UP:
        return options.rate * (step + 1) / WARM_UP
    t = min(1, (step - WARM_UP) / max(1, options.steps - WARM_UP))
    return options.rate * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * t)))


class Trainer:
    def __init__(self, options):
        self.options = options
        torch.manual_seed(options.seed)
        self.network = NETWORKS[options.task]()
        if options.start:
            self.take_over(torch.load(options.start)["weights"])
        self.average = copy.deepcopy(self.network).eval()
        self.optimizer = torch.optim.Adam(self.network.parameters(), options.rate, betas=(0.9, 0.99))
        self.features = Features(options.features) if options.task == "color" else None
        self.step, self.cpu_seconds, self.best = 0, 0.0, math.inf
        kinds = KINDS[options.task]
        wanted = has_edge_to_continue if options.task == "edge" else lambda sample: True
        self.data = Samples(options.data, "train", kinds, wanted)
        validation = [Samples(options.data, "validation", (kind,), wanted) for kind in kinds]
        validation = [sample for samples in validation for sample in list(samples)[: options.validation]]
        self.validation = [
            make_batch(validation[i : i + 16], options.task, self.network.inputs)
            for i in range(0, len(validation), 16)
        ]
        options.out.mkdir(parents=True, exist_ok=True)
        self.state_file = options.out / f"{options.task}.pt"
        if self.state_file.exists():
            self.resume()

    def take_over(self, weights: dict):
        """Begins with the layers of another network that fit into this one."""
        own = self.network.state_dict()
        own.update({name: value for name, value in weights.items() if name in own and own[name].shape == value.shape})
        self.network.load_state_dict(own)

    def resume(self):
        state = torch.load(self.state_file)
        self.network.load_state_dict(state["network"])
        self.average.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.step, self.cpu_seconds, self.best = state["step"], state["cpu_seconds"], state["best"]

    def save(self):
        partial = self.state_file.with_suffix(".part")
        torch.save(
            {
                "network": self.network.state_dict(),
                "average": self.average.state_dict(),
                "optimizer": self.optimizer.state_dict(),
                "step": self.step,
                "cpu_seconds": self.cpu_seconds,
                "best": self.best,
            },
            partial,
        )
        partial.rename(self.state_file)

    def train_step(self) -> dict[str, float]:
        rng = np.random.default_rng([self.options.seed, self.step])  # the same after a restart
        samples = self.data.draw(rng, self.options.batch, SIDE[self.options.task])
        batch = make_batch(samples, self.options.task, self.network.inputs)
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate(self.step, self.options)
        loss, parts = LOSSES[self.options.task](self.network, batch, self.features)
        self.optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), GRADIENT_LIMIT)
        self.optimizer.step()
        decay = min(AVERAGE, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            for mean, value in zip(self.average.parameters(), self.network.parameters()):
                mean.lerp_(value, 1 - decay)
        self.step += 1
        return {"loss": float(loss)} | {name: float(value) for name, value in parts.items()}

    @torch.no_grad()
    def validate(self) -> dict[str, float]:
        sums: dict[str, float] = {}
        for batch in self.validation:
            loss, parts = LOSSES[self.options.task](self.average, batch, self.features)
            scores = {"loss": float(loss)} | {name: float(value) for name, value in parts.items()}
            if self.options.task == "color":
                scores |= color_scores(batch, blend(self.average(batch["x"]), batch["x"]), self.features)
            for name, value in scores.items():
                sums[name] = sums.get(name, 0) + value / len(self.validation)
        if "gradient_truth" in sums:
            sums["gradient_ratio"] = sums.pop("gradient_result") / sums.pop("gradient_truth")
        return sums

    def run(self):
        started, used = time.time(), time.process_time()
        sums, count = {}, 0
        while self.step < self.options.steps:
            for name, value in self.train_step().items():
                sums[name] = sums.get(name, 0) + value
            count += 1
            if self.step % self.options.every and self.step < self.options.steps:
                continue
            scores = self.validate()
            self.cpu_seconds += time.process_time() - used
            used = time.process_time()
            line = {"step": self.step, "cpu_seconds": round(self.cpu_seconds), "seconds": round(time.time() - started)}
            line["samples"] = len(self.data)
            line["train"] = {name: round(value / count, 5) for name, value in sums.items()}
            line["validation"] = {name: round(value, 5) for name, value in scores.items()}
            with open(self.options.out / f"{self.options.task}.jsonl", "a") as log:
                log.write(json.dumps(line) + "\n")
            print(json.dumps(line), flush=True)
            if scores["loss"] < self.best:
                self.best = scores["loss"]
                best = {"weights": self.average.state_dict(), "step": self.step, "scores": scores}
                torch.save(best | {"cpu_seconds": self.cpu_seconds}, self.options.out / f"{self.options.task}-best.pt")
            self.save()
            self.data.refresh()
            sums, count = {}, 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("task", choices=sorted(NETWORKS))
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--features", type=Path, help="feature network of the colour loss, ONNX")
    parser.add_argument("--start", type=Path, help="a <task>-best.pt to begin with, as far as layers fit")
    parser.add_argument("--steps", type=int, default=8000)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--rate", type=float, default=6e-4)
    parser.add_argument("--every", type=int, default=250, help="steps between validations")
    parser.add_argument("--validation", type=int, default=128, help="samples looked at, of each kind")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    Trainer(options).run()


if __name__ == "__main__":
    main()
