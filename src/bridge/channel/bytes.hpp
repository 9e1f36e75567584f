#pragma once

#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <span>

#include "base/system/file.hpp"

/// Numbers and checksums in the files of the shared directory. Offsets are the caller's to check.
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

/// CRC-32C (Castagnoli).
std::uint32_t checksum(system::Bytes bytes);

/// The same, where the processor has no instruction for it.
std::uint32_t portable_checksum(system::Bytes bytes);

}  // namespace notifybridge::channel
