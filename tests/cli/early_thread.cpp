// SPDX-License-Identifier: MIT
// A library that starts a thread when it is loaded, before the program can block any signal. The
// thread never ends, as those of real ones.
#include <chrono>
#include <thread>

namespace {

const bool kIsStarted = [] {
    std::thread([] {
        while (true)
            std::this_thread::sleep_for(std::chrono::hours(1));
    }).detach();
    return true;
}();

}  // namespace
