// SPDX-License-Identifier: MIT
#include "unflat/render.h"

#include "unflat/error.h"

#include "core/checkpoint.h"
#include "core/parallel.h"
#include "render/screen.h"
#include "render/tile.h"

#include <cmath>
#include <future>
#include <mutex>
#include <numeric>
#include <utility>
#include <vector>

namespace unflat {

namespace {

/// Lends tile renderers to threads, so that their memory is used again.
class TileRendererPool {
public:
    std::unique_ptr<TileRenderer> take() {
        const std::lock_guard lock(mutex_);
        if (idle_.empty())
            return std::make_unique<TileRenderer>();
        std::unique_ptr<TileRenderer> renderer = std::move(idle_.back());
        idle_.pop_back();
        return renderer;
    }

    void give_back(std::unique_ptr<TileRenderer> renderer) {
        const std::lock_guard lock(mutex_);
        idle_.push_back(std::move(renderer));
    }

private:
    std::mutex mutex_;
    std::vector<std::unique_ptr<TileRenderer>> idle_;
};

void check_view(const View& view) {
    const cv::Size size = view.camera.size;
    require(size.width > 0 && size.height > 0, "render: the view has no pixels");
    require(size.width <= kMaxViewSide && size.height <= kMaxViewSide,
            "render: a side of the view is longer than 65536 pixels");
    require(view.camera.focal > 0 && std::isfinite(view.camera.focal),
            "render: the focal length of the view must be finite and > 0");
}

}  // namespace

struct Renderer::Impl {
    RenderMesh mesh;
    AtlasPyramid atlas;
    RenderOptions options;
    TileRendererPool tile_renderers;

    Impl(const Mesh& source, const RenderOptions& render_options)
        : mesh(prepare_mesh(source)),
          atlas(source.atlas, render_options.mip_maps),
          options(render_options) {}
};

Renderer::Renderer(const Mesh& mesh, const RenderOptions& options)
    : impl_(std::make_unique<Impl>(mesh, options)) {}

Renderer::~Renderer() = default;
Renderer::Renderer(Renderer&&) noexcept = default;
Renderer& Renderer::operator=(Renderer&&) noexcept = default;

Frame Renderer::render(const View& view) const {
    check_view(view);
    const ScreenMesh screen(impl_->mesh, view);
    Frame frame{.rgb = cv::Mat_<cv::Vec3b>(view.camera.size)};
    const int tile_count = screen.tile_columns() * screen.tile_rows();
    std::vector<std::int64_t> empty_pixels(static_cast<std::size_t>(tile_count), 0);
    const TileSource source{.screen = screen, .atlas = impl_->atlas, .options = impl_->options};
    const auto render_tiles = [&](int first, int last) {
        std::unique_ptr<TileRenderer> renderer = impl_->tile_renderers.take();
        for (int tile = first; tile < last; ++tile)
            empty_pixels[static_cast<std::size_t>(tile)] =
                renderer->render(source, tile, frame.rgb);
        impl_->tile_renderers.give_back(std::move(renderer));
    };
    parallel_ranges(tile_count, 1, render_tiles);
    frame.empty_pixels = std::accumulate(empty_pixels.begin(), empty_pixels.end(), std::int64_t{0});
    return frame;
}

std::int64_t render_path(const Mesh& mesh, const CameraPath& path,
                         const std::function<void(const Frame&)>& sink,
                         const RenderOptions& options, Progress* progress) {
    checkpoint(progress, "render", 0);
    const Renderer renderer(mesh, options);
    const auto render_later = [&](std::size_t i) {
        return std::async(std::launch::async,
                          [&renderer, &path, i] { return renderer.render(path.views[i]); });
    };

    // While the sink works on a frame, the next one is drawn
    std::int64_t empty_pixels = 0;
    std::future<Frame> next;
    if (!path.views.empty())
        next = render_later(0);
    for (std::size_t i = 0; i < path.views.size(); ++i) {
        const Frame frame = next.get();
        if (i + 1 < path.views.size())
            next = render_later(i + 1);
        empty_pixels += frame.empty_pixels;
        sink(frame);
        checkpoint(progress, "render",
                   static_cast<double>(i + 1) / static_cast<double>(path.views.size()));
    }
    if (path.views.empty())
        checkpoint(progress, "render", 1);
    return empty_pixels;
}

}  // namespace unflat
