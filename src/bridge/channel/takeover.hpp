#pragma once

#include <memory>
#include <optional>

#include "base/system/fd.hpp"
#include "bridge/channel/journal_reader.hpp"
#include "bridge/channel/run_id.hpp"

/// A run may take over the directory before the `wait` that reads the ended run came to its end. If
/// "host" names the ended run, its journal is kept under a name of its own, until one that is read
/// takes its place.
namespace notifybridge::channel {

/// Keeps the journal that is about to be replaced, and is claimed, where "host" names its run.
/// Throws std::system_error where it cannot be known what "host" says.
void keep_for_reader(system::Fd directory, system::Fd journal);

/// The journal of the run `unread`, if it is there under either name; else the one that is there
/// now. Nothing, and the reason in `fault`, where there is none that can be read.
std::unique_ptr<JournalReader> open_unread(system::Fd directory, const std::optional<RunId>& unread,
                                           JournalFault& fault);

/// Whether a run's journal is there for as long as "host" names it, for a reader that comes back.
enum class Keeping {
    yes,
    no,       ///< Another took over before it could see that the run is read.
    unknown,  ///< It is being replaced, or what is there cannot be read just now.
};

/// Asked by a reader once "host" names its run.
Keeping keeping_of(system::Fd directory, const JournalReader& reader);

}  // namespace notifybridge::channel
