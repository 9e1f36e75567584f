#pragma once

#include <functional>
#include <memory>

#include "base/event/file_watch.hpp"
#include "bridge/channel/peer.hpp"

namespace notifybridge::status {

/// A follower of the journal of one run, which passes on each record once, in order. It only reads
/// the journal, and does not acknowledge records.
class Follower {
public:
    /// `reader` must be newly opened in `directory`. `directory` must outlive this object.
    Follower(event::Loop& loop, system::Fd directory,
             std::unique_ptr<channel::JournalReader> reader);

    std::function<void(const channel::Record&)> on_record;

    /// Returns when the run has ended or its journal can no longer be read.
    event::Awaitable<> run();

    /// Returns whether the end of the run was recorded. A run that broke off has no recorded end.
    bool saw_end() const { return saw_end_; }

private:
    bool read_available();
    bool goes_on();
    bool reopen();

    system::Fd directory_;
    std::unique_ptr<channel::JournalReader> reader_;
    channel::Peer peer_;  ///< The `wrap` of the run.
    event::FileWatch watch_;
    event::Timer pause_;
    std::uint64_t last_sequence_ = 0;
    bool saw_end_ = false;
    bool broken_ = false;
};

}  // namespace notifybridge::status
