// SPDX-License-Identifier: MIT
// Files to read in tests: small ones kept in fuzz/corpus, real ones, and ones that are made here.
#pragma once

#include "unflat/error.h"
#include "unflat/progress.h"

#include "io/file.h"

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace unflat {

using ByteVector = std::vector<std::byte>;

/// A file of fuzz/corpus, such as "photo/exif.jpg".
inline std::filesystem::path corpus_file(const std::string& name) {
    return std::filesystem::path(UNFLAT_CORPUS) / name;
}
inline ByteVector corpus(const std::string& name) {
    return read_bytes(corpus_file(name));
}

/// The folder of real photos and depth maps, where there is one.
inline std::optional<std::filesystem::path> data_folder() {
    const char* folder = std::getenv("UNFLAT_DATA");
    return folder ? std::optional<std::filesystem::path>(folder) : std::nullopt;
}

/// A folder that goes away with the test.
class TemporaryFolder {
public:
    TemporaryFolder() {
        std::string name = (std::filesystem::temp_directory_path() / "unflat_io_XXXXXX").string();
        if (!::mkdtemp(name.data()))
            throw std::runtime_error("no temporary folder");
        path_ = name;
    }
    ~TemporaryFolder() { std::filesystem::remove_all(path_); }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
    std::size_t file_count() const {
        return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(path_),
                                                      std::filesystem::directory_iterator()));
    }

private:
    std::filesystem::path path_;
};

/// Collects warnings.
class Listener : public Progress {
public:
    void report(std::string_view, double) override {}
    void warn(const std::string& sentence) override { warnings.push_back(sentence); }
    std::vector<std::string> warnings;
};

/// Expects an Error of this kind whose sentence holds all of `words`.
inline void expect_error(ErrorKind kind, const std::vector<std::string>& words,
                         const std::function<void()>& action) {
    try {
        action();
        ADD_FAILURE() << "no error";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), kind) << error.what();
        const std::string sentence = error.what();
        for (const std::string& word : words)
            EXPECT_NE(sentence.find(word), std::string::npos) << sentence << "\nhas no " << word;
    }
}

}  // namespace unflat
