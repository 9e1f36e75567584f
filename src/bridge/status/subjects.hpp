#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/system/error.hpp"
#include "base/system/fd.hpp"
#include "bridge/status/owner.hpp"
#include "bridge/status/unit.hpp"

/// The shared directories that `status` is asked about.
namespace notifybridge::status {

struct Subject {
    std::string name;            ///< The member's; empty if there is only one container.
    std::optional<Owner> owner;  ///< Set for --all.
    std::string path;
    system::UniqueFd directory;
    std::string invoked_as;
    bool is_of_all = false;  ///< Found by --all, not named.

    /// Writes a line to standard error.
    void complain(std::string_view what) const;
};
using Subjects = std::vector<Subject>;

/// Returns whether this container has its directory at the usual place, with a run in it.
bool has_usual_run();

/// Returns the usual place of the directory. Thus the same command works in the container and on
/// the host.
std::string default_path();

/// Returns all directories that have a `wait`.
Subjects find_subjects(const std::string& invoked_as);

/// Opens the directory, or those of the members in it.
system::Result<Subjects> open_subjects(const std::string& path, const std::string& invoked_as);

/// The meaning of a name that is not a directory of ours.
struct NamedUnit {
    Subjects subjects;              ///< The shared directories of the service.
    std::optional<UnitFacts> unit;  ///< The service, if no directory of it is visible.
    std::string why_not;            ///< Why neither was found; empty for a directory.
};

/// Searches for the service of that name, unless the path is a directory of ours.
NamedUnit find_named_unit(const std::string& name, const std::string& invoked_as);

/// Returns why the directory cannot be opened, and what to do. `why_no_unit` says why the name is
/// not a unit, if it could be one.
std::string why_not_open(const std::string& path, const boost::system::error_code& error,
                         std::string_view why_no_unit);

}  // namespace notifybridge::status
