// SPDX-License-Identifier: MIT
#pragma once

#include "unflat/network.h"

#include "neural/channels.h"
#include "neural/facts.h"
#include "neural/session.h"

#include <functional>
#include <span>
#include <vector>

#include <opencv2/core.hpp>

namespace unflat {

/// A part of a patch that a network looks at in one go.
struct Tile {
    cv::Rect whole;  ///< place in the layout, which decides how tiles are blended
    cv::Rect part;   ///< what is really looked at: the pixels to answer for and some around
};

/// Cuts a patch into tiles that together answer for all pixels of `wanted`. A patch that is small
/// enough is one tile; large ones are laid out evenly, neighbours sharing at least two `overlap`.
/// @param wanted not 0: pixels that are asked for.
std::vector<Tile> lay_tiles(const cv::Mat_<std::uint8_t>& wanted, int max_side, int overlap);

/// What a tile has to say at a pixel, against its neighbours: 0 outside of what it answers for.
float weight_of(const Tile& tile, cv::Size patch, int overlap, cv::Point pixel);

/// A network with its session, and the meaning of its channels looked up.
class Model {
public:
    Model(const Network& network, int output_channels);

    const NetworkCard& card() const { return card_; }
    Needs needs() const { return needs_of(channels_); }
    int output_channels() const { return session_.output_channels(); }

    /// Runs over many patches at once: equal sizes together, several at a time.
    /// @param wanted per patch, not 0: pixels that are asked for.
    /// @param step is called now and then, from the calling thread, with the share that is done.
    /// @return per patch one map per output channel, valid where asked for.
    std::vector<std::vector<cv::Mat_<float>>> run(std::span<const Facts> patches,
                                                  std::span<const cv::Mat_<std::uint8_t>> wanted,
                                                  const std::function<void(double)>& step) const;

private:
    NetworkCard card_;
    std::vector<const Channel*> channels_;
    Session session_;
};

}  // namespace unflat
