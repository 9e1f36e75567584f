#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/system/error.hpp"
#include "base/system/fd.hpp"
#include "bridge/diagnosis/unit.hpp"
#include "bridge/status/owner.hpp"

/// Finds the shared directories that `status` has to show.
namespace notifybridge::status {

struct Subject {
    std::string name;            ///< The member's name; empty if there is only one container.
    std::optional<Owner> owner;  ///< The owner of the directory; nullopt if it was not looked up.
    std::string path;
    system::UniqueFd directory;
    std::string invoked_as;
    bool is_of_all = false;  ///< Whether --all has found the directory.

    /// Writes a line about this subject to standard error.
    void complain(std::string_view what) const;
};
using Subjects = std::vector<Subject>;

/// Returns whether there is a run in a shared directory at the usual path of a container.
bool has_usual_run();

/// Returns the usual path of the shared directory. This path makes the same command work in the
/// container and on the host.
std::string default_path();

/// Returns all directories that have a `wait`.
Subjects find_subjects(const std::string& invoked_as);

/// Opens the directory at `path`, or the directories of its members.
system::Result<Subjects> open_subjects(const std::string& path, const std::string& invoked_as);

/// The meaning of a name that is not one of our shared directories.
struct NamedUnit {
    Subjects subjects;  ///< The shared directories of the service.
    std::optional<diagnosis::UnitFacts>
        unit;             ///< The service; not set if its running `wait` was found.
    std::string why_not;  ///< Why nothing was found; empty if the name is a directory.
};

/// Searches for a service with this name, unless `name` is one of our shared directories. If
/// `is_of_user` is set, searches only the units of the calling user (`systemctl --user`).
NamedUnit find_named_unit(const std::string& name, const std::string& invoked_as,
                          bool is_of_user = false);

/// Returns why the directory cannot be opened, and what to do. If `path` could be the name of a
/// unit, `why_no_unit` explains why there is no such unit.
std::string why_not_open(const std::string& path, const boost::system::error_code& error,
                         std::string_view why_no_unit);

}  // namespace notifybridge::status
