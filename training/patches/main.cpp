// SPDX-License-Identifier: MIT
// unflat_patches dump LIST OUT: runs the pipeline on photos with depth and writes every problem of
//   the first round of inpainting, after the prepared photo itself. A line of LIST:
//   PHOTO DEPTH disparity|depth|inverse-depth LONG_SIDE MOTION [TX TY TZ]
// unflat_patches fill IN OUT: fills patches as the program does and writes, per patch, colours by
//   diffusion (3 x u8), by exemplars (3 x u8) and disparity by diffusion (f32).
// unflat_patches ldi LIST FOLDER diffusion|patch|MODELS: writes FOLDER/<line>.ldi, the layers of
// each
//   photo with its hidden parts filled, by the networks in MODELS where that is a folder of some.
#include "stream.h"

#include <algorithm>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <unflat/neural.h>
#include <unflat/unflat.h>

namespace unflat::training {

namespace {

struct Job {
    std::string photo, depth;
    DepthKind kind = DepthKind::Disparity;
    int long_side = 0;
    MotionOptions motion;
};

DepthKind kind_of(const std::string& name) {
    if (name == "depth")
        return DepthKind::Depth;
    if (name == "inverse-depth")
        return DepthKind::InverseDepth;
    if (name == "disparity")
        return DepthKind::Disparity;
    throw std::runtime_error("patches: unknown kind of depth '" + name + "'");
}

Job parse(const std::string& line) {
    std::istringstream words(line);
    Job job;
    std::string kind;
    if (!(words >> job.photo >> job.depth >> kind >> job.long_side >> job.motion.motion))
        throw std::runtime_error("patches: cannot read '" + line + "'");
    job.kind = kind_of(kind);
    if (Pose pose; words >> pose.position[0] >> pose.position[1] >> pose.position[2]) {
        job.motion.paths.clear();
        job.motion.poses.push_back(pose);
    }
    return job;
}

// A prepared photo as one patch that is all context, cut along its depth edges
InpaintPatch content_of(const Photo& photo, const DisparityMap& disparity,
                        const DepthEdges& edges) {
    InpaintPatch content;
    const cv::Size size = photo.rgb.size();
    content.role = cv::Mat_<std::uint8_t>(size, static_cast<std::uint8_t>(Role::Context));
    content.rgb = photo.rgb;
    content.disparity = disparity.values;
    content.max_disparity = cv::Mat_<float>(size, 0.0F);
    content.cuts = cv::Mat_<std::uint8_t>(size, std::uint8_t{0});
    content.threshold = edges.threshold;
    content.range = disparity.range;
    for (const DepthEdge& edge : edges.edges)
        for (const Crack& crack : edge.cracks) {
            const int low = std::min(crack.near_pixel, crack.far_pixel);
            const bool across =
                crack.far_from_near == Direction::Right || crack.far_from_near == Direction::Left;
            content.cuts(low / size.width, low % size.width) |= across ? 1 : 2;
        }
    return content;
}

// Writes the problems of the first round
class Dump final : public InpaintObserver {
public:
    Dump(std::ostream& stream, int photo, cv::Size size)
        : stream_(stream), photo_(photo), inside_({}, size) {}

    void on_round(int, std::span<const InpaintPatch> patches, std::span<const Synthesis>) override {
        for (const InpaintPatch& patch : patches)
            write_record(stream_, reaches_beyond(patch) ? RecordKind::Border : RecordKind::Patch,
                         photo_, patch);
    }

private:
    bool reaches_beyond(const InpaintPatch& patch) const {
        for (int y = 0; y < patch.role.rows; ++y)
            for (int x = 0; x < patch.role.cols; ++x)
                if (patch.role_at(x, y) == Role::Synthesis &&
                    !inside_.contains(patch.origin + cv::Point(x, y)))
                    return true;
        return false;
    }

    std::ostream& stream_;
    int photo_;
    cv::Rect inside_;
};

// A photo up to where hidden parts are to be filled
struct Prepared {
    Photo photo;
    DisparityMap disparity;
    DepthEdges edges;
    std::vector<View> views;
};

Prepared prepare(const Job& job) {
    Prepared result{.photo = reduce_photo(read_photo(job.photo), job.long_side)};
    const DepthMap depth = read_depth(job.depth, {.kind = job.kind});
    const DisparityMap sharp = prepare_depth(result.photo, depth);
    result.disparity = move_tinted_rims(result.photo, sharp, find_depth_edges(sharp));
    result.edges = find_depth_edges(result.disparity);
    result.views = plan_motion(result.photo.camera, result.disparity, job.motion).views();
    return result;
}

void dump(const Job& job, int number, std::ostream& stream) {
    const Prepared scene = prepare(job);
    write_record(stream, RecordKind::Content, number,
                 content_of(scene.photo, scene.disparity, scene.edges));
    Dump observer(stream, number, scene.photo.rgb.size());
    InpaintOptions options;
    options.views = scene.views;
    options.max_rounds = 1;  // later rounds see what was invented, not what is true
    options.observer = &observer;
    inpaint(lift(scene.photo, scene.disparity, scene.edges), scene.edges,
            *make_diffusion_inpainter(), options);
}

std::unique_ptr<Inpainter> inpainter_of(const std::string& fill) {
    if (fill == "diffusion")
        return make_diffusion_inpainter();
    if (fill == "patch")
        return make_exemplar_inpainter();
    std::vector<Network> networks;
    for (const std::filesystem::path& folder : find_networks(fill))
        networks.push_back(read_network(folder));
    return make_network_inpainter(networks);
}

void write_layers(const std::string& list, const std::string& folder, const std::string& fill) {
    const std::unique_ptr<Inpainter> inpainter = inpainter_of(fill);
    std::ifstream lines(list);
    if (!lines)
        throw std::runtime_error("patches: cannot open '" + list + "'");
    std::string line;
    for (int number = 0; std::getline(lines, line); ++number) {
        const Prepared scene = prepare(parse(line));
        const Ldi ldi = inpaint(lift(scene.photo, scene.disparity, scene.edges), scene.edges,
                                *inpainter, {.views = scene.views});
        write_ldi(ldi, std::filesystem::path(folder) / (std::to_string(number) + ".ldi"));
    }
}

void dump_list(const std::string& list, const std::string& out) {
    std::ifstream lines(list);
    std::ofstream stream(out, std::ios::binary);
    if (!lines || !stream)
        throw std::runtime_error("patches: cannot open '" + list + "' or '" + out + "'");
    std::string line;
    for (int number = 0; std::getline(lines, line); ++number)
        try {
            dump(parse(line), number, stream);
        } catch (const Error& error) {  // one bad photo among hundreds is left out
            std::cerr << line << ": " << error.what() << '\n';
        }
}

void fill_stream(const std::string& in, const std::string& out) {
    std::ifstream patches(in, std::ios::binary);
    std::ofstream stream(out, std::ios::binary);
    if (!patches || !stream)
        throw std::runtime_error("patches: cannot open '" + in + "' or '" + out + "'");
    const auto exemplars = make_exemplar_inpainter();
    Header header;
    InpaintPatch patch;
    while (read_record(patches, header, patch)) {
        cv::Mat_<cv::Vec3b> smooth;
        diffuse_color(patch).convertTo(smooth, CV_8U);
        const Synthesis synthesis = exemplars->inpaint(patch);
        write_map(stream, smooth);
        write_map(stream, synthesis.rgb);
        write_map(stream, synthesis.disparity);
    }
}

int run(int count, char** arguments) {
    const std::string command = count > 1 ? arguments[1] : "";
    if (command == "dump" && count == 4)
        dump_list(arguments[2], arguments[3]);
    else if (command == "fill" && count == 4)
        fill_stream(arguments[2], arguments[3]);
    else if (command == "ldi" && count == 5)
        write_layers(arguments[2], arguments[3], arguments[4]);
    else {
        std::cerr << "usage: unflat_patches dump LIST OUT | fill IN OUT | ldi LIST FOLDER FILL\n";
        return 1;
    }
    return 0;
}

}  // namespace

}  // namespace unflat::training

int main(int count, char** arguments) {
    try {
        return unflat::training::run(count, arguments);
    } catch (const std::exception& error) {
        std::cerr << error.what() << '\n';
        return 2;
    }
}
