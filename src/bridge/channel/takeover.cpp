#include "bridge/channel/takeover.hpp"

#include <unistd.h>

#include "base/system/lock.hpp"
#include "bridge/channel/directory.hpp"
#include "bridge/channel/host_file.hpp"

namespace notifybridge::channel {
namespace {

/// Gives "journal" the second name "journal.old". If the file system cannot add a name, renames the
/// file to "journal.old". Returns whether the file still has the name "journal". On a file system
/// that allows neither (EPERM, EOPNOTSUPP, …), the journal is lost when a new run replaces it.
bool give_old_name(system::Fd directory) {
    ::unlinkat(directory.get(), old_journal_name, 0);
    if (::linkat(directory.get(), journal_name, directory.get(), old_journal_name, 0) == 0)
        return true;
    if (::renameat(directory.get(), journal_name, directory.get(), old_journal_name) == 0)
        return false;
    const auto failure = system::last_error();
    if (system::is_full(failure) || system::may_pass(failure))
        system::throw_error(failure.value(), "rename", journal_name);
    return true;
}

}  // namespace

bool keep_for_reader(system::Fd directory, system::Fd journal) {
    HeaderBytes bytes{};
    const auto size = system::read_at(journal, bytes, 0);
    if (!size && system::may_pass(size.error()))
        system::throw_error(size.error().value(), "read", journal_name);
    const auto header = decode_header(std::span(bytes).first(size ? *size : 0));
    HostFileReader reader(directory);
    const auto host = reader.refresh() ? reader.read() : std::nullopt;
    if (reader.is_uncertain())
        system::throw_error(reader.failure().value(), "read", host_name);
    const bool is_read = header && host && host->facts.run == header->run && !host->facts.has_left;
    // Do not replace the kept journal: the `wait` that wrote "host" does not read this run yet, and
    // may still need that journal.
    if (host && !is_read)
        return true;
    if (is_read)
        return give_old_name(directory);
    ::unlinkat(directory.get(), old_journal_name, 0);
    return true;
}

std::unique_ptr<JournalReader> open_unread(system::Fd directory, const std::optional<RunId>& unread,
                                           JournalFault& fault) {
    auto reader = JournalReader::open(directory, fault);
    if (fault.passing || !unread || (reader && reader->header().run == *unread))
        return reader;
    // Try the old name after the current name: a new run first gives the ended run's journal the
    // old name, and then installs its own journal under the current name.
    JournalFault of_old;
    auto old = JournalReader::open(directory, of_old, old_journal_name);
    if (of_old.passing) {
        fault = of_old;
        return nullptr;
    }
    return old && old->header().run == *unread ? std::move(old) : std::move(reader);
}

Keeping keeping_of(system::Fd directory, const JournalReader& reader) {
    // Query the lock before the name. If a new run has released the claim lock, that run has
    // already replaced the name. If a new run takes the lock later, that run also reads "host"
    // later, and keeps the journal.
    const bool is_claimed = system::query_claim_lock(reader.fd()) == system::LockState::held;
    if (reader.is_current(directory))
        return is_claimed ? Keeping::unknown : Keeping::yes;
    JournalFault fault;
    const RunId& run = reader.header().run;
    const auto there = open_unread(directory, run, fault);
    if (!there || there->header().run != run)
        return fault.passing ? Keeping::unknown : Keeping::no;
    // `there` is either the kept journal, or the run's new journal after a rotation, which has the
    // current name.
    return there->is_current(directory) ? Keeping::unknown : Keeping::yes;
}

}  // namespace notifybridge::channel
