// SPDX-License-Identifier: MIT
#include "networks.h"

#include "unflat/error.h"
#include "unflat/io.h"
#ifdef UNFLAT_HAS_NEURAL
#include "unflat/neural.h"
#endif

#include "options.h"

#include <cstdlib>
#include <system_error>

namespace unflat::program {

namespace {

namespace fs = std::filesystem;

std::vector<fs::path> places(const fs::path& given) {
    if (!given.empty())
        return {given};
    std::vector<fs::path> folders;
    if (const char* variable = std::getenv("UNFLAT_MODELS"); variable && *variable)
        folders.emplace_back(variable);
    std::error_code error;
    const fs::path program = fs::read_symlink("/proc/self/exe", error).parent_path();
    if (!error) {
        folders.push_back(program / "models");
        folders.push_back(program / "../share/unflat/models");
    }
    folders.emplace_back(UNFLAT_SOURCE_MODELS);
    return folders;
}

#ifdef UNFLAT_HAS_NEURAL
std::unique_ptr<Inpainter> load(const FoundNetworks& found) {
    std::vector<Network> networks;
    for (const NetworkTask task :
         {NetworkTask::InpaintEdge, NetworkTask::InpaintDepth, NetworkTask::InpaintColor})
        if (const FoundNetwork* network = found.find(task))
            networks.push_back(read_network(network->folder));
    return make_network_inpainter(networks);
}
void try_out(const fs::path& folder) {
    check_network(read_network(folder));
}
DepthMap run_depth_network(const fs::path& folder, const Photo& photo) {
    return make_depth_estimator(read_network(folder))->estimate(photo);
}
#else
constexpr const char* kNoRuntime =
    "this build cannot run networks: it was made without ONNX Runtime";
std::unique_ptr<Inpainter> load(const FoundNetworks&) {
    throw Error(ErrorKind::Unsupported, kNoRuntime);
}
void try_out(const fs::path&) {
    throw Error(ErrorKind::Unsupported, kNoRuntime);
}
DepthMap run_depth_network(const fs::path&, const Photo&) {
    throw Error(ErrorKind::Unsupported, kNoRuntime);
}
#endif

// A card for weights that are not here
bool is_card_alone(const fs::path& folder) {
    std::error_code error;
    return !fs::exists(folder / "model.onnx", error);
}

FoundNetwork look_at(const fs::path& folder, bool thoroughly) {
    FoundNetwork found{.folder = folder.lexically_normal()};
    try {
        found.card = read_network_card(folder);
        if (thoroughly)
            try_out(folder);
    } catch (const Error& error) {
        found.problem = error.what();
    }
    return found;
}

std::vector<std::string> names_of(const FoundNetworks& found) {
    std::vector<std::string> names;
    for (const NetworkTask task :
         {NetworkTask::InpaintEdge, NetworkTask::InpaintDepth, NetworkTask::InpaintColor})
        if (const FoundNetwork* network = found.find(task))
            names.push_back(network->card->name);
    return names;
}

}  // namespace

const FoundNetwork* FoundNetworks::find(NetworkTask task) const {
    for (const FoundNetwork& network : networks)
        if (network.card && network.card->task == task)
            return &network;
    return nullptr;
}

const FoundNetwork* FoundNetworks::find(NetworkTask task, const std::string& name) const {
    for (const std::vector<FoundNetwork>* list : {&networks, &outside})
        for (const FoundNetwork& network : *list)
            if (network.card && network.card->task == task && network.card->name == name)
                return &network;
    return nullptr;
}

std::string FoundNetworks::lack() const {
    for (const FoundNetwork& network : networks)
        if (network.card && network.card->task == NetworkTask::Depth)
            continue;  // it fills nothing
        else if (!network.problem.empty() &&
                 (!network.card || find(network.card->task) == &network))
            return network.problem;
    if (!find(NetworkTask::InpaintColor))
        return "no inpainting network for colour" +
               (folder.empty() ? " is here" : " in '" + folder.string() + "'");
    return "";
}

FoundNetworks find_networks_in(const fs::path& given, bool thoroughly) {
    FoundNetworks found{.folder = given};
    for (const fs::path& place : places(given)) {
        const std::vector<fs::path> folders = find_networks(place);
        if (folders.empty())
            continue;
        found.folder = place.lexically_normal();
        for (const fs::path& folder : folders)
            found.networks.push_back(look_at(folder, thoroughly));
        for (const fs::path& folder : find_networks(place / "outside"))
            found.outside.push_back(look_at(folder, thoroughly && !is_card_alone(folder)));
        break;
    }
    return found;
}

ChosenNetworks choose_networks(const CommonOptions& options) {
    if (options.fill != "network" && options.fill != "auto")
        return {};
    const FoundNetworks found = find_networks_in(options.models, false);
    std::string lack = found.lack();
    if (lack.empty()) {
        try {
            return {.inpainter = load(found), .names = names_of(found), .note = ""};
        } catch (const Error& error) {
            lack = error.what();
        }
    }
    if (options.fill == "network")
        throw Error(ErrorKind::Unsupported, "--fill network cannot be done: " + lack +
                                                "; take patch, diffusion, stretch or none");
    return {.inpainter = nullptr,
            .names = {},
            .note = lack + ", so hidden parts are filled by --fill patch"};
}

EstimatedDepth estimate_depth(const Photo& photo, const CommonOptions& options) {
    const std::string& name = options.depth_network;
    const FoundNetworks found = find_networks_in(options.models, false);
    const FoundNetwork* network =
        name.empty() ? found.find(NetworkTask::Depth) : found.find(NetworkTask::Depth, name);
    const std::string place =
        found.folder.empty() ? " is here" : " in '" + found.folder.string() + "'";
    if (!network)
        throw Error(ErrorKind::Unsupported, name.empty()
                                                ? "no network that tells depth" + place
                                                : "no depth network called '" + name + "'" + place);
    if (is_card_alone(network->folder))
        throw Error(ErrorKind::Unsupported,
                    "'" + (network->folder / "model.onnx").string() +
                        "' is missing; 'unflat models' tells where to get it");
    try {
        return {.depth = run_depth_network(network->folder, photo), .network = network->card->name};
    } catch (const Error& error) {
        throw Error(ErrorKind::Unsupported, error.what());
    }
}

}  // namespace unflat::program
