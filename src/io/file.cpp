// SPDX-License-Identifier: MIT
#include "io/file.h"

#include "unflat/error.h"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include <unistd.h>

namespace unflat {

namespace {

[[noreturn]] void fail_to_write(const std::filesystem::path& file, const std::string& reason) {
    throw Error(ErrorKind::Unwritable, "cannot write '" + file.string() + "': " + reason);
}

// Hidden, beside the target (renaming must stay on one disk), unique to this process
std::filesystem::path partial_name(const std::filesystem::path& file) {
    return file.parent_path() /
           ("." + file.filename().string() + "." + std::to_string(::getpid()) + ".partial");
}

}  // namespace

std::vector<std::byte> read_bytes(const std::filesystem::path& file, std::uintmax_t max_bytes) {
    const auto fail = [&](const std::string& reason) {
        throw Error(ErrorKind::Unreadable, "cannot read '" + file.string() + "': " + reason);
    };
    std::error_code error;
    if (std::filesystem::is_directory(file, error))
        fail("it is a folder");
    std::ifstream stream(file, std::ios::binary);
    if (!stream)
        fail(std::strerror(errno));

    // Read in blocks: pipes and devices have no size
    std::vector<std::byte> bytes;
    const std::uintmax_t size = std::filesystem::file_size(file, error);
    if (!error)
        bytes.reserve(static_cast<std::size_t>(std::min(size, max_bytes)) + 1);
    constexpr std::size_t kBlock = std::size_t{1} << 20;
    while (stream) {
        const std::size_t used = bytes.size();
        bytes.resize(used + kBlock);
        stream.read(reinterpret_cast<char*>(bytes.data() + used), kBlock);
        bytes.resize(used + static_cast<std::size_t>(stream.gcount()));
        if (bytes.size() > max_bytes)
            fail("it has more than " + std::to_string(max_bytes >> 30) + " GiB");
    }
    if (stream.bad())
        fail("an error on the disk");
    return bytes;
}

OutputFile::OutputFile(std::filesystem::path file)
    : file_(std::move(file)), partial_(partial_name(file_)) {
    std::error_code error;
    if (std::filesystem::is_directory(file_, error))
        fail_to_write(file_, "a folder has this name");
    stream_.open(partial_, std::ios::binary | std::ios::trunc);
    if (!stream_)
        fail_to_write(file_, std::strerror(errno));
}

OutputFile::~OutputFile() {
    if (committed_)
        return;
    stream_.close();
    std::error_code error;
    std::filesystem::remove(partial_, error);
}

void OutputFile::write(std::span<const std::byte> bytes) {
    stream_.write(reinterpret_cast<const char*>(bytes.data()),
                  static_cast<std::streamsize>(bytes.size()));
    if (!stream_)
        fail_to_write(file_, std::strerror(errno));
}

void OutputFile::close() {
    if (stream_.is_open())
        stream_.close();
    if (!stream_)
        fail_to_write(file_, std::strerror(errno));
}

void OutputFile::commit() {
    close();
    std::error_code error;
    std::filesystem::rename(partial_, file_, error);
    if (error)
        fail_to_write(file_, error.message());
    committed_ = true;
}

void write_bytes(const std::filesystem::path& file, std::span<const std::byte> bytes) {
    OutputFile output(file);
    output.write(bytes);
    output.commit();
}

void write_text(const std::filesystem::path& file, const std::string& text) {
    write_bytes(file, std::as_bytes(std::span(text)));
}

std::string lower_extension(const std::filesystem::path& file) {
    std::string extension = file.extension().string();
    std::transform(extension.begin(), extension.end(), extension.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return extension;
}

}  // namespace unflat
