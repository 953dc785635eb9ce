# SPDX-License-Identifier: MIT
"""Checkpoints of the three networks: reading them, and making ones of random numbers in the same layout."""
import pathlib

import torch
from torch import nn

from .networks import ColorNetwork, DepthNetwork, EdgeNetwork

NETWORKS = {"edge": EdgeNetwork, "depth": DepthNetwork, "color": ColorNetwork}
FILES = {"edge": "edge-model.pth", "depth": "depth-model.pth", "color": "color-model.pth"}


def load(kind: str, file: pathlib.Path) -> nn.Module:
    """The network of a checkpoint, ready to be used.

    ValueError, one sentence, if a tensor is missing, unknown or of another shape.
    """
    network = NETWORKS[kind]()
    try:
        tensors = torch.load(file, map_location="cpu")
    except Exception as error:  # whatever its reader meets in a file that is none
        raise ValueError(f"'{file}' is not a checkpoint ({str(error).splitlines()[0]})") from None
    expected = network.state_dict()
    if not isinstance(tensors, dict):
        raise ValueError(f"'{file}' is not a checkpoint: it holds a {type(tensors).__name__}")
    for name, tensor in expected.items():
        if name not in tensors:
            raise ValueError(f"'{file}' is not a checkpoint of the {kind} network: it has no '{name}'")
        if tensors[name].shape != tensor.shape:
            raise ValueError(f"'{file}': '{name}' has the shape {tuple(tensors[name].shape)}, not {tuple(tensor.shape)}")
    if unknown := sorted(set(tensors) - set(expected)):
        raise ValueError(f"'{file}' is not a checkpoint of the {kind} network: it has a '{unknown[0]}'")
    network.load_state_dict(tensors)
    return network.eval()


def randomise(kind: str, seed: int) -> nn.Module:
    """A network of random weights and statistics, none of them where a slip would not be seen."""
    torch.manual_seed(seed)
    network = NETWORKS[kind]()
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.uniform_(module.bias, -0.3, 0.3)
            nn.init.uniform_(module.running_mean, -0.3, 0.3)
            nn.init.uniform_(module.running_var, 0.5, 1.5)
        elif isinstance(module, (nn.Conv2d, nn.ConvTranspose2d)) and module.bias is not None:
            nn.init.uniform_(module.bias, -0.3, 0.3)
    return network.eval()


def write_random(folder: pathlib.Path, seed: int = 1) -> None:
    """Three checkpoints of random numbers."""
    folder.mkdir(parents=True, exist_ok=True)
    for kind in NETWORKS:
        torch.save(randomise(kind, seed).state_dict(), folder / FILES[kind])
