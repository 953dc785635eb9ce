// SPDX-License-Identifier: MIT
#include "console.h"
#include "interrupt.h"
#include "options.h"
#include "output.h"
#include "report.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>
#include <opencv2/core/utility.hpp>

namespace {

using namespace unflat::program;

constexpr int kUsageStatus = 1;

constexpr std::array<std::string_view, 12> kFirstWords{
    "make", "depth",  "render", "video",  "inspect",   "info",
    "view", "models", "-h",     "--help", "--version", "--help-all"};

// `unflat PHOTO...` is short for `unflat make PHOTO...`; CLI11 takes the words in reverse order
std::vector<std::string> words_in_reverse(int count, char** values) {
    std::vector<std::string> words(values + 1, values + count);
    const bool is_short = !words.empty() && std::find(kFirstWords.begin(), kFirstWords.end(),
                                                      words.front()) == kFirstWords.end();
    if (is_short)
        words.insert(words.begin(), "make");
    std::reverse(words.begin(), words.end());
    return words;
}

// What is wrong with the words, in one sentence
std::string usage_error(const CLI::ParseError& error, int count, char** values) {
    // A file whose name starts with a dash is taken for options, and the file is missed
    std::error_code failure;
    for (const std::string& word : std::vector<std::string>(values + 1, values + count))
        if (word.starts_with('-') && std::filesystem::exists(word, failure))
            return "'" + word + "' reads as an option; the file of that name is './" + word + "'";
    return error.what();
}

void set_up(CLI::App& app, Invocation& invocation) {
    app.require_subcommand(1);
    app.set_version_flag("--version", "unflat " UNFLAT_VERSION, "Print the version");
    app.footer(
        "`unflat PHOTO...` is short for `unflat make PHOTO...`.\n"
        "`unflat COMMAND --help` lists the options of a command.\n"
        "Exit status: 0 done, 1 usage, 2 input, 3 output, 4 not supported, 5 stopped, "
        "70 a fault of unflat.");
    app.get_formatter()->column_width(26);
    add_make(app, invocation);
    add_depth(app, invocation);
    add_render(app, invocation);
    add_video(app, invocation);
    add_inspect(app, invocation);
    add_info(app, invocation);
    add_view(app, invocation);
    add_models(app, invocation);
    for (CLI::App* command : app.get_subcommands({}))
        add_program_options(*command, invocation);
}

int run(const Invocation& invocation, Console& console) {
    if (invocation.quiet)
        console.be_quiet();
    if (invocation.threads)
        // TBB, behind OpenCV, has no more workers than cores, and prints so if asked for more
        cv::setNumThreads(std::min(*invocation.threads, cv::getNumberOfCPUs()));

    Report report;
    const int status = invocation.run(console, report);
    console.end_stages();
    if (report.is_printed)
        return status;
    if (invocation.json)
        print_line(dump(report.answer.is_null() ? to_json(report, console) : report.answer));
    else if (!invocation.quiet)
        for (const auto& file : report.files)
            print_line(file.string());
    return status;
}

}  // namespace

int main(int count, char** values) {
    watch_signals();
    Console console;
    CLI::App app(
        "Turns a photo and its depth into a 3D photo: a textured mesh, and videos in "
        "which the camera moves.",
        "unflat");
    Invocation invocation;
    int status = 0;
    try {
        set_up(app, invocation);
        app.parse(words_in_reverse(count, values));
        status = run(invocation, console);
    } catch (const CLI::Success& request) {
        status = app.exit(request);
    } catch (const CLI::ParseError& error) {
        console.error(usage_error(error, count, values));
        status = kUsageStatus;
    } catch (...) {
        status = report_failure(console);
    }
    remove_empty_folders();
    return status;
}
