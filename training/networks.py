# SPDX-License-Identifier: MIT
"""The three networks: what they see, what they say, and how large they are.

All are one small U-Net whose finest scale is half the resolution: its first layer takes in squares of pixels, its last one
gives squares back. A layer at full resolution would cost as much as all others. Channels come in sixteens, which is
what processors compute at once. No normalisation layers: what is computed at a pixel does not depend on how far the
patch was padded.
"""

import torch
import torch.nn.functional as F
from torch import nn

MULTIPLE = 16  # sides of the input
DISTANCE_UNIT = 32.0  # px

EDGE_INPUTS = ["red", "green", "blue", "disparity_local", "edge", "context", "synthesis"]
DEPTH_INPUTS = [
    "disparity_local", "diffused_disparity", "edge_horizontal", "edge_vertical", "context", "synthesis", "distance",
]  # fmt: skip
COLOR_INPUTS = [
    "diffused_red", "diffused_green", "diffused_blue", "exemplar_red", "exemplar_green", "exemplar_blue",
    "edge_horizontal", "edge_vertical", "context", "synthesis", "distance",
]  # fmt: skip


class UNet(nn.Module):
    """widths: channels at 1/2, 1/4, 1/8 and 1/16 of the resolution."""

    def __init__(self, inputs: int, outputs: int, widths: tuple[int, ...]):
        super().__init__()
        self.first = nn.Conv2d(inputs, widths[0], 4, 2, 1)
        self.down = nn.ModuleList(nn.Conv2d(a, b, 3, 2, 1) for a, b in zip(widths, widths[1:]))
        self.encode = nn.ModuleList(nn.Conv2d(w, w, 3, 1, 1) for w in widths)
        # Looks further around at the lowest resolution: holes are wide
        self.wide = nn.ModuleList(nn.Conv2d(widths[-1], widths[-1], 3, 1, d, d) for d in (2, 1))
        self.join = nn.ModuleList(nn.Conv2d(a + b, a, 3, 1, 1) for a, b in zip(widths, widths[1:]))
        self.decode = nn.ModuleList(nn.Conv2d(w, w, 3, 1, 1) for w in widths[:-1])
        self.last = nn.Conv2d(widths[0], 4 * outputs, 3, 1, 1)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, 0.1)
                nn.init.zeros_(module.bias)
        nn.init.zeros_(self.last.weight)  # begins as what it starts from

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        def act(t):
            return F.leaky_relu(t, 0.1)

        features = act(self.first(x))
        skips = []
        for i, encode in enumerate(self.encode):
            if i:
                features = act(self.down[i - 1](features))
            features = act(encode(features)) + features
            skips.append(features)
        for wide in self.wide:
            features = act(wide(features)) + features
        for i in reversed(range(len(self.join))):
            features = F.interpolate(features, scale_factor=2.0, mode="nearest")
            features = act(self.join[i](torch.cat([features, skips[i]], 1)))
            features = act(self.decode[i](features)) + features
        return F.pixel_shuffle(self.last(features), 2)


class EdgeNetwork(nn.Module):
    """Probabilities that a depth edge parts a pixel from its right and from its lower neighbour."""

    task, inputs, output = "inpaint-edge", EDGE_INPUTS, "cuts"

    def __init__(self):
        super().__init__()
        self.net = UNet(len(EDGE_INPUTS), 2, (16, 32, 48, 64))
        nn.init.constant_(self.net.last.bias, -3.0)  # edges are rare

    def logits(self, x):
        return self.net(x)

    def forward(self, x):
        return torch.sigmoid(self.net(x))


class DepthNetwork(nn.Module):
    """What is to be added to the diffused disparity, in units of the context's local spread."""

    task, inputs, output = "inpaint-depth", DEPTH_INPUTS, "disparity_residual"

    def __init__(self):
        super().__init__()
        self.net = UNet(len(DEPTH_INPUTS), 1, (16, 32, 48, 64))

    def forward(self, x):
        return self.net(x)


class ColorNetwork(nn.Module):
    """Share of the exemplar's colour against the diffused one, and what is to be added to the blend."""

    task, inputs, output = "inpaint-color", COLOR_INPUTS, "blend_diffused_exemplar_plus_residual"

    def __init__(self):
        super().__init__()
        self.net = UNet(len(COLOR_INPUTS), 4, (16, 32, 64, 96))
        nn.init.constant_(self.net.last.bias[:4], 1.5)  # mostly the exemplar at first

    def forward(self, x):
        y = self.net(x)
        return torch.cat([torch.sigmoid(y[:, :1]), y[:, 1:]], 1)


NETWORKS = {"edge": EdgeNetwork, "depth": DepthNetwork, "color": ColorNetwork}


def blend(output: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """Colours that the colour network's output means, not clipped; x: its input."""
    share, residual = output[:, :1], output[:, 1:]
    return x[:, :3] + share * (x[:, 3:6] - x[:, :3]) + residual


def parameter_count(network: nn.Module) -> int:
    return sum(p.numel() for p in network.parameters())
