#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

/// Directories, and all that is in them. Links within are never followed. Each returns 0 or an
/// errno.
namespace notifybridge::execute {

/// Makes all directories above `path` that are not there.
int make_parents(const std::string& path, mode_t mode);

/// Gives a directory, and what is in it, to an owner; nothing is done where it has that already.
int give_tree(const std::string& path, std::optional<uid_t> uid, std::optional<gid_t> gid);

/// Removes a file, or a directory with all that is in it, but for what cannot be removed. What is
/// not there is no error.
int remove_tree(const std::string& path);

/// Makes `link` a symbolic link with this content, in the place of one that is there.
int put_link(const std::string& content, const std::string& link);

}  // namespace notifybridge::execute
