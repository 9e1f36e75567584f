#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/event/deadline.hpp"
#include "base/event/wakeup.hpp"
#include "base/process/sink.hpp"

namespace notifybridge::output {

/// Lines on their way to our standard output, which never holds us up. Where its reader is slow, a
/// caller with more to write waits in `room`; where it has read nothing for as long as our patience
/// lasts, or is gone, lines are dropped, and counted.
class LineWriter {
public:
    LineWriter(event::Loop& loop, system::Fd output,
               std::chrono::microseconds patience = std::chrono::seconds(1));

    /// Queues a line, without its newline, or drops it.
    void add(std::string_view line);

    /// Writes what there is room for; to be called after some were added.
    void flush();

    bool is_full() const { return queue_.size() >= enough; }

    /// For a caller with more to write: returns once there is room, or nobody reads.
    event::Awaitable<> room();

    /// Writes what is queued whenever there is room, until the loop ends.
    event::Awaitable<> run();

    static constexpr std::size_t enough = 256 * 1024;
    static constexpr std::size_t most = 1024 * 1024;

private:
    bool must_drop() const;
    void wrote(std::size_t size);

    std::chrono::microseconds patience_;
    process::Sink sink_;
    event::Wakeup waits_;  ///< There is something queued that could not be written.
    event::Wakeup room_;
    event::Deadline stall_;
    std::string queue_;
    std::size_t dropped_ = 0;  ///< Lines that are not reported yet.
    bool is_waiting_ = false;  ///< For the reader, who has read nothing since.
    bool is_stalled_ = false;  ///< And for too long.
    bool is_gone_ = false;
};

}  // namespace notifybridge::output
