// SPDX-License-Identifier: MIT
#pragma once

#include "unflat/inpaint.h"

namespace unflat {

/// The context's colours without those at its rim that are mixed with what hides the synthesis
/// region: a colour beside the synthesis region that is not found a little further inside is
/// replaced by the nearest one from there. The photo is not changed, only what fills learn from.
/// Cost: linear in the length of the rim, and two passes of a byte per pixel of the patch.
InpaintPatch without_tinted_context(const InpaintPatch& patch);

}  // namespace unflat
