#pragma once

#include <cstdint>
#include <string_view>

namespace notifybridge::util {

/// The two halves of a key, each as its eight bytes are read by a little-endian machine.
struct SipKey {
    std::uint64_t first = 0;
    std::uint64_t second = 0;
};

/// SipHash-2-4 (Aumasson and Bernstein, "SipHash: a fast short-input PRF").
std::uint64_t siphash(std::string_view bytes, SipKey key) noexcept;

}  // namespace notifybridge::util
