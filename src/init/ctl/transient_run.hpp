#pragma once

#include <string>
#include <vector>

#include "init/ctl/context.hpp"
#include "init/ctl/transient_unit.hpp"

namespace notifybridge::ctl {

/// How the service of systemd-run(1) is connected to our standard streams.
enum class Streams {
    log,       ///< The output goes to the log, as that of other services.
    pipe,      ///< The service uses our own standard streams (--pipe).
    terminal,  ///< The service gets a new terminal, which is connected to ours (--pty).
};

/// The settings of one call of systemd-run(1).
struct TransientRun {
    std::string name;  ///< The name of the service.
    TransientUnit service{"service"};
    std::string trigger_name;  ///< The name of the timer; empty if the service starts at once.
    TransientUnit trigger{"timer"};
    Streams streams = Streams::log;
};

/// Writes the files of the units, and starts the timer or the service. Waits as `options.blocks`
/// and `options.waits` say; with our streams or a terminal, always waits until the service has
/// ended. Returns the exit status of the service if it waited for its end.
int run_transient(const Options& options, TransientRun run);

}  // namespace notifybridge::ctl
