// SPDX-License-Identifier: MIT
#pragma once

#include "unflat/network.h"

#include <memory>
#include <span>
#include <vector>

#include <opencv2/core.hpp>

namespace unflat {

/// A network, ready to compute. Created once, used from several threads at a time; each call
/// computes on the thread that calls, in one order, so the result depends on the input alone.
class Session {
public:
    /// @throws Error{Unreadable} if the model is broken or its input or output is not what the card
    /// says; Error{Unsupported} if ONNX Runtime is missing.
    Session(const Network& network, int output_channels);
    ~Session();
    Session(Session&&) noexcept;

    int input_channels() const { return input_channels_; }
    int output_channels() const { return output_channels_; }

    /// @param input `count` inputs one after another, each as planes: channel by channel, row by
    /// row.
    /// @return the outputs in the same layout.
    std::vector<float> run(std::span<const float> input, int count, cv::Size size) const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
    int input_channels_ = 0;
    int output_channels_ = 0;
};

}  // namespace unflat
