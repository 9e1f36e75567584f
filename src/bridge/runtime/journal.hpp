#pragma once

#include <string>
#include <string_view>

/// Words for the person who looks at the log of the unit, if nobody shows what we write to standard
/// error.
namespace notifybridge::runtime {

/// As in syslog(3).
enum class JournalPriority { error = 3, warning = 4 };

/// Returns an entry in the format of systemd's journal ("Native Journal Protocol").
std::string journal_entry(JournalPriority priority, std::string_view sentence);

inline constexpr const char* journal_socket = "/run/systemd/journal/socket";

/// Sends an entry to the journal at `socket`. Returns when journald has taken it, because journald
/// looks in /proc for the unit of the sender; or after a second at most.
void send_to_journal(const std::string& entry, const std::string& socket = journal_socket);

/// Writes the sentence to the journal if this process belongs to a service, whose log has it then.
void tell_journal(JournalPriority priority, std::string_view sentence);

/// Writes the sentence where the standard error of our parent goes, if ours goes nowhere: podman
/// keeps none of what a hook writes there itself.
void tell_manager(std::string_view sentence);

}  // namespace notifybridge::runtime
