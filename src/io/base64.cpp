// SPDX-License-Identifier: MIT
#include "io/base64.h"

#include <array>
#include <cstdint>

namespace unflat {

namespace {

constexpr std::uint8_t kSpace = 64, kPadding = 65, kOther = 66;
constexpr int kBitsPerCharacter = 6;

constexpr std::array<std::uint8_t, 256> make_table() {
    std::array<std::uint8_t, 256> table{};
    table.fill(kOther);
    constexpr std::string_view kAlphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (std::size_t i = 0; i < kAlphabet.size(); ++i)
        table[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
    for (const char c : {' ', '\n', '\r', '\t'})
        table[static_cast<unsigned char>(c)] = kSpace;
    table['='] = kPadding;
    return table;
}

}  // namespace

std::optional<std::vector<std::byte>> decode_base64(std::string_view text) {
    static constexpr std::array<std::uint8_t, 256> kTable = make_table();
    std::vector<std::byte> bytes;
    bytes.reserve(text.size() / 4 * 3 + 3);
    std::uint32_t bits = 0;
    int bit_count = 0;
    bool ended = false;
    for (const char c : text) {
        const std::uint8_t value = kTable[static_cast<unsigned char>(c)];
        if (value == kSpace)
            continue;
        if (value == kPadding) {
            ended = true;
            continue;
        }
        if (value == kOther || ended)
            return std::nullopt;
        bits = bits << kBitsPerCharacter | value;
        bit_count += kBitsPerCharacter;
        if (bit_count >= 8) {
            bit_count -= 8;
            bytes.push_back(static_cast<std::byte>(bits >> bit_count & 0xFF));
        }
    }
    // A whole character left over is no byte
    if (bit_count >= kBitsPerCharacter)
        return std::nullopt;
    return bytes;
}

}  // namespace unflat
