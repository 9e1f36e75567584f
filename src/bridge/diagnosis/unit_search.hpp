#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/util/function_ref.hpp"
#include "bridge/diagnosis/service_manager.hpp"
#include "bridge/diagnosis/unit.hpp"

/// Asks service managers about units.
namespace notifybridge::diagnosis {

/// Asks the manager of `unit` about other units.
std::vector<UnitFacts> query_units(const UnitFacts& unit, const std::vector<std::string>& names);

/// Asks the service manager about the unit that a process belongs to. Returns nullopt if the
/// process has no unit, or systemd does not run here.
std::optional<UnitFacts> unit_of_process(pid_t pid);

/// Returns the loaded services that name this directory with its absolute path. Asks the system's
/// manager, and that of the user whose $XDG_RUNTIME_DIR contains the directory. For any other
/// directory, also asks our own manager if we are not root.
std::vector<UnitFacts> units_for_directory(const std::string& path);

/// The result of a search for a unit by its name.
struct UnitSearch {
    std::optional<UnitFacts> unit;
    std::string why_not;  ///< Why no unit was found; empty if systemd does not run here.
};

/// Returns how much `viewer` prefers the units of a manager: 0 for the most preferred. Root prefers
/// the system's units, and other users prefer their own. The units of other users come last.
int rank_of(Manager manager, uid_t viewer);
inline constexpr int rank_count = 3;

/// Searches `managers` for a service, one after the other. `ask` returns what a manager reports. A
/// masked unit is only returned if no other unit has this name.
UnitSearch search_managers(
    const std::string& service, const std::vector<Manager>& managers,
    util::FunctionRef<std::vector<UnitFacts>(Manager, const std::string&)> ask);

/// Asks managers for a service with this name: the system's, our own, and those of all users if we
/// are root. Only asks managers whose rank is less than `end`, the most preferred first.
UnitSearch find_unit(const std::string& service, int end = rank_count);

/// Asks only the manager of `user` for a service with this name.
UnitSearch find_unit_of(uid_t user, const std::string& service);

/// Returns the user whose $XDG_RUNTIME_DIR contains this absolute path. The path need not exist.
std::optional<uid_t> user_of_place(std::string_view path);

/// Returns the advice to let the user linger, if the directory is missing because the user does not
/// linger. Otherwise, returns an empty text.
std::string why_user_is_absent(const std::string& path);

/// Finds a program in PATH, runs it with all our rights, and returns its standard output. Returns
/// an empty text if the program cannot be started. If the program prints nothing for 5 seconds, or
/// prints more than 4 MiB, kills it and returns the output so far.
std::string answer_of(std::vector<std::string> words);

}  // namespace notifybridge::diagnosis
