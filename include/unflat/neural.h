// SPDX-License-Identifier: MIT
#pragma once

#include "unflat/depth.h"
#include "unflat/inpaint.h"
#include "unflat/network.h"

#include <memory>
#include <span>

namespace unflat {

/// Fills by networks, in three stages: where depth edges go on, depth guided by them, colour guided
/// by them. A stage without a network is done by what needs none: edges continued straight,
/// diffused depth, exemplars. At most one network per task.
///
/// ONNX Runtime is loaded by the first call. Networks compute on one thread each, several pieces of
/// work at a time, so the result is the same for any number of threads.
/// @throws Error{Unsupported} if ONNX Runtime cannot be loaded; Error{Unreadable} naming the
/// network if it is broken or does not do what its card says; Error{InvalidInput} if a task occurs
/// twice. Source: Shih et al. 2020, section 3.3. Details: docs/algorithms/networks.md.
std::unique_ptr<Inpainter> make_network_inpainter(std::span<const Network> networks);

/// Tells the depth of a photo from the photo alone. Can be used from several threads at a time.
class DepthEstimator {
public:
    virtual ~DepthEstimator() = default;

    /// @return a map of the network's own size, which covers the whole photo.
    /// @throws Error{InvalidInput} if the photo is empty; Error{Unreadable} naming the network if
    /// its answer is not what the card says.
    virtual DepthMap estimate(const Photo& photo) const = 0;
};

/// A depth network and how to talk to it; docs/models.md. It computes on one thread (a mirrored
/// pass on another), so the result is the same for any number of threads.
/// @throws as make_network_inpainter; Error{InvalidInput} if the network's task is another.
std::unique_ptr<DepthEstimator> make_depth_estimator(const Network& network);

/// Checks that a network can be run and is what its card says.
/// @throws as make_network_inpainter.
void check_network(const Network& network);

}  // namespace unflat
