#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "bridge/diagnosis/finding.hpp"
#include "bridge/status/overview.hpp"

namespace notifybridge::status {

/// Facts that the advice about a run depends on.
struct RunContext {
    std::string_view member;    ///< The name of the member; empty if there is only one container.
    bool is_run = false;        ///< Whether `notifybridge run` started the run.
    bool is_explained = false;  ///< Whether an earlier finding explains what the app waits for.
    /// The NOTIFY_SOCKET of `wait`, which other processes of the unit have, too.
    std::optional<std::string> socket_of_waiter = {};
};

/// Checks the directory's owner, and the files that `wrap` has created in it. This is a part of
/// `check`.
void check_directory(diagnosis::Findings& found, system::Fd directory, const std::string& path,
                     const Overview& overview, const RunContext& context);

/// Reports the last denial by SELinux or AppArmor that concerns our programs, if it happened
/// between these times, in microseconds since 1970. For a unit whose shared directory is not known.
void check_denial_between(diagnosis::Findings& found, std::uint64_t since, std::uint64_t until);

/// Checks labels and denials of SELinux and AppArmor. This is the part of `check_directory` that
/// can explain why a unit fails.
void check_labels(diagnosis::Findings& found, system::Fd directory, const std::string& path,
                  const Overview& overview);

}  // namespace notifybridge::status
