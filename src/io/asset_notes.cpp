// SPDX-License-Identifier: MIT
#include "io/mesh_files.h"

#include <algorithm>

namespace unflat {

namespace {

nlohmann::json triple(const cv::Vec3f& p) {
    return {p[0], p[1], p[2]};
}

}  // namespace

nlohmann::json describe_asset(const Asset& asset, const AssetNotes& notes) {
    const Camera& camera = asset.mesh.camera;
    // The frame of files: what was least on an axis that is turned round is most
    const cv::Vec3f a = file_from_photo(asset.safe_range.min);
    const cv::Vec3f b = file_from_photo(asset.safe_range.max);
    cv::Vec3f low, high;
    for (int k = 0; k < 3; ++k) {
        low[k] = std::min(a[k], b[k]);
        high[k] = std::max(a[k], b[k]);
    }
    nlohmann::json options = nlohmann::json::object();
    for (const auto& [name, value] : notes.options)
        options[name] = value;
    return {{"version", notes.version},
            {"title", notes.title},
            {"photo", {camera.size.width, camera.size.height}},
            {"focal_px", camera.focal},
            {"principal_point", {camera.cx, camera.cy}},
            {"safe_range", {{"min", triple(low)}, {"max", triple(high)}}},
            {"true_scale", notes.true_scale},
            {"focus_depth", notes.focus_depth},
            {"made", {{"fill", notes.fill}, {"networks", notes.networks}, {"options", options}}}};
}

}  // namespace unflat
