// SPDX-License-Identifier: MIT
// .ldi files; docs/ldi-format.md describes them byte for byte.
#include "unflat/ldi.h"

#include "unflat/error.h"
#include "unflat/io.h"

#include "io/file.h"
#include "io/reading.h"

#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <span>

namespace unflat {

namespace {

constexpr const char* kAccepted = "accepted are .ldi files of version 1 (docs/ldi-format.md)";
constexpr std::array<std::uint8_t, 8> kMagic = {0x89, 'L', 'D', 'I', '\r', '\n', 0x1A, '\n'};
constexpr std::uint32_t kVersion = 1;
constexpr std::uint32_t kTrueScale = 1;
constexpr std::size_t kHeaderBytes = 64;
constexpr std::size_t kPixelBytes = 36;
constexpr std::uintmax_t kMaxLdiBytes = std::uintmax_t{16} << 30;

// Bounds what a small file can make a reader allocate: 1 GiB of columns
constexpr std::int64_t kMaxPositions = std::int64_t{1} << 28;

// Files are little-endian
static_assert(std::endian::native == std::endian::little);

// Puts numbers one after another
class Packer {
public:
    explicit Packer(std::span<std::byte> target) : target_(target) {}

    template <typename... Number>
    void put(const Number&... numbers) {
        (put_one(numbers), ...);
    }

private:
    template <typename Number>
    void put_one(const Number& number) {
        std::memcpy(target_.data(), &number, sizeof(Number));
        target_ = target_.subspan(sizeof(Number));
    }
    std::span<std::byte> target_;
};

// Takes numbers one after another; whoever makes it has checked that they are there
class Unpacker {
public:
    explicit Unpacker(Bytes source) : source_(source) {}

    template <typename... Number>
    void get(Number&... numbers) {
        (get_one(numbers), ...);
    }

private:
    template <typename Number>
    void get_one(Number& number) {
        std::memcpy(static_cast<void*>(&number), source_.data(), sizeof(Number));
        source_ = source_.subspan(sizeof(Number));
    }
    Bytes source_;
};

std::array<std::byte, kHeaderBytes> pack_header(const Ldi& ldi) {
    std::array<std::byte, kHeaderBytes> bytes{};
    Packer(bytes).put(kMagic, kVersion, ldi.true_scale ? kTrueScale : std::uint32_t{0},
                      ldi.camera.size.width, ldi.camera.size.height, ldi.camera.focal,
                      ldi.camera.cx, ldi.camera.cy, ldi.canvas.x, ldi.canvas.y, ldi.canvas.width,
                      ldi.canvas.height, ldi.range, ldi.threshold,
                      static_cast<std::uint32_t>(ldi.pixels.size()));
    return bytes;
}

std::uint32_t unpack_header(Bytes bytes, Ldi& ldi) {
    if (bytes.empty())
        throw Malformed("it is empty");
    if (bytes.size() < kHeaderBytes || std::memcmp(bytes.data(), kMagic.data(), kMagic.size()) != 0)
        throw Malformed("it is not a layered depth image, or cut off in its header");
    std::uint32_t version = 0, flags = 0, pixel_count = 0;
    Unpacker unpacker(bytes.subspan(kMagic.size()));
    unpacker.get(version, flags);
    if (version != kVersion)
        throw Malformed("its version is " + std::to_string(version));
    if ((flags & ~kTrueScale) != 0)
        throw Malformed("it has flags that version 1 does not know");
    ldi.true_scale = (flags & kTrueScale) != 0;
    unpacker.get(ldi.camera.size.width, ldi.camera.size.height, ldi.camera.focal, ldi.camera.cx,
                 ldi.camera.cy, ldi.canvas.x, ldi.canvas.y, ldi.canvas.width, ldi.canvas.height,
                 ldi.range, ldi.threshold, pixel_count);
    return pixel_count;
}

void check_header(const Ldi& ldi) {
    const Camera& camera = ldi.camera;
    check_size(camera.size.width, camera.size.height);
    const auto is_finite = [](auto... numbers) { return (std::isfinite(numbers) && ...); };
    if (!is_finite(camera.focal, camera.cx, camera.cy, ldi.range, ldi.threshold) ||
        camera.focal <= 0 || ldi.range < 0 || ldi.threshold < 0)
        throw Malformed("its camera, range or threshold is not finite and > 0");

    // The border around the photo is never wider than the photo
    const std::int64_t border = std::max(camera.size.width, camera.size.height);
    const cv::Rect& canvas = ldi.canvas;
    const std::int64_t right = std::int64_t{canvas.x} + canvas.width;
    const std::int64_t bottom = std::int64_t{canvas.y} + canvas.height;
    if (canvas.x > 0 || canvas.y > 0 || canvas.x < -border || canvas.y < -border ||
        right < camera.size.width || right > camera.size.width + border ||
        bottom < camera.size.height || bottom > camera.size.height + border ||
        std::int64_t{canvas.width} * canvas.height > kMaxPositions)
        throw Malformed("its canvas does not fit its photo");
}

void unpack_pixels(Bytes bytes, std::uint32_t count, Ldi& ldi) {
    if (bytes.size() / kPixelBytes != count || bytes.size() % kPixelBytes != 0)
        throw Malformed("it should hold " + std::to_string(count) + " pixels, but has " +
                        std::to_string(bytes.size()) + " bytes for them; it is cut off or damaged");
    if (count < ldi.photo_pixel_count() ||
        count > static_cast<std::uint32_t>(std::numeric_limits<std::int32_t>::max()))
        throw Malformed("it has " + std::to_string(count) +
                        " pixels, which does not fit its photo");
    ldi.pixels.resize(count);
    for (std::size_t i = 0; i < ldi.pixels.size(); ++i) {
        LdiPixel& pixel = ldi.pixels[i];
        Unpacker(bytes.subspan(i * kPixelBytes, kPixelBytes))
            .get(pixel.x, pixel.y, pixel.disparity, pixel.rgb, pixel.round, pixel.links,
                 pixel.behind);
    }
}

// The front pixel of a column is the one that is behind no other
void find_fronts(Ldi& ldi) {
    std::vector<std::uint8_t> is_behind(ldi.pixels.size(), 0);
    for (const LdiPixel& pixel : ldi.pixels) {
        if (pixel.behind == -1)
            continue;
        if (pixel.behind < 0 || static_cast<std::size_t>(pixel.behind) >= ldi.pixels.size())
            throw Malformed("a column holds a pixel that does not exist");
        is_behind[static_cast<std::size_t>(pixel.behind)] = 1;
    }
    ldi.fronts.assign(
        static_cast<std::size_t>(ldi.canvas.width) * static_cast<std::size_t>(ldi.canvas.height),
        -1);
    for (std::size_t i = 0; i < ldi.pixels.size(); ++i) {
        if (is_behind[i])
            continue;
        if (!ldi.contains(ldi.pixels[i].x, ldi.pixels[i].y))
            throw Malformed("a pixel lies outside the canvas");
        std::int32_t& front = ldi.fronts[ldi.position(ldi.pixels[i].x, ldi.pixels[i].y)];
        if (front != -1)
            throw Malformed("two pixels are the front ones of one position");
        front = static_cast<std::int32_t>(i);
    }
}

Ldi unpack(Bytes bytes) {
    Ldi ldi;
    const std::uint32_t pixel_count = unpack_header(bytes, ldi);
    check_header(ldi);
    unpack_pixels(bytes.subspan(kHeaderBytes), pixel_count, ldi);
    find_fronts(ldi);
    if (const std::string violation = find_violation(ldi); !violation.empty())
        throw Malformed(violation);
    return ldi;
}

}  // namespace

void write_ldi(const Ldi& ldi, const std::filesystem::path& file) {
    constexpr std::size_t kPixelsPerBlock = 1 << 14;
    OutputFile output(file);
    output.write(pack_header(ldi));
    std::vector<std::byte> block;
    for (std::size_t first = 0; first < ldi.pixels.size(); first += kPixelsPerBlock) {
        const auto pixels =
            std::span(ldi.pixels)
                .subspan(first, std::min(kPixelsPerBlock, ldi.pixels.size() - first));
        block.resize(pixels.size() * kPixelBytes);
        for (std::size_t i = 0; i < pixels.size(); ++i) {
            const LdiPixel& pixel = pixels[i];
            Packer(std::span(block).subspan(i * kPixelBytes, kPixelBytes))
                .put(pixel.x, pixel.y, pixel.disparity, pixel.rgb, pixel.round, pixel.links,
                     pixel.behind);
        }
        output.write(block);
    }
    output.commit();
}

Ldi decode_ldi(std::span<const std::byte> bytes, const std::string& name) {
    return read_as(name, kAccepted, [&] { return unpack(bytes); });
}

Ldi read_ldi(const std::filesystem::path& file) {
    return decode_ldi(read_bytes(file, kMaxLdiBytes), file.string());
}

}  // namespace unflat
