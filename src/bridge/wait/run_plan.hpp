#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>

#include "base/process/exit_status.hpp"

namespace notifybridge::wait {

/// How long a killed run may take to end: `wrap` first ends the processes that the app has left
/// behind.
inline constexpr std::chrono::seconds killed_patience(10);

/// The state of the run that a Courier follows.
enum class RunPhase {
    none,  ///< There was no run yet.
    live,
    ended,  ///< The run was followed to its end.
};

/// Decides whether the current run is over, and when to look at the run again. The input is the
/// content of the journal. Pure. Times are in µs of a monotonic clock. A time must not be 0,
/// because 0 means here that nothing is in doubt.
class RunPlan {
public:
    enum class Step {
        wait,     ///< Wait for `pause`, or for a change.
        read_on,  ///< Read everything that exists now, and then look again.
        close,    ///< Stop reading, because the run writes nothing more.
    };

    /// How a run ends.
    enum class Ending {
        recorded,
        damaged,     ///< The journal is damaged from some point on.
        unreadable,  ///< For too long, `wait` had no descriptors or memory to read the journal.
        broke_off,   ///< The writer has ended without recording an end.
    };

    /// When a file is closed, the kernel reports this just before it releases the file's lock. So
    /// after this event, check the file again this many times, after 1 ms, 2 ms, 4 ms and so on.
    static constexpr int most_closing_looks = 7;
    /// How soon to retry after something could not be read.
    static constexpr std::chrono::milliseconds retry_interval{100};
    /// How long to retry before an unreadable run counts as ended, in µs.
    static constexpr std::uint64_t longest_doubt = 5'000'000;

    /// Starts to read a run. Call this again to read the run again.
    void begin() {
        phase_ = RunPhase::live;
        closing_looks_ = 0;
        has_end_ = is_damaged_ = was_read_out_ = false;
        end_.reset();
    }

    RunPhase phase() const { return phase_; }
    /// Returns how the run's command ended, if the end was recorded.
    std::optional<process::ExitStatus> end() const { return end_; }

    /// Begins a new look at the run, which is not in doubt at first. If the run was in doubt after
    /// the previous look, a new doubt continues the old one.
    void begin_look() {
        if (!std::exchange(is_in_doubt_, false))
            doubted_since_ = 0;
    }
    /// Records that something cannot be read now, so that the state of the run is unknown.
    void doubt(std::uint64_t now) {
        is_in_doubt_ = true;
        if (doubted_since_ == 0)
            doubted_since_ = now;
    }
    /// Records that a record was read. Earlier doubts are resolved, and a later doubt gets the
    /// whole `longest_doubt`. Otherwise, the time for sending the record would count as a part of
    /// the doubt.
    void read_record() {
        is_in_doubt_ = false;
        doubted_since_ = 0;
    }
    /// Returns whether the run is in doubt, and `longest_doubt` has not passed yet.
    bool may_clear(std::uint64_t now) const {
        return is_in_doubt_ && now - doubted_since_ < longest_doubt;
    }

    void read_end(std::optional<process::ExitStatus> end) {
        has_end_ = true;
        end_ = end;
    }
    void read_damage() { is_damaged_ = true; }
    /// Returns whether the run's end, or damage of the journal, was read. In both cases, nothing
    /// more is read.
    bool has_ending() const { return has_end_ || is_damaged_; }

    /// Records that a writer has closed the journal.
    void writer_closed() { closing_looks_ = most_closing_looks; }
    /// Records that the closed journal was only rotated.
    void reopened() { closing_looks_ = 0; }

    /// Returns what to do after a look. `is_alive` means that the writer was alive. `was_rotated`
    /// means that the writer now writes to another file, which has been opened.
    Step step(bool is_alive, bool was_rotated, std::uint64_t now) {
        if (has_ending())
            return Step::close;
        const bool waits = may_clear(now) || (is_alive && !was_rotated);
        // Stop only if everything was read after the writer had ended.
        const bool is_over = !waits && !was_rotated && was_read_out_;
        was_read_out_ = !waits && !was_rotated;
        return waits ? Step::wait : is_over ? Step::close : Step::read_on;
    }

    /// Returns how long to wait before the next look. Returns nullopt to wait for a change.
    std::optional<std::chrono::milliseconds> pause() {
        if (closing_looks_ > 0)
            return std::chrono::milliseconds(1 << (most_closing_looks - closing_looks_--));
        return is_in_doubt_ ? std::optional(retry_interval) : std::nullopt;
    }

    Ending close() {
        phase_ = RunPhase::ended;
        closing_looks_ = 0;
        return has_end_       ? Ending::recorded
               : is_damaged_  ? Ending::damaged
               : is_in_doubt_ ? Ending::unreadable
                              : Ending::broke_off;
    }

    /// Records that the command has ended, so no other run will come. Only the `unread` bytes that
    /// exist now must be read, because the run may never stop writing.
    void command_gone(std::uint64_t unread) {
        is_last_ = true;
        left_to_read_ = unread;
    }
    bool is_last() const { return is_last_; }

    /// Counts `bytes` that were read. Returns whether all bytes that were unread at the call of
    /// `command_gone` are read now.
    bool catches_up(std::uint64_t bytes) {
        if (left_to_read_)
            *left_to_read_ -= std::min(*left_to_read_, bytes);
        return left_to_read_ == 0;
    }

    /// Records that everything was read. Returns true once after `command_gone`, but not while
    /// `may_clear` returns true.
    bool has_caught_up(std::uint64_t now) {
        return !may_clear(now) && std::exchange(left_to_read_, std::nullopt).has_value();
    }

private:
    RunPhase phase_ = RunPhase::none;
    std::optional<process::ExitStatus> end_;
    bool has_end_ = false;
    bool is_damaged_ = false;
    bool was_read_out_ = false;  ///< Whether everything was read after the writer had ended.
    int closing_looks_ = 0;
    bool is_in_doubt_ = false;
    std::uint64_t doubted_since_ = 0;
    bool is_last_ = false;
    std::optional<std::uint64_t> left_to_read_;
};

}  // namespace notifybridge::wait
