#pragma once

#include <list>

#include "base/event/deadline.hpp"
#include "base/process/passage.hpp"
#include "base/process/spawn.hpp"
#include "bridge/probe/line_splitter.hpp"

namespace notifybridge::probe {

/// Looks through the lines that a command writes to standard output and error, each of which
/// arrives as it was written. Where both are the same file the command gets one for both, so that
/// what it writes to them stays in order.
///
/// Where one is a terminal, the command gets another one for its output, and keeps the original as
/// its standard input and controlling terminal: keys, job control and the foreground are as ever,
/// and there is no mode to put back, should we be killed. A program that reads keys from standard
/// output, or sets their mode by it, fails; script(1) would take Ctrl-Z and the background away
/// instead.
class OutputTap {
public:
    /// Throws std::system_error where there are not enough descriptors.
    explicit OutputTap(event::Loop& loop);

    /// Called for each line, without its end, and no more than its first 64 KiB.
    std::function<void(std::string_view line)> on_line;

    /// Has `command` write here. Before it is started.
    void prepare(process::Command& command) const;

    /// The command runs.
    void started();

    /// No more lines are wanted: what is written is only passed on.
    void stop_looking();

    /// The command has ended: looks through all that it wrote, and takes what has no end for a
    /// line.
    void command_ended();

    /// The terminal may have another size now.
    void follow_size();

    /// Returns when all that was written has arrived, however long its reader takes: the command
    /// would have waited for it, too.
    event::Awaitable<> finish();

    /// `finish` waits for the readers no longer than `patience`, or from now on, where it waits
    /// already. Only the first call counts. What does not arrive by then is lost.
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
