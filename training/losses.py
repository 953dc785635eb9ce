# SPDX-License-Identifier: MIT
"""What the networks are taught by, and what they are judged by during training."""

import features as ft
import torch
import torch.nn.functional as F
from networks import blend

FEATURE_WEIGHT = 0.5
TEXTURE_WEIGHT = 2.0
FAR_WEIGHT = 0.25  # of pixels 32 px and more away from the context: cameras that move a little never see them
CONTEXT_WEIGHT = 0.1  # a reminder that the picture goes on; the program never reads it
STEP_WEIGHT = 0.1  # of differences between neighbours
EDGE_WEIGHT = 6.0  # of pixels on an edge; they are few
TEXTURE_WINDOW = 9  # px


def mean_in(values: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Per sample the mean over its mask, then over the samples: small holes count as much as large ones."""
    values = values.mean(1, keepdim=True)
    return ((values * mask).sum((1, 2, 3)) / mask.sum((1, 2, 3)).clamp(min=1)).mean()


def gradients(rgb: torch.Tensor) -> torch.Tensor:
    grey = (rgb * rgb.new_tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)).sum(1, keepdim=True)
    dx = F.pad(grey[..., 2:] - grey[..., :-2], (1, 1, 0, 0)) / 2
    dy = F.pad(grey[..., 2:, :] - grey[..., :-2, :], (0, 0, 1, 1)) / 2
    return (dx**2 + dy**2 + 1e-8).sqrt()


def composite(batch, colour):
    """What a judge sees: the truth around the hole."""
    return torch.where(batch["synthesis"] > 0, colour, batch["truth"])


def nearness(network, batch):
    """The synthesis region, weighted by how likely somebody looks there."""
    index = network.inputs.index("distance")
    return batch["synthesis"] * (1 - (1 - FAR_WEIGHT) * batch["x"][:, index : index + 1])


def color_loss(network, batch, features):
    colour = blend(network(batch["x"]), batch["x"])
    picture = composite(batch, colour)
    error = (colour - batch["truth"]).abs()
    weight = nearness(network, batch)
    parts = {"l1": mean_in(error, weight), "context": mean_in(error, batch["context"])}
    # As much texture as the truth has nearby, wherever exactly its lines run: blur is punished, a shifted line is not
    texture = [F.avg_pool2d(gradients(p), TEXTURE_WINDOW, 1, TEXTURE_WINDOW // 2) for p in (picture, batch["truth"])]
    parts["texture"] = mean_in((texture[0] - texture[1]).abs(), weight)
    with torch.no_grad():
        truth = features(batch["truth"])
    parts["feature"] = ft.distance(features(picture), truth, weight).mean()
    total = parts["l1"] + CONTEXT_WEIGHT * parts["context"]
    return total + TEXTURE_WEIGHT * parts["texture"] + FEATURE_WEIGHT * parts["feature"], parts


def depth_loss(network, batch, _):
    # Outside the hole there is nothing to add: a term that says so there would say "add nothing" everywhere
    disparity = batch["diffused"] + network(batch["x"]) * batch["synthesis"]
    error = F.smooth_l1_loss(disparity, batch["truth"], reduction="none", beta=1.0)
    # Steps and slopes as well as values
    steps = sum(
        mean_in((torch.diff(disparity, dim=d) - torch.diff(batch["truth"], dim=d)).abs(), both(batch["synthesis"], d))
        for d in (2, 3)
    )
    parts = {"l1": mean_in(error, batch["synthesis"]), "steps": steps}
    return parts["l1"] + STEP_WEIGHT * steps, parts


def both(mask, dim):
    """1 where a pixel and its neighbour lie in the mask."""
    count = mask.shape[dim] - 1
    return mask.narrow(dim, 0, count) * mask.narrow(dim, 1, count)


def edge_loss(network, batch, _):
    logits = network.logits(batch["x"])
    weight = logits.new_tensor(EDGE_WEIGHT)
    bce = F.binary_cross_entropy_with_logits(logits, batch["truth"], reduction="none", pos_weight=weight)
    parts = {"bce": mean_in(bce, batch["synthesis"])}
    # Overlap of thin lines, which a mean over mostly empty pixels hardly sees
    p, t = (values * batch["synthesis"] for values in (torch.sigmoid(logits), batch["truth"]))
    overlap = 2 * (p * t).sum((1, 2, 3)) + 1
    parts["dice"] = (1 - overlap / (p.sum((1, 2, 3)) + t.sum((1, 2, 3)) + 1)).mean()
    return parts["bce"] + 0.2 * parts["dice"], parts


LOSSES = {"edge": edge_loss, "depth": depth_loss, "color": color_loss}


# ---- Scores


def color_scores(batch, colour, features, mask=None) -> dict[str, float]:
    """Means over samples, in the mask (or the whole synthesis region)."""
    m = batch["synthesis"] if mask is None else mask
    # As the program stores colours
    picture = composite(batch, (colour.clamp(0, 1) * 255).round() / 255)
    area = m.sum((1, 2, 3)).clamp(min=1)
    mse = ((picture - batch["truth"]) ** 2 * m).sum((1, 2, 3)) / (3 * area)
    distance = ft.distance(features(picture), features(batch["truth"]), m)
    return {
        "psnr": float((-10 * torch.log10(mse.clamp(min=1e-6))).mean()),
        "mse": float(mse.mean()),
        "perceptual": float(distance.mean()),
        "gradient_result": float((gradients(picture) * m).sum((1, 2, 3)).div(area).mean()),
        "gradient_truth": float((gradients(batch["truth"]) * m).sum((1, 2, 3)).div(area).mean()),
    }
