#pragma once

#include <optional>

#include "base/event/deadline.hpp"
#include "base/event/descriptor.hpp"
#include "base/event/wakeup.hpp"
#include "base/process/supervisor.hpp"
#include "bridge/probe/line_splitter.hpp"

namespace notifybridge::probe {

/// A command line of the user's for /bin/sh, run beside the command, again and again or once. It is
/// bounded in time.
class Script {
public:
    Script(event::Loop& loop, process::Supervisor& supervisor, std::string command);

    struct Outcome {
        std::optional<process::ExitStatus> end;  ///< Nothing where it could not be started.
        bool timed_out = false;
        std::string last_words;  ///< Its last line on standard error, where that was listened to.

        bool success() const { return end && end->success() && !timed_out; }
    };

    /// What becomes of what it writes, and of what it leaves in its process group.
    enum class Output {
        /// Its standard error; standard output is thrown away. All of the group ends with it.
        listened_to,
        /// All goes to our standard error. What it left behind goes on.
        logged,
    };

    /// Runs it to its end, or for `limit`. One at a time.
    event::Awaitable<Outcome> run(process::Environment environment, std::chrono::microseconds limit,
                                  Output output);

    /// From now on there is so much time for one that runs.
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

/// How it ended, for a sentence: its last words, or "exited with status 3".
std::string describe(const Script::Outcome& outcome);

}  // namespace notifybridge::probe
