#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Makes the samples on which the three networks are trained and validated.

    make_data.py --photos DIR --labels DIR --tool unflat_patches --out DIR [--samples N] [--split train|validation]

1. The program's own pipeline runs on photos with depth (`unflat_patches dump`). Kept: the prepared photos and the shapes
   of context and synthesis regions that their depth edges and borders make.
2. A shape of one photo is laid on another, whose colours, depth and depth edges are known behind it; roles are swapped at
   random; wide holes and continued borders are added; the occluder's colour bleeds into some contexts.
3. Generated scenes (scenes.py) give hidden layers that are exact.
4. `unflat_patches fill` adds what the built-in fills make of each sample.

Shards OUT/<split>-<kind>-NNN.npz of 128 x 128 px. The same seed gives the same bytes; shards that are there are kept.
"""

import argparse
import hashlib
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import patch_stream as ps
import scenes
from edges import THRESHOLD, has_edge_to_continue, without_hidden_cuts
from label_depth import label_name, photos_below, shuffled

SIDE = 128
SHARD = 256  # samples
LEAST_SYNTHESIS = 120  # px; smaller problems teach little
UNBOUNDED = 1e6
PHOTOS_PER_DUMP = 24
SHAPES_PER_PHOTO = 12
EXACT_SHARE = {"edges": 1.0, "mixed": 0.35, "scenes": 1.0}  # of generated scenes


@dataclass
class Content:
    rgb: np.ndarray
    disparity: np.ndarray
    cuts: np.ndarray


def is_validation(photo: Path) -> bool:
    """Kodak as a whole and a twelfth of the rest, by name, never by chance."""
    return photo.parent.name == "kodak" or hashlib.md5(photo.name.encode()).digest()[1] % 12 == 0


# ---- 1. Shapes and contents


def crop_shape(rng, role: np.ndarray) -> np.ndarray | None:
    """A window of SIDE around a synthesis pixel, sometimes of twice the scale."""
    ys, xs = np.nonzero(role == ps.SYNTHESIS)
    if len(ys) < 30:
        return None
    scale = int(rng.choice([1, 2], p=[0.45, 0.55]))  # small photos: regions as large ones have them
    side = SIDE // scale
    i = rng.integers(len(ys))
    centre = np.array([ys[i], xs[i]]) + rng.integers(-side // 4, side // 4 + 1, 2)
    padded = np.pad(role, side)
    y, x = np.clip(centre + side // 2, 0, np.array(padded.shape) - side)
    window = padded[y : y + side, x : x + side]
    window = window.repeat(scale, 0).repeat(scale, 1)
    synthesis, context = (window == ps.SYNTHESIS).sum(), (window == ps.CONTEXT).sum()
    return window if synthesis >= LEAST_SYNTHESIS and context >= 300 else None


def shapes_of(rng, patches: list[ps.Patch]) -> list[np.ndarray]:
    """Some shapes of a photo, the larger ones more often."""
    if not patches:
        return []
    area = np.array([(p.role == ps.SYNTHESIS).sum() for p in patches], float)
    weight = np.minimum(area, 4000) * (area >= 30)
    if weight.sum() == 0:
        return []
    picks = rng.choice(len(patches), SHAPES_PER_PHOTO, p=weight / weight.sum())
    return [s for i in picks if (s := crop_shape(rng, patches[i].role)) is not None]


def collect(tool: Path, photos: list[Path], labels: Path, cache: Path):
    """Contents and shapes of all labelled photos; kept in `cache` photo by photo."""
    cache.mkdir(parents=True, exist_ok=True)
    todo = [p for p in photos if (labels / label_name(p)).exists()]
    missing = [p for p in todo if not (cache / label_name(p)).with_suffix(".npz").exists()]
    for first in range(0, len(missing), PHOTOS_PER_DUMP):
        part = missing[first : first + PHOTOS_PER_DUMP]
        rngs = [np.random.default_rng(int(hashlib.md5(p.name.encode()).hexdigest()[:8], 16)) for p in part]
        lines = [
            f"{p} {labels / label_name(p)} disparity 0 {rng.choice([1, 1.5, 2, 3])}" for p, rng in zip(part, rngs)
        ]
        stream = cache / "dump.bin"
        ps.dump(tool, lines, stream)
        records = {i: (None, []) for i in range(len(part))}
        for record in ps.read_patches(stream):
            if record.kind == ps.CONTENT:
                records[record.photo] = (record, [])
            else:
                records[record.photo][1].append(record)
        stream.unlink()
        for i, (content, patches) in records.items():
            if content is None:
                continue
            shapes = shapes_of(rngs[i], patches)
            np.savez(
                (cache / label_name(part[i])).with_suffix(".npz"),
                rgb=content.rgb,
                disparity=content.disparity.astype(np.float16),
                cuts=content.cuts,
                shapes=np.array(shapes, np.uint8).reshape(-1, SIDE, SIDE),
            )
        print(f"collected {first + len(part)} of {len(missing)}", flush=True)
    contents, shapes = [], []
    for photo in todo:
        with np.load((cache / label_name(photo)).with_suffix(".npz")) as data:
            contents.append(Content(data["rgb"], data["disparity"], data["cuts"]))
            shapes.extend(data["shapes"])
    return contents, shapes


# ---- 2. Pasted samples


@dataclass
class Sample:
    rgb: np.ndarray  # the truth everywhere
    seen: np.ndarray  # the context as the networks see it
    role: np.ndarray
    disparity: np.ndarray  # the truth
    cuts: np.ndarray  # the truth
    seen_cuts: np.ndarray  # as the fills and the later networks see them
    exact: bool  # generated: depth and edges are exact


def wide_shape(rng) -> np.ndarray:
    """A continued border or a wide hole."""
    role = np.full((SIDE, SIDE), ps.CONTEXT, np.uint8)
    if rng.random() < 0.6:
        role[:, : rng.integers(24, 84)] = ps.SYNTHESIS
        if rng.random() < 0.35:  # a corner of the photo
            role[: rng.integers(16, 64)] = ps.SYNTHESIS
        return role
    shape = scenes.SHAPES[rng.integers(len(scenes.SHAPES) - 1)]
    role[shape(rng, rng.uniform(0.3, 0.7, 2) * SIDE, SIDE * rng.uniform(0.2, 0.4), SIDE)] = ps.SYNTHESIS
    if rng.random() < 0.5:  # as behind an occluder: known on one side
        x, y = scenes.coordinates(SIDE)
        angle = rng.uniform(0, 2 * np.pi)
        role[(x - SIDE / 2) * np.cos(angle) + (y - SIDE / 2) * np.sin(angle) > SIDE * 0.25] = ps.OUTSIDE
    return role


def pick_shape(rng, shapes) -> np.ndarray:
    if rng.random() < 0.25:
        role = wide_shape(rng)
    else:
        role = shapes[rng.integers(len(shapes))]
        if rng.random() < 0.2 and (role == ps.CONTEXT).sum() < 0.5 * role.size:
            role = np.array([0, 2, 1], np.uint8)[role]  # context and synthesis change places
    return np.ascontiguousarray(np.rot90(role, rng.integers(4)) if rng.random() < 0.5 else np.flipud(np.rot90(role)))


def crop_content(rng, contents: list[Content]) -> Content:
    content = contents[rng.integers(len(contents))]
    y, x = (rng.integers(0, n - SIDE + 1) for n in content.cuts.shape)
    window = (slice(y, y + SIDE), slice(x, x + SIDE))
    return Content(content.rgb[window], content.disparity[window].astype(np.float32), content.cuts[window])


def bleed(rng, rgb: np.ndarray, role: np.ndarray, contents) -> np.ndarray:
    """The occluder's colour in the context's rim: depth edges of photos are off by some pixels."""
    occluder = crop_content(rng, contents).rgb.astype(np.float32)
    if rng.random() < 0.5:
        occluder[:] = occluder.mean((0, 1))
    width = rng.uniform(1, 4)
    distance = cv2.distanceTransform((role != ps.SYNTHESIS).astype(np.uint8), cv2.DIST_L2, 5)
    share = np.clip(1 - (distance - 1) / width, 0, 1) * rng.uniform(0.3, 1) * (role == ps.CONTEXT)
    share *= scenes.noise(rng, SIDE, 24) > rng.uniform(-2, 0.5)  # in stretches, not all round
    return np.round(rgb + share[..., None] * (occluder - rgb)).astype(np.uint8)


def pasted(rng, contents, shapes) -> Sample:
    content = crop_content(rng, contents)
    role = pick_shape(rng, shapes)
    seen_cuts = content.cuts if rng.random() < 0.5 else without_hidden_cuts(content.cuts, role)
    seen = bleed(rng, content.rgb, role, contents) if rng.random() < 0.3 else content.rgb
    return Sample(content.rgb, seen, role, content.disparity, content.cuts, seen_cuts, False)


# ---- 3. Generated samples


def generated(rng, contents, single_share: float = 0.4) -> Sample | None:
    """What stands behind the nearest thing of a generated scene."""
    layers = scenes.make_layers(rng, SIDE, [contents[i].rgb for i in rng.integers(len(contents), size=8)])
    front, hidden = scenes.view(layers), scenes.view(layers[:-1])
    occluder = front.surface == len(layers) - 1
    background = front.surface != len(layers) - 1
    reach = cv2.distanceTransform(occluder.astype(np.uint8), cv2.DIST_L2, 5)
    role = np.where(background, ps.CONTEXT, ps.OUTSIDE).astype(np.uint8)
    role[occluder & (reach <= rng.uniform(12, 60))] = ps.SYNTHESIS
    if rng.random() < single_share:
        role = one_surface(rng, role, front.surface)
    if (role == ps.SYNTHESIS).sum() < LEAST_SYNTHESIS or (role == ps.CONTEXT).sum() < 300:
        return None
    cuts = scenes.cuts_between(hidden.surface, hidden.disparity, THRESHOLD)
    seen_cuts = cuts if rng.random() < 0.6 else without_hidden_cuts(cuts, role)
    seen = bleed(rng, hidden.rgb, role, contents) if rng.random() < 0.3 else hidden.rgb
    return Sample(hidden.rgb, seen, role, hidden.disparity, cuts, seen_cuts, True)


def one_surface(rng, role: np.ndarray, surface: np.ndarray) -> np.ndarray:
    """The part of a problem that belongs to one visible surface, as the pipeline cuts it out."""
    seen = [k for k in np.unique(surface[role == ps.CONTEXT])]
    if len(seen) < 2:
        return role
    chosen = seen[rng.integers(len(seen))]
    distance = [
        cv2.distanceTransform((~((role == ps.CONTEXT) & (surface == k))).astype(np.uint8), cv2.DIST_L2, 5) for k in seen
    ]
    nearest = np.array(seen)[np.argmin(distance, 0)]
    role = role.copy()
    role[(role == ps.SYNTHESIS) & (nearest != chosen)] = ps.OUTSIDE
    role[(role == ps.CONTEXT) & (surface != chosen)] = ps.OUTSIDE
    return role


# ---- 4. Shards


def as_patch(sample: Sample, seed: int) -> ps.Patch:
    context, synthesis = sample.role == ps.CONTEXT, sample.role == ps.SYNTHESIS
    mean = float(sample.disparity[context].mean())
    disparity = np.where(context, sample.disparity, np.where(synthesis, mean, 0)).astype(np.float32)
    rgb = np.where(context[..., None], sample.seen, 0).astype(np.uint8)
    cuts = np.where(sample.role != ps.OUTSIDE, sample.seen_cuts, 0).astype(np.uint8)
    room = np.where(synthesis, UNBOUNDED, 0).astype(np.float32)
    return ps.Patch(sample.role, cuts, rgb, disparity, room, THRESHOLD, seed=seed)


def draw_sample(rng, kind: str, contents, shapes) -> Sample | None:
    if kind == "edges":
        sample = generated(rng, contents, 0)
        return sample if sample and has_edge_to_continue(vars(sample)) else None
    if rng.random() < EXACT_SHARE[kind]:
        return generated(rng, contents)
    return pasted(rng, contents, shapes)


def make_shard(tool: Path, path: Path, rng, contents, shapes, kind: str) -> None:
    samples = []
    while len(samples) < SHARD:
        sample = draw_sample(rng, kind, contents, shapes)
        if sample is not None and (sample.role == ps.CONTEXT).any():
            samples.append(sample)
    arrays = {name: np.stack([getattr(s, name) for s in samples]) for name in ("rgb", "role", "cuts", "seen_cuts", "seen")}
    arrays["disparity"] = np.stack([s.disparity for s in samples]).astype(np.float16)
    arrays["exact"] = np.array([s.exact for s in samples])
    if kind != "edges":  # the first network sees no fills
        fills = ps.fill(tool, [as_patch(s, i) for i, s in enumerate(samples)])
        arrays["diffused"] = np.stack([f.diffused for f in fills])
        arrays["exemplar"] = np.stack([f.exemplar for f in fills])
        arrays["diffused_disparity"] = np.stack([f.disparity for f in fills]).astype(np.float16)
    partial = path.with_suffix(".part.npz")
    np.savez(partial, **arrays)
    partial.rename(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--labels", type=Path, required=True)
    parser.add_argument("--tool", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True, help="prepared photos and shapes")
    parser.add_argument("--split", choices=("train", "validation"), default="train")
    parser.add_argument("--shards", type=int, default=40, help=f"of {SHARD} samples (default: %(default)s)")
    parser.add_argument("--kind", choices=sorted(EXACT_SHARE), default="mixed", help="scenes: generated ones only; edges: those whose depth edges go on in the hole, without fills")
    parser.add_argument("--limit", type=int, help="look at so many photos only")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    cv2.setNumThreads(1)
    wanted = options.split == "validation"
    photos = [p for p in shuffled(photos_below(options.photos)) if is_validation(p) == wanted]
    photos = photos[: options.limit]
    contents, shapes = collect(options.tool.resolve(), photos, options.labels, options.cache)
    contents = [c for c in contents if min(c.cuts.shape) >= SIDE]
    print(f"{options.split}: {len(contents)} photos, {len(shapes)} shapes", flush=True)
    for i in range(options.shards):
        path = options.out / f"{options.split}-{options.kind}-{i:03d}.npz"
        if path.exists():
            continue
        rng = np.random.default_rng([options.seed, wanted, i, sorted(EXACT_SHARE).index(options.kind)])
        make_shard(options.tool.resolve(), path, rng, contents, shapes, options.kind)
        print(path.name, flush=True)


if __name__ == "__main__":
    main()
