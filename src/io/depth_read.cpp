// SPDX-License-Identifier: MIT
#include "unflat/error.h"
#include "unflat/io.h"

#include "io/exif.h"
#include "io/file.h"
#include "io/picture.h"
#include "io/reading.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <opencv2/core.hpp>

namespace unflat {

namespace {

constexpr const char* kAccepted =
    "accepted are PNG, JPEG, PGM, TIFF, PFM, NPY and EXR with one channel or equal channels";
constexpr double kMaxChannelShare = 8.0 / 255;

// JPEG's colour noise: twice the difference is borne in a thousandth of the pixels
constexpr double kNoisyFactor = 2;
constexpr int kPixelsPerNoisy = 1000;

Picture decode_any(Bytes bytes) {
    switch (recognise(bytes)) {
        case Format::Pfm:
            return decode_pfm(bytes);
        case Format::Pgm:
            return decode_pgm(bytes);
        case Format::Npy:
            return decode_npy(bytes);
        case Format::Exr:
            return decode_exr(bytes);
        case Format::WebP:
            throw Malformed("it is a WebP file");
        case Format::Heif:
            throw Malformed("it is a HEIC or AVIF file");
        default:
            return decode_picture(bytes, Extent::Pixels);
    }
}

// What the largest difference between channels is measured against: full scale of integers, the
// span of the finite values of floating-point numbers
double full_scale(const cv::Mat& samples) {
    if (samples.depth() == CV_8U)
        return 255;
    if (samples.depth() == CV_16U)
        return 65535;
    double least = std::numeric_limits<double>::infinity(), most = -least;
    cv::Mat_<double> row;
    for (int y = 0; y < samples.rows; ++y) {
        samples.row(y).reshape(1).convertTo(row, CV_64F);
        for (const double value : row)
            if (std::isfinite(value)) {
                least = std::min(least, value);
                most = std::max(most, value);
            }
    }
    return std::max(most - least, 0.0);
}

// Reads rows of samples as one number a pixel: the mean of channels that are equal but for noise
class RowReader {
public:
    explicit RowReader(const Picture& picture)
        : samples_(picture.samples),
          color_channels_(picture.samples.channels() - (picture.has_alpha ? 1 : 0)),
          means_(static_cast<std::size_t>(picture.samples.cols)) {
        if (color_channels_ > 1)
            tolerance_ = kMaxChannelShare * full_scale(samples_);
        if (picture.format == "JPEG")
            noisy_left_ = samples_.total() / kPixelsPerNoisy;
    }

    const std::vector<double>& read(int y) {
        samples_.row(y).reshape(1).convertTo(row_, CV_64F);
        const double* pixel = row_[0];
        for (std::size_t x = 0; x < means_.size(); ++x, pixel += samples_.channels()) {
            double least = pixel[0], most = pixel[0], sum = pixel[0];
            for (int c = 1; c < color_channels_; ++c) {
                least = std::min(least, pixel[c]);
                most = std::max(most, pixel[c]);
                sum += pixel[c];
            }
            if (std::isfinite(sum) && most - least > tolerance_ && !bear_noise(most - least))
                throw Malformed(
                    "it is a picture in colour, whose channels differ by more than 8 "
                    "of 255 at (" +
                    std::to_string(x) + ", " + std::to_string(y) + ")");
            means_[x] = sum / color_channels_;
        }
        return means_;
    }

private:
    bool bear_noise(double difference) {
        if (noisy_left_ == 0 || difference > kNoisyFactor * tolerance_)
            return false;
        --noisy_left_;
        return true;
    }

    cv::Mat samples_;
    int color_channels_;
    double tolerance_ = 0;
    std::size_t noisy_left_ = 0;
    cv::Mat_<double> row_;
    std::vector<double> means_;
};

// Which numbers of a file are depths
class Validity {
public:
    Validity(const Picture& picture, DepthKind kind, const ReadDepthOptions& options)
        : must_be_positive_(kind != DepthKind::Disparity) {
        // A number typed in decimals has been rounded where the file holds floats
        if (options.invalid)
            invalid_ = picture.samples.depth() == CV_32F
                           ? static_cast<double>(static_cast<float>(*options.invalid))
                           : *options.invalid;
    }

    bool holds(double value) const {
        constexpr double kLargest = static_cast<double>(std::numeric_limits<float>::max());
        if (!(std::abs(value) <= kLargest) || (invalid_ && value == *invalid_))
            return false;
        // As floats, numbers next to 0 vanish or have no finite inverse
        constexpr double kSmallest = static_cast<double>(std::numeric_limits<float>::min());
        return !must_be_positive_ || value >= kSmallest;
    }

private:
    std::optional<double> invalid_;
    bool must_be_positive_;
};

DepthMap make_depth(const Picture& picture, const ReadDepthOptions& options) {
    if (picture.model == ColorModel::Cmyk)
        throw Malformed("it is a CMYK picture");
    constexpr float kInvalid = std::numeric_limits<float>::quiet_NaN();
    DepthMap depth{.values = cv::Mat_<float>(picture.samples.size()),
                   .kind = options.kind.value_or(DepthKind::Disparity)};
    RowReader rows(picture);
    const Validity validity(picture, depth.kind, options);
    for (int y = 0; y < depth.values.rows; ++y) {
        const std::vector<double>& row = rows.read(y);
        std::transform(row.begin(), row.end(), depth.values[y], [&](double value) {
            return validity.holds(value) ? static_cast<float>(value) : kInvalid;
        });
    }

    if (picture.has_alpha) {
        cv::Mat alpha;
        cv::extractChannel(picture.samples, alpha, picture.samples.channels() - 1);
        depth.values.setTo(static_cast<double>(kInvalid), alpha == 0);
    }
    if (!picture.is_upright)
        depth.values =
            turn_upright(depth.values, read_exif(picture.exif, picture.size).orientation);
    return depth;
}

}  // namespace

DepthMap decode_depth(std::span<const std::byte> bytes, const std::string& name,
                      const ReadDepthOptions& options, Progress* progress) {
    std::vector<std::string> warnings;
    DepthMap depth = read_as(name, kAccepted, [&] {
        const Picture picture = decode_any(bytes);
        warnings = picture.warnings;
        return make_depth(picture, options);
    });
    warn_of(name, warnings, progress);
    return depth;
}

DepthMap read_depth(const std::filesystem::path& file, const ReadDepthOptions& options,
                    Progress* progress) {
    return decode_depth(read_bytes(file), file.string(), options, progress);
}

}  // namespace unflat
