// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace unflat {

/// What a network does.
enum class NetworkTask {
    InpaintEdge,   ///< tells where depth edges run behind what hides them
    InpaintDepth,  ///< invents hidden depth
    InpaintColor,  ///< invents hidden colour
};

/// The task's name on a card, such as "inpaint-edge".
std::string_view task_name(NetworkTask task);

/// What a network is told and tells, where it comes from and what may be done with it; the card
/// of a model folder (docs/models.md).
struct NetworkCard {
    std::string name;
    NetworkTask task = NetworkTask::InpaintColor;
    std::vector<std::string> inputs;  ///< channels of the input, in order
    std::string output;               ///< what the channels of the output mean
    int multiple = 1;                 ///< sides of the input are multiples of this [pixels]
    int max_side = 256;               ///< of a tile [pixels]
    int overlap = 32;                 ///< width over which tiles are blended [pixels]
    float threshold = 0.5F;           ///< edges: probabilities at or below it count as none, 0 .. 1
    int passes = 1;                   ///< edges: how often the cleaned result is fed back, 1 .. 8
    bool continued_edges = true;      ///< edges: the first pass is shown edges continued straight
    int smoothing = 0;                ///< depth: sweeps of averaging afterwards
    int mask_closing = 0;  ///< side of the square that closes gaps of the regions [pixels]
    std::int64_t parameter_count = 0;
    std::string sha256;  ///< of the model, in hexadecimal
    std::string licence;
    std::string trained_on;
};

/// A network as its folder holds it.
struct Network {
    NetworkCard card;
    std::vector<std::byte> model;  ///< ONNX
};

}  // namespace unflat
