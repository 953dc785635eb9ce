// SPDX-License-Identifier: MIT
#include "output.h"

#include "unflat/error.h"
#include "unflat/io.h"

#include "console.h"
#include "interrupt.h"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <new>
#include <system_error>

#include <opencv2/core.hpp>
#include <unistd.h>

namespace unflat::program {

namespace {

namespace fs = std::filesystem;

int exit_status(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::InvalidInput:
        case ErrorKind::Unreadable:
            return 2;
        case ErrorKind::Unwritable:
            return 3;
        case ErrorKind::Unsupported:
            return 4;
        case ErrorKind::Cancelled:
            return 5;
    }
    return 70;
}

constexpr int kBugStatus = 70;

int report_lack_of_memory(Console& console) {
    console.error("there is not enough memory for a photo of this size; reduce it by --long-side");
    return exit_status(ErrorKind::Unsupported);
}

int report_bug(Console& console, const std::string& what) {
    console.error("this is a fault of unflat itself: " + what);
    return kBugStatus;
}

// Prepares a folder; `what` names in an error what was to be written
void prepare(const fs::path& folder, const std::string& what) {
    const auto fail = [&](const std::string& reason) {
        throw Error(ErrorKind::Unwritable, "cannot write " + what + ": " + reason);
    };
    std::vector<fs::path> missing;
    std::error_code error;
    for (fs::path path = folder; !path.empty() && !fs::exists(path, error) && !error;
         path = path.parent_path())
        missing.push_back(path);
    for (auto path = missing.rbegin(); path != missing.rend(); ++path) {
        // A name that ends in a slash is made together with the one before it
        if (!fs::create_directory(*path, error) && error)
            fail(error.message());
        watch_folder(*path, true);
    }

    const fs::path real = folder.empty() ? fs::path(".") : folder;
    if (!fs::is_directory(real, error))
        fail(error ? error.message() : "'" + real.string() + "' is not a folder");
    if (::access(real.c_str(), W_OK | X_OK) != 0)
        fail(std::strerror(errno));
    watch_folder(real, false);
}

}  // namespace

void prepare_folder(const fs::path& folder) {
    prepare(folder, "into '" + folder.string() + "'");
}

void prepare_file(const fs::path& file) {
    std::error_code error;
    if (fs::is_directory(file, error))
        throw Error(ErrorKind::Unwritable,
                    "cannot write '" + file.string() + "': a folder has this name");
    prepare(file.parent_path(), "'" + file.string() + "'");
}

void check_ending(const fs::path& file, const std::vector<std::string>& endings) {
    std::string ending = file.extension().string();
    std::transform(ending.begin(), ending.end(), ending.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (std::find(endings.begin(), endings.end(), ending) != endings.end())
        return;
    std::string list;
    for (const std::string& known : endings)
        list += (list.empty() ? "" : ", ") + known;
    throw Error(ErrorKind::Unsupported,
                "cannot write '" + file.string() + "': its name must end in " + list);
}

HtmlOptions page_options(const Scene& scene, const std::string& title) {
    return {.title = title, .poster = scene.mesh.atlas(scene.mesh.photo_in_atlas)};
}

std::int64_t write_video(const Mesh& mesh, const CameraPath& path, const fs::path& file, int crf,
                         Console& console) {
    const StageTimer timer(console, "video");
    VideoWriter writer(file, mesh.camera.size, path.fps, {.crf = crf});
    const std::int64_t empty = render_path(
        mesh, path, [&](const Frame& frame) { writer.add(frame.rgb); }, {}, &console);
    writer.finish();
    return empty;
}

int report_failure(Console& console) {
    console.end_stages();
    try {
        throw;
    } catch (const Error& error) {
        console.error(error.what());
        return exit_status(error.kind());
    } catch (const std::bad_alloc&) {
        return report_lack_of_memory(console);
    } catch (const cv::Exception& error) {
        return error.code == cv::Error::StsNoMem ? report_lack_of_memory(console)
                                                 : report_bug(console, error.what());
    } catch (const std::exception& error) {
        return report_bug(console, error.what());
    } catch (...) {
        return report_bug(console, "an unknown exception");
    }
}

}  // namespace unflat::program
