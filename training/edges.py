# SPDX-License-Identifier: MIT
"""Depth edges of samples: which are known, and which are to be found."""

import cv2
import numpy as np
from patch_stream import CONTEXT, CUT_DOWN, CUT_RIGHT, SYNTHESIS

THRESHOLD = 0.04  # step of relative disparity that parts surfaces
LEAST_EDGE = 8  # pixels of a hidden depth edge that are worth looking at
TANGENT, LEAST_TANGENT = 10, 3  # px of an edge that tell its direction


def without_hidden_cuts(cuts: np.ndarray, role: np.ndarray) -> np.ndarray:
    """Cuts of which neither side lies in the synthesis region."""
    hidden = role == SYNTHESIS
    right, below = np.roll(hidden, -1, 1), np.roll(hidden, -1, 0)
    cuts = cuts.copy()
    cuts[hidden | right] &= ~np.uint8(CUT_RIGHT)
    cuts[hidden | below] &= ~np.uint8(CUT_DOWN)
    return cuts


def near_sides(cuts: np.ndarray, disparity: np.ndarray, context: np.ndarray) -> np.ndarray:
    """Context pixels on the near side of a cut between context pixels; both where the step is small."""
    marks = np.zeros(cuts.shape, bool)
    for axis, bit in ((1, CUT_RIGHT), (0, CUT_DOWN)):
        first = tuple(slice(0, -1) if a == axis else slice(None) for a in (0, 1))
        second = tuple(slice(1, None) if a == axis else slice(None) for a in (0, 1))
        cut = ((cuts[first] & bit) > 0) & context[first] & context[second]
        step = disparity[first] - disparity[second]
        marks[first] |= cut & (step >= -THRESHOLD)
        marks[second] |= cut & (step <= THRESHOLD)
    return marks


def has_edge_to_continue(sample: dict) -> bool:
    """A depth edge of the context ends at the hole and goes on in it: the program asks about no other place."""
    hole = sample["role"] == SYNTHESIS
    if ((sample["cuts"] != 0) & hole).sum() < LEAST_EDGE:
        return False
    marks = near_sides(sample["cuts"], sample["disparity"].astype(np.float32), sample["role"] == CONTEXT)
    rim = cv2.dilate(hole.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    ends = cv2.dilate((marks & rim).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    return bool((ends & hole & (sample["cuts"] != 0)).any())


def continue_straight(marks: np.ndarray, hole: np.ndarray) -> np.ndarray:
    """Pixels of the hole on lines that go on from the ends of marked edges, as the program draws them at first."""
    lines = np.zeros(marks.shape, bool)
    touching = marks & (cv2.dilate(hole.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0)
    if not touching.any():
        return lines
    _, chains = cv2.connectedComponents(marks.astype(np.uint8), connectivity=8)
    count, ends, _, centres = cv2.connectedComponentsWithStats(touching.astype(np.uint8), connectivity=8)
    for i in range(1, count):
        end = centres[i]
        ys, xs = np.nonzero(chains == chains[ends == i][0])
        away = np.hypot(xs - end[0], ys - end[1])
        near = away <= TANGENT
        if away[near].max() < LEAST_TANGENT:
            continue
        far = near & (away >= away[near].max() / 2)
        direction = end - [xs[far].mean(), ys[far].mean()]
        length = np.hypot(*direction)
        if length < 1:
            continue
        draw_until_out(lines, hole, end, direction / length)
    return lines


def draw_until_out(lines: np.ndarray, hole: np.ndarray, start: np.ndarray, direction: np.ndarray) -> None:
    entered = False
    for t in range(1, 2 * max(hole.shape)):
        x, y = np.round(start + t * direction).astype(int)
        inside = 0 <= x < hole.shape[1] and 0 <= y < hole.shape[0] and hole[y, x]
        if not inside and (entered or t > 2):
            return
        if inside:
            entered = lines[y, x] = True
