// SPDX-License-Identifier: MIT
#pragma once

#include "neural/facts.h"

#include <span>
#include <string>
#include <vector>

#include <opencv2/core.hpp>

namespace unflat {

/// One plane of a network's input.
struct Channel {
    const char* name;
    Needs needs;
    float (*value)(const Facts& facts, int x, int y);  ///< at a pixel inside the patch
};

/// The channels of these names, in their order.
/// @throws Error{Unreadable} naming the network and the first name that is not known.
std::vector<const Channel*> find_channels(const std::string& network,
                                          std::span<const std::string> names);

Needs needs_of(std::span<const Channel* const> channels);

/// Writes what a network is told about a part of a patch, plane after plane; 0 outside the patch.
/// @param part in pixels of the patch; may reach beyond it.
/// @pre `planes` holds channels.size() * part.area() values.
void write_channels(std::span<const Channel* const> channels, const Facts& facts,
                    const cv::Rect& part, std::span<float> planes);

}  // namespace unflat
