// SPDX-License-Identifier: MIT
#include "unflat/error.h"
#include "unflat/io.h"

#include "asset_files.h"
#include "browser.h"
#include "console.h"
#include "inputs.h"
#include "networks.h"
#include "options.h"
#include "output.h"
#include "page_server.h"
#include "report.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace unflat::program {

namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

struct ViewOptions {
    fs::path file;
    bool no_open = false;
    bool until_closed = false;
    CommonOptions common;
};

// A page that is loaded anew is gone for a moment
constexpr std::chrono::seconds kGone{5};

// Around the page, since that one is not allowed to ask for anything
constexpr std::string_view kWatchedPage = R"(<!DOCTYPE html>
<html lang="en"><meta charset="utf-8"><link rel="icon" href="data:,"><title>unflat</title>
<style>html, body { margin: 0; height: 100%; background: #000; overflow: hidden }
iframe { display: block; border: 0; width: 100%; height: 100% }</style>
<iframe src="/photo" allow="fullscreen; accelerometer; gyroscope"></iframe>
<script>
new EventSource("/alive");
const frame = document.querySelector("iframe");
frame.onload = () => { document.title = frame.contentDocument.title; frame.focus(); };
</script></html>
)";

// Of a finished 3D photo, or of one that is made now
std::string make_page(const ViewOptions& options, Console& console, Report& report) {
    if (std::optional<std::string> page = read_html(options.file))
        return std::move(*page);
    const ChosenNetworks networks = choose_networks(options.common);
    Inputs inputs = read_inputs(options.file, options.common, kDefaultLongSide, console);
    const SceneOptions asked = scene_options(inputs, options.common);
    const Scene scene = make_scene(inputs, asked, networks, console);
    report.add_scene(scene);
    return encode_page(scene, options.file.stem().string(), asked.motion.focus, options.common,
                       networks, console, report);
}

std::vector<ServedPage> pages_of(std::string page, bool until_closed) {
    const std::string type = "text/html";
    if (!until_closed)
        return {{"/", type, std::move(page)}};
    return {{"/", type, std::string(kWatchedPage)}, {"/photo", type, std::move(page)}};
}

// Whether to end: a signal came, or the page that was open is gone for a while
class End {
public:
    End(const Console& console, bool until_closed)
        : console_(console), until_closed_(until_closed) {}

    bool operator()(bool is_watched) {
        const Clock::time_point now = Clock::now();
        if (is_watched)
            seen_ = now;
        return console_.stop_requested() || (until_closed_ && seen_ && now - *seen_ > kGone);
    }

private:
    const Console& console_;
    bool until_closed_;
    std::optional<Clock::time_point> seen_;
};

// Called last: by Ctrl-C is how viewing ends, so that is status 0
int view(const ViewOptions& options, bool as_json, Console& console, Report& report) {
    PageServer server(pages_of(make_page(options, console, report), options.until_closed));
    console.end_stages();
    if (console.stop_requested())
        throw Error(ErrorKind::Cancelled, "stopped on request");
    const std::string address = server.address();
    print_line(as_json ? dump({{"address", address}}) : address);
    report.is_printed = true;
    if (!options.no_open && !open_browser(address))
        console.note("there is no desktop to open a browser on; open the address in yours");
    console.note("Ctrl-C ends");
    server.serve(End(console, options.until_closed));
    return 0;
}

}  // namespace

void add_view(CLI::App& app, Invocation& invocation) {
    const auto options = std::make_shared<ViewOptions>();
    CLI::App* command = app.add_subcommand(
        "view", "Show a 3D photo in the browser: one that is made, or a photo's");
    command->add_option("SCENE", options->file, "A .glb or .html, or a photo")
        ->required()
        ->type_name("");
    command->add_flag("--no-open", options->no_open, "Print the address only");
    command->add_flag("--until-closed", options->until_closed, "End when the page has been closed");
    add_common_options(*command, options->common);
    command->callback([options, &invocation] {
        options->common.models = invocation.models;
        invocation.run = [options, &invocation](Console& console, Report& report) {
            return view(*options, invocation.json, console, report);
        };
    });
}

}  // namespace unflat::program
