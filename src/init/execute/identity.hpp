#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "init/execute/step.hpp"
#include "init/unit/settings.hpp"

namespace notifybridge::execute {

/// Who a unit's processes are: User=, Group= and SupplementaryGroups= looked up, and what the
/// environment says of the user (systemd.exec(5), CREDENTIALS).
struct Identity {
    std::string user;   ///< Empty without User=, as the next two.
    std::string home;   ///< Empty where it says nothing: "/" or no absolute path.
    std::string shell;  ///< Empty where the user cannot log in.
    std::optional<uid_t> uid;
    std::optional<gid_t> gid;
    /// What setgroups(2) is to be called with; nothing where the groups stay as they are.
    std::optional<std::vector<gid_t>> groups;
    /// The same for a process that keeps our user: systemd sets those of User= all the same.
    std::optional<std::vector<gid_t>> groups_of_user;
};

/// The ids of a unit of DynamicUser=yes where no file has its names.
struct DynamicIds {
    std::optional<uid_t> user;
    std::optional<gid_t> group;
};

/// Looks up what `exec` names in the texts of a passwd(5) and a group(5) file. Numbers have to be
/// there too, as systemd has it, or be `dynamic`. `failure` gets the step that has no such user or
/// group.
Identity find_identity(const unit::ExecSettings& exec, std::string_view passwd,
                       std::string_view group, const DynamicIds& dynamic, Failure& failure);

/// The same from the files of the system, which are read where there is something to look up.
Identity find_identity(const unit::ExecSettings& exec, const DynamicIds& dynamic, Failure& failure);

}  // namespace notifybridge::execute
