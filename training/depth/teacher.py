# SPDX-License-Identifier: MIT
"""The teacher: disparity, and what two of its inner layers say, by ONNX Runtime."""

import ctypes
from pathlib import Path

import numpy as np
import onnx


# Tiefenrausch's narrow layers at the end of the encoder (1/32 of the resolution) and after the first step of the decoder
HINTS = ["/m/Clip_68_output_0", "/m/Clip_136_output_0"]


class Runner:
    """A model in ONNX Runtime through runner/; its outputs in the order of the graph."""

    def __init__(self, runner: Path, runtime: Path, model: Path, threads: int = 1):
        self.library = ctypes.CDLL(str(runner))
        self.library.runner_open.restype = ctypes.c_void_p
        self.library.runner_output.restype = ctypes.POINTER(ctypes.c_float)
        self.error = ctypes.create_string_buffer(500)
        handle = self.library.runner_open(str(runtime).encode(), str(model).encode(), threads, self.error, 500)
        if not handle:
            raise RuntimeError(self.error.value.decode())
        self.handle = ctypes.c_void_p(handle)

    def __call__(self, x: np.ndarray) -> list[np.ndarray]:
        """x: [3, H, W] float32. A list of [C, H', W']."""
        x = np.ascontiguousarray(x, np.float32)
        pointer = x.ctypes.data_as(ctypes.POINTER(ctypes.c_float))
        count = self.library.runner_run(self.handle, pointer, x.shape[1], x.shape[2], self.error, 500)
        if count < 0:
            raise RuntimeError(self.error.value.decode())
        outputs = []
        shape = (ctypes.c_int64 * 4)()
        for i in range(count):
            data = self.library.runner_output(self.handle, i, shape)
            outputs.append(np.ctypeslib.as_array(data, tuple(shape)[1:]).copy())
        return outputs


def with_hints(model: Path, out: Path, hints: list[str]) -> Path:
    """The same network that also gives out what the tensors `hints` hold."""
    graph = onnx.load(str(model))
    for name in hints:
        graph.graph.output.append(onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None))
    onnx.save(graph, str(out))
    return out
