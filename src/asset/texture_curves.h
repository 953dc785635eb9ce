// SPDX-License-Identifier: MIT
#pragma once

#include "unflat/asset.h"

#include "asset/asset_charts.h"

#include <array>
#include <cstdint>
#include <map>
#include <vector>

#include <opencv2/core.hpp>

namespace unflat {

/// How an atlas is laid out and encoded, but for its quality.
struct TextureSetting {
    float front_scale = 1, hidden_scale = 1;  ///< texels per pixel
    bool full_chroma = true;
};

/// Qualities that are given to the codec.
inline constexpr int kLeastQuality = 10, kGreatestQuality = 95;

/// What textures would cost and lose, measured on a sample of tiles of the charts' pictures: an
/// atlas has to be painted and encoded as a whole only once it has been chosen.
class TextureCurves {
public:
    /// @param pictures painted where they are needed
    TextureCurves(std::vector<ChartPicture> pictures, const TextureCodec& codec);

    /// Measures further scales; those that are known already cost nothing.
    void add_scales(const std::vector<float>& front, const std::vector<float>& hidden,
                    bool full_chroma);

    struct Estimate {
        double error = 0;  ///< of what views see, mean square [levels^2]
        int quality = 0;
    };
    /// The best quality within so many bytes. @param hidden share of the hidden charts that are
    /// there, 0..1
    Estimate within(const TextureSetting& setting, std::int64_t bytes, double hidden) const;

    /// Learns from an atlas that was encoded what the tiles do not tell: what lies between hidden
    /// charts, and where the photo's are not like the rest.
    /// @return true if that is another picture of all textures than before
    bool learn(const TextureSetting& setting, int quality, std::int64_t bytes, double hidden);

private:
    struct Tile {
        const ChartPicture* picture;
        cv::Rect part;
    };
    struct Part {
        std::vector<Tile> tiles;
        double whole_per_sample = 1;  ///< painted pixels
        double error_factor = 0;  ///< weights of the whole over those of the sample and over the
                                  ///< photo's pixels
    };
    struct Point {
        double bytes = 0, error = 0;
    };
    static constexpr std::array<int, 4> kQualities{35, 65, 85, kGreatestQuality};
    using Curve = std::array<Point, kQualities.size()>;
    struct Key {
        bool front;
        float scale;
        bool full_chroma;
        auto operator<=>(const Key&) const = default;
    };

    static Part sample(const std::vector<ChartPicture>& pictures, std::size_t first,
                       std::size_t last, double photo_pixels);
    Curve measure(const Key& key) const;

    std::vector<ChartPicture> pictures_;
    const TextureCodec* codec_;
    Part front_, hidden_;
    std::map<Key, Curve> curves_;
    double alone_ = 1;      ///< bytes of the photo over what its tiles say
    double between_ = 1.2;  ///< the same of hidden charts, with what lies between them
};

}  // namespace unflat
