# SPDX-License-Identifier: MIT
"""The same networks for running: spectral and batch norm folded into the weights, masks as one plane per group.

A partial convolution's mask is the same in all channels of a group (what comes from below, what comes from the side),
so the sum over its window is that of one plane times the number of channels. That halves the work and the file.
"""
import torch
import torch.nn.functional as F
from torch import nn

from .networks import ENCODER, EdgeNetwork, PartialUNet


def fold_spectral_norm(network: EdgeNetwork) -> EdgeNetwork:
    """Divides each weight by its singular value as the checkpoint has it: nothing is iterated when a network is used."""
    for module in network.modules():
        if not hasattr(module, "weight_orig"):
            continue
        with torch.no_grad():
            weight, u, v = module.weight_orig, module.weight_u, module.weight_v
            first = 1 if isinstance(module, nn.ConvTranspose2d) else 0
            matrix = weight.transpose(0, first).reshape(weight.shape[first], -1)
            folded = weight / torch.dot(u, torch.mv(matrix, v))
        for hook_id, hook in list(module._forward_pre_hooks.items()):
            if type(hook).__name__ == "SpectralNorm":
                del module._forward_pre_hooks[hook_id]
        for name in ("weight_orig", "weight_u", "weight_v"):
            delattr(module, name)
        if "weight" in module.__dict__:
            del module.__dict__["weight"]
        module.weight = nn.Parameter(folded)
    return network


class FoldedBlock(nn.Module):
    def __init__(self, block, groups: tuple[int, ...]):
        super().__init__()
        conv = block.conv.input_conv
        weight = conv.weight.detach().clone()
        bias = conv.bias.detach().clone() if conv.bias is not None else torch.zeros(weight.shape[0])
        if block.bn is not None:
            scale = block.bn.weight / torch.sqrt(block.bn.running_var + block.bn.eps)
            weight = weight * scale[:, None, None, None]
            bias = bias * scale + block.bn.bias - block.bn.running_mean * scale
        self.weight, self.bias = nn.Parameter(weight), nn.Parameter(bias[:, None, None].detach())
        self.stride, self.padding, self.slope = conv.stride, conv.padding, block.slope
        self.groups = groups
        share = torch.tensor([float(count) for count in groups]) / weight[0].numel()
        self.register_buffer("window", share[None, :, None, None].expand(1, -1, *weight.shape[2:]).clone())

    def forward(self, xs, masks):
        """xs, masks: per group; masks of one channel each."""
        y = F.conv2d(torch.cat([x * m for x, m in zip(xs, masks)], 1), self.weight, None, self.stride, self.padding)
        seen = F.conv2d(torch.cat(masks, 1), self.window, None, self.stride, self.padding)
        # Share of the window that is valid; at least that of a single value, unless there is none
        valid = (seen > 0.5 / self.weight[0].numel()).to(y.dtype)
        y = (y / torch.clamp(seen, min=0.5 / self.weight[0].numel()) + self.bias) * valid
        return (y if self.slope is None else F.leaky_relu(y, self.slope)), valid


class FoldedUNet(nn.Module):
    def __init__(self, network: PartialUNet, sigmoid: bool):
        super().__init__()
        self.sigmoid = sigmoid
        levels = range(1, len(ENCODER) + 1)
        self.down, self.up = nn.ModuleList(), nn.ModuleList()
        for level in levels:
            block = getattr(network, f"enc_{level}")
            self.down.append(FoldedBlock(block, (block.conv.input_conv.in_channels,)))
        below = ENCODER[-1][0]
        for level in reversed(levels):
            block = getattr(network, network.decoder_name(level))
            self.up.append(FoldedBlock(block, (below, block.conv.input_conv.in_channels - below)))
            below = block.conv.input_conv.out_channels

    def forward(self, x):
        features = [(x, torch.clamp(x[:, -2:-1] + x[:, -1:], 0, 1))]
        for block in self.down:
            x, mask = features[-1]
            features.append(block([x], [mask]))
        x, mask = features.pop()
        for block in self.up:
            skip, skip_mask = features.pop()
            x, mask = (F.interpolate(m, scale_factor=2, mode="nearest") for m in (x, mask))
            x, mask = block([x, skip], [mask, skip_mask])
        return torch.sigmoid(x) if self.sigmoid else x
