#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "init/execute/step.hpp"
#include "init/unit/settings.hpp"

namespace notifybridge::execute {

/// The identity of a unit's processes: the ids of User=, Group= and SupplementaryGroups=, and the
/// values for the user's environment variables (systemd.exec(5), CREDENTIALS).
struct Identity {
    std::string user;   ///< Empty without User=, as are the next two.
    std::string home;   ///< Empty if it is "/" or not an absolute path.
    std::string shell;  ///< Empty if the user cannot log in.
    std::optional<uid_t> uid;
    std::optional<gid_t> gid;
    /// The argument for setgroups(2); nullopt if the groups stay unchanged.
    std::optional<std::vector<gid_t>> groups;
    /// Used instead if the process keeps our user: systemd sets the groups of User= even then.
    std::optional<std::vector<gid_t>> groups_of_user;
};

/// The ids for a unit of DynamicUser=yes whose names are in no file.
struct DynamicIds {
    std::optional<uid_t> user;
    std::optional<gid_t> group;
};

/// Looks up the names in `exec` in the texts of a passwd(5) and a group(5) file. As in systemd,
/// numbers have to exist there, too, or in `dynamic`. If a user or group is missing, sets `failure`
/// to the step that needs it.
Identity find_identity(const unit::ExecSettings& exec, std::string_view passwd,
                       std::string_view group, const DynamicIds& dynamic, Failure& failure);

/// Does the same with the files of the system, which are read only if needed.
Identity find_identity(const unit::ExecSettings& exec, const DynamicIds& dynamic, Failure& failure);

}  // namespace notifybridge::execute
