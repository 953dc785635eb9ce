// SPDX-License-Identifier: MIT
#include "browser.h"

#include <csignal>
#include <cstdlib>

#include <fcntl.h>
#include <spawn.h>
#include <unistd.h>

extern char** environ;

namespace unflat::program {

namespace {

#ifdef __APPLE__
constexpr const char* kOpener = "open";
bool has_desktop() {
    return true;
}
#else
constexpr const char* kOpener = "xdg-open";
// Without one, xdg-open would start a text browser in this terminal
bool has_desktop() {
    const auto is_set = [](const char* name) {
        const char* value = std::getenv(name);
        return value && *value;
    };
    return is_set("DISPLAY") || is_set("WAYLAND_DISPLAY");
}
#endif

}  // namespace

bool open_browser(const std::string& address) {
    if (!has_desktop())
        return false;
    // The browser gets no part of this program: not its output, its blocked signals or its group,
    // to which Ctrl-C goes
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(
        &attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
    std::string opener = kOpener, argument = address;
    char* words[] = {opener.data(), argument.data(), nullptr};
    pid_t process = 0;
    const int failure = posix_spawnp(&process, kOpener, &files, &attributes, words, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    return failure == 0;
}

}  // namespace unflat::program
