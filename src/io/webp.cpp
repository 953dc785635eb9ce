// SPDX-License-Identifier: MIT
#include "io/picture.h"

#include <memory>

#include <webp/decode.h>
#include <webp/demux.h>

namespace unflat {

namespace {

std::vector<std::byte> find_chunk(const WebPDemuxer* demuxer, const char* name) {
    WebPChunkIterator chunk{};
    if (!WebPDemuxGetChunk(demuxer, name, 1, &chunk))
        return {};
    const Bytes bytes = std::as_bytes(std::span(chunk.chunk.bytes, chunk.chunk.size));
    std::vector<std::byte> copy(bytes.begin(), bytes.end());
    WebPDemuxReleaseChunkIterator(&chunk);
    return copy;
}

void read_metadata(const std::uint8_t* data, std::size_t size, Picture& picture) {
    const WebPData file{.bytes = data, .size = size};
    const std::unique_ptr<WebPDemuxer, decltype(&WebPDemuxDelete)> demuxer(WebPDemux(&file),
                                                                           &WebPDemuxDelete);
    if (!demuxer)
        return;
    picture.profile = find_chunk(demuxer.get(), "ICCP");
    picture.exif = find_chunk(demuxer.get(), "EXIF");

    // Some programs keep the name that the block has in JPEG files
    constexpr std::string_view kPrefix("Exif\0\0", 6);
    const std::string_view text(reinterpret_cast<const char*>(picture.exif.data()),
                                picture.exif.size());
    if (text.starts_with(kPrefix))
        picture.exif.erase(picture.exif.begin(), picture.exif.begin() + kPrefix.size());
}

}  // namespace

Picture decode_webp(Bytes bytes, Extent extent) {
    const auto* data = reinterpret_cast<const std::uint8_t*>(bytes.data());
    WebPBitstreamFeatures features{};
    if (WebPGetFeatures(data, bytes.size(), &features) != VP8_STATUS_OK)
        throw Malformed("it is a WebP file that is cut off or damaged");
    if (features.has_animation)
        throw Malformed("it is an animated WebP file");
    check_size(features.width, features.height);

    Picture picture{.format = "WebP"};
    picture.size = {features.width, features.height};
    picture.channel_count = features.has_alpha ? 4 : 3;
    picture.bit_depth = 8;
    picture.has_alpha = features.has_alpha != 0;
    read_metadata(data, bytes.size(), picture);
    if (extent == Extent::Header)
        return picture;

    picture.samples.create(picture.size, picture.has_alpha ? CV_8UC4 : CV_8UC3);
    const auto decode = picture.has_alpha ? &WebPDecodeRGBAInto : &WebPDecodeRGBInto;
    const std::size_t byte_count =
        picture.samples.step[0] * static_cast<std::size_t>(picture.size.height);
    if (!decode(data, bytes.size(), picture.samples.data, byte_count,
                static_cast<int>(picture.samples.step[0])))
        throw Malformed("it is a WebP file that is cut off or damaged");
    return picture;
}

}  // namespace unflat
