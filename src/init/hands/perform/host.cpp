#include "init/hands/perform/host.hpp"

#include <utility>

namespace notifybridge::perform {

Host::Host(event::Loop& loop, system::Fd output, HostSettings settings)
    : state(loop, output, std::move(settings)),
      starts(state),
      reaper(state, starts),
      processes(loop, state, starts, reaper),
      sockets(state),
      descriptors(state),
      timers(loop, state),
      paths(loop, state),
      surroundings(state),
      queries(state, reaper),
      system_log(state, reaper) {}

void Host::forget(const manager::Unit& unit) {
    sockets.close_sockets(unit);
    descriptors.release_fds(unit);
    timers.cancel(unit);
    paths.forget(unit);
    surroundings.forget(unit);
    processes.forget(unit);
    state.output.recent().unload(unit.key());
    system_log.forget(unit.key());
    state.descriptors.erase(unit.key());
}

}  // namespace notifybridge::perform
