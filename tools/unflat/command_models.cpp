// SPDX-License-Identifier: MIT
#include "console.h"
#include "options.h"
#include "report.h"

namespace unflat::program {

void add_models(CLI::App& app, Invocation& invocation) {
    CLI::App* command = app.add_subcommand("models", "List the networks that are available");
    command->callback([&invocation] {
        invocation.run = [&invocation](Console&, Report& report) {
            report.answer["models"] = nlohmann::ordered_json::array();
            if (!invocation.json)
                print_line(
                    "There are no networks in this version: depth is read from a file, and "
                    "hidden parts are filled by --fill patch, diffusion or stretch.");
            return 0;
        };
    });
}

}  // namespace unflat::program
