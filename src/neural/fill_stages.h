// SPDX-License-Identifier: MIT
// The three networks, each with what has to be done before and after it.
#pragma once

#include "unflat/inpaint.h"
#include "unflat/network.h"

#include "neural/edge_problems.h"
#include "neural/facts.h"
#include "neural/tiles.h"

#include <functional>
#include <optional>
#include <span>
#include <vector>

#include <opencv2/core.hpp>

namespace unflat {

using Step = std::function<void(double)>;

/// Finds where depth edges go on in the synthesis region.
class EdgeStage {
public:
    explicit EdgeStage(const Network& network);
    /// The network's word on views, as often as the card says. Views are changed to what the last
    /// pass was shown.
    std::vector<CleanEdges> find(std::vector<EdgeProblem>& problems, const Step& step) const;

private:
    std::vector<EdgeProbability> ask(std::span<const EdgeProblem> problems, bool continued_edges,
                                     const Step& step) const;
    Model model_;
    bool has_cuts_ = false;  ///< probabilities of borders, not of pixels
};

/// Invents disparity.
class DepthStage {
public:
    explicit DepthStage(const Network& network);
    Needs needs() const;
    FactOptions fact_options() const { return {.mask_closing = model_.card().mask_closing}; }
    /// @return per patch, disparity in its synthesis region.
    std::vector<cv::Mat_<float>> fill(std::span<const Facts> facts, const Step& step) const;

private:
    float disparity_of(const Facts& facts, float output, int x, int y) const;
    Model model_;
    bool is_log_depth_ = false;
};

/// Invents colour.
class ColorStage {
public:
    explicit ColorStage(const Network& network);
    Needs needs() const;
    FactOptions fact_options() const { return {.mask_closing = model_.card().mask_closing}; }
    /// @return per patch, colour in its synthesis region.
    std::vector<cv::Mat_<cv::Vec3b>> fill(std::span<const Facts> facts, const Step& step) const;

private:
    Model model_;
    std::size_t meaning_ = 0;  ///< of the output: index into a table
};

}  // namespace unflat
