#include "base/notify/key.hpp"

#include <array>
#include <cstddef>

#include "base/util/literal.hpp"
#include "base/util/named.hpp"

namespace notifybridge::notify {
namespace {

// The names are in the order of `Key`.
constexpr auto names = std::to_array<util::Literal>({
    "READY",
    "RELOADING",
    "STOPPING",
    "MONOTONIC_USEC",
    "STATUS",
    "NOTIFYACCESS",
    "ERRNO",
    "BUSERROR",
    "VARLINKERROR",
    "EXIT_STATUS",
    "MAINPID",
    "MAINPIDFD",
    "MAINPIDFDID",
    "WATCHDOG",
    "WATCHDOG_USEC",
    "EXTEND_TIMEOUT_USEC",
    "RESTART_RESET",
    "FDSTORE",
    "FDSTOREREMOVE",
    "FDNAME",
    "FDPOLL",
    "BARRIER",
    "X_",
});
static_assert(names.size() == static_cast<std::size_t>(Key::unknown));

}  // namespace

Key classify(std::string_view assignment) noexcept {
    const std::size_t equals = assignment.find('=');
    if (equals == assignment.npos)
        return Key::unknown;
    const std::string_view key = assignment.substr(0, equals);
    if (key.starts_with("X_"))
        return Key::extension;
    return key_named(key).value_or(Key::unknown);
}

std::optional<Key> key_named(std::string_view name) noexcept {
    return util::named<Key>(names, name);
}

std::string_view name(Key key) noexcept {
    return key == Key::unknown ? "unknown" : names[static_cast<std::size_t>(key)].view();
}

}  // namespace notifybridge::notify
