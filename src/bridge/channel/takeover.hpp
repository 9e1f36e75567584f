#pragma once

#include <memory>
#include <optional>

#include "base/system/fd.hpp"
#include "bridge/channel/journal_reader.hpp"
#include "bridge/channel/run_id.hpp"

/// A run may take over the directory while `wait` still reads the journal of the ended run. If
/// "host" names the ended run, its journal is kept under the old name until another one is kept.
namespace notifybridge::channel {

/// Keeps the claimed journal that is about to be replaced if "host" names its run. Throws
/// std::system_error if "host" cannot be read.
void keep_for_reader(system::Fd directory, system::Fd journal);

/// Opens the journal of the run `unread` under either name, else the current one. Returns null and
/// sets `fault` if none can be read.
std::unique_ptr<JournalReader> open_unread(system::Fd directory, const std::optional<RunId>& unread,
                                           JournalFault& fault);

/// Whether a run's journal is kept for a reader that returns. It is kept while the file "host"
/// names the run.
enum class Keeping {
    yes,
    no,       ///< Another run took over before it could see that this one is read.
    unknown,  ///< It is being replaced, or cannot be read just now.
};

/// Call this after "host" names the reader's run.
Keeping keeping_of(system::Fd directory, const JournalReader& reader);

}  // namespace notifybridge::channel
