#pragma once

#include <cstdint>
#include <optional>

#include "base/notify/state.hpp"
#include "bridge/channel/journal_reader.hpp"

namespace notifybridge::relay {

/// What the records of a run, up to one of them, fold into: it is sent in their place where they
/// are gone, or were sent to another invocation. Pure.
class Digest {
public:
    /// All up to the record `last` is in `state`.
    void start_from(const notify::State& state, std::uint64_t last) {
        state_ = state;
        last_ = last;
    }

    /// Takes in the next record. A state says all that came before it.
    void add(const channel::Record& record);

    /// The records up to `sequence` are in it, though the journal does not have them.
    void reach(std::uint64_t sequence) { last_ = sequence; }

    const notify::State& state() const { return state_; }
    std::uint64_t last() const { return last_; }  ///< The sequence of the last record in it.

    /// Whether the records can as well be sent one by one: the journal has them all, and the
    /// service is still starting.
    bool is_needless() const { return !has_state_ && state_.phase == notify::Phase::starting; }

private:
    notify::State state_;
    std::uint64_t last_ = 0;
    bool has_state_ = false;
};

/// What a journal begins with in place of records that are gone; nothing where none are. `reader`
/// stands at the first record, before and after. An error where that cannot be read.
system::Result<std::optional<Digest>> leading_digest(channel::JournalReader& reader);

}  // namespace notifybridge::relay
