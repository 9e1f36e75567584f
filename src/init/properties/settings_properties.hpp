#pragma once

#include <functional>

#include "init/load/load.hpp"
#include "init/properties/properties.hpp"
#include "init/properties/property_text.hpp"

/// What a unit's files say, as `systemctl show --all` prints it. Properties that say where a unit
/// stands, and dependencies, are not among them; property_order.hpp knows their places.
namespace notifybridge::properties {

/// An address as systemd writes it, whatever way it was written in.
std::string address_of(const unit::Listen& listen);

/// How this command of the unit's settings ran last.
using RunOf = std::function<CommandRun(const unit::Command&)>;

void show_unit_settings(const load::LoadedUnit& unit, const AddProperty& add);
void show_service_settings(const unit::ServiceSettings& service, const AddProperty& add,
                           const RunOf& run_of = {});
void show_socket_settings(const unit::SocketSettings& socket, const AddProperty& add,
                          const RunOf& run_of = {});
void show_kill_settings(const unit::KillSettings& kill, const AddProperty& add);

/// What is inherited from the manager (limits, niceness) is shown as this process has it, or had it
/// before it raised it for itself.
void show_exec_settings(const unit::ExecSettings& exec, const AddProperty& add);

/// All of the above that a unit of its type has.
void show_settings(const load::LoadedUnit& unit, const AddProperty& add, const RunOf& run_of = {});

}  // namespace notifybridge::properties
