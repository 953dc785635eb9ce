// SPDX-License-Identifier: MIT
#pragma once

#include "unflat/progress.h"

#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace unflat::program {

/// Where the program speaks: progress, notes, warnings and errors on standard error. Also the
/// stop-watch of the stages, from what they report.
class Console : public Progress {
public:
    Console();
    ~Console() override;

    /// No progress and no notes; warnings and errors stay.
    void be_quiet() { quiet_ = true; }

    void report(std::string_view stage, double fraction) override;
    void warn(const std::string& sentence) override;
    bool stop_requested() const override;

    /// What a person may want to know; one line.
    void note(const std::string& sentence);
    void error(const std::string& sentence);

    /// Puts a name before what comes next ("2 of 3, beach.jpg"), and lets the stop-watch of the
    /// bar begin anew.
    void begin(const std::string& task);

    /// Ends stages that an exception left open.
    void end_stages();

    const std::map<std::string, double>& stages_ms() const { return stages_ms_; }
    const std::vector<std::string>& warnings() const { return warnings_; }

private:
    using Clock = std::chrono::steady_clock;
    void show(const std::string& stage, double fraction);
    void draw_bar(const std::string& stage, double fraction);
    void clear_bar();

    bool quiet_ = false;
    bool terminal_ = false;
    bool bar_drawn_ = false;
    std::string task_;
    std::string shown_stage_;
    Clock::time_point began_;
    Clock::time_point shown_;
    std::map<std::string, Clock::time_point> open_stages_;
    std::map<std::string, double> stages_ms_;
    std::vector<std::string> warnings_;
};

/// Times one piece of the program's own work as a stage.
class StageTimer {
public:
    StageTimer(Console& console, std::string stage);
    ~StageTimer();
    StageTimer(const StageTimer&) = delete;
    StageTimer& operator=(const StageTimer&) = delete;

private:
    Console& console_;
    std::string stage_;
};

}  // namespace unflat::program
