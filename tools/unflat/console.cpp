// SPDX-License-Identifier: MIT
#include "console.h"

#include "interrupt.h"

#include <algorithm>
#include <cmath>
#include <iostream>
#include <utility>

#include <unistd.h>

namespace unflat::program {

namespace {

using Milliseconds = std::chrono::duration<double, std::milli>;

// Short work needs no progress
constexpr std::chrono::seconds kSilence{2};
constexpr std::chrono::milliseconds kRedraw{100};
constexpr std::chrono::seconds kLineInterval{10};
constexpr int kBarWidth = 30;

std::string percent(double fraction) {
    return std::to_string(std::lround(100 * std::clamp(fraction, 0.0, 1.0))) + " %";
}

}  // namespace

Console::Console() : terminal_(::isatty(STDERR_FILENO) == 1), began_(Clock::now()) {}

Console::~Console() {
    clear_bar();
}

void Console::report(std::string_view stage, double fraction) {
    const std::string name(stage);
    const Clock::time_point now = Clock::now();
    if (fraction < 1)
        open_stages_.try_emplace(name, now);
    if (const auto open = open_stages_.find(name); open != open_stages_.end() && fraction >= 1) {
        stages_ms_[name] += Milliseconds(now - open->second).count();
        open_stages_.erase(open);
    }
    if (!quiet_ && now - began_ > kSilence)
        show(name, fraction);
}

void Console::show(const std::string& stage, double fraction) {
    const Clock::time_point now = Clock::now();
    const bool new_stage = stage != shown_stage_;
    if (terminal_) {
        if (new_stage || now - shown_ > kRedraw)
            draw_bar(stage, fraction);
        return;
    }
    if (fraction >= 1 || (!new_stage && now - shown_ < kLineInterval))
        return;
    std::cerr << "unflat: " << task_ << stage << " " << percent(fraction) << "\n";
    shown_stage_ = stage;
    shown_ = now;
}

void Console::draw_bar(const std::string& stage, double fraction) {
    const int filled = static_cast<int>(std::lround(std::clamp(fraction, 0.0, 1.0) * kBarWidth));
    std::cerr << "\r\033[K[" << std::string(static_cast<std::size_t>(filled), '#')
              << std::string(static_cast<std::size_t>(kBarWidth - filled), ' ') << "] " << task_
              << stage << " " << percent(fraction) << std::flush;
    bar_drawn_ = true;
    shown_stage_ = stage;
    shown_ = Clock::now();
}

void Console::clear_bar() {
    if (bar_drawn_)
        std::cerr << "\r\033[K" << std::flush;
    bar_drawn_ = false;
}

void Console::warn(const std::string& sentence) {
    clear_bar();
    std::cerr << "unflat: warning: " << sentence << "\n";
    warnings_.push_back(sentence);
}

bool Console::stop_requested() const {
    return program::stop_requested();
}

void Console::note(const std::string& sentence) {
    if (quiet_)
        return;
    clear_bar();
    std::cerr << "unflat: " << sentence << "\n";
}

void Console::error(const std::string& sentence) {
    clear_bar();
    std::cerr << "unflat: " << sentence << "\n";
}

void Console::begin(const std::string& task) {
    clear_bar();
    task_ = task.empty() ? "" : task + ": ";
    shown_stage_.clear();
    began_ = Clock::now();
}

void Console::end_stages() {
    for (const auto& [name, began] : open_stages_)
        stages_ms_[name] += Milliseconds(Clock::now() - began).count();
    open_stages_.clear();
    clear_bar();
}

StageTimer::StageTimer(Console& console, std::string stage)
    : console_(console), stage_(std::move(stage)) {
    console_.report(stage_, 0);
}

StageTimer::~StageTimer() {
    console_.report(stage_, 1);
}

}  // namespace unflat::program
