// SPDX-License-Identifier: MIT
#include "core/parallel.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>

#include <opencv2/core/utility.hpp>

namespace unflat {

void parallel_ranges(int count, int grain, const std::function<void(int, int)>& body) {
    if (count <= 0)
        return;
    const int range_count = (count + grain - 1) / grain;
    if (range_count == 1) {
        body(0, count);
        return;
    }

    // An exception must not cross OpenCV's worker threads: keep the first, skip what is left
    std::exception_ptr failure;
    std::mutex failure_mutex;
    std::atomic<bool> failed = false;
    cv::parallel_for_(
        cv::Range(0, range_count),
        [&](const cv::Range& ranges) {
            for (int i = ranges.start; i < ranges.end && !failed; ++i) {
                try {
                    body(i * grain, std::min(count, (i + 1) * grain));
                } catch (...) {
                    const std::lock_guard lock(failure_mutex);
                    if (!failure)
                        failure = std::current_exception();
                    failed = true;
                }
            }
        },
        range_count);
    if (failure)
        std::rethrow_exception(failure);
}

}  // namespace unflat
