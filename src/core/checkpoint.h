// SPDX-License-Identifier: MIT
#pragma once

#include "unflat/error.h"
#include "unflat/progress.h"

#include <string>
#include <string_view>

namespace unflat {

/// Tells `progress`, which may be null, how far a stage is.
/// @throws Error{Cancelled} if the caller wants to stop.
inline void checkpoint(Progress* progress, std::string_view stage, double fraction) {
    if (!progress)
        return;
    if (progress->stop_requested())
        throw Error(ErrorKind::Cancelled, "stopped on request");
    progress->report(stage, fraction);
}

/// Passes a warning on to `progress`, which may be null.
inline void warn(Progress* progress, const std::string& sentence) {
    if (progress)
        progress->warn(sentence);
}

}  // namespace unflat
