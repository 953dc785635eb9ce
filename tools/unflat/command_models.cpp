// SPDX-License-Identifier: MIT
#include "unflat/error.h"

#include "console.h"
#include "networks.h"
#include "options.h"
#include "report.h"

#include <cmath>
#include <cstdio>
#include <system_error>

namespace unflat::program {

namespace {

using Json = nlohmann::ordered_json;

// A stage, and what does it where there is no network
struct Stage {
    NetworkTask task;
    const char* name;
    const char* stand_in;
};
constexpr Stage kStages[] = {{NetworkTask::InpaintEdge, "edges", "continued straight"},
                             {NetworkTask::InpaintDepth, "depth", "diffusion"},
                             {NetworkTask::InpaintColor, "colour", "exemplars"}};

std::string millions(std::int64_t count) {
    char text[32];
    std::snprintf(text, sizeof text, "%.2f", static_cast<double>(count) * 1e-6);
    return text;
}

void print(const FoundNetwork& network) {
    if (!network.problem.empty())
        print_line("  " + network.folder.filename().string() + ": " + network.problem);
    else
        print_line("  " + network.card->name + ": " + std::string(task_name(network.card->task)) +
                   ", " + millions(network.card->parameter_count) + " million weights, licence " +
                   network.card->licence);
}

bool is_here(const FoundNetwork& network) {
    std::error_code error;
    return std::filesystem::exists(network.folder / "model.onnx", error);
}

// What can be used by name, and what has to be put where for that
void print_outside(const FoundNetworks& found) {
    if (found.outside.empty())
        return;
    print_line("Of other people, for --depth-network NAME:");
    for (const FoundNetwork& network : found.outside) {
        print(network);
        if (network.card && !is_here(network))
            print_line("    not here; to be put into '" + network.folder.string() +
                       "' as model.onnx: " + network.card->source);
    }
}

void print(const FoundNetworks& found) {
    print_line("Networks in '" + found.folder.string() + "':");
    for (const FoundNetwork& network : found.networks)
        print(network);
    std::string stages;
    for (const Stage& stage : kStages) {
        const FoundNetwork* network = found.find(stage.task);
        stages += (stages.empty() ? "" : "; ") + std::string(stage.name) + ": " +
                  (network && network->problem.empty() ? network->card->name : stage.stand_in);
    }
    print_line(stages + ".");
    const std::string lack = found.lack();
    print_line(lack.empty() ? "They are complete: --fill auto uses them."
                            : "They are not complete, --fill auto is patch: " + lack + ".");
    const FoundNetwork* depth = found.find(NetworkTask::Depth);
    print_line(depth && depth->problem.empty()
                   ? "Photos without depth: " + depth->card->name + "."
                   : "Photos without depth cannot be used: no network tells it.");
    print_outside(found);
}

Json to_json(const FoundNetwork& network) {
    Json entry{{"folder", network.folder.string()},
               {"usable", network.problem.empty() && is_here(network)}};
    if (network.card) {
        entry["name"] = network.card->name;
        entry["task"] = task_name(network.card->task);
        entry["parameters"] = network.card->parameter_count;
        entry["licence"] = network.card->licence;
        entry["trained_on"] = network.card->trained_on;
        if (!network.card->source.empty())
            entry["source"] = network.card->source;
    }
    if (!network.problem.empty())
        entry["problem"] = network.problem;
    return entry;
}

Json to_json(const FoundNetworks& found) {
    Json object;
    object["models"] = Json::array();
    for (const FoundNetwork& network : found.networks)
        object["models"].push_back(to_json(network));
    object["outside"] = Json::array();
    for (const FoundNetwork& network : found.outside)
        object["outside"].push_back(to_json(network));
    const FoundNetwork* depth = found.find(NetworkTask::Depth);
    object["depth_network"] = depth && depth->problem.empty() ? depth->card->name : "";
    object["folder"] = found.networks.empty() ? "" : found.folder.string();
    object["complete"] = found.lack().empty();
    for (const Stage& stage : kStages) {
        const FoundNetwork* network = found.find(stage.task);
        object["stages"][stage.name] =
            network && network->problem.empty() ? network->card->name : stage.stand_in;
    }
    return object;
}

int models(const Invocation& invocation, Report& report) {
    std::error_code error;
    if (!invocation.models.empty() && !std::filesystem::is_directory(invocation.models, error))
        throw Error(ErrorKind::Unreadable,
                    "cannot read '" + invocation.models.string() + "': there is no such folder");
    const FoundNetworks found = find_networks_in(invocation.models, true);
    report.answer = to_json(found);
    if (invocation.json)
        return 0;
    if (found.networks.empty())
        print_line("There are no networks" +
                   (invocation.models.empty() ? "" : " in '" + invocation.models.string() + "'") +
                   ": hidden parts are filled by --fill patch, diffusion or stretch.");
    else
        print(found);
    return 0;
}

}  // namespace

void add_models(CLI::App& app, Invocation& invocation) {
    CLI::App* command = app.add_subcommand("models", "List the networks that are available");
    command->callback([&invocation] {
        invocation.run = [&invocation](Console&, Report& report) {
            return models(invocation, report);
        };
    });
}

}  // namespace unflat::program
