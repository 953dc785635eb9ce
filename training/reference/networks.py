# SPDX-License-Identifier: MIT
"""The networks as their checkpoints hold them: every tensor has the name and the shape that it has there.

Written from tables of layers, not from anybody's program. For running, folded.py has the same networks with less work.
"""
import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils import spectral_norm


# ---- Edges: encoder, dilated residual blocks, decoder; instance norm, so the result depends on the padding too


def norm(channels: int) -> nn.Module:
    return nn.InstanceNorm2d(channels, eps=1e-5, affine=False, track_running_stats=False)


class ResidualBlock(nn.Module):
    def __init__(self, channels: int):
        super().__init__()
        self.conv_block = nn.Sequential(
            nn.ReflectionPad2d(2), spectral_norm(nn.Conv2d(channels, channels, 3, dilation=2, bias=False)), norm(channels),
            nn.LeakyReLU(0.2),
            nn.ReflectionPad2d(1), spectral_norm(nn.Conv2d(channels, channels, 3, bias=False)), norm(channels))

    def forward(self, x):
        return x + self.conv_block(x)


class EdgeNetwork(nn.Module):
    """Input: red, green, blue, disparity over its maximum, edge, context, synthesis. Output: probability of an edge."""

    def __init__(self):
        super().__init__()
        self.encoder_0 = nn.Sequential(nn.ReflectionPad2d(3), spectral_norm(nn.Conv2d(7, 64, 7)), norm(64), nn.ReLU())
        self.encoder_1 = nn.Sequential(spectral_norm(nn.Conv2d(64, 128, 4, 2, 1)), norm(128), nn.ReLU())
        self.encoder_2 = nn.Sequential(spectral_norm(nn.Conv2d(128, 256, 4, 2, 1)), norm(256), nn.ReLU())
        self.middle = nn.Sequential(*[ResidualBlock(256) for _ in range(8)])
        self.decoder_0 = nn.Sequential(spectral_norm(nn.ConvTranspose2d(512, 128, 4, 2, 1)), norm(128), nn.ReLU())
        self.decoder_1 = nn.Sequential(spectral_norm(nn.ConvTranspose2d(256, 64, 4, 2, 1)), norm(64), nn.ReLU())
        self.decoder_2 = nn.Sequential(nn.ReflectionPad2d(3), nn.Conv2d(128, 1, 7))

    def forward(self, x):
        e0 = self.encoder_0(x)
        e1 = self.encoder_1(e0)
        e2 = self.encoder_2(e1)
        x = self.decoder_0(torch.cat((self.middle(e2), e2), 1))
        x = self.decoder_1(torch.cat((x, e1), 1))
        return torch.sigmoid(self.decoder_2(torch.cat((x, e0), 1)))


# ---- Colour and depth: a U-Net of partial convolutions


class PartialConvolution(nn.Module):
    def __init__(self, into: int, out: int, side: int, stride: int, bias: bool):
        super().__init__()
        self.input_conv = nn.Conv2d(into, out, side, stride, side // 2, bias=bias)
        self.mask_conv = nn.Conv2d(into, out, side, stride, side // 2, bias=False)
        nn.init.ones_(self.mask_conv.weight)

    def forward(self, x, mask):
        bias = self.input_conv.bias
        weights = self.input_conv.weight
        y = F.conv2d(x * mask, weights, None, self.input_conv.stride, self.input_conv.padding)
        seen = self.mask_conv(mask)
        y = y * (weights[0].numel() / torch.where(seen > 0, seen, torch.ones_like(seen)))
        if bias is not None:
            y = y + bias[None, :, None, None]
        valid = (seen > 0).to(y.dtype)
        return y * valid, valid


class Block(nn.Module):
    def __init__(self, into: int, out: int, side: int, stride: int, bias=False, bn=True, slope=None):
        super().__init__()
        self.conv = PartialConvolution(into, out, side, stride, bias)
        self.bn = nn.BatchNorm2d(out, eps=1e-5) if bn else None
        self.slope = slope  # of the activation below zero; None: no activation

    def forward(self, x, mask):
        y, mask = self.conv(x, mask)
        if self.bn is not None:
            y = self.bn(y)
        return (y if self.slope is None else F.leaky_relu(y, self.slope)), mask


# Encoder: channels out, side of the kernel, batch norm
ENCODER = ((64, 7, False), (128, 5, True), (256, 5, True), (512, 3, True), (512, 3, True), (512, 3, True), (512, 3, True))


class PartialUNet(nn.Module):
    """inputs: channels; the last two of them are context and synthesis: together the mask that all begins with."""

    def __init__(self, inputs: int, outputs: int, suffix: str, biased: tuple[int, ...]):
        super().__init__()
        self.suffix = suffix
        widths = [inputs]
        for level, (width, side, bn) in enumerate(ENCODER, 1):
            self.add_module(f"enc_{level}", Block(widths[-1], width, side, 2, bias=level in biased, bn=bn, slope=0.0))
            widths.append(width)
        last = widths[-1]
        for level in range(len(ENCODER), 0, -1):
            out = widths[level - 1] if level > 1 else outputs
            self.add_module(self.decoder_name(level), Block(
                last + widths[level - 1], out, 3, 1, bias=level == 1, bn=level > 1, slope=0.2 if level > 1 else None))
            last = out

    def decoder_name(self, level: int) -> str:
        return f"dec_{level}" + (self.suffix if level <= 5 else "")

    def forward(self, x):
        mask = torch.clamp(x[:, -2:-1] + x[:, -1:], 0, 1).expand_as(x)
        features = [(x, mask)]
        for level in range(1, len(ENCODER) + 1):
            features.append(getattr(self, f"enc_{level}")(*features[-1]))
        x, mask = features.pop()
        for level in range(len(ENCODER), 0, -1):
            skip, skip_mask = features.pop()
            x, mask = (F.interpolate(m, scale_factor=2, mode="nearest") for m in (x, mask))
            x, mask = getattr(self, self.decoder_name(level))(
                torch.cat((x, skip), 1), torch.cat((mask, skip_mask), 1))
        return x


class ColorNetwork(PartialUNet):
    """Input: red, green, blue, edge, context, synthesis. Output: red, green, blue."""

    def __init__(self):
        super().__init__(6, 3, "A", biased=())

    def forward(self, x):
        return torch.sigmoid(super().forward(x))


class DepthNetwork(PartialUNet):
    """Input: logarithm of depth less its mean over the context, edge, context, synthesis. Output: such a logarithm."""

    def __init__(self):
        super().__init__(4, 1, "", biased=(1, 2))
