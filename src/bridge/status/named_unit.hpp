#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/diagnosis/finding.hpp"
#include "bridge/diagnosis/unit.hpp"
#include "bridge/status/bridges.hpp"

/// Answers the command `status` if the user gives the name of a unit instead of a shared directory.
namespace notifybridge::status {

/// Returns the service that "redis", "redis.service" or Quadlet's "redis.container" means. Returns
/// an empty text if `name` cannot be the name of a service, for example because it is a path.
std::string service_name(std::string_view name);

/// Returns whether the name is that of a .timer, .socket or .path unit, which starts a service.
bool is_trigger(std::string_view name);

/// Returns the bridges whose `wait` runs in `service`: only those of the managers that `viewer`
/// prefers most (`rank_of`).
std::vector<Bridge> bridges_of_service(std::vector<Bridge> bridges, std::string_view service,
                                       uid_t viewer);

/// Returns the paths at which the service may have its shared directory. Must be called only if no
/// `wait` holds a directory of the service. The first path is the one at which `run` creates the
/// directory. The paths in the unit's settings follow. `own_place` is our $XDG_RUNTIME_DIR.
std::vector<std::string> places_of_unit(const diagnosis::UnitFacts& unit,
                                        const std::string& own_place);

/// The way in which a unit's messages reach systemd, according to the unit's settings.
enum class MessageRoute {
    by_directory,  ///< The unit runs `wait` or `run`.
    straight,      ///< The unit runs `wrap` without a container.
    quadlet,       ///< podman forwards the messages itself.
    machine,       ///< A virtual machine sends the messages to `wait --listen`.
    unknown,       ///< The command line does not contain our program.
};
MessageRoute route_of_unit(const diagnosis::UnitFacts& unit);

/// Returns a sentence that explains why the unit has no shared directory.
std::string why_no_directory(const diagnosis::UnitFacts& unit);

/// Returns the facts that systemd reports about the unit, as a table or as a JSON object on one
/// line.
std::string to_table(const diagnosis::UnitFacts& unit, bool coloured);
std::string to_json(const diagnosis::UnitFacts& unit);

/// Reports why a unit without a shared directory does not run, or how it runs.
void check_named_unit(diagnosis::Findings& found, const diagnosis::UnitFacts& unit);

}  // namespace notifybridge::status
