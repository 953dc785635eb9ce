#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""make_networks.py FOLDER: stand-ins for networks, of which the right answer is known."""
import pathlib
import sys

from onnx_file import depth_model, model, noise, pick, write

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


def write_depth(root: pathlib.Path) -> None:
    """Networks that take some colour for depth, one for each way of being asked and answering."""
    red, green = pick([[1, 0, 0]]), pick([[0, 1, 0]])

    def depth(name, output, onnx, size, inputs=RGB, multiple=32, **settings):
        write(root / name, "depth", inputs, output, onnx, multiple=multiple, settings={"size": size, **settings})

    wide = {"long_side": 64}
    depth("disparity", "disparity", depth_model(red, 0), wide)
    depth("log-disparity", "log-disparity", depth_model(pick([[2, 0, 0]]), -1), wide)
    depth("depth", "depth", depth_model(pick([[9, 0, 0]]), 1), wide)
    depth("log-depth", "log-depth", depth_model(red, 0.5), wide)
    depth("inverse-depth", "inverse-depth", depth_model(red, 0.25), wide)
    depth("short-side", "disparity", depth_model(red, 0), {"short_side": 60}, multiple=14)
    depth("square", "disparity", depth_model(red, 0, size=(48, 48)), {"width": 48, "height": 48}, multiple=1)
    depth("flat", "disparity", depth_model(red, 0, flat=True), wide)
    # The second input is green in either order; of 0..1, of 0..255, and with each channel's own mean and deviation
    depth("normalised", "disparity", depth_model(green, 0), wide, mean=[0.1, 0.2, 0.3], deviation=[0.5, 0.25, 0.2])
    depth("bytes", "disparity", depth_model(red, 0), wide, inputs=["blue", "green", "red"], white=255)
    depth("named", "disparity", depth_model(red, 0, names=("image", "told")), wide,
          input_tensor="image", output_tensor="told")
    # Something that is not symmetric, alone and with its mirrored pass
    depth("noise", "disparity", depth_model(noise(4, 1, 3, 5), 0.3), wide)
    depth("mirrored", "disparity", depth_model(noise(4, 1, 3, 5), 0.3), wide, mirror=True)

    depth("broken-size", "disparity", depth_model(red, 0, size=(48, 48)), {"width": 64, "height": 48}, multiple=1)
    depth("broken-name", "disparity", depth_model(red, 0), wide, output_tensor="somewhere")
    depth("broken-answer", "disparity", depth_model(red, float("nan")), wide)
    depth("broken-channels", "disparity", depth_model(pick([[1, 0]]), 0), wide)


folder = pathlib.Path(sys.argv[1])
write_all(folder / "good")
write_broken(folder / "broken")
write_depth(folder / "depth")
