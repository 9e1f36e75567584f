#pragma once

#include <cstdint>
#include <optional>

#include "base/notify/state.hpp"
#include "bridge/channel/journal_reader.hpp"

namespace notifybridge::relay {

/// The state of a run after one of its records. The digest replaces records that were removed, or
/// that were sent to another invocation. Pure.
class Digest {
public:
    /// Adds the next record. A state record replaces all previous records.
    void add(const channel::Record& record);

    /// Counts the records up to `sequence` as included even if the journal does not have them.
    void reach(std::uint64_t sequence) { last_ = sequence; }

    const notify::State& state() const { return state_; }
    std::uint64_t last() const { return last_; }  ///< The sequence of the last included record.

    /// Returns whether the records can be sent one by one, so that no digest is needed. This is
    /// true if the journal has all of them and the service is still starting.
    bool is_needless() const { return !has_state_ && state_.phase == notify::Phase::starting; }

private:
    notify::State state_;
    std::uint64_t last_ = 0;
    bool has_state_ = false;
};

/// Returns the state that a journal contains instead of its removed records. Returns nullopt if the
/// journal does not begin with a state. `reader` must be at the first record, and is there again
/// after the call. Returns an error if reading fails.
system::Result<std::optional<Digest>> leading_digest(channel::JournalReader& reader);

}  // namespace notifybridge::relay
