#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Parses single values like systemd. Each function returns nullopt if `text` is not valid. For
/// time spans, use util::parse_time_span. For integers, use util::parse_lenient_unsigned and
/// util::parse_lenient_int.
namespace notifybridge::unit {

/// Parses a boolean. Accepts 1, yes, y, true, t, on and 0, no, n, false, f, off, in any case
/// (systemd.syntax(7)).
std::optional<bool> parse_boolean(std::string_view text);

std::optional<unsigned> parse_unsigned(std::string_view text);

/// Parses a size in bytes, such as "1.5G", "64K" or "1M 512K". K to E are powers of 1024
/// (systemd.syntax(7)).
std::optional<std::uint64_t> parse_size(std::string_view text);

/// Parses an octal access mode up to 7777.
std::optional<mode_t> parse_mode(std::string_view text);

/// Parses a number from -20 to 19.
std::optional<int> parse_nice(std::string_view text);

/// Parses a number from -1000 to 1000.
std::optional<int> parse_oom_score_adjust(std::string_view text);

/// Parses a number from 0 to 255.
std::optional<std::uint8_t> parse_byte(std::string_view text);

/// Returns "exited", "killed" or "dumped" for CLD_EXITED and similar codes (sigaction(2)). Returns
/// an empty text for any other code.
std::string_view code_to_string(int code) noexcept;

/// Parses an exit status, which is a number or a name such as "DATAERR" (systemd.exec(5), PROCESS
/// EXIT CODES).
std::optional<std::uint8_t> parse_exit_status(std::string_view text);

/// Returns the name of an exit status. Returns an empty text if the status has no name.
std::string_view exit_status_to_string(int status) noexcept;

/// Parses a capability, which is a name in any case or a number below 64 (capabilities(7)).
std::optional<unsigned> parse_capability(std::string_view text);

inline constexpr unsigned last_capability = 40;

/// Returns the name of a capability, such as "net_admin". Returns an empty text if the capability
/// has no name.
std::string_view capability_to_string(unsigned capability) noexcept;

/// Returns whether `text` is a name or number of a user or group. The text must not contain ":",
/// "/" or control characters, and must not begin or end with white space. These are systemd's rules
/// for units (systemd.exec(5), User=; https://systemd.io/USER_NAMES).
bool is_user_or_group(std::string_view text);

/// Returns whether LISTEN_FDNAMES can contain `text` (systemd.socket(5), FileDescriptorName=). The
/// text must be printable ASCII without ":", of at most 255 bytes.
bool is_fd_name(std::string_view text);

/// Returns whether `text` is a well-known name of D-Bus (systemd.service(5), BusName=; D-Bus
/// specification, "Bus names").
bool is_bus_name(std::string_view text);

/// Returns whether `text` is a valid name of a network interface, which has at most 15 bytes
/// (systemd.socket(5), BindToDevice=).
bool is_interface_name(std::string_view text);

/// Returns whether `text` has control characters that are not in `allowed`.
bool has_control_characters(std::string_view text, std::string_view allowed = {}) noexcept;

}  // namespace notifybridge::unit
