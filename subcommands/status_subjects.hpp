#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/cli/options.hpp"
#include "base/system/error.hpp"
#include "base/system/fd.hpp"
#include "bridge/status/owner.hpp"

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

/// The directory that the options, the environment or the places where it usually is name. Throws
/// cli::UsageError.
std::string read_status_path(const cli::Arguments& arguments);

/// All that have a `wait`.
Subjects find_subjects(const std::string& invoked_as);

/// The directory, or those of the members in it.
system::Result<Subjects> open_subjects(const std::string& path, const std::string& invoked_as);

/// Why it is not there, and what to do.
std::string why_not_open(const std::string& path, const boost::system::error_code& error);

}  // namespace notifybridge::status_command
