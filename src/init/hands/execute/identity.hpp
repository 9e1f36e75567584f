#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "init/files/unit/settings.hpp"
#include "init/hands/execute/step.hpp"

namespace notifybridge::execute {

/// The identity of a unit's processes (systemd.exec(5), CREDENTIALS). Contains the ids of User=,
/// Group= and SupplementaryGroups=, and the values of the user's environment variables.
struct Identity {
    std::string user;   ///< Empty if User= is not set, like `home` and `shell`.
    std::string home;   ///< Empty if the home would be "/" or a relative path.
    std::string shell;  ///< Empty if the user cannot log in.
    std::optional<uid_t> uid;
    std::optional<gid_t> gid;
    /// The groups for setgroups(2); nullopt if the process keeps our groups.
    std::optional<std::vector<gid_t>> groups;
    /// The groups of User=. These replace `groups` if the process keeps our user, because systemd
    /// sets these groups even then.
    std::optional<std::vector<gid_t>> groups_of_user;
};

/// The ids of a unit with DynamicUser=yes, for names that are in no account file.
struct DynamicIds {
    std::optional<uid_t> user;
    std::optional<gid_t> group;
};

/// Finds the names of `exec` in `passwd` and `group`, the texts of a passwd(5) and a group(5) file.
/// As in systemd, even a numeric id must be in these texts or in `dynamic`. If a user or group is
/// missing, sets `failure` to the step that needs the user or group.
Identity find_identity(const unit::ExecSettings& exec, std::string_view passwd,
                       std::string_view group, const DynamicIds& dynamic, Failure& failure);

/// Finds the names of `exec` in the system's files. Reads the files only if necessary.
Identity find_identity(const unit::ExecSettings& exec, const DynamicIds& dynamic, Failure& failure);

}  // namespace notifybridge::execute
