// SPDX-License-Identifier: MIT
#include "neural/model.h"

#include "unflat/error.h"

namespace unflat {

namespace {

// One line, and not all of what ONNX Runtime has to say
std::string first_line(const std::string& text) {
    constexpr std::size_t kLongest = 200;
    std::string line = text.substr(0, text.find('\n'));
    while (line.ends_with('.'))
        line.pop_back();
    return line.size() <= kLongest ? line : line.substr(0, kLongest) + "...";
}

Ort::SessionOptions options() {
    Ort::SessionOptions options;
    options.SetIntraOpNumThreads(1);
    options.SetInterOpNumThreads(1);
    options.SetExecutionMode(ORT_SEQUENTIAL);
    options.SetDeterministicCompute(true);
    options.SetGraphOptimizationLevel(ORT_ENABLE_ALL);
    options.DisableMemPattern();  // sizes differ from call to call
    options.SetLogSeverityLevel(ORT_LOGGING_LEVEL_FATAL);
    return options;
}

}  // namespace

void refuse_network(const std::string& name, const std::string& what) {
    throw Error(ErrorKind::Unreadable, "the network '" + name + "' cannot be used: " + what);
}

void refuse_network(const std::string& name, const Ort::Exception& error) {
    refuse_network(name, first_line(error.what()));
}

Ort::Session open_model(const Network& network) {
    const Ort::Env& env = runtime();
    try {
        return Ort::Session(env, network.model.data(), network.model.size(), options());
    } catch (const Ort::Exception& error) {
        refuse_network(network.card.name, error);
    }
}

}  // namespace unflat
