#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Scores of a network on the validation samples against the built-in fills.

    evaluate.py color|depth|edge --weights FILE --data DIR [--features ONNX] [--json FILE] [--sheet FILE.png]

Everything is measured in the synthesis region; a sheet shows samples from left to right: hole, diffusion, exemplars,
network, truth (edges and depth: hole, what was there to start from, network, truth).
"""

import argparse
import json
from pathlib import Path

import cv2
import numpy as np
import torch
from edges import THRESHOLD, has_edge_to_continue
from features import Features
from losses import color_scores
from networks import DISTANCE_UNIT, NETWORKS, blend
from patch_stream import CONTEXT, SYNTHESIS
from samples import Samples, local_scale, make_batch

BATCH = 16
EDGE_TOLERANCE = 2  # px by which a predicted edge may be off


def mean_of(rows: list[dict]) -> dict:
    return {name: float(np.mean([row[name] for row in rows])) for name in rows[0]}


# ---- Colour


def color_row(batch, network, features, near: float) -> dict[str, dict]:
    x = batch["x"]
    index = network.inputs.index("distance")
    mask = batch["synthesis"] * (x[:, index : index + 1] * DISTANCE_UNIT <= near)
    candidates = {"diffusion": x[:, :3], "patch": x[:, 3:6], "network": blend(network(x), x)}
    candidates["half"] = (x[:, :3] + x[:, 3:6]) / 2  # a blend that anybody could make
    return {name: color_scores(batch, colour, features, mask) for name, colour in candidates.items()}


def color_table(rows: list[dict]) -> dict:
    table = {}
    for name in rows[0]:
        scores = mean_of([row[name] for row in rows])
        table[name] = {
            "psnr": round(scores["psnr"], 2),
            "perceptual": round(scores["perceptual"], 4),
            "gradient_ratio": round(scores["gradient_result"] / scores["gradient_truth"], 3),
        }
    return table


# ---- Depth


def depth_row(samples, batch, network) -> dict[str, dict]:
    result = {}
    for name, residual in (("diffusion", 0), ("network", network(batch["x"]))):
        errors, wrong = [], []
        difference = (batch["diffused"] + residual - batch["truth"]).abs().numpy()[:, 0]
        for sample, values in zip(samples, difference):
            _, spread = local_scale(sample, sample["role"] == CONTEXT)
            inside = values[sample["role"] == SYNTHESIS] * spread  # of the disparity's range, 3
            errors.append(inside.mean())
            wrong.append((inside > THRESHOLD).mean())
        result[name] = {"error": float(np.mean(errors)), "off_by_an_edge": float(np.mean(wrong))}
    return result


# ---- Edges


def thick(lines: np.ndarray) -> np.ndarray:
    side = 2 * EDGE_TOLERANCE + 1
    return cv2.dilate(lines.astype(np.uint8), np.ones((side, side), np.uint8)) > 0


def edge_row(batch, network) -> dict[str, dict]:
    probability = network(batch["x"]).numpy() * batch["synthesis"].numpy()
    truth = (batch["truth"] * batch["synthesis"]).numpy().max(1) > 0
    result = {}
    for threshold in (0.1, 0.2, 0.3, 0.5):
        guess = probability.max(1) > threshold
        hits = sum(int((g & thick(t)).sum()) for g, t in zip(guess, truth))
        found = sum(int((t & thick(g)).sum()) for g, t in zip(guess, truth))
        result[f"above {threshold}"] = {"hits": hits, "guessed": int(guess.sum()), "found": found, "true": int(truth.sum())}
    return result


def edge_table(rows: list[dict]) -> dict:
    table = {}
    for name in rows[0]:
        total = {key: sum(row[name][key] for row in rows) for key in rows[0][name]}
        precision, recall = total["hits"] / max(1, total["guessed"]), total["found"] / max(1, total["true"])
        f = 2 * precision * recall / max(1e-9, precision + recall)
        table[name] = {"precision": round(precision, 3), "recall": round(recall, 3), "f": round(f, 3)}
    return table


# ---- Sheets


def grey(values: np.ndarray, low: float, high: float) -> np.ndarray:
    scaled = np.clip((values - low) / max(high - low, 1e-6), 0, 1) * 255
    return np.repeat(scaled[..., None], 3, 2).astype(np.uint8)


def hole_picture(sample: dict) -> np.ndarray:
    role = sample["role"][..., None]
    return np.where(role == CONTEXT, sample["seen"], np.where(role == SYNTHESIS, [255, 0, 255], 128)).astype(np.uint8)


def sheet_row(task: str, sample: dict, network) -> np.ndarray:
    batch = make_batch([sample], task, network.inputs)
    synthesis = sample["role"] == SYNTHESIS
    if task == "color":
        colour = blend(network(batch["x"]), batch["x"])[0].clamp(0, 1).numpy().transpose(1, 2, 0) * 255
        fills = [sample["diffused"], sample["exemplar"], np.round(colour).astype(np.uint8), sample["rgb"]]
        cells = [np.where(synthesis[..., None], fill, sample["rgb"]) for fill in fills]
    elif task == "depth":
        truth = batch["truth"][0, 0].numpy()
        diffused = batch["diffused"][0, 0].numpy()
        guess = diffused + network(batch["x"])[0, 0].numpy()
        inside = sample["role"] > 0
        low, high = truth[inside].min(), truth[inside].max()
        cells = [grey(np.where(synthesis, v, np.where(inside, truth, low)), low, high) for v in (diffused, guess, truth)]
    else:
        marks = batch["x"][0, network.inputs.index("edge")].numpy() * 255
        guess = network(batch["x"])[0].max(0).values.numpy() * synthesis * 255
        truth = batch["truth"][0].max(0).values.numpy() * synthesis * 255
        cells = [np.stack([marks, v, v * 0], 2).astype(np.uint8) for v in (marks * 0, guess, truth)]
    return np.hstack([hole_picture(sample), *cells])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("task", choices=sorted(NETWORKS))
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--kind", default="mixed", help="of shards: mixed or scenes (default: %(default)s)")
    parser.add_argument("--features", type=Path)
    parser.add_argument("--near", type=float, default=1000, help="colour: look at pixels so close to the context only")
    parser.add_argument("--count", type=int, default=256, help="samples (default: %(default)s)")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--sheet", type=Path)
    parser.add_argument("--rows", type=int, default=24, help="of the sheet")
    parser.add_argument("--split", default="validation")
    options = parser.parse_args()
    torch.set_num_threads(1)
    network = NETWORKS[options.task]().eval()
    network.load_state_dict(torch.load(options.weights)["weights"])
    wanted = has_edge_to_continue if options.task == "edge" else lambda sample: True
    samples = list(Samples(options.data, options.split, (options.kind,), wanted))[: options.count]
    features = Features(options.features) if options.task == "color" else None
    rows = []
    with torch.no_grad():
        for i in range(0, len(samples), BATCH):
            part = samples[i : i + BATCH]
            batch = make_batch(part, options.task, network.inputs)
            if options.task == "color":
                rows.append(color_row(batch, network, features, options.near))
            elif options.task == "depth":
                rows.append(depth_row(part, batch, network))
            else:
                rows.append(edge_row(batch, network))
        if options.task == "color":
            table = color_table(rows)
        elif options.task == "depth":
            table = {n: {k: round(v, 4) for k, v in mean_of([r[n] for r in rows]).items()} for n in rows[0]}
        else:
            table = edge_table(rows)
        for name, scores in table.items():
            print(name, scores)
        if options.json:
            options.json.write_text(json.dumps({"samples": len(samples), "shards": options.kind, **table}, indent=2) + "\n")
        if options.sheet:
            picked = samples[:: max(1, len(samples) // options.rows)][: options.rows]
            cells = [sheet_row(options.task, s, network) for s in picked]
            half = (len(cells) + 1) // 2
            cells += [np.zeros_like(cells[0])] * (2 * half - len(cells))
            sheet = np.hstack([np.vstack(cells[:half]), np.vstack(cells[half:])])
            cv2.imwrite(str(options.sheet), cv2.cvtColor(sheet, cv2.COLOR_RGB2BGR))


if __name__ == "__main__":
    main()
