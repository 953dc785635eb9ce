// SPDX-License-Identifier: MIT
// Patches as a stream of bytes that training/patch_stream.py reads and writes: per record a header,
// then maps of the patch's size, row-major, one after another, in this machine's byte order.
#pragma once

#include "unflat/inpaint.h"

#include <cstdint>
#include <istream>
#include <ostream>

namespace unflat::training {

/// What a record is.
enum class RecordKind : std::int32_t {
    Content = 0,  ///< a whole prepared photo: all of it context, with its depth edges
    Patch = 1,    ///< a problem of the pipeline
    Border = 2,   ///< the same; some of its synthesis region lies beyond the photo
};

struct Header {
    std::int32_t magic = 0x54415055;  ///< "UPAT"
    std::int32_t width = 0, height = 0;
    std::int32_t x = 0, y = 0;  ///< of the top-left pixel in the photo's raster
    std::int32_t photo = 0;     ///< number of the photo in the list
    std::int32_t kind = 0;      ///< RecordKind
    std::uint32_t seed = 0;
    float threshold = 0;
    float range = 0;
};
static_assert(sizeof(Header) == 40, "training/patch_stream.py knows this layout");

/// Maps: role u8, cuts u8, rgb 3 x u8, disparity f32, max_disparity f32.
void write_record(std::ostream& stream, RecordKind kind, int photo, const InpaintPatch& patch);

/// The next record; false at the end of the stream.
/// @throws std::runtime_error if it is broken.
bool read_record(std::istream& stream, Header& header, InpaintPatch& patch);

template <typename T>
void write_map(std::ostream& stream, const cv::Mat_<T>& map) {
    for (int y = 0; y < map.rows; ++y)
        stream.write(reinterpret_cast<const char*>(map[y]),
                     static_cast<std::streamsize>(sizeof(T)) * map.cols);
}

}  // namespace unflat::training
