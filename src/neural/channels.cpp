// SPDX-License-Identifier: MIT
#include "neural/channels.h"

#include "unflat/error.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace unflat {

namespace {

constexpr float kByte = 1 / 255.0F;
constexpr float kFar = 32;  // distances beyond are all alike [pixels]

template <int C>
float color(const Facts& f, int x, int y) {
    return f.is_context(x, y) ? static_cast<float>(f.patch->rgb(y, x)[C]) * kByte : 0;
}

template <int C>
float diffused(const Facts& f, int x, int y) {
    return f.is_synthesis(x, y) ? f.diffused_color(y, x)[C] * kByte : color<C>(f, x, y);
}

template <int C>
float exemplar(const Facts& f, int x, int y) {
    return f.is_synthesis(x, y) ? static_cast<float>(f.exemplar(y, x)[C]) * kByte
                                : color<C>(f, x, y);
}

float local(const Facts& f, float disparity) {
    return (disparity - f.mean) / f.spread;
}

// What the names of a card's inputs mean; docs/models.md. A new channel is a line here.
constexpr Needs kNothing{}, kColor{.diffused_color = true}, kExemplar{.exemplar = true};
constexpr std::array kChannels{
    Channel{"red", kNothing, color<0>},
    Channel{"green", kNothing, color<1>},
    Channel{"blue", kNothing, color<2>},
    Channel{"context", kNothing,
            [](const Facts& f, int x, int y) { return f.is_context(x, y) ? 1.0F : 0; }},
    Channel{"synthesis", kNothing,
            [](const Facts& f, int x, int y) { return f.mask(y, x) ? 1.0F : 0; }},
    Channel{"edge", kNothing,
            [](const Facts& f, int x, int y) { return f.near_side(y, x) ? 1.0F : 0; }},
    Channel{"edge_horizontal", kNothing,
            [](const Facts& f, int x, int y) { return f.is_cut(x, y, false) ? 1.0F : 0; }},
    Channel{"edge_vertical", kNothing,
            [](const Facts& f, int x, int y) { return f.is_cut(x, y, true) ? 1.0F : 0; }},
    Channel{"disparity_over_max", kNothing,
            [](const Facts& f, int x, int y) {
                return f.is_context(x, y) ? f.patch->disparity(y, x) / f.largest : 0;
            }},
    Channel{"log_depth_zero_mean", kNothing,
            [](const Facts& f, int x, int y) {
                return f.is_context(x, y) ? -std::log(f.patch->disparity(y, x)) - f.mean_log_depth
                                          : 0;
            }},
    Channel{"disparity_local", kNothing,
            [](const Facts& f, int x, int y) {
                return f.is_context(x, y) ? local(f, f.patch->disparity(y, x)) : 0;
            }},
    Channel{"diffused_disparity",
            {.diffused_disparity = true},
            [](const Facts& f, int x, int y) {
                return f.is_synthesis(x, y) ? local(f, f.diffused_disparity(y, x))
                       : f.is_context(x, y) ? local(f, f.patch->disparity(y, x))
                                            : 0;
            }},
    Channel{"diffused_red", kColor, diffused<0>},
    Channel{"diffused_green", kColor, diffused<1>},
    Channel{"diffused_blue", kColor, diffused<2>},
    Channel{"exemplar_red", kExemplar, exemplar<0>},
    Channel{"exemplar_green", kExemplar, exemplar<1>},
    Channel{"exemplar_blue", kExemplar, exemplar<2>},
    Channel{"distance",
            {.distance = true},
            [](const Facts& f, int x, int y) {
                return f.is_synthesis(x, y) ? std::min(1.0F, f.distance(y, x) / kFar) : 0;
            }},
};

}  // namespace

std::vector<const Channel*> find_channels(const std::string& network,
                                          std::span<const std::string> names) {
    std::vector<const Channel*> channels;
    for (const std::string& name : names) {
        const auto found =
            std::find_if(kChannels.begin(), kChannels.end(),
                         [&](const Channel& channel) { return name == channel.name; });
        if (found == kChannels.end())
            throw Error(ErrorKind::Unreadable, "the network '" + network +
                                                   "' cannot be used: it wants a channel '" + name +
                                                   "', which this version does not know");
        channels.push_back(&*found);
    }
    return channels;
}

Needs needs_of(std::span<const Channel* const> channels) {
    Needs needs;
    for (const Channel* channel : channels)
        needs = needs | channel->needs;
    return needs;
}

void write_channels(std::span<const Channel* const> channels, const Facts& facts,
                    const cv::Rect& part, std::span<float> planes) {
    std::fill(planes.begin(), planes.end(), 0.0F);
    const cv::Rect inside = part & cv::Rect({}, facts.patch->role.size());
    const auto at = [&](std::size_t channel, int x, int y) {
        const std::size_t row =
            static_cast<std::size_t>(y - part.y) + channel * static_cast<std::size_t>(part.height);
        return row * static_cast<std::size_t>(part.width) + static_cast<std::size_t>(x - part.x);
    };
    for (std::size_t c = 0; c < channels.size(); ++c)
        for (int y = inside.y; y < inside.br().y; ++y)
            for (int x = inside.x; x < inside.br().x; ++x)
                planes[at(c, x, y)] = channels[c]->value(facts, x, y);
}

}  // namespace unflat
