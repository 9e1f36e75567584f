#pragma once

#include <concepts>
#include <string_view>

namespace notifybridge::util {

/// A string literal for constant tables. It takes one pointer, half the size of a std::string_view.
/// A static-pie executable adjusts each pointer when it starts, so the kernel copies the pages of
/// the table for each process. Smaller tables need fewer copies.
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
