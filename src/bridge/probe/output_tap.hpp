#pragma once

#include <list>

#include "base/event/deadline.hpp"
#include "base/process/output_forwarder.hpp"
#include "base/process/spawn.hpp"
#include "bridge/probe/line_splitter.hpp"

namespace notifybridge::probe {

/// A tap that passes the lines of a command's standard output and error to probes, and forwards the
/// output unchanged. If both outputs are the same file, the command gets one descriptor for both,
/// which keeps the order.
///
/// If an output is a terminal, the command gets another terminal for its output. The command keeps
/// the original terminal as standard input and controlling terminal. So keys, job control and the
/// foreground work as usual, and no terminal mode has to be restored if we are killed. A program
/// fails if it reads keys from standard output, or sets the terminal mode through it. With the
/// method of script(1), such a program works, but Ctrl-Z and background jobs fail.
class OutputTap {
public:
    /// Throws std::system_error if there are not enough descriptors.
    explicit OutputTap(event::Loop& loop);

    /// Called with each line, without the newline and cut to 64 KiB.
    std::function<void(std::string_view line)> on_line;

    /// Makes `command` write to this object. Call this before the command starts.
    void prepare(process::Command& command) const;

    /// Begins to read and forward the output. Must be called when the command has started.
    void started();

    /// Stops calling `on_line`. Output is still forwarded.
    void stop_reporting();

    /// Reports all remaining lines, even a last line without a newline. Must be called when the
    /// command has ended.
    void command_ended();

    /// Updates the size of the command's terminal. Must be called when the size of the original
    /// terminal may have changed.
    void follow_size();

    /// Returns when all output was forwarded. Waits even for a slow reader, because a command that
    /// writes to this reader directly would also wait.
    event::Awaitable<> finish();

    /// Limits how long `finish` waits for readers. If `finish` is already waiting, the limit counts
    /// from now. Only the first call counts. When the limit is over, the rest of the output is
    /// lost.
    void hurry(std::chrono::microseconds patience);

private:
    struct Stream {
        Stream(event::Loop& loop, int number);

        std::vector<int> numbers;  ///< STDOUT_FILENO, STDERR_FILENO, or both.
        process::OutputForwarder forwarder;
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
