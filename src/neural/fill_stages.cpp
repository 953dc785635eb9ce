// SPDX-License-Identifier: MIT
#include "neural/fill_stages.h"

#include "unflat/error.h"

#include "core/parallel.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <limits>
#include <string>

namespace unflat {

namespace {

// What a card's "output" may be
struct Meaning {
    const char* name;
    int channels;
    Needs needs;
    float (*color)(const Facts& facts, std::span<const float> output, int x, int y, int c);
};

constexpr float kByte = 1 / 255.0F;

float diffused(const Facts& f, int x, int y, int c) {
    return f.diffused_color(y, x)[c] * kByte;
}
float exemplar(const Facts& f, int x, int y, int c) {
    return static_cast<float>(f.exemplar(y, x)[c]) * kByte;
}
float of(std::span<const float> output, int c) {
    return output[static_cast<std::size_t>(c)];
}

constexpr std::array kEdgeMeanings{Meaning{"edge", 1, {}, nullptr},
                                   Meaning{"cuts", 2, {}, nullptr}};
constexpr std::array kDepthMeanings{
    Meaning{"log_depth_zero_mean", 1, {}, nullptr},
    Meaning{"disparity_residual", 1, {.diffused_disparity = true}, nullptr}};
constexpr std::array kColorMeanings{
    Meaning{"rgb",
            3,
            {},
            [](const Facts&, std::span<const float> o, int, int, int c) { return of(o, c); }},
    Meaning{"rgb_residual_over_diffused",
            3,
            {.diffused_color = true},
            [](const Facts& f, std::span<const float> o, int x, int y, int c) {
                return diffused(f, x, y, c) + of(o, c);
            }},
    Meaning{"rgb_residual_over_exemplar",
            3,
            {.exemplar = true},
            [](const Facts& f, std::span<const float> o, int x, int y, int c) {
                return exemplar(f, x, y, c) + of(o, c);
            }},
    Meaning{"blend_diffused_exemplar_plus_residual",
            4,
            {.diffused_color = true, .exemplar = true},
            [](const Facts& f, std::span<const float> o, int x, int y, int c) {
                return (1 - o[0]) * diffused(f, x, y, c) + o[0] * exemplar(f, x, y, c) +
                       of(o, c + 1);
            }},
};

std::size_t find_meaning(const NetworkCard& card, std::span<const Meaning> known) {
    const auto found = std::find_if(known.begin(), known.end(), [&](const Meaning& meaning) {
        return card.output == meaning.name;
    });
    if (found == known.end())
        throw Error(ErrorKind::Unreadable,
                    "the network '" + card.name + "' cannot be used: its output '" + card.output +
                        "' is not one that " + std::string(task_name(card.task)) + " has");
    return static_cast<std::size_t>(std::distance(known.begin(), found));
}

int channel_count(const NetworkCard& card, std::span<const Meaning> known) {
    return known[find_meaning(card, known)].channels;
}

cv::Mat_<std::uint8_t> synthesis_of(const InpaintPatch& patch) {
    cv::Mat_<std::uint8_t> result;
    cv::compare(patch.role, static_cast<int>(Role::Synthesis), result, cv::CMP_EQ);
    return result;
}

std::vector<cv::Mat_<std::uint8_t>> wanted_of(std::span<const Facts> facts) {
    std::vector<cv::Mat_<std::uint8_t>> wanted;
    for (const Facts& f : facts)
        wanted.push_back(synthesis_of(*f.patch));
    return wanted;
}

template <typename Function>
void for_synthesis(const InpaintPatch& patch, const Function& function) {
    for (int y = 0; y < patch.role.rows; ++y)
        for (int x = 0; x < patch.role.cols; ++x)
            if (patch.role_at(x, y) == Role::Synthesis)
                function(x, y);
}

// The span that hidden disparity may have, as for diffusion: a step beyond the context's at most
cv::Vec2f allowed_span(const InpaintPatch& patch) {
    cv::Vec2f span(std::numeric_limits<float>::max(), 0);
    for (int y = 0; y < patch.role.rows; ++y)
        for (int x = 0; x < patch.role.cols; ++x)
            if (patch.role_at(x, y) == Role::Context) {
                span[0] = std::min(span[0], patch.disparity(y, x));
                span[1] = std::max(span[1], patch.disparity(y, x));
            }
    return {std::max(span[0] - patch.threshold, span[0] / 2), span[1] + patch.threshold};
}

// A sweep that replaces each value by the mean of its neighbours, not across cuts
cv::Mat_<float> smooth(const InpaintPatch& patch, const cv::Mat_<float>& disparity) {
    cv::Mat_<float> result = disparity.clone();
    for_synthesis(patch, [&](int x, int y) {
        float sum = 0;
        int count = 0;
        const auto add = [&](int u, int v, bool is_joined) {
            if (!is_joined)
                return;
            sum += patch.role_at(u, v) == Role::Context ? patch.disparity(v, u) : disparity(v, u);
            ++count;
        };
        add(x + 1, y, patch.joined(x, y, false));
        add(x, y + 1, patch.joined(x, y, true));
        add(x - 1, y, x > 0 && patch.joined(x - 1, y, false));
        add(x, y - 1, y > 0 && patch.joined(x, y - 1, true));
        if (count > 0)
            result(y, x) = sum / static_cast<float>(count);
    });
    return result;
}

}  // namespace

// ---- Edges

EdgeStage::EdgeStage(const Network& network)
    : model_(network, channel_count(network.card, kEdgeMeanings)),
      has_cuts_(model_.output_channels() == 2) {}

std::vector<EdgeProbability> EdgeStage::ask(std::span<const EdgeProblem> problems,
                                            bool continued_edges, const Step& step) const {
    std::vector<Facts> facts(problems.size());
    parallel_ranges(static_cast<int>(problems.size()), 1, [&](int i, int) {
        const auto n = static_cast<std::size_t>(i);
        facts[n] = measure(
            problems[n].view,
            {.mask_closing = model_.card().mask_closing, .continued_edges = continued_edges},
            model_.needs());
    });
    const auto outputs = model_.run(facts, wanted_of(facts), step);
    std::vector<EdgeProbability> result;
    for (const std::vector<cv::Mat_<float>>& maps : outputs) {
        if (maps.empty())
            result.emplace_back();
        else if (has_cuts_)
            result.push_back({.right = maps[0], .down = maps[1]});
        else
            result.push_back({.near_side = maps[0]});
    }
    return result;
}

std::vector<CleanEdges> EdgeStage::find(std::vector<EdgeProblem>& problems,
                                        const Step& step) const {
    std::vector<CleanEdges> edges(problems.size());
    for (int pass = 0; pass < model_.card().passes; ++pass) {
        for (std::size_t i = 0; pass > 0 && i < problems.size(); ++i)
            adopt(problems[i], edges[i]);
        const auto probabilities =
            ask(problems, pass > 0 || model_.card().continued_edges,
                [&](double share) { step((pass + share) / model_.card().passes); });
        parallel_ranges(static_cast<int>(problems.size()), 1, [&](int i, int) {
            const auto n = static_cast<std::size_t>(i);
            edges[n] = clean_edges(problems[n].view, probabilities[n], model_.card().threshold);
        });
    }
    return edges;
}

// ---- Depth

DepthStage::DepthStage(const Network& network)
    : model_(network, channel_count(network.card, kDepthMeanings)),
      is_log_depth_(find_meaning(network.card, kDepthMeanings) == 0) {}

Needs DepthStage::needs() const {
    return model_.needs() | kDepthMeanings[is_log_depth_ ? 0 : 1].needs |
           Needs{.distance = !is_log_depth_};
}

float DepthStage::disparity_of(const Facts& facts, float output, int x, int y) const {
    if (is_log_depth_)
        return std::exp(-(output + facts.mean_log_depth));
    // Beside the context it must not leave the diffused surface, or a crack would open along it
    const float diffused_value = facts.diffused_disparity(y, x);
    const float room = facts.patch->threshold / 2 * facts.distance(y, x);
    return diffused_value + std::clamp(facts.spread * output, -room, room);
}

std::vector<cv::Mat_<float>> DepthStage::fill(std::span<const Facts> facts,
                                              const Step& step) const {
    const auto outputs = model_.run(facts, wanted_of(facts), step);
    std::vector<cv::Mat_<float>> results(facts.size());
    parallel_ranges(static_cast<int>(facts.size()), 1, [&](int i, int) {
        const auto n = static_cast<std::size_t>(i);
        const InpaintPatch& patch = *facts[n].patch;
        cv::Mat_<float>& disparity = results[n];
        disparity = cv::Mat_<float>(patch.role.size(), 0.0F);
        if (outputs[n].empty())
            return;
        const cv::Vec2f span = allowed_span(patch);
        for_synthesis(patch, [&](int x, int y) {
            const float value = disparity_of(facts[n], outputs[n][0](y, x), x, y);
            // Also what is not a number; where there is no context, the guess is all there is
            const bool is_usable = span[0] <= span[1] && value == value;
            disparity(y, x) =
                is_usable ? std::clamp(value, span[0], span[1]) : patch.disparity(y, x);
        });
        for (int sweep = 0; sweep < model_.card().smoothing; ++sweep)
            disparity = smooth(patch, disparity);
        for_synthesis(patch, [&](int x, int y) {
            disparity(y, x) = std::min(disparity(y, x), patch.max_disparity(y, x));
        });
    });
    return results;
}

// ---- Colour

ColorStage::ColorStage(const Network& network)
    : model_(network, channel_count(network.card, kColorMeanings)),
      meaning_(find_meaning(network.card, kColorMeanings)) {}

Needs ColorStage::needs() const {
    return model_.needs() | kColorMeanings[meaning_].needs;
}

std::vector<cv::Mat_<cv::Vec3b>> ColorStage::fill(std::span<const Facts> facts,
                                                  const Step& step) const {
    const auto outputs = model_.run(facts, wanted_of(facts), step);
    const Meaning& meaning = kColorMeanings[meaning_];
    std::vector<cv::Mat_<cv::Vec3b>> results(facts.size());
    parallel_ranges(static_cast<int>(facts.size()), 1, [&](int i, int) {
        const auto n = static_cast<std::size_t>(i);
        results[n] = cv::Mat_<cv::Vec3b>(facts[n].patch->role.size(), cv::Vec3b(0, 0, 0));
        if (outputs[n].empty())
            return;
        std::array<float, 4> output{};
        for_synthesis(*facts[n].patch, [&](int x, int y) {
            for (std::size_t c = 0; c < outputs[n].size(); ++c)
                output[c] = outputs[n][c](y, x);
            for (int c = 0; c < 3; ++c) {
                const float value = meaning.color(facts[n], output, x, y, c);
                results[n](y, x)[c] = cv::saturate_cast<std::uint8_t>(value * 255);
            }
        });
    });
    return results;
}

}  // namespace unflat
