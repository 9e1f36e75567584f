#include "base/notify/fact.hpp"

#include <string.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <utility>

#include "base/util/concat.hpp"
#include "base/util/contains.hpp"
#include "base/util/lenient_number.hpp"
#include "base/util/utf8.hpp"

namespace notifybridge::notify {
namespace {

/// The highest errno that systemd accepts (its ERRNO_MAX, the kernel's MAX_ERRNO).
constexpr int highest_errno = 4095;
constexpr int highest_named_errno = EHWPOISON;

/// The second names of some errors. strerrorname_np(3) returns only the first names.
constexpr auto second_names = std::to_array<std::pair<std::string_view, int>>(
    {{"EWOULDBLOCK", EWOULDBLOCK}, {"EDEADLOCK", EDEADLOCK}, {"ENOTSUP", ENOTSUP}});

/// Works like errno_from_name of systemd, which ignores case.
std::optional<int> errno_named(std::string_view text) {
    std::string name(text);
    std::transform(name.begin(), name.end(), name.begin(), [](char letter) {
        return letter >= 'a' && letter <= 'z' ? letter - 32 : letter;
    });
    for (const auto& [second, number] : second_names)
        if (name == second)
            return number;
    for (int number = 1; number <= highest_named_errno; ++number)
        if (const char* const known = ::strerrorname_np(number); known && name == known)
            return number;
    return std::nullopt;
}

/// Works like parse_errno of systemd.
std::optional<std::string> accepted_errno(std::string_view value) {
    auto number = util::parse_lenient_int(value);
    if (!number)
        number = errno_named(value);
    if (!number || *number < 0 || *number > highest_errno)
        return std::nullopt;
    return util::concat(*number);
}

std::optional<std::string> accepted_count(std::string_view value) {
    const auto number = util::parse_lenient_unsigned(value);
    return number ? std::optional(util::concat(*number)) : std::nullopt;
}

std::optional<std::string> accepted_pid(std::string_view value) {
    const auto number = util::parse_lenient_unsigned(value);
    if (!number || *number == 0 || *number > std::numeric_limits<int>::max())
        return std::nullopt;
    return util::concat(*number);
}

/// Returns whether `value` has at most 255 bytes. systemd does not check the EXIT_STATUS of a
/// service. A valid EXIT_STATUS is a number or a name, so it is short.
bool is_exit_status(std::string_view value) {
    return value.size() <= 255;
}

/// Works like string_is_safe_ascii of systemd: no control characters, quotes or backslashes.
bool is_safe_ascii(std::string_view text) {
    return std::ranges::all_of(text, [](char byte) {
        return byte >= ' ' && byte <= '~' && byte != '"' && byte != '\'' && byte != '\\';
    });
}

}  // namespace

bool is_fact(Key key) noexcept {
    return util::contains(fact_keys, key);
}

std::optional<std::string> accepted_value(Key key, std::string_view value) {
    switch (key) {
        case Key::status:
            return std::string(util::is_utf8(value) ? value : "");
        case Key::errno_:
            return accepted_errno(value);
        case Key::bus_error:
        case Key::varlink_error:
            return is_safe_ascii(value) ? std::optional<std::string>(value) : std::nullopt;
        case Key::exit_status:
            return is_exit_status(value) ? std::optional<std::string>(value) : std::nullopt;
        case Key::main_pid:
            return accepted_pid(value);
        case Key::monotonic_usec:
        case Key::watchdog_usec:
            return accepted_count(value);
        default:
            return std::nullopt;
    }
}

}  // namespace notifybridge::notify
