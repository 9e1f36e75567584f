#include <unistd.h>

#include "base/util/concat.hpp"
#include "base/util/log.hpp"
#include "init/daemon/init.hpp"
#include "init/daemon/run_directory.hpp"

/// The functions of Init that create the control socket.
namespace notifybridge::daemon {

using util::concat;

void Init::open_control_socket() {
    control::Server& server = servers_.emplace_back(
        loop_, host_.state.closer, open_run_directory(files_.facts().runtime_directory),
        [this](const auto& call) {
            calls_.take(call);
            due_.raise();
        });
    loop_.spawn([&server] { return server.run(); });
}

/// Creates the control socket and the lock file again if they were removed, for example by a
/// cleanup of /run.
void Init::restore_control_socket() {
    const std::string& run = files_.facts().runtime_directory;
    if (::access(concat(run, "/notifybridge/", control::socket_name).c_str(), F_OK) == 0)
        return;
    try {
        claim_.reset();  // The lock file may still exist.
        claim_ = claim_run_directory(run);
        open_control_socket();
    } catch (const std::exception& error) {
        util::log(util::Severity::error, util::Topic::process,
                  "cannot create the control socket again: ", error.what());
    }
}

}  // namespace notifybridge::daemon
