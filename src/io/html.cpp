// SPDX-License-Identifier: MIT
#include "unflat/error.h"
#include "unflat/io.h"

#include "io/file.h"
#include "io/jpeg.h"
#include "io/viewer_page.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>
#include <utility>

namespace unflat {

namespace {

// Shown for the moments until the scene is there, and by browsers that cannot show more
constexpr int kPosterSide = 640;  // [px]
constexpr int kPosterQuality = 80;

std::string base64(std::span<const std::byte> bytes) {
    constexpr std::string_view kDigits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
        std::uint32_t group = 0;  // three bytes are four digits
        for (std::size_t k = 0; k < 3; ++k)
            group = group << 8U | (k < count ? std::to_integer<std::uint32_t>(bytes[i + k]) : 0U);
        for (std::size_t k = 0; k < 4; ++k)
            text += k <= count ? kDigits[group >> (18U - 6U * k) & 63U] : '=';
    }
    return text;
}

// Text as HTML has it, also inside quotes; bytes that are no UTF-8 are the browser's to mark
std::string escape(std::string_view text) {
    std::string escaped;
    for (const char c : text) {
        switch (c) {
            case '&':
                escaped += "&amp;";
                break;
            case '<':
                escaped += "&lt;";
                break;
            case '>':
                escaped += "&gt;";
                break;
            case '"':
                escaped += "&quot;";
                break;
            default:
                escaped += c;
        }
    }
    return escaped;
}

using Entry = std::pair<std::string_view, std::string>;

// One pass, so that what is filled in is never taken for something to fill in
std::string fill_in(std::string_view page, std::span<const Entry> entries) {
    std::string filled;
    std::size_t size = page.size();
    for (const Entry& entry : entries)
        size += entry.second.size();
    filled.reserve(size);
    while (true) {
        const std::size_t mark = page.find("{{");
        filled += page.substr(0, mark);
        if (mark == std::string_view::npos)
            return filled;
        const std::string_view name = page.substr(mark + 2, page.find("}}", mark) - mark - 2);
        const auto entry = std::find_if(entries.begin(), entries.end(),
                                        [&](const Entry& e) { return e.first == name; });
        require(entry != entries.end(), "the viewer's page has a place of an unknown name");
        filled += entry->second;
        page.remove_prefix(mark + name.size() + 4);
    }
}

std::string poster_of(const cv::Mat_<cv::Vec3b>& rgb, const std::string& title) {
    if (rgb.empty())
        return "";
    const Photo photo{.rgb = rgb, .camera = default_camera(rgb.size())};
    const std::vector<std::byte> jpeg =
        encode_jpeg(reduce_photo(photo, kPosterSide).rgb, kPosterQuality);
    return "<img alt=\"" + title + "\" src=\"data:image/jpeg;base64," + base64(jpeg) + "\">";
}

bool is_glb(std::span<const std::byte> bytes) {
    constexpr std::string_view kMagic = "glTF";
    return bytes.size() > kMagic.size() &&
           std::memcmp(bytes.data(), kMagic.data(), kMagic.size()) == 0;
}

}  // namespace

bool has_viewer() {
    return !viewer_page().empty();
}

std::string encode_html(std::span<const std::byte> glb, const HtmlOptions& options) {
    if (!has_viewer())
        throw Error(ErrorKind::Unsupported, "this build has no viewer, so it cannot show a page");
    const std::string title = escape(options.title);
    const std::array<Entry, 3> entries{{
        {"title", title},
        {"poster", poster_of(options.poster, title)},
        {"scene", base64(glb)},
    }};
    return fill_in(viewer_page(), entries);
}

void write_html(std::span<const std::byte> glb, const std::filesystem::path& file,
                const HtmlOptions& options) {
    write_text(file, encode_html(glb, options));
}

std::optional<std::string> read_html(const std::filesystem::path& file) {
    const std::vector<std::byte> bytes = read_bytes(file);
    if (is_glb(bytes))
        return encode_html(bytes, {.title = file.stem().string(), .poster = {}});
    const std::string extension = lower_extension(file);
    if (extension != ".html" && extension != ".htm")
        return std::nullopt;
    return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

}  // namespace unflat
