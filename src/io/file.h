// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <vector>

namespace unflat {

/// What a file may have at most unless said otherwise [bytes].
constexpr std::uintmax_t kMaxFileBytes = std::uintmax_t{1} << 30;

/// All bytes of a file.
/// @throws Error{Unreadable} if it is missing, a folder, not readable or larger than `max_bytes`.
std::vector<std::byte> read_bytes(const std::filesystem::path& file,
                                  std::uintmax_t max_bytes = kMaxFileBytes);

/// A file that appears complete under its name or not at all: written beside its target under
/// another name, renamed by commit(), removed if commit() is never reached.
class OutputFile {
public:
    /// @throws Error{Unwritable} if the file cannot be created.
    explicit OutputFile(std::filesystem::path file);
    ~OutputFile();
    OutputFile(const OutputFile&) = delete;
    OutputFile& operator=(const OutputFile&) = delete;

    /// Where to write until commit(); for libraries that open files themselves.
    const std::filesystem::path& partial() const { return partial_; }

    /// Appends bytes. @throws Error{Unwritable} when the disk is full.
    void write(std::span<const std::byte> bytes);

    /// Flushes and closes: what is left for commit() needs no space. @throws Error{Unwritable}
    void close();

    /// Closes and renames. @throws Error{Unwritable}
    void commit();

private:
    std::filesystem::path file_;
    std::filesystem::path partial_;
    std::ofstream stream_;
    bool committed_ = false;
};

/// Writes a whole file at once, complete or not at all.
void write_bytes(const std::filesystem::path& file, std::span<const std::byte> bytes);
void write_text(const std::filesystem::path& file, const std::string& text);

/// The ending of a file's name in lower case, with its dot.
std::string lower_extension(const std::filesystem::path& file);

}  // namespace unflat
