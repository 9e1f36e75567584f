#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "base/notify/key.hpp"

/// Decides which values last until they are replaced, and reads these values as systemd does.
namespace notifybridge::notify {

/// The keys whose values last until they are replaced. All other keys are events.
inline constexpr auto fact_keys =
    std::to_array<Key>({Key::monotonic_usec, Key::status, Key::errno_, Key::bus_error,
                        Key::varlink_error, Key::exit_status, Key::main_pid, Key::watchdog_usec});

bool is_fact(Key key) noexcept;

/// Returns `value` as systemd reads it (service_notify_message): numbers in decimal, texts
/// unchanged. Returns an empty text if `value` clears the previous value. Returns nullopt if
/// systemd ignores `value` and keeps the previous one.
std::optional<std::string> accepted_value(Key key, std::string_view value);

}  // namespace notifybridge::notify
