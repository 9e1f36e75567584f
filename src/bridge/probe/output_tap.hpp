#pragma once

#include <list>

#include "base/event/deadline.hpp"
#include "base/process/passage.hpp"
#include "base/process/spawn.hpp"
#include "bridge/probe/line_splitter.hpp"

namespace notifybridge::probe {

/// Shows the lines that a command writes to standard output and error to probes, and forwards them
/// unchanged. If both are the same file, the command gets one descriptor for both, to keep the
/// order.
///
/// If one is a terminal, the command gets another terminal for its output, but keeps the original
/// as standard input and controlling terminal. So keys, job control and the foreground work as
/// before, and no terminal mode has to be restored if we are killed. Programs that read keys from
/// standard output, or set the key mode through it, fail. With script(1), Ctrl-Z and background
/// jobs would fail instead.
class OutputTap {
public:
    /// Throws std::system_error if there are not enough descriptors.
    explicit OutputTap(event::Loop& loop);

    /// Called with each line, without the newline and cut to 64 KiB.
    std::function<void(std::string_view line)> on_line;

    /// Makes `command` write to this object. Call it before the start.
    void prepare(process::Command& command) const;

    /// Call this when the command runs.
    void started();

    /// Stops calling `on_line`; output is only forwarded.
    void stop_looking();

    /// Call this when the command has ended: reports all remaining lines, even the last one without
    /// a newline.
    void command_ended();

    /// Call this when the terminal may have changed its size.
    void follow_size();

    /// Returns when all output was forwarded, however slow its reader is: the command would have
    /// had to wait as well.
    event::Awaitable<> finish();

    /// Limits how long `finish` waits for readers, counted from now if it is waiting already. Only
    /// the first call counts. The rest of the output is lost.
    void hurry(std::chrono::microseconds patience);

private:
    struct Stream {
        Stream(event::Loop& loop, int number);

        std::vector<int> numbers;  ///< STDOUT_FILENO, STDERR_FILENO, or both.
        process::Passage passage;
        LineSplitter lines;
    };

    void add(int number);
    void give_up();

    event::Loop& loop_;
    std::list<Stream> streams_;
    std::optional<std::chrono::microseconds> patience_;
    event::Deadline deadline_;
    bool started_ = false;
    bool finishing_ = false;
};

}  // namespace notifybridge::probe
