// SPDX-License-Identifier: MIT
#include "unflat/io.h"

#include "console.h"
#include "inputs.h"
#include "options.h"
#include "output.h"
#include "report.h"

#include <memory>
#include <utility>

namespace unflat::program {

namespace {

struct DepthOptions {
    std::filesystem::path photo;
    std::filesystem::path file;
    std::string as = "disparity";
    bool sharpened = false;
    CommonOptions common;
};

int write(const DepthOptions& options, Console& console, Report& report) {
    check_ending(options.file, {".pfm", ".npy", ".exr", ".png"});
    const Inputs inputs = read_inputs(options.photo, options.common, 0, console);
    prepare_file(options.file);

    DisparityMap disparity;
    name_files(inputs, [&] {
        const StageTimer timer(console, "depth");
        disparity =
            prepare_depth(inputs.photo, inputs.depth, {.sharpen = options.sharpened}, &console);
    });
    const StageTimer timer(console, "write");
    const cv::Mat_<float> values =
        options.as == "depth" ? cv::Mat_<float>(1 / disparity.values) : disparity.values;
    write_depth(values, options.file);
    report.files.push_back(options.file);
    report.counts.pixels = static_cast<std::int64_t>(values.total());
    return 0;
}

}  // namespace

void add_depth(CLI::App& app, Invocation& invocation) {
    const auto options = std::make_shared<DepthOptions>();
    CLI::App* command =
        app.add_subcommand("depth", "Write the disparity that the other commands would use");
    command->add_option("PHOTO", options->photo, "Photo")->required()->type_name("");
    command->add_option("-o", options->file, "What to write: .pfm, .npy, .exr or .png (16 bit)")
        ->required()
        ->type_name("FILE");
    command->add_option("--as", options->as, "Larger is nearer, or z (not as .png)")
        ->check(CLI::IsMember({"disparity", "depth"}))
        ->type_name("disparity|depth");
    command->add_flag("--sharpened", options->sharpened,
                      "After steps were sharpened and laid on the photo's edges");
    add_common_options(*command, options->common);
    command->callback([options, &invocation] {
        if (options->as == "depth" && options->file.extension() == ".png")
            throw CLI::ValidationError("--as",
                                       "depth cannot be written as .png, only as .pfm, "
                                       ".npy or .exr");
        options->common.models = invocation.models;
        options->common.output = options->file;
        invocation.run = [options](Console& console, Report& report) {
            return write(*options, console, report);
        };
    });
}

}  // namespace unflat::program
