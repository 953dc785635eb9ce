// SPDX-License-Identifier: MIT
#pragma once

#include <functional>

namespace unflat {

/// Calls body(first, last) for ranges that together are [0, count), several at a time. The ranges
/// depend on `count` and `grain` alone, never on the number of threads, so that results made range
/// by range are the same on every machine. The first exception reaches the caller.
/// @param grain indices per range, >= 1; choose it so that a range takes some 100 microseconds.
void parallel_ranges(int count, int grain, const std::function<void(int first, int last)>& body);

}  // namespace unflat
