#pragma once

#include "init/hands/execute/start.hpp"
#include "init/hands/perform/host_state.hpp"
#include "init/rules/unit_types/processes.hpp"

namespace notifybridge::perform {

/// Adds to `start` the descriptors that a process gets: the socket of StandardInput=socket or the
/// sockets of LISTEN_FDS, and the descriptor store. Throws std::system_error if
/// StandardInput=socket is set and there is not exactly one socket.
void pass_fds(HostState& state, const unit_types::ProcessRequest& request,
              execute::StartRequest& start);

}  // namespace notifybridge::perform
