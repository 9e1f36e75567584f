#pragma once

#include <optional>

#include "base/event/deadline.hpp"
#include "base/event/descriptor.hpp"
#include "base/event/wakeup.hpp"
#include "base/process/supervisor.hpp"
#include "bridge/probe/line_splitter.hpp"

namespace notifybridge::probe {

/// Runs a command of the user beside the command, once or repeatedly, with a time limit.
class Script {
public:
    /// Runs this program with its arguments.
    Script(event::Loop& loop, process::Supervisor& supervisor, std::vector<std::string> arguments);
    /// Runs a command line with /bin/sh.
    Script(event::Loop& loop, process::Supervisor& supervisor, std::string line)
        : Script(loop, supervisor, std::vector<std::string>{"/bin/sh", "-c", std::move(line)}) {}

    struct Outcome {
        std::optional<process::ExitStatus> end;  ///< nullopt if it could not be started.
        bool timed_out = false;
        std::string words;  ///< The line of its output that was read, or why it was not started.

        bool success() const { return end && end->success() && !timed_out; }
    };

    /// What happens to the script's output, and to leftovers in its process group.
    enum class Output {
        /// Reads the last line on standard error and discards standard output. Kills the rest of
        /// the group at the end.
        last_error,
        /// Reads the first line on standard output or error. Kills the rest of the group at the
        /// end.
        first_line,
        /// Writes everything to our standard error. The rest of the group continues.
        logged,
    };

    /// Runs it until it ends or `limit` is over, one at a time.
    event::Awaitable<Outcome> run(process::Environment environment, std::chrono::microseconds limit,
                                  Output output);

    /// Sets a new limit for the current run, counted from now.
    void limit(std::chrono::microseconds span) { deadline_.start(span); }

    /// Kills what runs now, with its process group.
    void kill();

private:
    void start(process::Environment environment, Output output);
    event::Awaitable<> listen();
    bool take_words();
    void take_line(std::string_view line);

    event::Loop& loop_;
    process::Supervisor& supervisor_;
    std::vector<std::string> arguments_;
    event::Deadline deadline_;
    event::Wakeup ended_;
    std::optional<event::Descriptor> output_;  ///< Set if some of its output is read.
    bool keeps_first_ = false;
    LineSplitter lines_;
    pid_t pid_ = -1;
    Outcome outcome_;
};

/// Returns how it ended, for a sentence: its last line, or "exited with status 3".
std::string describe(const Script::Outcome& outcome);

}  // namespace notifybridge::probe
