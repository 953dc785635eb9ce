// SPDX-License-Identifier: MIT
#pragma once

#include "unflat/depth_map.h"
#include "unflat/io.h"

#include "io/depth_code.h"
#include "io/picture.h"

namespace unflat {

/// What the numbers of a picture mean where the caller says so. `declared` is the range that the
/// file states. @throws Malformed
DepthFormula chosen_formula(const Picture& picture, const ReadDepthOptions& options,
                            const std::optional<DepthRange>& declared = std::nullopt);

/// The depth that a picture's samples mean, not yet turned upright. @throws Malformed
DepthMap convert_depth(const Picture& picture, const DepthFormula& formula,
                       const std::optional<double>& invalid = std::nullopt);

}  // namespace unflat
