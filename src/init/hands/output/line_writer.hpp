#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/event/deadline.hpp"
#include "base/event/wakeup.hpp"
#include "base/process/sink.hpp"

namespace notifybridge::output {

/// A queue that writes lines to our standard output without blocking. If the reader is slow, a
/// caller that has more lines waits in `room`. If the reader has closed its end, or reads nothing
/// for the time `patience`, the queue drops and counts lines.
class LineWriter {
public:
    LineWriter(event::Loop& loop, system::Fd output,
               std::chrono::microseconds patience = std::chrono::seconds(1));

    /// Queues a line, or drops it. `line` has no newline.
    void add(std::string_view line);

    /// Writes queued lines until the pipe or terminal is full. Must be called after `add`.
    void flush();

    bool is_full() const { return queue_.size() >= enough; }

    /// Returns when the queue has space for more lines, or when nobody reads the output. Callers
    /// with more lines must await this function.
    event::Awaitable<> room();

    /// Writes queued lines whenever the reader accepts more, until the loop ends.
    event::Awaitable<> run();

    static constexpr std::size_t enough = 256 * 1024;
    static constexpr std::size_t most = 1024 * 1024;

private:
    bool must_drop() const;
    void wrote(std::size_t size);

    std::chrono::microseconds patience_;
    process::Sink sink_;
    event::Wakeup waits_;  ///< The wake-up that is raised if queued lines could not be written.
    event::Wakeup room_;
    event::Deadline stall_;
    std::string queue_;
    std::size_t dropped_ = 0;  ///< The number of dropped lines that were not reported yet.
    bool is_waiting_ = false;  ///< Whether the last write failed, because the output was full.
    /// Whether the reader has read nothing for longer than `patience_`.
    bool is_stalled_ = false;
    bool is_gone_ = false;
};

}  // namespace notifybridge::output
