// SPDX-License-Identifier: MIT
#pragma once

#include "unflat/camera.h"
#include "unflat/mesh.h"
#include "unflat/progress.h"

#include <cstdint>
#include <functional>
#include <memory>

#include <opencv2/core.hpp>

namespace unflat {

/// A rendered view.
struct Frame {
    cv::Mat_<cv::Vec3b> rgb;        ///< sRGB; black where nothing is
    std::int64_t empty_pixels = 0;  ///< pixels with a sub-sample that no triangle covers
};

struct RenderOptions {
    cv::Vec3b background{0, 0, 0};  ///< colour of what is empty
    bool mip_maps = true;           ///< smooth the texture where the view is reduced
};

/// Draws views of one mesh on the CPU: perspective-correct texture, z-buffer, anti-aliasing by
/// coverage (visibility at 8 sub-samples of a pixel; the texture is read once per pixel and
/// triangle, at the pixel's centre). What does not depend on the view is prepared once.
/// The same bytes for any number of threads.
class Renderer {
public:
    /// Keeps a reference to `mesh`, which must outlive the renderer.
    explicit Renderer(const Mesh& mesh, const RenderOptions& options = {});
    ~Renderer();
    Renderer(Renderer&&) noexcept;
    Renderer& operator=(Renderer&&) noexcept;

    /// One view, of the size of its camera.
    /// @throws Error{InvalidInput} if the view's size is empty or its focal length not > 0.
    /// Cost: about linear in pixels and triangles; two pictures of memory.
    Frame render(const View& view) const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// Renders a path frame by frame and hands each frame to `sink` in order; never holds more than a
/// few frames.
/// @return the sum of empty pixels over all frames.
/// @throws Error{Cancelled}, and whatever `sink` throws.
std::int64_t render_path(const Mesh& mesh, const CameraPath& path,
                         const std::function<void(const Frame&)>& sink,
                         const RenderOptions& options = {}, Progress* progress = nullptr);

}  // namespace unflat
