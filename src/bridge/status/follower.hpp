#pragma once

#include <functional>
#include <memory>

#include "base/event/file_watch.hpp"
#include "bridge/channel/journal_reader.hpp"

namespace notifybridge::status {

/// Follows the journal of one run and hands over each of its records once, in their order. It only
/// looks: nothing is acknowledged.
class Follower {
public:
    /// `reader` has just been opened in `directory`, which has to outlive this.
    Follower(event::Loop& loop, system::Fd directory,
             std::unique_ptr<channel::JournalReader> reader);

    std::function<void(const channel::Record&)> on_record;

    /// Returns when the run ends or its journal can no longer be read.
    event::Awaitable<> run();

    /// Returns whether the run's end was recorded. A run that broke off has none.
    bool saw_end() const { return saw_end_; }

private:
    bool read_available();
    bool goes_on();
    bool reopen();

    system::Fd directory_;
    std::unique_ptr<channel::JournalReader> reader_;
    event::FileWatch watch_;
    event::Timer pause_;
    std::uint64_t last_sequence_ = 0;
    bool saw_end_ = false;
    bool broken_ = false;
};

}  // namespace notifybridge::status
