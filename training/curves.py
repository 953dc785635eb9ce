#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Draws the logs of train.py as a picture: curves.py LOG.jsonl... -o FILE.png"""

import argparse
import json
from pathlib import Path

import cv2
import numpy as np

WIDTH, HEIGHT, MARGIN = 460, 300, 46
COLOURS = {"train": (190, 140, 60), "validation": (40, 60, 200)}  # BGR


def panel(title: str, lines: dict[str, list[tuple[float, float]]]) -> np.ndarray:
    image = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    points = [p for line in lines.values() for p in line]
    # The first values would flatten the rest
    ys = np.array([p[1] for p in points])
    low, high = float(ys.min()), float(np.quantile(ys, 0.97))
    right = max(p[0] for p in points)

    def place(p):
        x = MARGIN + (WIDTH - 2 * MARGIN) * p[0] / right
        y = HEIGHT - MARGIN - (HEIGHT - 2 * MARGIN) * (min(p[1], high) - low) / max(high - low, 1e-9)
        return int(round(x)), int(round(y))

    cv2.rectangle(image, place((0, high)), place((right, low)), (210, 210, 210), 1)
    for name, line in lines.items():
        cv2.polylines(image, [np.array([place(p) for p in line], np.int32)], False, COLOURS[name], 1, cv2.LINE_AA)

    def write(text, x, y, colour=(40, 40, 40)):
        cv2.putText(image, text, (x, y), cv2.FONT_HERSHEY_SIMPLEX, 0.4, colour, 1, cv2.LINE_AA)

    write(title, MARGIN, 22)
    write(f"{high:.3g}", 4, MARGIN + 8)
    write(f"{low:.3g}", 4, HEIGHT - MARGIN)
    write(f"{right:.0f} steps", WIDTH - MARGIN - 70, HEIGHT - MARGIN + 20)
    for i, name in enumerate(lines):
        write(name, MARGIN + 80 * i, HEIGHT - MARGIN + 20, COLOURS[name])
    return image


def panels_of(log: Path) -> list[np.ndarray]:
    rows = [json.loads(line) for line in log.read_text().splitlines()]
    names = [n for n in rows[0]["validation"] if n not in ("context", "mse")]
    result = []
    for name in names:
        parts = {part: [(r["step"], r[part][name]) for r in rows if name in r[part]] for part in COLOURS}
        result.append(panel(f"{log.stem}: {name}", {part: line for part, line in parts.items() if line}))
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("logs", type=Path, nargs="+")
    parser.add_argument("-o", "--out", type=Path, required=True)
    options = parser.parse_args()
    rows = [panels_of(log) for log in options.logs]
    columns = min(4, max(len(row) for row in rows))
    cells = [row[i : i + columns] for row in rows for i in range(0, len(row), columns)]
    blank = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    cv2.imwrite(str(options.out), np.vstack([np.hstack(c + [blank] * (columns - len(c))) for c in cells]))


if __name__ == "__main__":
    main()
