#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace notifybridge::bus {

/// A buffer of marshalled values in this machine's byte order. The caller adds the values in the
/// order of the message's signature.
class Writer {
public:
    std::string bytes;

    void align(std::size_t alignment);
    void add_byte(std::uint8_t byte) { bytes += static_cast<char>(byte); }
    void add_bool(bool value) { add_number(value ? 1 : 0); }
    void add_number(std::uint32_t number) { add_integer(number); }
    void add_long(std::uint64_t number) { add_integer(number); }
    /// Adds a string or an object path.
    void add_string(std::string_view text);
    void add_signature(std::string_view text);

    struct Array {
        std::size_t size_at;
        std::size_t begin;
    };
    /// Adds a size that `end_array` fills in, and aligns the first element of the array. Structs
    /// and dictionary entries have an alignment of 8.
    Array begin_array(std::size_t alignment);
    void end_array(Array array) { put_number(array.size_at, bytes.size() - array.begin); }
    void begin_struct() { align(8); }

    /// Replaces the number at offset `at`.
    void put_number(std::size_t at, std::size_t number);

private:
    template <typename Integer>
    void add_integer(Integer number) {
        align(sizeof number);
        bytes.append(reinterpret_cast<const char*>(&number), sizeof number);
    }
};

}  // namespace notifybridge::bus
