#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/event/deadline.hpp"
#include "base/event/wakeup.hpp"
#include "base/process/sink.hpp"

namespace notifybridge::output {

/// Queues lines for our standard output without blocking. If the reader is slow, a caller with more
/// to write waits in `room`. If the reader reads nothing for `patience`, or is gone, lines are
/// dropped and counted.
class LineWriter {
public:
    LineWriter(event::Loop& loop, system::Fd output,
               std::chrono::microseconds patience = std::chrono::seconds(1));

    /// Queues a line, given without its newline, or drops it.
    void add(std::string_view line);

    /// Writes as much as there is room for. Call it after adding lines.
    void flush();

    bool is_full() const { return queue_.size() >= enough; }

    /// Returns once there is room, or if nobody reads. A caller with more to write awaits it.
    event::Awaitable<> room();

    /// Writes queued lines whenever there is room, until the loop ends.
    event::Awaitable<> run();

    static constexpr std::size_t enough = 256 * 1024;
    static constexpr std::size_t most = 1024 * 1024;

private:
    bool must_drop() const;
    void wrote(std::size_t size);

    std::chrono::microseconds patience_;
    process::Sink sink_;
    event::Wakeup waits_;  ///< Raised if queued lines could not be written.
    event::Wakeup room_;
    event::Deadline stall_;
    std::string queue_;
    std::size_t dropped_ = 0;  ///< Lines that are dropped and not reported yet.
    bool is_waiting_ = false;  ///< The reader has read nothing since the queue was full.
    bool is_stalled_ = false;  ///< The reader has read nothing for longer than our patience.
    bool is_gone_ = false;
};

}  // namespace notifybridge::output
