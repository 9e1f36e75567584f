#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Single values as systemd reads them. Nothing where `text` is none of the kind. Time spans are
/// util::parse_time_span, integers util::parse_lenient_unsigned and util::parse_lenient_int.
namespace notifybridge::unit {

/// 1, yes, y, true, t, on; 0, no, n, false, f, off; in any case (systemd.syntax(7)).
std::optional<bool> parse_boolean(std::string_view text);

std::optional<unsigned> parse_unsigned(std::string_view text);

/// Bytes: "1.5G", "64K", "1M 512K"; K to E are powers of 1024 (systemd.syntax(7)).
std::optional<std::uint64_t> parse_size(std::string_view text);

/// An access mode in octal, up to 7777.
std::optional<mode_t> parse_mode(std::string_view text);

/// -20 to 19.
std::optional<int> parse_nice(std::string_view text);

/// -1000 to 1000.
std::optional<int> parse_oom_score_adjust(std::string_view text);

/// A count from 0 to 255.
std::optional<std::uint8_t> parse_byte(std::string_view text);

/// "exited", "killed", "dumped" of CLD_EXITED and its like (sigaction(2)); empty for others.
std::string_view code_to_string(int code) noexcept;

/// A status by its number or its name: "DATAERR", "EXEC" (systemd.exec(5), PROCESS EXIT CODES).
std::optional<std::uint8_t> parse_exit_status(std::string_view text);

/// The name of an exit status, empty where it has none.
std::string_view exit_status_to_string(int status) noexcept;

/// A capability's number from "CAP_NET_ADMIN", in any case, or one below 64 (capabilities(7)).
std::optional<unsigned> parse_capability(std::string_view text);

inline constexpr unsigned last_capability = 40;

/// "net_admin" of its number, empty where it has no name.
std::string_view capability_to_string(unsigned capability) noexcept;

/// A user's or group's name or number, as strict as systemd is in units: no ":", "/", control
/// characters, no white space at its ends (systemd.exec(5), User=; "Syntax" of USER_NAMES).
bool is_user_or_group(std::string_view text);

/// What is passed in LISTEN_FDNAMES: printable ASCII without ":", 255 bytes at most
/// (systemd.socket(5), FileDescriptorName=).
bool is_fd_name(std::string_view text);

/// A D-Bus well-known name (systemd.service(5), BusName=; D-Bus specification, "Bus names").
bool is_bus_name(std::string_view text);

/// A network interface's name, 15 bytes at most (systemd.socket(5), BindToDevice=).
bool is_interface_name(std::string_view text);

/// Whether there are control characters in it other than those of `allowed`.
bool has_control_characters(std::string_view text, std::string_view allowed = {}) noexcept;

}  // namespace notifybridge::unit
