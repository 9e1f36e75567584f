#include "bridge/channel/life_lock.hpp"

#include <cerrno>

#include "base/system/lock.hpp"

namespace notifybridge::channel {

system::Result<int> take_life_lock(system::Fd file, bool beats) {
    if (system::take_life_lock(file) == system::LockState::unknown && errno == ENOLCK && !beats)
        return system::error_of(ENOLCK);
    return 0;
}

}  // namespace notifybridge::channel
