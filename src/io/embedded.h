// SPDX-License-Identifier: MIT
#pragma once

#include "unflat/io.h"

#include "io/depth_code.h"
#include "io/jpeg_layout.h"
#include "io/picture.h"
#include "io/xmp.h"

#include <optional>
#include <string>
#include <vector>

namespace unflat {

/// A camera model that stands in a file, for the picture as stored.
struct StoredLens {
    double focal = 0;       ///< [pixels of a picture of this size]
    cv::Point2d principal;  ///< [pixels of a picture of this size]
    cv::Size2d size;        ///< [pixels]
};

/// Depth found inside a photo's file, as stored: not yet turned upright.
struct StoredDepth {
    EmbeddedDepthInfo info;
    Picture picture;                     ///< its samples are the numbers stored
    std::optional<DepthCode> code = {};  ///< where the numbers span a range
    DepthFormula formula = DepthFormula::linear(DepthKind::Disparity);
    double unit = 1;                      ///< metres in the unit of what the formula gives
    cv::Mat confidence;                   ///< 8 or 16 bit, 0 is not at all; or empty
    std::optional<int> orientation = {};  ///< of its own, 1..8; nothing: the photo's
    bool is_upright = false;              ///< the decoder has turned it already
    bool is_along_ray = false;            ///< distances are lengths of rays, not z
};

/// What a photo's file holds beside the picture.
struct Embedded {
    std::optional<StoredDepth> depth;
    std::optional<StoredLens> lens;
    std::optional<Picture> original;  ///< the sharp original of a blurred portrait
    int orientation = 1;              ///< turns what is stored upright where EXIF does not say it
    bool is_stereo_left = false;
    std::vector<std::string> warnings;  ///< one sentence each, without the file's name
};

/// Looks for what a JPEG, HEIC or AVIF file carries. Never fails for what stands in it: what
/// cannot be used is a warning. `extent`: with only headers, depth has no samples.
Embedded read_embedded(Bytes bytes, Extent extent);

// One per format, each in a file of its own. All throw Malformed for depth that is there but
// cannot be used, and return nothing where there is none.
std::optional<StoredDepth> read_gdepth(const Xmp& xmp, Extent extent);
std::optional<StoredDepth> read_dynamic_depth(const Xmp& xmp, Bytes behind_primary, Extent extent);
std::optional<StoredLens> read_imaging_model(const Xmp& xmp);
/// Apple's JPEG. `lens`: the camera, which stands beside the depth.
std::optional<StoredDepth> read_apple_jpeg(Bytes bytes, const JpegLayout& layout, Extent extent,
                                           std::optional<StoredLens>& lens);
Embedded read_embedded_heif(Bytes bytes, Extent extent);

/// The sharp original of a blurred portrait (GImage), if there is one. @throws Malformed
std::optional<Picture> read_gimage(const Xmp& xmp, Extent extent);

// ---- Shared by them

/// What GDepth and Dynamic Depth say of a depth map in the same words; `prefix` is "GDepth:" or
/// "DepthMap:", `place` a property that stands beside them.
StoredDepth read_range_depth(const Xmp& xmp, const Xmp::Property& place, const std::string& prefix);

/// Gives the depth its samples from the bytes of a JPEG or PNG. @throws Malformed
void decode_samples(StoredDepth& depth, Bytes bytes, Extent extent);

/// How sure the depth is, from the bytes of a JPEG or PNG; what cannot be used is left out.
void decode_confidence(StoredDepth& depth, Bytes bytes, Extent extent);

/// Apple's description of an auxiliary picture: what its numbers mean, and the camera.
/// Returns nothing if it describes no depth (but a gain map or a matte).
std::optional<StoredDepth> read_apple_depth(const Xmp& xmp, double full_scale);
std::optional<StoredLens> read_apple_lens(const Xmp& xmp);

/// Depth as the photo needs it: converted as declared or as `options` say, upright, in metres where
/// the file's unit is known. `camera` is the upright photo's, `orientation` what turns the photo.
/// @throws Malformed
EmbeddedDepth convert_embedded(const StoredDepth& depth, const ReadDepthOptions& options,
                               int orientation, const Camera& camera,
                               std::vector<std::string>& warnings);

/// The camera of the upright photo by a lens that its file states; nothing if no lens is like it or
/// it is of a picture of another shape.
std::optional<Camera> camera_of(const StoredLens& lens, int orientation, cv::Size upright);

/// A number as people write it: 0.5, 12.25, 8.54447.
std::string in_digits(double number);

}  // namespace unflat
