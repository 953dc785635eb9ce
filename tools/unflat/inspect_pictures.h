// SPDX-License-Identifier: MIT
#pragma once

#include "unflat/camera.h"
#include "unflat/depth.h"
#include "unflat/inpaint.h"
#include "unflat/ldi.h"
#include "unflat/mesh.h"

#include <span>
#include <string>
#include <vector>

#include <opencv2/core.hpp>

namespace unflat::program {

/// An RGB picture for a person to look at.
using Picture = cv::Mat_<cv::Vec3b>;

struct NamedPicture {
    std::string name;  ///< of its file, without ending
    Picture rgb;
};

/// Disparity as colours (blue is far, red is near) or as grey (white is near), spread over
/// [least, most]. NaN is black.
Picture draw_in_colors(const cv::Mat_<float>& disparity, double least, double most);
Picture draw_in_grey(const cv::Mat_<float>& disparity, double least, double most);

/// The part of a map where most depth edges are, of a quarter of its side and enlarged four
/// times: `before` on the left, `after` on the right.
Picture draw_sharpening(const cv::Mat_<float>& before, const cv::Mat_<float>& after,
                        const DepthEdges& edges);

/// The photo in grey, each depth edge in a colour of its own, the near side of a crack bright and
/// the far side dark.
Picture draw_edges(const Picture& photo, const DepthEdges& edges);

/// The photo in grey, contexts blue, synthesis regions red; enlarged by what lies outside of it.
Picture draw_regions(const Picture& photo, std::span<const InpaintPatch> patches);

/// Layer `depth` (0 = nearest) of a layered depth image: colour, or disparity as colours; a
/// checkerboard where the layer has no pixel.
Picture draw_layer(const Ldi& ldi, int depth);
Picture draw_layer_disparity(const Ldi& ldi, int depth);
/// Pixels in the deepest column.
int layer_count(const Ldi& ldi);

/// Edges of the mesh's triangles over the photo: those of the photo's own layer green, those of
/// what was synthesised red.
Picture draw_wireframe(const Picture& photo, const Mesh& mesh);

/// A view with its empty pixels magenta, made thick enough to be seen.
Picture draw_holes(const Mesh& mesh, const View& view);

/// The views of a path that lie farthest out in x, y and z.
std::vector<View> extreme_views(const CameraPath& path);

/// All pictures in small, with their names.
Picture draw_contact_sheet(const std::vector<NamedPicture>& pictures);

}  // namespace unflat::program
