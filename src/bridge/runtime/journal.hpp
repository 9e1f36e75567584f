#pragma once

#include <string>
#include <string_view>

/// Writes messages to the log of the unit. The container manager may discard our standard error,
/// and then nobody would see the messages there.
namespace notifybridge::runtime {

/// The priorities of syslog(3).
enum class JournalPriority { error = 3, warning = 4, notice = 5 };

/// Returns an entry in the format of systemd's journal ("Native Journal Protocol").
std::string journal_entry(JournalPriority priority, std::string_view sentence);

inline constexpr const char* journal_socket = "/run/systemd/journal/socket";

/// Sends an entry to the journal at `socket`. Waits up to a second until journald has read the
/// entry. The sender must exist until then, because journald finds the sender's unit in /proc.
void send_to_journal(const std::string& entry, const std::string& socket = journal_socket);

/// Writes the sentence to the journal if this process belongs to a service, so that the log of the
/// service shows the sentence.
void write_to_journal(JournalPriority priority, std::string_view sentence);

/// If our standard error is discarded, writes the sentence to our parent's standard error, or else
/// to the journal. For example, podman discards the standard error of a hook.
void report_to_manager(std::string_view sentence);

}  // namespace notifybridge::runtime
