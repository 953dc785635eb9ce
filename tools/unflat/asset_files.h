// SPDX-License-Identifier: MIT
#pragma once

#include "unflat/asset.h"
#include "unflat/io.h"
#include "unflat/scene.h"

#include <filesystem>
#include <optional>
#include <string>

namespace unflat::program {

class Console;
struct ChosenNetworks;
struct CommonOptions;
struct Report;

/// Makes the asset of a scene and writes it in the formats that are asked for, a page among them.
/// @param focus as given to the scene [pixels of its photo]
void write_assets(const Scene& scene, const std::filesystem::path& base,
                  const std::optional<cv::Point2f>& focus, const CommonOptions& options,
                  const ChosenNetworks& networks, Console& console, Report& report);

/// The page that shows the asset of a scene.
std::string encode_page(const Scene& scene, const std::string& title,
                        const std::optional<cv::Point2f>& focus, const CommonOptions& options,
                        const ChosenNetworks& networks, Console& console, Report& report);

}  // namespace unflat::program
