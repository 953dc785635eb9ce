// SPDX-License-Identifier: MIT
#include "io/depth_encode.h"
#include "io/picture.h"

#include <array>
#include <cstring>
#include <exception>

#include <ImfChannelList.h>
#include <ImfFrameBuffer.h>
#include <ImfHeader.h>
#include <ImfIO.h>
#include <ImfInputFile.h>
#include <ImfOutputFile.h>
#include <ImfVersion.h>

namespace unflat {

namespace {

constexpr const char* kDepthChannel = "Z";

class MemoryInput : public Imf::IStream {
public:
    explicit MemoryInput(Bytes bytes) : IStream("memory"), bytes_(bytes) {}

    bool read(char target[], int count) override {
        const auto size = static_cast<std::size_t>(count);
        if (count < 0 || position_ > bytes_.size() || size > bytes_.size() - position_)
            throw Malformed("the data end early");
        std::memcpy(target, bytes_.data() + position_, size);
        position_ += size;
        return position_ < bytes_.size();
    }
    std::uint64_t tellg() override { return position_; }
    void seekg(std::uint64_t position) override { position_ = position; }

private:
    Bytes bytes_;
    std::uint64_t position_ = 0;
};

class MemoryOutput : public Imf::OStream {
public:
    MemoryOutput() : OStream("memory") {}

    void write(const char source[], int count) override {
        const auto size = static_cast<std::size_t>(count);
        bytes.resize(std::max(bytes.size(), position_ + size));
        std::memcpy(bytes.data() + position_, source, size);
        position_ += size;
    }
    std::uint64_t tellp() override { return position_; }
    void seekp(std::uint64_t position) override { position_ = position; }

    std::vector<std::byte> bytes;

private:
    std::uint64_t position_ = 0;
};

// The channels to read: Z, else the luminance, else red, green and blue, else the only one
std::vector<std::string> choose_channels(const Imf::ChannelList& channels) {
    if (channels.findChannel(kDepthChannel))
        return {kDepthChannel};
    if (channels.findChannel("R") && channels.findChannel("G") && channels.findChannel("B"))
        return {"R", "G", "B"};
    for (const char* name : {"Y", "R"})
        if (channels.findChannel(name))
            return {name};
    std::vector<std::string> names;
    for (auto channel = channels.begin(); channel != channels.end(); ++channel)
        names.emplace_back(channel.name());
    if (names.size() != 1)
        throw Malformed("none of its " + std::to_string(names.size()) +
                        " channels is named Z, Y or R");
    return names;
}

void check_sampling(const Imf::ChannelList& channels, const std::vector<std::string>& names) {
    for (const std::string& name : names) {
        const Imf::Channel& channel = channels[name.c_str()];
        if (channel.xSampling != 1 || channel.ySampling != 1)
            throw Malformed("its channel " + name + " is stored at a lower resolution");
    }
}

void read_channels(Imf::InputFile& file, const std::vector<std::string>& names,
                   const Imath::Box2i& window, Picture& picture) {
    // OpenEXR addresses pixels from the origin of the data window; integers become floats
    const auto pixel_bytes = picture.samples.elemSize();
    const auto row_bytes = picture.samples.step[0];
    Imf::FrameBuffer buffer;
    for (std::size_t c = 0; c < names.size(); ++c)
        buffer.insert(
            names[c],
            Imf::Slice::Make(Imf::FLOAT, picture.samples.data + c * sizeof(float), window.min,
                             picture.size.width, picture.size.height, pixel_bytes, row_bytes));
    file.setFrameBuffer(buffer);
    file.readPixels(window.min.y, window.max.y);
}

Picture decode(Bytes bytes) {
    MemoryInput input(bytes);
    Imf::InputFile file(input, 0);
    const Imath::Box2i window = file.header().dataWindow();
    check_size(std::int64_t{window.max.x} - window.min.x + 1,
               std::int64_t{window.max.y} - window.min.y + 1);
    const std::vector<std::string> names = choose_channels(file.header().channels());
    check_sampling(file.header().channels(), names);

    Picture picture{.format = "OpenEXR"};
    picture.size = {window.max.x - window.min.x + 1, window.max.y - window.min.y + 1};
    picture.channel_count = static_cast<int>(names.size());
    picture.bit_depth = file.header().channels()[names[0].c_str()].type == Imf::HALF ? 16 : 32;
    picture.model = names.size() == 1 ? ColorModel::Grey : ColorModel::Rgb;
    picture.samples =
        cv::Mat(picture.size, names.size() == 1 ? CV_32FC1 : CV_32FC3, cv::Scalar::all(0));
    read_channels(file, names, window, picture);
    return picture;
}

}  // namespace

Picture decode_exr(Bytes bytes) {
    constexpr int kMaxSide = 32767;
    try {
        Imf::Header::setMaxImageSize(kMaxSide, kMaxSide);
        Imf::Header::setMaxTileSize(kMaxSide, kMaxSide);
        return decode(bytes);
    } catch (const std::bad_alloc&) {
        throw;
    } catch (const cv::Exception&) {
        throw;
    } catch (const std::exception& error) {
        throw Malformed(std::string("it is an OpenEXR file, but ") + error.what());
    }
}

std::vector<std::byte> encode_exr(const cv::Mat_<float>& values) {
    Imf::Header header(values.cols, values.rows);
    header.channels().insert(kDepthChannel, Imf::Channel(Imf::FLOAT));
    header.compression() = Imf::ZIP_COMPRESSION;
    Imf::FrameBuffer buffer;
    buffer.insert(kDepthChannel, Imf::Slice(Imf::FLOAT, reinterpret_cast<char*>(values.data),
                                            sizeof(float), values.step[0]));
    MemoryOutput output;
    {
        // The table of rows is written when the file is closed
        Imf::OutputFile file(output, header, 0);
        file.setFrameBuffer(buffer);
        file.writePixels(values.rows);
    }
    return std::move(output.bytes);
}

}  // namespace unflat
