#pragma once

#include <concepts>
#include <string_view>

namespace notifybridge::util {

/// A string literal in a constant table. It is one pointer, half of a std::string_view: the start
/// of a static-pie executable writes each pointer, and so makes its page the process's own.
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
