// SPDX-License-Identifier: MIT
// What all networks have in common: how they are opened and how they fail.
#pragma once

#include "unflat/network.h"

#include "neural/runtime.h"

#include <string>

namespace unflat {

/// Opens a model. It computes on the thread that calls, in one order.
/// @throws Error{Unreadable} naming the network if it is broken; Error{Unsupported} if ONNX Runtime
/// is missing.
Ort::Session open_model(const Network& network);

[[noreturn]] void refuse_network(const std::string& name, const std::string& what);
[[noreturn]] void refuse_network(const std::string& name, const Ort::Exception& error);

}  // namespace unflat
