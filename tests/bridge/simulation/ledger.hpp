#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/notify/state.hpp"
#include "base/process/exit_status.hpp"
#include "bridge/channel/run_id.hpp"

namespace notifybridge::bridge::simulation {

/// A message of an app. A line X_N= contains its mark. A message that may be merged has the mark in
/// STATUS= instead.
struct Said {
    std::string text;  ///< The text that must arrive if the unit has only one container.
    bool is_mergeable = false;
    notify::State state = {};  ///< The state of the run after this message.
    std::uint64_t time = 0;    ///< When the app sent the text, on the monotonic clock, in µs.
};

/// A run, and the messages that its app has sent.
struct Run {
    channel::RunId id;
    std::vector<Said> said;
    bool lives = true;
    /// Whether a `wait` has begun to follow the run.
    bool is_followed = false;
    bool was_ready = false;
    /// Whether a byte of the run's journal was changed. In this case, messages may be missing, but
    /// those that arrive are right.
    bool is_damaged = false;
    /// How the run ended. `is_end_known` is false if the run was killed while it ended.
    std::optional<process::ExitStatus> end = {};
    bool is_end_known = true;
    /// The number of messages that must arrive. Set when the run has ended.
    std::size_t promised = 0;
    /// The number of messages that have arrived so far, one by one or folded.
    std::size_t arrived = 0;

    const notify::State& state() const {
        static const notify::State nothing;
        return said.empty() ? nothing : said.back().state;
    }
};

/// Identifies a message of an app. Each message contains its mark.
struct Mark {
    std::size_t member = 0;
    std::size_t run = 0;
    std::size_t number = 0;

    std::string text() const;
    /// Returns the mark of a message, or nullopt if the message has none, such as a folded state.
    static std::optional<Mark> of(const notify::Message& message);

    /// Returns the value of ERRNO= that identifies the run. The first message of each run contains
    /// this value, so each folded state contains it too.
    std::size_t errno_value() const { return 1 + member + 8 * (run % 500); }
};

/// The runs of one container. Compares the messages of their apps with the messages that the
/// service manager has received, and checks the promises of notifybridge(1), WHAT IS PROMISED.
class Ledger {
public:
    struct Options {
        std::size_t member = 0;
        bool is_alone = true;    ///< Whether messages arrive unchanged.
        bool may_merge = false;  ///< Whether messages arrive faster than the rate limit.
    };

    explicit Ledger(Options options) : options_(options) {}

    std::vector<Run>& runs() { return runs_; }
    const std::vector<Run>& runs() const { return runs_; }
    Run* live_run() { return !runs_.empty() && runs_.back().lives ? &runs_.back() : nullptr; }
    /// Returns the mark of the next message of the live run.
    Mark next_mark() const { return {options_.member, runs_.size() - 1, runs_.back().said.size()}; }

    /// Records that a `wait` has started, for a new invocation or for that of the last `wait`.
    void wait_started(bool is_new_invocation);
    /// Records that `wait` follows this run from now on.
    void run_began(const channel::RunId& id);
    /// Returns the run with this id, or nullptr.
    Run* find(const channel::RunId& id);
    /// Returns this message, or nullptr if no app has sent it.
    const Said* find(std::size_t run, std::size_t number) const;
    /// Returns whether any run since the start of this invocation was ready. Also counts a run that
    /// was already alive at this start.
    bool was_ready() const;
    bool follows_live_run() const {
        return !runs_.empty() && runs_.back().lives && runs_.back().is_followed
               && !runs_.back().is_damaged;
    }
    void disk_was_full() { stream_.is_ack_uncertain = true; }

    /// Records that the manager has received a message of an app. Returns what is wrong with the
    /// message, or an empty text.
    std::string received(const Mark& mark, std::string_view text);
    /// Records that the manager has received the folded state of a run.
    std::string received_state(const notify::Message& message);
    /// Returns the number of the run that `errno_value` identifies. Returns nullopt if the run does
    /// not belong to this container.
    std::optional<std::size_t> run_of(std::string_view errno_value) const;

    /// Returns whether all messages that must arrive have arrived.
    bool is_all_here() const;
    /// Returns which messages are missing, assuming that no more messages will arrive.
    std::string missing() const;

private:
    /// The messages that have arrived for one invocation of the unit.
    struct Stream {
        std::optional<std::size_t> run = {};
        std::size_t next = 0;     ///< The number of the message that must arrive next.
        std::size_t highest = 0;  ///< One more than the highest number that has arrived.
        bool resumes = false;     ///< Whether a killed `wait` may repeat messages.
        bool is_ack_uncertain = false;
        std::optional<notify::State> folded = {};  ///< Set until a message follows.
    };

    std::string begin_run(std::size_t run);
    bool is_folded_to_end(const Run& run) const;
    std::string missing_of(std::size_t run) const;
    std::string missing_of_ended() const;
    std::string take(const Mark& mark);
    bool are_merged(std::size_t first, std::size_t end) const;

    Options options_;
    std::vector<Run> runs_;
    Stream stream_;
    std::size_t oldest_run_ = 0;  ///< Earlier runs are stale.
};

}  // namespace notifybridge::bridge::simulation
