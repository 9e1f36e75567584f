#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/util/log.hpp"

/// Reads the messages that programs send to the system log.
namespace notifybridge::output {

/// A message of a program to the system log.
struct LoggedMessage {
    util::Severity severity = util::Severity::info;
    std::string_view identifier;  ///< What the program calls itself; may be empty.
    std::string_view text;        ///< May have several lines, and any bytes.
};

/// Maps a priority of syslog(3), as a digit: 0 to 3 are all errors.
util::Severity severity_of_priority(char digit);

/// Reads a datagram of syslog(3) as journald does: "<PRIORITY>TIME IDENTIFIER[PID]: TEXT"
/// (RFC 3164). Each part but the text may be missing.
LoggedMessage parse_syslog(std::string_view datagram);

/// Reads a datagram of sd_journal_send(3), in the "Native Journal Protocol": entries with an empty
/// line between them, whose fields are "NAME=VALUE", or NAME, a size of 64 bits and so many bytes.
/// Calls `take` for each entry with a MESSAGE=. Returns false if the datagram breaks the rules;
/// entries before that are taken.
bool parse_journal_entries(std::string_view datagram,
                           const std::function<void(const LoggedMessage&)>& take);

/// Calls `take` for each line of the message, with the identifier before it.
void for_each_line(const LoggedMessage& message,
                   const std::function<void(std::string_view line)>& take);

}  // namespace notifybridge::output
