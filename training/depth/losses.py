# SPDX-License-Identifier: MIT
"""How far a log disparity is from the teacher's."""

import torch
import torch.nn.functional as F

LEAST_SPREAD = 0.08  # of log disparity; below that a picture is flat, and what is left is noise
GRADIENT_SCALES = 4
GRADIENT_WEIGHT, LINEAR_WEIGHT, HINT_WEIGHT = 1.0, 0.5, 1.5


def centred(x: torch.Tensor) -> torch.Tensor:
    return x - x.mean((1, 2, 3), keepdim=True)


def spread(x: torch.Tensor) -> torch.Tensor:
    """Mean absolute deviation of each picture."""
    return centred(x).abs().mean((1, 2, 3), keepdim=True)


def gradient_loss(difference: torch.Tensor) -> torch.Tensor:
    """Steps where the other has none, at several scales."""
    total = difference.new_zeros(())
    for scale in range(GRADIENT_SCALES):
        if scale:
            difference = F.avg_pool2d(difference, 2)
        total = total + (difference[..., 1:] - difference[..., :-1]).abs().mean()
        total = total + (difference[..., 1:, :] - difference[..., :-1, :]).abs().mean()
    return total / GRADIENT_SCALES


def depth_loss(result: torch.Tensor, truth: torch.Tensor) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
    """Both log disparity, [N, 1, H, W]. Invariant to the scale of disparity; the linear part also to its offset."""
    unit = spread(truth).clamp_min(LEAST_SPREAD)
    difference = (centred(result) - centred(truth)) / unit
    plain = difference.abs().mean()
    gradient = gradient_loss(difference)

    def normalised(x):
        x = centred((x - x.detach().mean((1, 2, 3), keepdim=True)).clamp(-4, 4).exp())
        return x / spread(x).clamp_min(LEAST_SPREAD)

    linear = (normalised(result) - normalised(truth)).abs().clamp_max(4).mean()
    total = plain + GRADIENT_WEIGHT * gradient + LINEAR_WEIGHT * linear
    return total, {"log": plain, "gradient": gradient, "linear": linear}


def hint_loss(results, truths, deviations) -> torch.Tensor:
    total = 0
    for result, truth, deviation in zip(results, truths, deviations):
        total = total + F.smooth_l1_loss(result / deviation, truth / deviation)
    return HINT_WEIGHT * total
