#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/cli/options.hpp"
#include "base/system/error.hpp"
#include "base/system/fd.hpp"
#include "bridge/status/owner.hpp"
#include "bridge/status/unit.hpp"

/// The shared directories that `status` is asked about.
namespace notifybridge::status_command {

struct Subject {
    std::string name;                    ///< Of the member; empty where there is but one container.
    std::optional<status::Owner> owner;  ///< With --all.
    std::string path;
    system::UniqueFd directory;
    std::string invoked_as;
    bool is_of_all = false;  ///< With --all.

    void complain(std::string_view what) const;
};
using Subjects = std::vector<Subject>;

/// Returns the directory or unit that the options or the environment name; nothing if they name
/// none. Throws cli::UsageError.
std::optional<std::string> read_status_path(const cli::Arguments& arguments);

/// Whether this is a container that has its directory at the usual place, with a run.
bool has_usual_run();

/// Returns the place where the directory usually is: the same command is typed in the container and
/// on the host.
std::string default_path();

/// All that have a `wait`.
Subjects find_subjects(const std::string& invoked_as);

/// The directory, or those of the members in it.
system::Result<Subjects> open_subjects(const std::string& path, const std::string& invoked_as);

/// What a name that is not a directory of ours means.
struct NamedUnit {
    Subjects subjects;                      ///< The shared directories of the service.
    std::optional<status::UnitFacts> unit;  ///< The service, if it has none that can be seen.
    std::string why_not;                    ///< Why there is neither; empty if it is a directory.
};

/// Looks for the service of that name, unless there is a directory of ours at the path.
NamedUnit find_named_unit(const std::string& name, const std::string& invoked_as);

/// Why it is not there, and what to do. `why_no_unit` says why it is not a unit, if it could be
/// one.
std::string why_not_open(const std::string& path, const boost::system::error_code& error,
                         std::string_view why_no_unit);

}  // namespace notifybridge::status_command
