# SPDX-License-Identifier: MIT
"""The depth network: an encoder and a decoder of plain 3 x 3 convolutions.

Dense convolutions with few channels cost less here than depthwise ones with many: what limits a processor is memory. The
encoder halves the resolution five times, to where eleven by seven pixels are the whole photo; there a summary of the whole
picture is added to every pixel. Normalisation is folded into the convolutions when the network is exported.
"""

import torch
import torch.nn.functional as F
from torch import nn

MULTIPLE = 32  # sides of the input
WIDTHS = (24, 32, 64, 128, 176)  # channels at 1/2 … 1/32 of the resolution
BLOCKS = (0, 1, 3, 3, 2)  # residual blocks there
HINT_CHANNELS = 96  # of the teacher's inner layers
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def convolution(inputs: int, outputs: int, stride: int = 1, activate: bool = True) -> nn.Sequential:
    layers = [nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs)]
    return nn.Sequential(*layers, *([nn.ReLU(inplace=True)] if activate else []))


class Residual(nn.Module):
    def __init__(self, channels: int):
        super().__init__()
        self.first = convolution(channels, channels)
        self.second = convolution(channels, channels, activate=False)
        nn.init.zeros_(self.second[1].weight)  # begins as the identity

    def forward(self, x):
        return F.relu(x + self.second(self.first(x)))


class Summary(nn.Module):
    """Adds to every pixel what the whole picture says."""

    def __init__(self, channels: int):
        super().__init__()
        self.inner, self.outer = nn.Conv2d(channels, channels, 1), nn.Conv2d(channels, channels, 1)
        nn.init.zeros_(self.outer.weight)
        nn.init.zeros_(self.outer.bias)

    def forward(self, x):
        return x + self.outer(F.relu(self.inner(x.mean((2, 3), keepdim=True))))


class DepthNetwork(nn.Module):
    """[N, 3, H, W], sRGB in 0..1 → log of relative disparity, [N, 1, H, W]."""

    def __init__(self):
        super().__init__()
        self.register_buffer("mean", torch.tensor(MEAN).view(1, 3, 1, 1))
        self.register_buffer("deviation", torch.tensor(DEVIATION).view(1, 3, 1, 1))
        self.stem = convolution(3, WIDTHS[0], 2)
        self.stages = nn.ModuleList(
            nn.Sequential(convolution(a, b, 2), *[Residual(b) for _ in range(n)])
            for a, b, n in zip(WIDTHS, WIDTHS[1:], BLOCKS[1:])
        )
        self.summary = Summary(WIDTHS[-1])
        self.narrow = nn.ModuleList(nn.Conv2d(b, a, 1) for a, b in zip(WIDTHS, WIDTHS[1:]))
        self.decode = nn.ModuleList(convolution(w, w) for w in WIDTHS[:-1])
        self.last = nn.Conv2d(WIDTHS[0], 4, 3, 1, 1)

    def features(self, x) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """The log disparity, and the features at 1/32 and 1/16 of the resolution on the way to it."""
        x = self.stem((x - self.mean) / self.deviation)
        skips = [x]
        for stage in self.stages:
            x = stage(x)
            skips.append(x)
        deepest = x = self.summary(x)
        deep = None
        for i in reversed(range(len(self.decode))):
            x = F.interpolate(self.narrow[i](x), scale_factor=2.0, mode="nearest") + skips[i]
            x = self.decode[i](x)
            deep = x if deep is None else deep
        return F.pixel_shuffle(self.last(x), 2), deepest, deep

    def forward(self, x):
        return self.features(x)[0]


class Hints(nn.Module):
    """What of the teacher's inner layers the network's own features tell; left behind after training."""

    def __init__(self):
        super().__init__()
        self.deepest = nn.Conv2d(WIDTHS[-1], HINT_CHANNELS, 1)
        self.deep = nn.Conv2d(WIDTHS[-2], HINT_CHANNELS, 1)

    def forward(self, deepest, deep):
        return self.deepest(deepest), self.deep(deep)


def parameter_count(network: nn.Module) -> int:
    return sum(p.numel() for p in network.parameters())
