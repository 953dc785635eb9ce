#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""make_networks.py FOLDER: stand-ins for networks, of which the right answer is known."""
import pathlib
import sys

from onnx_file import model, noise, pick, write

RGB = ["red", "green", "blue"]


def write_all(root: pathlib.Path) -> None:
    # The colours that diffusion gives, through a network
    write(root / "color-diffused", "inpaint-color", ["diffused_red", "diffused_green", "diffused_blue"], "rgb",
          model([(pick([[1, 0, 0], [0, 1, 0], [0, 0, 1]]), [0, 0, 0], None)], 3))
    # One colour, whatever is seen
    write(root / "color-purple", "inpaint-color", ["context"], "rgb",
          model([(pick([[0], [0], [0]]), [0.6, 0, 0.8], None)], 1))
    # No change to either fill, and half of both
    zero = pick([[0], [0], [0]])
    write(root / "color-over-diffused", "inpaint-color", ["synthesis"], "rgb_residual_over_diffused",
          model([(zero, [0, 0, 0], None)], 1))
    write(root / "color-over-exemplar", "inpaint-color", ["synthesis"], "rgb_residual_over_exemplar",
          model([(zero, [0, 0, 0], None)], 1))
    write(root / "color-blend", "inpaint-color", ["synthesis"], "blend_diffused_exemplar_plus_residual",
          model([(pick([[0]] * 4), [0.25, 0, 0, 0], None)], 1))
    # Something that depends on its surroundings, 5 pixels around; in tiles of several sizes
    layers = [(noise(1, 6, 5, 3), [0.1] * 6, "Relu"), (noise(2, 6, 6, 3), [0] * 6, "Relu"),
              (noise(3, 3, 6, 7), [0.5] * 3, "Sigmoid")]
    for side in (48, 64, 4096):
        write(root / f"color-noise-{side}", "inpaint-color", RGB + ["context", "distance"], "rgb", model(layers, 5),
              max_side=side, overlap=12)

    # Diffused depth; some thresholds nearer than that; depth as the authors give it
    write(root / "depth-diffused", "inpaint-depth", ["diffused_disparity"], "disparity_residual",
          model([(pick([[0]]), [0], None)], 1))
    write(root / "depth-nearer", "inpaint-depth", ["context"], "disparity_residual",
          model([(pick([[0]]), [100], None)], 1))
    write(root / "depth-mean", "inpaint-depth", ["log_depth_zero_mean", "edge"], "log_depth_zero_mean",
          model([(pick([[0, 0]]), [0], None)], 2))

    # Edges where they were continued, and none at all
    write(root / "edge-same", "inpaint-edge", ["edge"], "edge",
          model([(pick([[1]]), [0], None)], 1))
    write(root / "edge-cuts", "inpaint-edge", ["edge_horizontal", "edge_vertical"], "cuts",
          model([(pick([[1, 0], [0, 1]]), [0, 0], None)], 2), settings={"passes": 2})
    write(root / "edge-none", "inpaint-edge", ["context"], "edge", model([(pick([[0]]), [0], None)], 1))


def write_broken(root: pathlib.Path) -> None:
    good = model([(pick([[0], [0], [0]]), [0, 0, 0], None)], 1)
    write(root / "cut-short", "inpaint-color", ["context"], "rgb", good[:-20])
    write(root / "two-channels", "inpaint-color", ["context", "distance"], "rgb", good)
    write(root / "one-output", "inpaint-depth", ["context"], "disparity_residual", good)
    write(root / "fixed-size", "inpaint-color", ["context"], "rgb",
          model([(pick([[0], [0], [0]]), [0, 0, 0], None)], 1, size=(64, 64)))
    write(root / "odd-channel", "inpaint-color", ["taste"], "rgb", good)
    write(root / "odd-output", "inpaint-color", ["context"], "edge", good)
    write(root / "empty", "inpaint-color", ["context"], "rgb", b"")


folder = pathlib.Path(sys.argv[1])
write_all(folder / "good")
write_broken(folder / "broken")
