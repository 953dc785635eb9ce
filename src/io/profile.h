// SPDX-License-Identifier: MIT
#pragma once

#include "io/picture.h"

#include <opencv2/core.hpp>

namespace unflat {

/// Colour spaces that files name by a code point.
enum class Primaries : std::uint8_t { DisplayP3, Bt2020 };

/// An ICC profile of these primaries, white D65 and sRGB's curve.
std::vector<std::byte> make_profile(Primaries primaries);

/// Turns samples (8 or 16 bit, with or without alpha) into sRGB bytes: by the ICC profile if there
/// is one that fits, with relative colorimetric intent and black point compensation; else grey and
/// RGB are taken as sRGB and CMYK by the plain formula. Alpha is dropped, colours stay as they are.
/// A profile that is broken or of another colour model is left out, with a sentence in `warnings`.
/// Cost: linear; several threads where a profile is applied.
cv::Mat_<cv::Vec3b> convert_to_srgb(const Picture& picture, std::vector<std::string>& warnings);

}  // namespace unflat
