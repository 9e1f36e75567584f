#pragma once

#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <span>

#include "base/system/file.hpp"

/// Reads and writes numbers in the files of the shared directory, and computes checksums. Callers
/// must check that the offsets are within the bytes.
namespace notifybridge::channel {

static_assert(std::endian::native == std::endian::little, "the files are little-endian");

template <std::integral Number>
void put(std::span<std::byte> bytes, std::size_t at, Number value) {
    std::memcpy(bytes.data() + at, &value, sizeof value);
}

template <std::integral Number>
Number number_at(system::Bytes bytes, std::size_t at) {
    Number value;
    std::memcpy(&value, bytes.data() + at, sizeof value);
    return value;
}

/// Returns the CRC-32C (Castagnoli) of `bytes`.
std::uint32_t checksum(system::Bytes bytes);

/// Returns the same as `checksum`, but does not use the processor's CRC instruction.
std::uint32_t portable_checksum(system::Bytes bytes);

}  // namespace notifybridge::channel
