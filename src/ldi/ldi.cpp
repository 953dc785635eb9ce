// SPDX-License-Identifier: MIT
#include "unflat/ldi.h"

#include "unflat/error.h"

#include <cassert>
#include <cmath>

namespace unflat {

namespace {

std::size_t slot(Direction direction) {
    return static_cast<std::size_t>(direction);
}

LdiPixel& at(Ldi& ldi, std::int32_t index) {
    return ldi.pixels[static_cast<std::size_t>(index)];
}

std::string describe(const LdiPixel& pixel, const std::string& fault) {
    return "pixel at (" + std::to_string(pixel.x) + ", " + std::to_string(pixel.y) + ") " + fault;
}

// The first fault of one pixel's own values and links
std::string find_pixel_violation(const Ldi& ldi, std::int32_t index) {
    const LdiPixel& pixel = ldi.pixels[static_cast<std::size_t>(index)];
    if (!ldi.contains(pixel.x, pixel.y))
        return describe(pixel, "lies outside the canvas");
    if (!std::isfinite(pixel.disparity) || pixel.disparity <= 0)
        return describe(pixel, "has a disparity that is not finite and > 0");
    for (int d = 0; d < 4; ++d) {
        const Direction direction = static_cast<Direction>(d);
        const std::int32_t other = pixel.link(direction);
        if (other == -1)
            continue;
        if (other < 0 || static_cast<std::size_t>(other) >= ldi.pixels.size())
            return describe(pixel, "is linked to a pixel that does not exist");
        const LdiPixel& neighbour = ldi.pixels[static_cast<std::size_t>(other)];
        const cv::Point step = step_of(direction);
        if (neighbour.x != pixel.x + step.x || neighbour.y != pixel.y + step.y)
            return describe(pixel, "is linked to a pixel that is not its neighbour there");
        if (neighbour.link(opposite(direction)) != index)
            return describe(pixel, "has a link that is not mutual");
    }
    return {};
}

// The first fault in the column at a canvas position; counts the pixels it holds
std::string find_column_violation(const Ldi& ldi, int x, int y, std::size_t& pixel_count) {
    std::int32_t index = ldi.front(x, y);
    const LdiPixel* nearer = nullptr;
    while (index != -1) {
        if (index < 0 || static_cast<std::size_t>(index) >= ldi.pixels.size())
            return "a column holds a pixel that does not exist";
        const LdiPixel& pixel = ldi.pixels[static_cast<std::size_t>(index)];
        if (pixel.x != x || pixel.y != y)
            return describe(pixel, "stands in the column of another position");
        if (nearer && pixel.disparity > nearer->disparity)
            return describe(pixel, "is nearer than the one before it in its column");
        if (++pixel_count > ldi.pixels.size())
            return describe(pixel, "stands in a column that never ends");
        nearer = &pixel;
        index = pixel.behind;
    }
    return {};
}

}  // namespace

void enlarge_canvas(Ldi& ldi, const cv::Rect& canvas) {
    const cv::Rect enlarged = ldi.canvas | canvas;
    if (enlarged == ldi.canvas)
        return;
    std::vector<std::int32_t> fronts(
        static_cast<std::size_t>(enlarged.width) * static_cast<std::size_t>(enlarged.height), -1);
    for (int y = 0; y < ldi.canvas.height; ++y) {
        const std::size_t from = ldi.position(ldi.canvas.x, ldi.canvas.y + y);
        const std::size_t to = static_cast<std::size_t>(ldi.canvas.y + y - enlarged.y) *
                                   static_cast<std::size_t>(enlarged.width) +
                               static_cast<std::size_t>(ldi.canvas.x - enlarged.x);
        std::copy_n(ldi.fronts.begin() + static_cast<std::ptrdiff_t>(from), ldi.canvas.width,
                    fronts.begin() + static_cast<std::ptrdiff_t>(to));
    }
    ldi.canvas = enlarged;
    ldi.fronts = std::move(fronts);
}

std::int32_t add_pixel(Ldi& ldi, const LdiPixel& pixel) {
    assert(ldi.contains(pixel.x, pixel.y));
    const auto index = static_cast<std::int32_t>(ldi.pixels.size());
    std::int32_t* place = &ldi.fronts[ldi.position(pixel.x, pixel.y)];
    while (*place != -1 && at(ldi, *place).disparity >= pixel.disparity)
        place = &at(ldi, *place).behind;
    const std::int32_t behind = *place;
    *place = index;
    ldi.pixels.push_back(pixel);
    ldi.pixels.back().behind = behind;
    ldi.pixels.back().links = {-1, -1, -1, -1};
    return index;
}

void link(Ldi& ldi, std::int32_t a, Direction direction, std::int32_t b) {
    assert(at(ldi, a).link(direction) == -1 && at(ldi, b).link(opposite(direction)) == -1);
    at(ldi, a).links[slot(direction)] = b;
    at(ldi, b).links[slot(opposite(direction))] = a;
}

void cut(Ldi& ldi, std::int32_t pixel, Direction direction) {
    std::int32_t& forth = at(ldi, pixel).links[slot(direction)];
    if (forth == -1)
        return;
    at(ldi, forth).links[slot(opposite(direction))] = -1;
    forth = -1;
}

std::string find_violation(const Ldi& ldi) {
    const cv::Rect photo({}, ldi.camera.size);
    if ((ldi.canvas & photo) != photo)
        return "the canvas does not contain the photo";
    if (ldi.fronts.size() !=
        static_cast<std::size_t>(ldi.canvas.width) * static_cast<std::size_t>(ldi.canvas.height))
        return "the canvas and its columns differ in size";
    if (ldi.pixels.size() < ldi.photo_pixel_count())
        return "pixels of the photo are missing";

    for (std::size_t i = 0; i < ldi.pixels.size(); ++i)
        if (std::string fault = find_pixel_violation(ldi, static_cast<std::int32_t>(i));
            !fault.empty())
            return fault;
    std::size_t pixel_count = 0;
    for (int y = ldi.canvas.y; y < ldi.canvas.y + ldi.canvas.height; ++y)
        for (int x = ldi.canvas.x; x < ldi.canvas.x + ldi.canvas.width; ++x)
            if (std::string fault = find_column_violation(ldi, x, y, pixel_count); !fault.empty())
                return fault;
    if (pixel_count != ldi.pixels.size())
        return "some pixels stand in no column";

    for (int y = 0; y < photo.height; ++y)
        for (int x = 0; x < photo.width; ++x)
            if (ldi.front(x, y) != y * photo.width + x)
                return "a pixel of the photo is not in front at (" + std::to_string(x) + ", " +
                       std::to_string(y) + ")";
    return {};
}

}  // namespace unflat
