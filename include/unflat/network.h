// SPDX-License-Identifier: MIT
#pragma once

#include <array>
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
    Depth,         ///< tells the depth of a photo
};

/// The task's name on a card, such as "inpaint-edge".
std::string_view task_name(NetworkTask task);

/// How a depth network wants the photo, and what it says.
struct DepthConvention {
    /// What the numbers of the output mean.
    enum class Output {
        Disparity,     ///< relative: larger is nearer
        LogDisparity,  ///< logarithm of that
        Depth,         ///< true z
        LogDepth,      ///< logarithm of that
        InverseDepth,  ///< true 1/z, in any unit
    };

    /// The photo is stretched to one of these, sides rounded to multiples [pixels]; the others 0.
    int long_side = 0;
    int short_side = 0;
    int width = 0, height = 0;  ///< exactly this size, whatever the photo's aspect

    float white = 1;                          ///< what 255 becomes, before `mean` is taken off
    std::array<float, 3> mean{0, 0, 0};       ///< of each channel, in the order of the inputs
    std::array<float, 3> deviation{1, 1, 1};  ///< by which it is divided then
    std::string input_tensor = "input";
    std::string output_tensor = "output";
    Output output = Output::Disparity;
    bool mirror = false;  ///< the mirrored photo is looked at too, and the answers averaged
};

/// What a network is told and tells, where it comes from and what may be done with it; the card
/// of a model folder (docs/models.md).
struct NetworkCard {
    std::string name;
    NetworkTask task = NetworkTask::InpaintColor;
    std::vector<std::string> inputs;  ///< channels of the input, in order
    std::string output;               ///< what the channels of the output mean
    int multiple = 1;                 ///< sides of the input are multiples of this [pixels]
    int max_side = 256;               ///< of a tile, or of what a depth network sees [pixels]
    int overlap = 32;                 ///< width over which tiles are blended [pixels]
    float threshold = 0.5F;           ///< edges: probabilities at or below it count as none, 0 .. 1
    int passes = 1;                   ///< edges: how often the cleaned result is fed back, 1 .. 8
    bool continued_edges = true;      ///< edges: the first pass is shown edges continued straight
    int smoothing = 0;                ///< depth: sweeps of averaging afterwards
    int mask_closing = 0;   ///< side of the square that closes gaps of the regions [pixels]
    DepthConvention depth;  ///< of depth networks
    std::int64_t parameter_count = 0;
    std::string sha256;  ///< of the model, in hexadecimal; "any": not checked
    std::string licence;
    std::string trained_on;
    std::string source;  ///< where the model is to be had, if not here; may be empty
};

/// A network as its folder holds it.
struct Network {
    NetworkCard card;
    std::vector<std::byte> model;  ///< ONNX
};

}  // namespace unflat
