#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/event/deadline.hpp"
#include "base/event/descriptor.hpp"
#include "init/generate/run_generators.hpp"
#include "init/perform/host_state.hpp"

namespace notifybridge::daemon {

/// Runs the generators of the image, which write units. A child process runs them and waits for
/// them; the manager goes on meanwhile.
class Generators {
public:
    /// Without directories, this manager runs no generators.
    Generators(event::Loop& loop, perform::HostState& state, std::vector<std::string> directories);

    /// Returns when all have ended, or when their time is over. Costs only a look at directories if
    /// there are none.
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
    std::optional<event::Descriptor> report_;  ///< The child's report, which ends with the child.
    std::string unread_;                       ///< The beginning of a line of it.
    event::Deadline limit_;
    pid_t child_ = -1;
};

}  // namespace notifybridge::daemon
