#pragma once

#include <optional>

#include "base/event/deadline.hpp"
#include "base/event/descriptor.hpp"
#include "base/event/wakeup.hpp"
#include "base/process/supervisor.hpp"
#include "bridge/probe/line_splitter.hpp"

namespace notifybridge::probe {

/// A user's command that runs beside the main command, once or repeatedly, with a time limit.
class Script {
public:
    /// Creates a script that runs a command. The first of `arguments` names the program.
    Script(event::Loop& loop, process::Supervisor& supervisor, std::vector<std::string> arguments);
    /// Creates a script that runs a command line with /bin/sh.
    Script(event::Loop& loop, process::Supervisor& supervisor, std::string line)
        : Script(loop, supervisor, std::vector<std::string>{"/bin/sh", "-c", std::move(line)}) {}

    struct Outcome {
        /// The exit status of the command; nullopt if the command could not be started.
        std::optional<process::ExitStatus> end;
        bool timed_out = false;
        /// A line of the command's output, or the reason why the command was not started.
        std::string words;

        bool success() const { return end && end->success() && !timed_out; }
    };

    /// The treatment of the script's output, and of leftover processes in its process group.
    enum class Output {
        /// Keeps the last line of standard error, and drops standard output. At the end, kills the
        /// other processes of the group.
        last_error,
        /// Keeps the first line of standard output or error. At the end, kills the other processes
        /// of the group.
        first_line,
        /// Copies all output to our standard error. The other processes of the group continue.
        logged,
    };

    /// Runs the command until it ends or `limit` is over. Only one run at a time is possible.
    event::Awaitable<Outcome> run(process::Environment environment, std::chrono::microseconds limit,
                                  Output output);

    /// Sets a new limit for the current run, counted from now.
    void limit(std::chrono::microseconds span) { deadline_.start(span); }

    /// Kills the current run with its process group.
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
    std::optional<event::Descriptor> output_;  ///< Our end of the pipe from the script; nullopt if
                                               ///< the output is not read.
    bool keeps_first_ = false;
    LineSplitter lines_;
    pid_t pid_ = -1;
    Outcome outcome_;
};

/// Describes `outcome` as part of a sentence: a line of output, or "exited with status 3".
std::string describe(const Script::Outcome& outcome);

}  // namespace notifybridge::probe
