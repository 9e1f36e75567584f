#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>

#include "base/process/exit_status.hpp"

namespace notifybridge::wait {

/// How long a run may take to be gone that was killed: `wrap` ends what the app has left behind.
inline constexpr std::chrono::seconds killed_patience(10);

/// Where the run that a Courier follows stands.
enum class RunPhase {
    none,  ///< There was none yet.
    live,
    ended,  ///< It was followed to its end.
};

/// Decides whether the run that is read is over, and when it is looked at again: it is told what is
/// read and what a look at the journal shows. Pure; times are in µs of a clock that starts past 0.
class RunPlan {
public:
    enum class Step {
        wait,     ///< For `pause`, or for a change.
        read_on,  ///< All that is there now, and then look again.
        close,    ///< Nothing more of the run comes.
    };

    /// How a run ends.
    enum class Ending {
        recorded,
        damaged,     ///< The journal says nothing that makes sense any more.
        unreadable,  ///< Descriptors or memory are used up, for too long.
        broke_off,   ///< Its writer is gone.
    };

    /// Of a file that was closed the event comes just before the lock is gone: it is looked at
    /// again after 1 ms, 2 ms, ...
    static constexpr int most_closing_looks = 7;
    /// What cannot be read is tried again after this.
    static constexpr std::chrono::milliseconds retry_interval{100};
    /// No end is taken for one before it could be read, or was tried for so long.
    static constexpr std::uint64_t longest_doubt = 5'000'000;

    /// A run is read from now on, perhaps once more.
    void begin() {
        phase_ = RunPhase::live;
        closing_looks_ = 0;
        has_end_ = is_damaged_ = was_read_out_ = false;
        end_.reset();
    }

    RunPhase phase() const { return phase_; }
    /// How the command of the run ended, so far as that was recorded.
    std::optional<process::ExitStatus> end() const { return end_; }

    /// A look begins: nothing is in doubt yet.
    void begin_look() {
        if (!std::exchange(is_in_doubt_, false))
            doubted_since_ = 0;
    }
    /// Something cannot be read now: how the run stands is not known.
    void doubt(std::uint64_t now) {
        is_in_doubt_ = true;
        if (doubted_since_ == 0)
            doubted_since_ = now;
    }
    /// Whether what is in doubt may be known soon.
    bool may_clear(std::uint64_t now) const {
        return is_in_doubt_ && now - doubted_since_ < longest_doubt;
    }

    void read_end(std::optional<process::ExitStatus> end) {
        has_end_ = true;
        end_ = end;
    }
    void read_damage() { is_damaged_ = true; }
    /// Whether nothing more is to be read, whatever a look would show.
    bool has_ending() const { return has_end_ || is_damaged_; }

    /// The journal was closed by one who wrote to it.
    void writer_closed() { closing_looks_ = most_closing_looks; }
    /// It was the rotated one.
    void reopened() { closing_looks_ = 0; }

    /// What is to be done after a look, which showed whether the writer lives; and then, whether
    /// what it writes is another file by now, which was opened.
    Step step(bool is_alive, bool was_rotated, std::uint64_t now) {
        if (has_ending())
            return Step::close;
        const bool waits = may_clear(now) || (is_alive && !was_rotated);
        // Where the writer is gone, what it wrote last is there by now.
        const bool is_over = !waits && !was_rotated && was_read_out_;
        was_read_out_ = !waits && !was_rotated;
        return waits ? Step::wait : is_over ? Step::close : Step::read_on;
    }

    /// How long nothing is looked at; nothing where a change is to be awaited.
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

    /// The command is gone, and no run comes after the one that is there. All that this one wrote
    /// until now, `unread` bytes, is to be read: of what comes later there may be no end.
    void command_gone(std::uint64_t unread) {
        is_last_ = true;
        left_to_read_ = unread;
    }
    bool is_last() const { return is_last_; }

    /// So many bytes were read. Whether those were the last that were there then.
    bool catches_up(std::uint64_t bytes) {
        if (left_to_read_)
            *left_to_read_ -= std::min(*left_to_read_, bytes);
        return left_to_read_ == 0;
    }

    /// All that is there was read. Whether it was asked for that; once.
    bool has_caught_up(std::uint64_t now) {
        return !may_clear(now) && std::exchange(left_to_read_, std::nullopt).has_value();
    }

private:
    RunPhase phase_ = RunPhase::none;
    std::optional<process::ExitStatus> end_;
    bool has_end_ = false;
    bool is_damaged_ = false;
    bool was_read_out_ = false;  ///< Since its writer was found to be gone.
    int closing_looks_ = 0;
    bool is_in_doubt_ = false;
    std::uint64_t doubted_since_ = 0;
    bool is_last_ = false;
    std::optional<std::uint64_t> left_to_read_;
};

}  // namespace notifybridge::wait
