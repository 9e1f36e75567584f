#pragma once

#include <cstdint>
#include <string_view>

namespace notifybridge::util {

/// A key in two halves: each is eight bytes, read as little-endian.
struct SipKey {
    std::uint64_t first = 0;
    std::uint64_t second = 0;
};

/// Returns the SipHash-2-4 of `bytes` (Aumasson and Bernstein, "SipHash: a fast short-input PRF").
std::uint64_t siphash(std::string_view bytes, SipKey key) noexcept;

}  // namespace notifybridge::util
