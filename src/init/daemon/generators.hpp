#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/event/deadline.hpp"
#include "base/event/descriptor.hpp"
#include "init/hands/generate/run_generators.hpp"
#include "init/hands/perform/host_state.hpp"

namespace notifybridge::daemon {

/// A runner of the image's generators, which are programs that write units. A child process runs
/// the generators and waits for their end, so that the manager is not blocked.
class Generators {
public:
    /// Creates an object that runs the generators in `directories`. If `directories` is empty, the
    /// object runs no generators.
    Generators(event::Loop& loop, perform::HostState& state, std::vector<std::string> directories);

    /// Runs the generators. Returns when all generators have ended, or after their time limit.
    /// Starts no process if there are neither generators nor generated units.
    event::Awaitable<> run();

private:
    generate::GeneratorRun prepare(const std::vector<std::string>& paths,
                                   std::vector<system::UniqueFd>& outputs);
    void start(const generate::GeneratorRun& run);
    event::Awaitable<> follow();
    bool read_report();

    event::Loop& loop_;
    perform::HostState& state_;
    std::vector<std::string> directories_;
    /// The child's report. The pipe closes when the child ends.
    std::optional<event::Descriptor> report_;
    /// The incomplete last line of the report, as received so far.
    std::string unread_;
    event::Deadline limit_;
    pid_t child_ = -1;
};

}  // namespace notifybridge::daemon
