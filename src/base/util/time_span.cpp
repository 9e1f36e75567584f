#include "base/util/time_span.hpp"

#include <array>
#include <cstdint>
#include <span>

#include "base/util/concat.hpp"
#include "base/util/lenient_number.hpp"
#include "base/util/literal.hpp"
#include "base/util/number.hpp"

namespace notifybridge::util {
namespace {

constexpr std::string_view spaces = " \t\n\r";
constexpr std::string_view digits = "0123456789";

struct Unit {
    Literal name;
    std::int64_t usec;
};

constexpr std::int64_t second = 1'000'000;
constexpr std::int64_t day = 24 * 3600 * second;

// A year has 365.25 days, and a month is a twelfth of that (systemd.time(7)).
constexpr auto units = std::to_array<Unit>({
    {"seconds", second},
    {"second", second},
    {"sec", second},
    {"s", second},
    {"minutes", 60 * second},
    {"minute", 60 * second},
    {"min", 60 * second},
    {"months", 30 * day + 10 * 3600 * second + 1800 * second},
    {"month", 30 * day + 10 * 3600 * second + 1800 * second},
    {"M", 30 * day + 10 * 3600 * second + 1800 * second},
    {"msec", 1000},
    {"ms", 1000},
    {"m", 60 * second},
    {"hours", 3600 * second},
    {"hour", 3600 * second},
    {"hr", 3600 * second},
    {"h", 3600 * second},
    {"days", day},
    {"day", day},
    {"d", day},
    {"weeks", 7 * day},
    {"week", 7 * day},
    {"w", 7 * day},
    {"years", 365 * day + 6 * 3600 * second},
    {"year", 365 * day + 6 * 3600 * second},
    {"y", 365 * day + 6 * 3600 * second},
    {"usec", 1},
    {"us", 1},
    {"\xC2\xB5s", 1},
    {"\xCE\xBCs", 1},
});

// Units in descending order.
constexpr auto steps = std::to_array<Unit>({
    {"y", 365 * day + 6 * 3600 * second},
    {"month", 30 * day + 10 * 3600 * second + 1800 * second},
    {"w", 7 * day},
    {"d", day},
    {"h", 3600 * second},
    {"min", 60 * second},
    {"s", second},
    {"ms", 1000},
    {"us", 1},
});

std::size_t zeros(std::int64_t power_of_ten) {
    return std::to_string(power_of_ten).size() - 1;
}

std::string_view take_while(std::string_view& text, std::string_view set) {
    const std::string_view head = text.substr(0, text.find_first_not_of(set));
    text.remove_prefix(head.size());
    return head;
}

std::int64_t take_unit(std::string_view& text) {
    for (const Unit& unit : units)
        if (text.starts_with(unit.name)) {
            text.remove_prefix(unit.name.view().size());
            return unit.usec;
        }
    return second;
}

/// Adds one "[+]NUMBER[.FRACTION][UNIT]" to `total`. Returns false if `text` does not begin with
/// such a component, or if the sum does not fit.
bool add_component(std::string_view& text, std::int64_t& total) {
    const bool has_sign = text.starts_with('+');
    text.remove_prefix(has_sign ? 1 : 0);
    const std::string_view whole = take_while(text, digits);
    std::string_view fraction;
    if (text.starts_with('.')) {
        text.remove_prefix(1);
        fraction = take_while(text, digits);
        if (fraction.empty())
            return false;
    }
    if (whole.empty() && (has_sign || fraction.empty()))
        return false;

    const std::size_t rest = text.size();
    take_while(text, spaces);
    std::int64_t scale = take_unit(text);
    // "1.2.3" does not mean 1.2 plus .3: two numbers need a unit or a space between them.
    if (text.size() == rest && !text.empty())
        return false;
    const auto value = whole.empty() ? 0 : parse_number<std::int64_t>(whole);
    std::int64_t product;
    if (!value || __builtin_mul_overflow(*value, scale, &product)
        || __builtin_add_overflow(total, product, &total))
        return false;
    for (const char digit : fraction) {
        scale /= 10;
        if (__builtin_add_overflow(total, (digit - '0') * scale, &total))
            return false;
    }
    return true;
}

}  // namespace

std::optional<TimeSpan> parse_time_span(std::string_view text) {
    take_while(text, spaces);
    text = text.substr(0, text.find_last_not_of(spaces) + 1);
    if (text == "infinity")
        return infinity;

    std::int64_t total = 0;
    do {
        if (!add_component(text, total))
            return std::nullopt;
        take_while(text, spaces);
    } while (!text.empty());
    return TimeSpan(total);
}

std::optional<TimeSpan> parse_usec(std::string_view text) {
    const auto usec = parse_lenient_unsigned(text);
    if (!usec)
        return std::nullopt;
    const auto most = static_cast<std::uint64_t>(infinity.count());
    return TimeSpan(static_cast<std::int64_t>(*usec < most ? *usec : most));
}

std::string to_string(TimeSpan span) {
    if (span == infinity)
        return "infinity";
    if (span == TimeSpan::zero())
        return "0";

    std::string out;
    std::int64_t rest = span.count();
    // Skips years and months, because people do not agree on their lengths.
    for (const Unit& step : std::span(steps).subspan(2)) {
        if (rest < step.usec)
            continue;
        out += concat(out.empty() ? "" : " ", rest / step.usec, step.name);
        rest %= step.usec;
    }
    return out;
}

std::string to_decimal_string(TimeSpan span, TimeSpan accuracy) {
    if (span == infinity)
        return "infinity";
    std::string out;
    std::int64_t rest = span.count();
    for (const Unit& step : steps) {
        if (rest < accuracy.count() && !out.empty())
            break;
        if (rest < step.usec)
            continue;
        if (!out.empty())
            out += ' ';
        out += concat(rest / step.usec);
        rest %= step.usec;
        if (step.usec <= second && rest != 0 && step.usec > accuracy.count()) {
            const std::string fraction = concat(rest / accuracy.count());
            const std::size_t width = zeros(step.usec) - zeros(accuracy.count());
            out += concat('.', std::string(width - fraction.size(), '0'), fraction);
            rest = 0;
        }
        out += step.name;
    }
    return out.empty() ? "0" : out;
}

}  // namespace notifybridge::util
