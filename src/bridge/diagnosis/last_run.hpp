#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bridge/diagnosis/unit.hpp"

/// Finds how runs of a unit ended. systemd forgets this when it starts the unit again, but has
/// logged it with fields of its own (systemd.journal-fields(7)).
namespace notifybridge::diagnosis {

/// Returns the journalctl command that prints what the unit's manager has logged about the ends of
/// the unit's runs. The newest entry comes first. Only entries of the manager itself match.
std::vector<std::string> last_run_command(const UnitFacts& unit);

/// Returns the facts of the run before the current one: the settings of `unit`, but the result and
/// the end that these entries show. Pure.
UnitFacts read_last_run(std::string_view entries, const UnitFacts& unit);

/// Returns whether these entries show that somebody requested a stop before the main process of the
/// failed unit ended: `systemctl stop`, a restart, or a shutdown. Pure.
bool shows_stop_request(std::string_view entries, const UnitFacts& unit);

/// Asks the journal whether somebody requested a stop of the failed unit.
bool was_asked_to_stop(const UnitFacts& unit);

/// Asks the journal for the facts of the run before the current one.
UnitFacts last_run_of(const UnitFacts& unit);

}  // namespace notifybridge::diagnosis
