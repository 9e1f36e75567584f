#include "base/process/caller.hpp"

#include "base/process/environment.hpp"
#include "base/system/pidfd.hpp"
#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "base/util/number.hpp"

namespace notifybridge::process {

ManagerPid find_manager() {
    const auto pid_text = environment_variable("MANAGERPID");
    if (!pid_text)
        return {};
    const auto pid = util::parse_number<pid_t>(*pid_text);
    if (!pid || *pid <= 0)
        return {{},
                util::concat("$MANAGERPID is set to an invalid PID, ignoring: ",
                             util::escape(*pid_text))};
    const auto id_text = environment_variable("MANAGERPIDFDID");
    if (!id_text)
        return {pid, {}};
    const auto id = util::parse_number<std::uint64_t>(*id_text);
    if (!id)
        return {{},
                util::concat("ignoring $MANAGERPID, because $MANAGERPIDFDID is not a number: ",
                             util::quote(*id_text))};
    const auto pidfd = system::open_pidfd(*pid);
    if (!pidfd || system::pidfd_id(*pidfd) != id)
        return {};
    return {pid, {}};
}

pid_t choose_source(pid_t parent, pid_t self, std::optional<pid_t> manager) noexcept {
    // A parent pid of 0 means that the parent is in another pid namespace.
    return parent <= 1 || parent == manager ? self : parent;
}

}  // namespace notifybridge::process
