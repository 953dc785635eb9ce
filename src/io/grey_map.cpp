// SPDX-License-Identifier: MIT
// PFM and PGM: a header of a few words, then rows of numbers.
#include "io/picture.h"

#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <string_view>

#include <opencv2/core.hpp>

namespace unflat {

namespace {

bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f';
}

// Takes words off the front of a file
class Words {
public:
    Words(Bytes bytes, const char* format)
        : text_(reinterpret_cast<const char*>(bytes.data()), bytes.size()), format_(format) {}

    std::string_view next() {
        skip_space_and_comments();
        const std::size_t start = position_;
        while (position_ < text_.size() && !is_space(text_[position_]))
            ++position_;
        if (start == position_)
            fail("it ends early");
        return text_.substr(start, position_ - start);
    }

    template <typename Number>
    Number next_number() {
        const std::string_view word = next();
        Number number{};
        const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
        if (error != std::errc() || end != word.data() + word.size())
            fail("'" + std::string(word.substr(0, kLongestQuote)) +
                 "' stands where a number belongs");
        return number;
    }

    // One white-space character ends the header
    std::string_view data_after_header() {
        position_ = std::min(position_ + 1, text_.size());
        return text_.substr(position_);
    }

    [[noreturn]] void fail(const std::string& found) const {
        throw Malformed("it is a " + std::string(format_) + " file, but " + found);
    }

private:
    static constexpr std::size_t kLongestQuote = 32;

    void skip_space_and_comments() {
        while (position_ < text_.size() && (is_space(text_[position_]) || text_[position_] == '#'))
            position_ = text_[position_] == '#'
                            ? std::min(text_.find('\n', position_), text_.size())
                            : position_ + 1;
    }

    std::string_view text_;
    std::size_t position_ = 0;
    const char* format_;
};

cv::Size read_size(Words& words) {
    const auto width = words.next_number<int>();
    const auto height = words.next_number<int>();
    check_size(width, height);
    return {width, height};
}

template <typename Sample>
void swap_bytes(cv::Mat& samples) {
    for (int y = 0; y < samples.rows; ++y) {
        auto* bytes = samples.ptr<std::uint8_t>(y);
        const std::size_t count = samples.elemSize() * static_cast<std::size_t>(samples.cols);
        for (std::size_t i = 0; i < count; i += sizeof(Sample))
            std::reverse(bytes + i, bytes + i + sizeof(Sample));
    }
}

// Copies rows, top to bottom or the other way round
void copy_rows(std::string_view data, cv::Mat& samples, bool bottom_up, const Words& words) {
    const std::size_t row_bytes = samples.elemSize() * static_cast<std::size_t>(samples.cols);
    if (data.size() / row_bytes < static_cast<std::size_t>(samples.rows))
        words.fail("its data end early");
    for (int y = 0; y < samples.rows; ++y)
        std::memcpy(samples.ptr(bottom_up ? samples.rows - 1 - y : y),
                    data.data() + row_bytes * static_cast<std::size_t>(y), row_bytes);
}

// Rows in a file can hold no more pixels than it has bytes: checked before they are allocated
void check_data(std::string_view data, cv::Size size, std::size_t pixel_bytes, const Words& words) {
    if (data.size() / pixel_bytes < static_cast<std::size_t>(size.area()))
        words.fail("its data end early");
}

void read_decimal_samples(Words& words, cv::Mat_<std::uint16_t>& samples, int most) {
    for (std::uint16_t& sample : samples) {
        const auto number = words.next_number<int>();
        if (number < 0 || number > most)
            words.fail("it holds " + std::to_string(number) + ", more than its maximum");
        sample = static_cast<std::uint16_t>(number);
    }
}

}  // namespace

Picture decode_pfm(Bytes bytes) {
    Words words(bytes, "PFM");
    const bool is_colour = words.next() == "PF";
    Picture picture{.format = "PFM"};
    picture.size = read_size(words);
    const double scale = words.next_number<double>();
    if (!std::isfinite(scale) || scale == 0)
        words.fail("its scale is not a number other than 0");
    picture.channel_count = is_colour ? 3 : 1;
    picture.bit_depth = 32;
    picture.model = is_colour ? ColorModel::Rgb : ColorModel::Grey;

    const std::string_view data = words.data_after_header();
    check_data(data, picture.size, is_colour ? 12 : 4, words);
    picture.samples.create(picture.size, is_colour ? CV_32FC3 : CV_32FC1);
    copy_rows(data, picture.samples, true, words);
    const bool is_little_endian = scale < 0;
    if (is_little_endian != (std::endian::native == std::endian::little))
        swap_bytes<float>(picture.samples);
    return picture;
}

Picture decode_pgm(Bytes bytes) {
    Words words(bytes, "PGM");
    const bool is_binary = words.next() == "P5";
    Picture picture{.format = "PGM"};
    picture.size = read_size(words);
    const auto most = words.next_number<int>();
    if (most < 1 || most > 65535)
        words.fail("its maximum is not from 1 to 65535");
    const bool is_wide = most > 255;
    picture.channel_count = 1;
    picture.bit_depth = is_wide ? 16 : 8;
    picture.model = ColorModel::Grey;

    const std::string_view data = words.data_after_header();
    if (is_binary) {
        check_data(data, picture.size, is_wide ? 2 : 1, words);
        picture.samples.create(picture.size, is_wide ? CV_16UC1 : CV_8UC1);
        copy_rows(data, picture.samples, false, words);
        if (is_wide && std::endian::native == std::endian::little)
            swap_bytes<std::uint16_t>(picture.samples);
    } else {
        // A number and the space after it take two characters, but for the last
        check_data(data, picture.size, 1, words);
        cv::Mat_<std::uint16_t> samples(picture.size);
        read_decimal_samples(words, samples, most);
        picture.samples = samples;
    }
    return picture;
}

}  // namespace unflat
