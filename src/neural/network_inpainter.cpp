// SPDX-License-Identifier: MIT
// Filling by networks: edges, depth and colour of all patches of a round, stage after stage.
#include "unflat/error.h"
#include "unflat/neural.h"

#include "core/parallel.h"
#include "neural/edge_problems.h"
#include "neural/fill_stages.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace unflat {

namespace {

constexpr int kEdgeMargin = 96;  // what an edge network sees around where surfaces meet [pixels]

// The part of a stage's progress that a piece of it makes
Step part_of(const Step& step, double begin, double end) {
    return [&step, begin, end](double fraction) { step(begin + (end - begin) * fraction); };
}

class NetworkInpainter final : public Inpainter {
public:
    explicit NetworkInpainter(std::span<const Network> networks) {
        // Each takes some hundredths of a second to get ready
        parallel_ranges(static_cast<int>(networks.size()), 1,
                        [&](int i, int) { load(networks[static_cast<std::size_t>(i)]); });
    }

    Synthesis inpaint(const InpaintPatch& patch) const override {
        return std::move(inpaint_all({&patch, 1}, [](double) {}).front());
    }

    std::vector<Synthesis> inpaint_all(std::span<const InpaintPatch> patches,
                                       const Step& step) const override {
        const std::optional<Redrawn> redrawn = find_edges(patches, part_of(step, 0, 0.2));
        const std::span<const InpaintPatch> drawn =
            redrawn ? std::span<const InpaintPatch>(redrawn->patches) : patches;
        std::vector<Synthesis> results = fill(drawn, part_of(step, 0.2, 1));
        return redrawn ? hand_back(patches, *redrawn, results) : std::move(results);
    }

private:
    void load(const Network& network) {
        switch (network.card.task) {
            case NetworkTask::InpaintEdge:
                edges_.emplace(network);
                return;
            case NetworkTask::InpaintDepth:
                depth_.emplace(network);
                return;
            case NetworkTask::InpaintColor:
                color_.emplace(network);
                return;
            case NetworkTask::Depth:
                throw Error(ErrorKind::InvalidInput,
                            "the network '" + network.card.name + "' does not fill anything");
        }
    }

    std::optional<Redrawn> find_edges(std::span<const InpaintPatch> patches,
                                      const Step& step) const {
        if (!edges_)
            return std::nullopt;
        std::vector<EdgeProblem> problems = find_edge_problems(patches, kEdgeMargin);
        if (problems.empty())
            return std::nullopt;
        const std::vector<CleanEdges> edges = edges_->find(problems, step);
        return redraw(patches, problems, edges);
    }

    Needs needs() const {
        Needs needs;
        if (depth_)
            needs = needs | depth_->needs();
        if (color_)
            needs = needs | color_->needs();
        return needs | Needs{.diffused_disparity = !depth_, .exemplar = !color_};
    }

    // What needs no network and is asked for: exemplars bring diffused disparity along
    std::vector<Facts> prepare(std::span<const InpaintPatch> patches, const Needs& needs,
                               const Step& step) const {
        std::vector<Facts> facts(patches.size());
        if (needs.exemplar) {
            std::vector<Synthesis> found = exemplars_->inpaint_all(patches, step);
            for (std::size_t i = 0; i < patches.size(); ++i) {
                facts[i].exemplar = std::move(found[i].rgb);
                facts[i].diffused_disparity = std::move(found[i].disparity);
            }
        }
        const FactOptions options = depth_   ? depth_->fact_options()
                                    : color_ ? color_->fact_options()
                                             : FactOptions{};
        parallel_ranges(static_cast<int>(patches.size()), 1, [&](int i, int) {
            const auto n = static_cast<std::size_t>(i);
            facts[n] = measure(patches[n], options, needs, facts[n]);
        });
        return facts;
    }

    std::vector<Synthesis> fill(std::span<const InpaintPatch> patches, const Step& step) const {
        const Needs all = needs();
        std::vector<Facts> facts =
            prepare(patches, all, part_of(step, 0, all.exemplar ? 0.5 : 0.1));
        std::vector<Synthesis> results(patches.size());
        std::vector<cv::Mat_<float>> disparity;
        if (depth_)
            disparity = depth_->fill(facts, part_of(step, 0.5, 0.7));
        std::vector<cv::Mat_<cv::Vec3b>> rgb;
        if (color_) {
            if (depth_ &&
                color_->fact_options().mask_closing != depth_->fact_options().mask_closing)
                for (std::size_t i = 0; i < patches.size(); ++i)
                    facts[i] = measure(patches[i], color_->fact_options(), all, facts[i]);
            rgb = color_->fill(facts, part_of(step, 0.7, 1));
        }
        for (std::size_t i = 0; i < patches.size(); ++i) {
            results[i].disparity = depth_ ? disparity[i] : facts[i].diffused_disparity;
            results[i].rgb = color_ ? rgb[i] : facts[i].exemplar;
        }
        return results;
    }

    // To each of the patches as they were given, what was found at its pixels
    static std::vector<Synthesis> hand_back(std::span<const InpaintPatch> patches,
                                            const Redrawn& redrawn,
                                            const std::vector<Synthesis>& found) {
        std::vector<Synthesis> results(patches.size());
        parallel_ranges(static_cast<int>(patches.size()), 1, [&](int i, int) {
            const InpaintPatch& patch = patches[static_cast<std::size_t>(i)];
            Synthesis& result = results[static_cast<std::size_t>(i)];
            result.rgb = cv::Mat_<cv::Vec3b>(patch.role.size(), cv::Vec3b(0, 0, 0));
            result.disparity = cv::Mat_<float>(patch.role.size(), 0.0F);
            for (int y = 0; y < patch.role.rows; ++y)
                for (int x = 0; x < patch.role.cols; ++x) {
                    if (patch.role_at(x, y) != Role::Synthesis)
                        continue;
                    const cv::Point p = patch.origin + cv::Point(x, y);
                    const auto owner = static_cast<std::size_t>(redrawn.owner(p - redrawn.origin));
                    const cv::Point place = p - redrawn.patches[owner].origin;
                    result.rgb(y, x) = found[owner].rgb(place);
                    result.disparity(y, x) = found[owner].disparity(place);
                }
        });
        return results;
    }

    std::optional<EdgeStage> edges_;
    std::optional<DepthStage> depth_;
    std::optional<ColorStage> color_;
    std::unique_ptr<Inpainter> exemplars_ = make_exemplar_inpainter();
};

}  // namespace

std::unique_ptr<Inpainter> make_network_inpainter(std::span<const Network> networks) {
    for (std::size_t i = 0; i < networks.size(); ++i)
        for (std::size_t j = 0; j < i; ++j)
            require(networks[i].card.task != networks[j].card.task,
                    "two networks for one task cannot be used together");
    return std::make_unique<NetworkInpainter>(networks);
}

void check_network(const Network& network) {
    if (network.card.task == NetworkTask::Depth)
        (void)make_depth_estimator(network);
    else
        (void)NetworkInpainter({&network, 1});
}

}  // namespace unflat
