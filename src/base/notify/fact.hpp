#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "base/notify/key.hpp"

/// What stands until it is said anew, and in which form.
namespace notifybridge::notify {

/// The keys whose values stand until they are replaced. The others are events.
inline constexpr auto fact_keys =
    std::to_array<Key>({Key::monotonic_usec, Key::status, Key::errno_, Key::bus_error,
                        Key::varlink_error, Key::exit_status, Key::main_pid, Key::watchdog_usec});

bool is_fact(Key key) noexcept;

/// What systemd takes `value` for (service_notify_message): a number in decimal, a text as it is.
/// Empty where that takes the last value away; nothing where systemd ignores it, and what was said
/// before stands.
std::optional<std::string> accepted_value(Key key, std::string_view value);

}  // namespace notifybridge::notify
