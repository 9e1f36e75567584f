#pragma once

#include <string>
#include <string_view>

#include "base/util/function_ref.hpp"
#include "base/util/log.hpp"

/// Reads the messages that programs send to the system log.
namespace notifybridge::output {

// Facilities of syslog(3), as in RFC 3164.
inline constexpr unsigned kernel_facility = 0;
inline constexpr unsigned user_facility = 1;
inline constexpr unsigned daemon_facility = 3;

/// A message that a program sent to the system log.
struct LoggedMessage {
    util::Severity severity = util::Severity::info;
    std::string_view identifier;  ///< The program's name for itself, if any.
    std::string_view text;  ///< The text. It may have several lines, and may contain any bytes.
    unsigned facility = user_facility;  ///< The facility, without the severity.
};

/// Reads a datagram of syslog(3) as journald does: "<PRIORITY>TIME IDENTIFIER[PID]: TEXT" (RFC
/// 3164). All parts except TEXT may be missing.
LoggedMessage parse_syslog(std::string_view datagram);

/// Reads a datagram of sd_journal_send(3) in the "Native Journal Protocol". Entries are separated
/// by an empty line. A field is either "NAME=VALUE", or NAME, a 64-bit size and that number of
/// bytes.
///
/// Calls `take` for each entry with a MESSAGE=. Returns false if the datagram is malformed, after
/// calling `take` for the entries before the fault.
bool parse_journal_entries(std::string_view datagram,
                           util::FunctionRef<void(const LoggedMessage&)> take);

/// Returns whether pam_limits(8) reports that it could not raise one of the limits that mark the
/// processes of units (execute::Mark). pam_limits tries to set the limits of PID 1 in each session.
/// The failure has no effect, because Linux does not enforce these limits.
bool is_about_mark(const LoggedMessage& message);

/// Calls `take` with each line of the message. Puts the identifier in front of each line.
void for_each_line(const LoggedMessage& message,
                   util::FunctionRef<void(std::string_view line)> take);

}  // namespace notifybridge::output
