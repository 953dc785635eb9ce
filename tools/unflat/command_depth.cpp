// SPDX-License-Identifier: MIT
#include "unflat/io.h"

#include "console.h"
#include "depth_sources.h"
#include "inputs.h"
#include "options.h"
#include "output.h"
#include "report.h"

#include <memory>
#include <system_error>
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

// By its name the file would be found beside the photo, where nobody says what its numbers mean
void warn_of_meaning(const DepthOptions& options, bool is_true, Console& console) {
    if (!is_true && options.as == "disparity")
        return;
    std::error_code error;
    if (std::filesystem::equivalent(file_beside(options.photo, {}), options.file, error))
        console.warn("'" + options.file.string() + "' will be taken for the depth of '" +
                     options.photo.string() +
                     "' where none is named, as relative disparity, which it is not: give it "
                     "another name, or say --depth-kind " +
                     (options.as == "depth" ? "depth" : "inverse-depth"));
}

int write(const DepthOptions& options, Console& console, Report& report) {
    check_ending(options.file, {".pfm", ".npy", ".exr", ".png"});
    const Inputs inputs = read_inputs(options.photo, options.common, 0, console);
    report.depth = inputs.depth_source;
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
    warn_of_meaning(options, disparity.true_scale, console);
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
