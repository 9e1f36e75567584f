#include "init/hands/condition/order.hpp"

#include <fnmatch.h>

#include <algorithm>
#include <array>
#include <string>

namespace notifybridge::condition {
namespace {

struct Operator {
    std::string_view text;
    Order order;
    bool is_glob = false;
};

// Longer operators come first, because "<=" also begins with the operator "<".
constexpr auto operators = std::to_array<Operator>({
    {"!$=", Order::not_glob, true},
    {"$=", Order::glob, true},
    {"<=", Order::less_or_equal},
    {">=", Order::greater_or_equal},
    {"<>", Order::not_equal},
    {"!=", Order::not_equal},
    {"==", Order::equal},
    {"<", Order::less},
    {">", Order::greater},
    {"=", Order::equal},
});

bool is_digit(char byte) {
    return byte >= '0' && byte <= '9';
}

bool is_letter(char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

bool counts(char byte) {
    return is_digit(byte) || is_letter(byte)
           || std::string_view("~-^.").find(byte) != std::string_view::npos;
}

int sign(auto a, auto b) {
    return a < b ? -1 : a > b ? 1 : 0;
}

/// Removes and returns the leading characters for which `is_it` returns true.
std::string_view take_while(std::string_view& text, bool (*is_it)(char)) {
    const auto end = std::find_if_not(text.begin(), text.end(), is_it);
    const auto size = static_cast<std::size_t>(end - text.begin());
    const std::string_view taken = text.substr(0, size);
    text.remove_prefix(size);
    return taken;
}

int compare_numbers(std::string_view a, std::string_view b) {
    if (const int one_is_missing = sign(!a.empty(), !b.empty()))
        return one_is_missing;
    a.remove_prefix(std::min(a.find_first_not_of('0'), a.size()));
    b.remove_prefix(std::min(b.find_first_not_of('0'), b.size()));
    const int by_length = sign(a.size(), b.size());
    return by_length != 0 ? by_length : sign(a.compare(b), 0);
}

/// Removes the separator if both texts begin with it. If only one text begins with it, that text is
/// less. Returns a negative number if `a` is less, a positive number if `b` is less, and otherwise
/// 0.
int compare_separator(std::string_view& a, std::string_view& b, char separator) {
    const bool in_a = a.starts_with(separator), in_b = b.starts_with(separator);
    if (in_a && in_b) {
        a.remove_prefix(1);
        b.remove_prefix(1);
    }
    return sign(in_b, in_a);
}

}  // namespace

std::optional<Order> take_order(std::string_view& text, bool globs) {
    for (const Operator& one : operators)
        if (text.starts_with(one.text) && (globs || !one.is_glob)) {
            text.remove_prefix(one.text.size());
            return one.order;
        }
    return std::nullopt;
}

bool holds(int comparison, Order order) {
    switch (order) {
        case Order::less:
            return comparison < 0;
        case Order::less_or_equal:
            return comparison <= 0;
        case Order::equal:
            return comparison == 0;
        case Order::not_equal:
            return comparison != 0;
        case Order::greater_or_equal:
            return comparison >= 0;
        case Order::greater:
            return comparison > 0;
        default:
            return false;
    }
}

int compare_versions(std::string_view a, std::string_view b) {
    for (;;) {
        for (std::string_view* const text : {&a, &b})
            while (!text->empty() && !counts(text->front()))
                text->remove_prefix(1);
        // A version with "~" is older than the release: "1.0~rc1" is less than "1.0".
        if (const int tilde = compare_separator(a, b, '~'))
            return tilde;
        if (a.empty() || b.empty())
            return sign(!a.empty(), !b.empty());
        for (const char separator : {'-', '^', '.'})
            if (const int found = compare_separator(a, b, separator))
                return found;
        if (a.empty() || b.empty())
            continue;
        if (is_digit(a.front()) || is_digit(b.front())) {
            const auto number_a = take_while(a, is_digit), number_b = take_while(b, is_digit);
            if (const int numbers = compare_numbers(number_a, number_b))
                return numbers;
        } else {
            const auto word_a = take_while(a, is_letter), word_b = take_while(b, is_letter);
            if (const int words = sign(word_a.compare(word_b), 0))
                return words;
        }
    }
}

bool matches(std::string_view pattern, std::string_view text, bool ignores_case) {
    return ::fnmatch(std::string(pattern).c_str(), std::string(text).c_str(),
                     ignores_case ? FNM_CASEFOLD : 0)
           == 0;
}

}  // namespace notifybridge::condition
