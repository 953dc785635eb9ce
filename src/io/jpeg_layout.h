// SPDX-License-Identifier: MIT
#pragma once

#include "io/picture.h"
#include "io/xmp.h"

#include <cstdint>
#include <string>
#include <vector>

namespace unflat {

/// A marker segment before a JPEG's first scan.
struct JpegSegment {
    std::uint8_t marker = 0;
    Bytes content;       ///< behind the length
    std::size_t at = 0;  ///< of the content in the file
};

/// Where the parts of the JPEG at the front of some bytes lie.
struct JpegLayout {
    std::vector<JpegSegment> segments;
    std::size_t end = 0;  ///< behind its end mark; the number of bytes if there is none
};

/// Walks segments and scans up to the end mark. An end mark inside of a segment (of a thumbnail, or
/// of any bytes that happen to look like one) does not end the picture.
JpegLayout find_layout(Bytes bytes);

/// The XMP of a JPEG, its extension included. What cannot be used is left out and told in
/// `warnings`.
Xmp read_xmp(const JpegLayout& layout, std::vector<std::string>& warnings);

}  // namespace unflat
