#pragma once

#include <string>
#include <string_view>

/// Messages for the log of the unit, used if our standard error is not shown anywhere.
namespace notifybridge::runtime {

/// The priorities of syslog(3).
enum class JournalPriority { error = 3, warning = 4 };

/// Returns an entry in the format of systemd's journal ("Native Journal Protocol").
std::string journal_entry(JournalPriority priority, std::string_view sentence);

inline constexpr const char* journal_socket = "/run/systemd/journal/socket";

/// Sends an entry to the journal at `socket`. Waits until journald has read it, but at most a
/// second: journald finds the sender's unit in /proc, so the sender must still exist.
void send_to_journal(const std::string& entry, const std::string& socket = journal_socket);

/// Writes the sentence to the journal if this process belongs to a service, so that the service's
/// log shows it.
void tell_journal(JournalPriority priority, std::string_view sentence);

/// Writes the sentence to the standard error of our parent if our own goes nowhere: podman drops
/// what a hook writes there.
void tell_manager(std::string_view sentence);

}  // namespace notifybridge::runtime
