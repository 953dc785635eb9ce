// SPDX-License-Identifier: MIT
#pragma once

#include "unflat/io.h"
#include "unflat/render.h"
#include "unflat/scene.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace unflat::program {

class Console;

/// Makes a folder, and those above it, if it is not there; what was made goes again if it stays
/// empty.
/// @throws Error{Unwritable} if it cannot be made or written into.
void prepare_folder(const std::filesystem::path& folder);

/// Prepares the folder of a file that will be written.
void prepare_file(const std::filesystem::path& file);

/// @throws Error{Unsupported} unless the file's name has one of these endings (".png"). Asked
/// before the work, so that a mistake does not cost a minute.
void check_ending(const std::filesystem::path& file, const std::vector<std::string>& endings);

/// Of a page that shows a scene, with the photo as its poster.
HtmlOptions page_options(const Scene& scene, const std::string& title);

/// Renders and encodes a path.
/// @return empty pixels over all frames.
std::int64_t write_video(const Mesh& mesh, const CameraPath& path,
                         const std::filesystem::path& file, int crf, Console& console);

/// Says what the exception being handled means, on standard error.
/// @return the exit status. @pre called from a catch block.
int report_failure(Console& console);

}  // namespace unflat::program
