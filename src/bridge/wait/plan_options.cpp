#include "bridge/wait/plan_options.hpp"

#include "bridge/wait/container_command.hpp"

namespace notifybridge::wait {

HostPlan::Options plan_options(const Settings& settings) {
    HostPlan::Options all;
    WaitPlan::Options& options = all.wait;
    options.has_command = !settings.command.empty();
    options.keeps_attached = settings.keep;
    options.stops_run = settings.stop;
    options.until_ready = settings.until_ready;
    options.has_members = !settings.members.empty();
    options.command_is_client = settings.wrap_options.has_value();
    options.manager = manager_of(settings);
    options.expects_one_run = starts_once(settings);
    options.can_kill_container = can_kill_container(settings);
    options.can_discard_container = can_discard_container(settings);
    options.removes_container = removes_container(settings);
    options.timeout = settings.timeout;
    options.stop_timeout = settings.stop_timeout;
    all.members = settings.members.empty() ? std::vector<std::string>{""} : settings.members;
    all.watchdog = static_cast<std::uint64_t>(
        settings.courier.unit.watchdog.value_or(std::chrono::microseconds{}).count());
    return all;
}

}  // namespace notifybridge::wait
