#pragma once

#include <concepts>
#include <string_view>

namespace notifybridge::util {

/// A string literal in a constant table. It is one pointer, half as much as a std::string_view. At
/// its start, a static-pie executable writes each pointer, so the kernel copies the page for this
/// process.
class Literal {
public:
    consteval Literal(const char* text = "") : text_(text) {}

    constexpr operator std::string_view() const { return text_; }
    constexpr std::string_view view() const { return text_; }
    constexpr bool empty() const { return *text_ == '\0'; }

    template <std::convertible_to<std::string_view> Text>
    friend constexpr bool operator==(Literal left, const Text& right) {
        return left.view() == std::string_view(right);
    }

private:
    const char* text_;
};

}  // namespace notifybridge::util
