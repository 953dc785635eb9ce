# SPDX-License-Identifier: MIT
"""src/neural/edge_paths.cpp once more, after its description in docs/algorithms/networks.md, for probabilities of pixels."""
import heapq

import numpy as np

OUTSIDE, CONTEXT, SYNTHESIS = 0, 1, 2
STEPS = ((1, 0), (0, 1), (-1, 0), (0, -1))  # right, down, left, up
F = np.float32
STEP_COST, RIM_COST, WAY_OUT = F(0.05), F(4), F(4)


def sides(corner, direction):
    """Pixels on the left and on the right of a step from a corner; corner (x, y) is the top left of pixel (x, y)."""
    x, y = corner
    around = ((x, y - 1), (x, y), (x - 1, y), (x - 1, y - 1))
    return around[direction], around[(direction + 1) % 4]


def bit(left, right):
    down = left[0] == right[0]
    return min(left, right), 2 if down else 1


class Cleaner:
    def __init__(self, role, disparity, cuts, probability, threshold):
        self.role, self.disparity, self.cuts = role, disparity, cuts
        self.height, self.width = role.shape
        self.p = np.where((role == SYNTHESIS) & (probability > F(threshold)), probability, F(0)).astype(F)
        self.support = np.zeros(role.shape, bool)
        for y, x in np.argwhere(self.p > 0):
            self.support[max(0, y - 1):y + 2, max(0, x - 1):x + 2] = True
        self.expected = F(self.p.max() / 2) if self.p.size else F(0)
        self.ends = self.find_ends()
        self.blocked = set()

    def role_at(self, pixel):
        x, y = pixel
        return self.role[y, x] if 0 <= x < self.width and 0 <= y < self.height else OUTSIDE

    def corners(self):
        return ((x, y) for y in range(self.height + 1) for x in range(self.width + 1))

    def is_cut(self, left, right):
        (x, y), b = bit(left, right)
        return bool(self.cuts[y, x] & b)

    def find_ends(self):
        """Corner -> whether the near side is on the left on the way in."""
        ends = {}
        for corner in self.corners():
            edges, touches, near = 0, False, False
            for d in range(4):
                left, right = sides(corner, d)
                touches |= self.role_at(left) == SYNTHESIS
                if self.role_at(left) == self.role_at(right) == CONTEXT and self.is_cut(left, right):
                    edges += 1
                    near = self.disparity[right[1], right[0]] > self.disparity[left[1], left[0]]
            if edges == 1 and touches:
                ends[corner] = bool(near)
        return ends

    def search(self, start):
        near_is_left = self.ends[start]
        cost, score, before, queue = {start: F(0)}, {start: F(0)}, {start: None}, [(F(0), self.index(start))]
        while queue:
            paid, here = heapq.heappop(queue)
            corner = (here % (self.width + 1), here // (self.width + 1))
            if paid > cost[corner] or (paid > 0 and corner in self.ends):
                continue
            for d, (dx, dy) in enumerate(STEPS):
                to = (corner[0] + dx, corner[1] + dy)
                left, right = sides(corner, d)
                roles = self.role_at(left), self.role_at(right)
                if OUTSIDE in roles or SYNTHESIS not in roles or to in self.blocked:
                    continue
                if to in self.ends and self.ends[to] == near_is_left:
                    continue
                near = left if near_is_left else right
                if not self.support[near[1], near[0]]:
                    continue
                gain = self.p[near[1], near[0]]
                rim = F(0) if roles[0] == roles[1] else RIM_COST
                price = F(F(F(F(paid + F(1)) - gain) + STEP_COST) + rim)
                if to in cost and price >= cost[to]:
                    continue
                cost[to], before[to] = price, corner
                score[to] = F(F(score[corner] + gain) - self.expected)
                heapq.heappush(queue, (price, self.index(to)))
        return score, before

    def index(self, corner):
        return corner[1] * (self.width + 1) + corner[0]

    def goal(self, score):
        best, most = None, F(0)
        for corner in sorted(score, key=self.index):
            out = any(self.role_at(sides(corner, d)[0]) == OUTSIDE for d in range(4))
            value = F(score[corner] + (F(WAY_OUT * self.expected) if out else F(0)))
            if value > most:
                best, most = corner, value
        return best

    def trace(self, before, corner):
        path = []
        while corner is not None:
            path.append(corner)
            self.blocked.add(corner)
            corner = before[corner]
        return path

    def choose(self):
        ends = sorted(self.ends, key=self.index)
        partners = {}
        for end in ends:
            score, _ = self.search(end)
            partners[end] = [e for e in ends if e != end and e in score]
        paths = {}
        for end in ends:
            own = partners[end]
            if len(own) > 1 or (own and len(partners[own[0]]) > 1):
                paths[end] = []
            elif own and paths.get(own[0]):
                paths[end] = paths[own[0]]
            else:
                score, before = self.search(end)
                goal = own[0] if own else self.goal(score)
                paths[end] = self.trace(before, goal) if goal is not None and goal in before else []
        return paths

    def clean(self):
        paths = self.choose()
        cuts, drawn = self.cuts.copy(), np.zeros_like(self.cuts)
        owner, queue = {end: end for end in self.ends}, sorted(self.ends, key=self.index)
        while queue:  # cuts that go on from an end with a path give way to it
            corner = queue.pop(0)
            for d, (dx, dy) in enumerate(STEPS):
                to, (left, right) = (corner[0] + dx, corner[1] + dy), sides(corner, d)
                if not (self.role_at(left) == self.role_at(right) == SYNTHESIS) or not self.is_cut(left, right):
                    continue
                if paths[owner[corner]] and (to not in owner or paths[owner[to]]):
                    (x, y), b = bit(left, right)
                    cuts[y, x] &= ~b & 3
                if to not in owner:
                    owner[to] = owner[corner]
                    queue.append(to)
        for path in paths.values():
            for a, b in zip(path, path[1:]):
                (x, y), mark = bit(*sides(a, STEPS.index((b[0] - a[0], b[1] - a[1]))))
                cuts[y, x] |= mark
                drawn[y, x] |= mark
        return cuts, drawn
