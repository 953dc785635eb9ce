// SPDX-License-Identifier: MIT
#pragma once

#include "io/picture.h"

namespace unflat {

/// Whether an encoded texture is a WebP; else it is a JPEG.
bool is_webp(Bytes texture);

/// Three colours of a JPEG or a WebP. @throws Malformed for anything else.
cv::Mat_<cv::Vec3b> decode_texture(Bytes bytes);

}  // namespace unflat
