#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Scores of the depth network: agreement with the averaged teacher on photos that it has not seen, and correlation with true
disparity, beside the teacher's own.

    evaluate.py --weights depth-best.pt --photos DIR… --teacher FILE.onnx --runner FILE.so --runtime FILE.so
                [--stereo DIR] [--rgbd DIR] [--json FILE] [--sheet FILE.png]
"""

import argparse
import json
from pathlib import Path

import cv2
import numpy as np
import torch
from network import DepthNetwork
from teacher import Runner
from truth import correlation, depth_cameras, stereo
from validation import ONE_PASS_SIDE, agreement, averaged_teacher, labelled, network_pass, teacher_pass, validation_photos
from views import photos_below

SHEET_COLUMNS = 3  # photos beside one another
SHEET_SIZE = (240, 180)


def summary(values: list[float]) -> dict[str, float]:
    return {
        "mean": round(float(np.mean(values)), 4),
        "median": round(float(np.median(values)), 4),
        "tenth percentile": round(float(np.percentile(values, 10)), 4),
    }


def agreement_scores(network, data, side: int) -> dict:
    return {
        "photos": len(data),
        "network": summary(agreement(network, data, side)),
        "network, mirrored too": summary(agreement(network, data, side, mirror=True)),
        "one pass of the teacher": summary([one for _, _, one, _ in data]),
        "teacher with its mirrored pass": summary([flip for _, _, _, flip in data]),
    }


def truth_scores(network, teacher: Runner, truths, side: int) -> dict:
    def once(rgb):
        return teacher_pass(teacher, rgb, ONE_PASS_SIDE, False, rgb.shape[1::-1])

    ways = {
        "network": lambda rgb: network_pass(network, rgb, side),
        "network, mirrored too": lambda rgb: network_pass(network, rgb, side, mirror=True),
        "teacher": once,
        "averaged teacher": lambda rgb: averaged_teacher(teacher, rgb),
    }
    scores = {}
    for name, way in ways.items():
        values = np.array([correlation(way(truth.rgb), truth.disparity) for truth in truths])
        scores[name] = {"pearson": round(values[:, 0].mean(), 4), "spearman": round(values[:, 1].mean(), 4)}
        scores[name]["each"] = {t.name: round(p, 3) for t, p in zip(truths, values[:, 0])}
    return scores


def picture(log_disparity: np.ndarray) -> np.ndarray:
    disparity = np.exp(log_disparity - log_disparity.max())
    low, high = disparity.min(), disparity.max()
    return cv2.applyColorMap(np.uint8(255 * (disparity - low) / max(high - low, 1e-6)), cv2.COLORMAP_INFERNO)


def write_sheet(network, data, side: int, path: Path) -> None:
    """Photo, network, averaged teacher."""
    rows, row = [], []
    for rgb, label, _, _ in data:
        parts = [rgb[..., ::-1], picture(network_pass(network, rgb, side, mirror=True)), picture(label)]
        row += [cv2.resize(p, SHEET_SIZE, interpolation=cv2.INTER_AREA) for p in parts]
        if len(row) == 3 * SHEET_COLUMNS:
            rows.append(np.hstack(row))
            row = []
    cv2.imwrite(str(path), np.vstack(rows))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--photos", type=Path, nargs="+", required=True)
    for name in ("teacher", "runner", "runtime"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True, help="folder for the averaged teacher's labels")
    parser.add_argument("--stereo", type=Path)
    parser.add_argument("--rgbd", type=Path)
    parser.add_argument("--side", type=int, default=320, help="long side [pixels]")
    parser.add_argument("--validation", type=int, default=96, help="photos")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--sheet", type=Path)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    cv2.setNumThreads(1)
    state = torch.load(options.weights)
    network = DepthNetwork().eval()
    network.load_state_dict(state["weights"])
    teacher = Runner(options.runner, options.runtime, options.teacher)
    photos = validation_photos(photos_below(options.photos), options.validation)
    data = labelled(photos, teacher, options.cache)
    scores = {name: state[name] for name in ("step", "views")} | {"cpu_seconds": round(state["cpu_seconds"])}
    scores["agreement with the averaged teacher, Spearman"] = agreement_scores(network, data, options.side)
    if options.stereo:
        scores["true disparity, stereo"] = truth_scores(network, teacher, stereo(options.stereo), options.side)
    if options.rgbd:
        scores["true disparity, depth cameras"] = truth_scores(
            network, teacher, depth_cameras(options.rgbd), options.side
        )
    text = json.dumps(scores, indent=2)
    print(text)
    if options.json:
        options.json.write_text(text + "\n")
    if options.sheet:
        write_sheet(network, data[:36], options.side, options.sheet)


if __name__ == "__main__":
    main()
