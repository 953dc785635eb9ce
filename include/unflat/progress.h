// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace unflat {

/// How a caller watches a stage, hears of what it had to assume, and stops it.
///
/// Stages take a `Progress*` that may be null. All members are called from the thread that called
/// the stage, never concurrently.
class Progress {
public:
    virtual ~Progress() = default;

    /// Called when `stage` (a short name in lower case, such as "inpaint") has done `fraction`
    /// [0..1] of its work; 0 marks its beginning, 1 its end.
    virtual void report(std::string_view stage, double fraction) = 0;

    /// Called with one sentence for the person when the input is usable but not what it should be.
    virtual void warn(const std::string& sentence) = 0;

    /// True once the caller wants the work to end; asked often. The running stage then throws
    /// Error{Cancelled} and leaves nothing half-written.
    virtual bool stop_requested() const { return false; }
};

}  // namespace unflat
