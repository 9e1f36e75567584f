#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace notifybridge::bus {

/// Returns `size`, or the next larger multiple of `alignment`.
constexpr std::uint64_t aligned(std::uint64_t size, std::uint64_t alignment) {
    return (size + alignment - 1) / alignment * alignment;
}

/// A reader of marshalled values. After one value is missing or malformed, all later reads fail.
class Reader {
public:
    /// Starts to read `bytes` at offset `at`. `is_swapped` means that the byte order of the values
    /// differs from this machine's.
    explicit Reader(std::string_view bytes, std::size_t at = 0, bool is_swapped = false)
        : bytes_(bytes), at_(at), is_swapped_(is_swapped) {}

    bool is_good() const { return good_; }
    bool is_at_end() const { return at_ == bytes_.size(); }
    std::size_t position() const { return at_; }
    void fail() { good_ = false; }

    void align(std::uint64_t alignment) { take(aligned(at_, alignment) - at_); }
    std::uint8_t byte();
    /// Returns the number stored in the next `size` bytes (1, 2, 4 or 8).
    std::uint64_t number(std::size_t size);
    std::uint32_t number() { return static_cast<std::uint32_t>(number(sizeof(std::uint32_t))); }
    std::string string() { return ended(number()); }
    std::string signature() { return ended(byte()); }

private:
    std::string_view take(std::uint64_t size);
    std::string ended(std::uint64_t size);

    std::string_view bytes_;
    std::size_t at_;
    bool is_swapped_;
    bool good_ = true;
};

}  // namespace notifybridge::bus
