#pragma once

#include <memory>
#include <optional>

#include "base/system/fd.hpp"
#include "bridge/channel/journal_reader.hpp"
#include "bridge/channel/run_id.hpp"

/// Lets a new run take over the directory while `wait` still reads the journal of the ended run. If
/// "host" names the ended run, that run's journal is kept under the name "journal.old" until
/// another journal is kept.
namespace notifybridge::channel {

/// Gives the claimed journal the second name "journal.old" if "host" names its run, because another
/// journal will replace it. Returns false if the journal has lost the name "journal", because the
/// file system could not add a second name. Throws std::system_error if "host" cannot be read, or
/// if the journal cannot be kept now.
bool keep_for_reader(system::Fd directory, system::Fd journal);

/// Opens the journal of run `unread`, which has the name "journal" or "journal.old". If there is no
/// such journal, opens "journal". Returns null and sets `fault` if no journal can be read.
std::unique_ptr<JournalReader> open_unread(system::Fd directory, const std::optional<RunId>& unread,
                                           JournalFault& fault);

/// Whether a run's journal is kept for its reader when another run takes over. The journal is kept
/// while the file "host" names its run.
enum class Keeping {
    yes,
    no,       ///< Another run took over before "host" named this run.
    unknown,  ///< The journal is being replaced, or cannot be read now.
};

/// Returns whether the reader's journal is kept. Call this after "host" names its run.
Keeping keeping_of(system::Fd directory, const JournalReader& reader);

}  // namespace notifybridge::channel
