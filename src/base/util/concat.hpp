#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>

namespace notifybridge::util {

namespace detail {

/// One part of a text for `concat`. Parts of all types are stored in the same form, because a
/// separate function for each combination of types would take 50 KB of code.
class Part {
public:
    explicit Part(std::string_view text) : text_(text.data()), size_(text.size()) {}
    /// Does not copy `letter`, so `letter` must outlive the part.
    explicit Part(const char& letter) : text_(&letter), size_(1) {}
    template <std::integral Number>
    explicit Part(Number number)
        : number_(static_cast<std::uint64_t>(number)),
          size_(std::is_signed_v<Number> ? signed_number : unsigned_number) {
        static_assert(!std::is_same_v<Number, bool>);
    }

    void append_to(std::string& out) const;

private:
    /// These sizes mean that the part is a number. No text is that long.
    static constexpr std::size_t signed_number = std::string_view::npos;
    static constexpr std::size_t unsigned_number = signed_number - 1;

    union {
        const char* text_;
        std::uint64_t number_;
    };
    std::size_t size_;
};

std::string join(std::initializer_list<Part> parts);

}  // namespace detail

/// Joins all parts into one text. Parts are strings, characters and integers. Integers are written
/// in decimal.
template <typename... Parts>
[[gnu::always_inline]] inline std::string concat(const Parts&... parts) {
    return detail::join({detail::Part(parts)...});
}

}  // namespace notifybridge::util
