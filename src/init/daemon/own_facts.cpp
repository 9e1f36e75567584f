#include "init/daemon/own_facts.hpp"

#include <cstdlib>

#include "base/bus/connection.hpp"
#include "base/process/environment.hpp"
#include "base/util/concat.hpp"
#include "init/files/facts/facts.hpp"
#include "init/files/facts/machine_id.hpp"

namespace notifybridge::daemon {
namespace {

/// Creates the machine id if none exists, and marks the first boot.
void set_up_machine_id() {
    facts::MachineId machine;
    if (const char* const id = std::getenv("container_uuid"))
        machine.container_uuid = id;
    machine.set_up();
}

}  // namespace

unit::Facts own_facts(const std::string& root, Role role) {
    // Others share the machine id with the rest of the system.
    if (role == Role::container)
        set_up_machine_id();
    unit::Facts facts = facts::gather_facts();
    if (root.empty())
        return facts;
    const unit::Facts of_system;
    for (std::string unit::Facts::*const directory :
         {&unit::Facts::runtime_directory, &unit::Facts::state_directory,
          &unit::Facts::cache_directory, &unit::Facts::logs_directory,
          &unit::Facts::configuration_directory})
        facts.*directory = util::concat(root, of_system.*directory);
    return facts;
}

std::string system_bus_path(const unit::Facts& facts) {
    return bus::socket_path(process::environment_variable("DBUS_SYSTEM_BUS_ADDRESS").value_or(""),
                            util::concat(facts.runtime_directory, "/dbus/system_bus_socket"));
}

}  // namespace notifybridge::daemon
