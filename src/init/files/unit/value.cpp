#include "init/files/unit/value.hpp"

#include <algorithm>
#include <limits>

#include "base/util/lenient_number.hpp"
#include "base/util/number.hpp"
#include "base/util/utf8.hpp"
#include "base/util/words.hpp"

namespace notifybridge::unit {
namespace {

using util::npos;

constexpr std::string_view digits = "0123456789";

char lower(char byte) {
    return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte - 'A' + 'a') : byte;
}

bool is_any_of(std::string_view text, std::initializer_list<std::string_view> words) {
    return std::ranges::any_of(words, [&](std::string_view word) {
        return std::equal(text.begin(), text.end(), word.begin(), word.end(),
                          [](char a, char b) { return lower(a) == b; });
    });
}

bool is_alphanumeric(char byte) {
    return (lower(byte) >= 'a' && lower(byte) <= 'z') || (byte >= '0' && byte <= '9');
}

std::optional<int> parse_between(std::string_view text, int least, int most) {
    const auto value = util::parse_lenient_int(text);
    return value && *value >= least && *value <= most ? value : std::nullopt;
}

/// Adds one "NUMBER[.FRACTION][UNIT]" to `total`. Returns false if the part is invalid, or if its
/// unit is not smaller than `limit`, the previous unit. Sets `limit` to this unit.
bool add_size(std::string_view& text, std::size_t& limit, std::uint64_t& total) {
    constexpr std::string_view units = "BKMGTPE";
    if (text.starts_with('+'))
        text.remove_prefix(1);
    const std::size_t whole_end = std::min(text.find_first_not_of(digits), text.size());
    const auto whole = util::parse_number<std::uint64_t>(text.substr(0, whole_end));
    if (!whole)
        return false;
    text.remove_prefix(whole_end);
    double fraction = 0;
    if (text.starts_with('.')) {
        text.remove_prefix(1);
        double place = 0.1;
        for (; !text.empty() && digits.find(text[0]) != npos; text.remove_prefix(1), place /= 10)
            fraction += (text[0] - '0') * place;
    }
    text = util::strip(text);
    const std::size_t unit = text.empty() ? npos : units.find(text[0]);
    text.remove_prefix(unit == npos ? 0 : 1);
    const std::size_t power = unit == npos ? 0 : unit;
    if (power >= limit)
        return false;
    limit = unit == npos ? 0 : unit;
    const std::uint64_t factor = std::uint64_t(1) << (10 * power);
    std::uint64_t product = 0;
    return !__builtin_mul_overflow(*whole, factor, &product)
           && !__builtin_add_overflow(total, product, &total)
           && !__builtin_add_overflow(total, static_cast<std::uint64_t>(fraction * double(factor)),
                                      &total);
}

}  // namespace

std::optional<bool> parse_boolean(std::string_view text) {
    if (is_any_of(text, {"1", "yes", "y", "true", "t", "on"}))
        return true;
    if (is_any_of(text, {"0", "no", "n", "false", "f", "off"}))
        return false;
    return std::nullopt;
}

std::optional<unsigned> parse_unsigned(std::string_view text) {
    const auto value = util::parse_lenient_unsigned(text);
    if (!value || *value > std::numeric_limits<unsigned>::max())
        return std::nullopt;
    return static_cast<unsigned>(*value);
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
    std::uint64_t total = 0;
    std::size_t limit = std::numeric_limits<std::size_t>::max();
    text = util::strip(text);
    do {
        if (!add_size(text, limit, total))
            return std::nullopt;
        text = util::strip(text);
    } while (!text.empty());
    return total;
}

std::optional<mode_t> parse_mode(std::string_view text) {
    constexpr mode_t all = 07777;
    text.remove_prefix(std::min(text.find_first_not_of(util::white_space), text.size()));
    const auto mode = util::parse_number<mode_t>(text, 8);
    return mode && *mode <= all ? mode : std::nullopt;
}

std::optional<int> parse_nice(std::string_view text) {
    return parse_between(text, -20, 19);
}

std::optional<int> parse_oom_score_adjust(std::string_view text) {
    return parse_between(text, -1000, 1000);
}

std::optional<std::uint8_t> parse_byte(std::string_view text) {
    const auto value = parse_between(text, 0, 255);
    return value ? std::optional(static_cast<std::uint8_t>(*value)) : std::nullopt;
}

bool has_control_characters(std::string_view text, std::string_view allowed) noexcept {
    return std::ranges::any_of(text, [&](char byte) {
        return (static_cast<unsigned char>(byte) < ' ' || byte == 0x7F)
               && allowed.find(byte) == npos;
    });
}

bool is_user_or_group(std::string_view text) {
    constexpr std::size_t longest_login = 255;
    if (text.empty() || text.size() > longest_login || text == "." || text == "..")
        return false;
    if (text.find_first_not_of(digits) == npos) {
        // For system calls, 65535 and 4294967295 mean "no user".
        const auto id = util::parse_number<uid_t>(text);
        return id && *id != uid_t(-1) && *id != 0xFFFF;
    }
    const bool is_negative = text[0] == '-' && text.find_first_not_of(digits, 1) == npos;
    return !is_negative && text.front() != ' ' && text.back() != ' ' && util::is_utf8(text)
           && !has_control_characters(text) && text.find_first_of(":/") == npos;
}

bool is_fd_name(std::string_view text) {
    constexpr std::size_t longest = 255;
    return text.size() <= longest && std::ranges::all_of(text, [](char byte) {
               return byte >= ' ' && byte < 0x7F && byte != ':';
           });
}

bool is_bus_name(std::string_view text) {
    constexpr std::size_t longest = 255;
    bool has_dot = false;
    char before = '.';
    for (const char byte : text) {
        const bool starts_element = before == '.';
        if (byte == '.' ? starts_element : !is_alphanumeric(byte) && byte != '_' && byte != '-')
            return false;
        if (starts_element && byte >= '0' && byte <= '9')
            return false;
        has_dot |= byte == '.';
        before = byte;
    }
    return has_dot && before != '.' && text.size() <= longest;
}

bool is_interface_name(std::string_view text) {
    constexpr std::size_t longest = 15;
    return !text.empty() && text.size() <= longest && text != "." && text != ".." && text != "all"
           && text != "default" && text.find_first_not_of(digits) != npos
           && std::ranges::all_of(text, [](char byte) {
                  return byte > ' ' && byte < 0x7F && byte != ':' && byte != '/' && byte != '%';
              });
}

}  // namespace notifybridge::unit
