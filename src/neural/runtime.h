// SPDX-License-Identifier: MIT
// ONNX Runtime, loaded when the first network is used: it is large, and most starts need none.
#pragma once

#include <string>

#define ORT_API_MANUAL_INIT
#include <onnxruntime_cxx_api.h>
#undef ORT_API_MANUAL_INIT

namespace unflat {

/// Loads ONNX Runtime on the first call; it stays until the program ends and prints nothing.
/// @throws Error{Unsupported} if it cannot be loaded or is too old.
const Ort::Env& runtime();

}  // namespace unflat
