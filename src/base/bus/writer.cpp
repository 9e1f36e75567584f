#include "base/bus/writer.hpp"

#include <cstring>

#include "base/bus/reader.hpp"

namespace notifybridge::bus {

void Writer::align(std::size_t alignment) {
    bytes.resize(aligned(bytes.size(), alignment));
}

void Writer::add_string(std::string_view text) {
    add_number(static_cast<std::uint32_t>(text.size()));
    bytes.append(text) += '\0';
}

void Writer::add_signature(std::string_view text) {
    add_byte(static_cast<std::uint8_t>(text.size()));
    bytes.append(text) += '\0';
}

/// Returns the offsets of the size and of the first element, because the size of an array does not
/// include the padding between them.
Writer::Array Writer::begin_array(std::size_t alignment) {
    add_number(0);
    const std::size_t size_at = bytes.size() - sizeof(std::uint32_t);
    align(alignment);
    return {size_at, bytes.size()};
}

void Writer::put_number(std::size_t at, std::size_t number) {
    const auto value = static_cast<std::uint32_t>(number);
    std::memcpy(bytes.data() + at, &value, sizeof value);
}

}  // namespace notifybridge::bus
