#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "base/system/fd.hpp"
#include "base/util/function_ref.hpp"
#include "bridge/channel/run_id.hpp"

/// Prepares a shared directory for our files. Errors name its path.
namespace notifybridge::channel {

/// Returns the absolute path of `shared_directory`, because the command may change its working
/// directory. Throws DirectoryError if our working directory was removed.
std::string absolute_path(const std::string& shared_directory);

/// Removes directories that have the names of our files, and logs a warning for each.
/// Throws DirectoryError if the directory seems to serve another purpose.
void clear_obstacles(system::Fd directory, const std::string& shared_directory);

/// Removes temporary files that a killed process has created for `names` and has not renamed. Call
/// this only in the process that may create such files. Reads a limited number of directory
/// entries, because the container can create any number of entries.
void remove_unfinished(system::Fd directory, std::initializer_list<const char*> names);

/// Removes the fd lanes of other runs, whose `wrap` was killed. Call this only in the process that
/// has the journal.
void remove_other_lanes(system::Fd directory, const RunId& run);

/// Returns advice if `error` means that a file system or a quota is full. Otherwise, returns an
/// empty text.
std::string_view advice_if_full(int error);

/// Calls `act`, which creates files in the shared directory. If `act` throws std::system_error,
/// throws a DirectoryError that names the directory and explains what to do.
void make_files(const std::string& shared_directory, util::FunctionRef<void()> act);

}  // namespace notifybridge::channel
