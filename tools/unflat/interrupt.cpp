// SPDX-License-Identifier: MIT
#include "interrupt.h"

#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <mutex>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <vector>

#include <unistd.h>

namespace unflat::program {

namespace {

// A stage gets this long to stop by itself; a second is promised
constexpr std::chrono::milliseconds kPatience{700};

constexpr int kStoppedStatus = 5;

struct WatchedFolder {
    std::filesystem::path path;
    bool created;
};

struct State {
    std::atomic<bool> stop = false;
    std::mutex mutex;
    std::vector<WatchedFolder> folders;
};

// Never destroyed: the waiting thread outlives main()
State& state() {
    static State* const instance = new State;
    return *instance;
}

// Partial files are called .NAME.<process>.partial, possibly with an ending after it
bool is_partial_file(const std::string& name) {
    const std::string mark = "." + std::to_string(::getpid()) + ".partial";
    return name.starts_with('.') && name.find(mark) != std::string::npos;
}

void remove_partial_files() {
    const std::lock_guard lock(state().mutex);
    std::error_code error;
    for (const WatchedFolder& folder : state().folders)
        for (const auto& entry : std::filesystem::directory_iterator(folder.path, error))
            if (is_partial_file(entry.path().filename().string()))
                std::filesystem::remove(entry.path(), error);
}

void wait_for_signals(const sigset_t signals) {
    int signal = 0;
    while (sigwait(&signals, &signal) != 0) {
    }
    state().stop = true;
    std::this_thread::sleep_for(kPatience);

    remove_partial_files();
    remove_empty_folders();
    constexpr std::string_view kMessage = "unflat: stopped on request\n";
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, kMessage.data(), kMessage.size());
    ::_exit(kStoppedStatus);
}

pthread_t watcher;

// Some libraries (OpenBLAS is one) start threads when they are loaded, before main() could block
// anything. A signal that reaches one of those is passed on.
void pass_on(int signal) {
    ::pthread_kill(watcher, signal);
}

}  // namespace

void watch_signals() {
    constexpr std::array kSignals = {SIGINT, SIGTERM, SIGHUP};
    sigset_t signals;
    sigemptyset(&signals);
    for (const int signal : kSignals)
        sigaddset(&signals, signal);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    state();
    std::thread thread(wait_for_signals, signals);
    watcher = thread.native_handle();
    thread.detach();

    struct sigaction action {};
    action.sa_handler = pass_on;
    action.sa_flags = SA_RESTART;
    for (const int signal : kSignals)
        ::sigaction(signal, &action, nullptr);
}

bool stop_requested() {
    return state().stop;
}

void watch_folder(const std::filesystem::path& folder, bool created) {
    const std::lock_guard lock(state().mutex);
    state().folders.push_back({folder, created});
}

void remove_empty_folders() {
    const std::lock_guard lock(state().mutex);
    std::error_code error;
    // The last made lies deepest; remove() refuses what is not empty
    for (auto folder = state().folders.rbegin(); folder != state().folders.rend(); ++folder)
        if (folder->created && std::filesystem::is_directory(folder->path, error))
            std::filesystem::remove(folder->path, error);
}

}  // namespace unflat::program
