#pragma once

#include <optional>

#include "base/event/deadline.hpp"
#include "base/event/descriptor.hpp"
#include "base/event/wakeup.hpp"
#include "base/process/supervisor.hpp"
#include "bridge/probe/line_splitter.hpp"

namespace notifybridge::probe {

/// Runs a user's command line with /bin/sh beside the command, once or repeatedly, with a time
/// limit.
class Script {
public:
    Script(event::Loop& loop, process::Supervisor& supervisor, std::string command);

    struct Outcome {
        std::optional<process::ExitStatus> end;  ///< nullopt if it could not be started.
        bool timed_out = false;
        std::string last_words;  ///< Its last line on standard error, if that was read.

        bool success() const { return end && end->success() && !timed_out; }
    };

    /// What happens to its output, and to what it leaves in its process group.
    enum class Output {
        /// Reads standard error and discards standard output. Kills the rest of the group at the
        /// end.
        listened_to,
        /// Writes everything to our standard error. The rest of the group continues.
        logged,
    };

    /// Runs it until it ends or `limit` is over, one at a time.
    event::Awaitable<Outcome> run(process::Environment environment, std::chrono::microseconds limit,
                                  Output output);

    /// Sets a new limit for the current run, counted from now.
    void limit(std::chrono::microseconds span) { deadline_.start(span); }

private:
    void start(process::Environment environment, Output output);
    event::Awaitable<> listen();
    bool take_words();

    event::Loop& loop_;
    process::Supervisor& supervisor_;
    std::string command_;
    event::Deadline deadline_;
    event::Wakeup ended_;
    std::optional<event::Descriptor> errors_;
    LineSplitter lines_;
    pid_t pid_ = -1;
    Outcome outcome_;
};

/// Returns how it ended, for a sentence: its last line, or "exited with status 3".
std::string describe(const Script::Outcome& outcome);

}  // namespace notifybridge::probe
