#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

/// Functions that change directory trees. They never follow links within a tree. They return 0 or
/// an errno value.
namespace notifybridge::execute {

/// Creates all missing parent directories of `path`.
int make_parents(const std::string& path, mode_t mode);

/// Changes the owner of a directory and its content. Does nothing if the directory itself already
/// has this owner.
int change_owner(const std::string& path, std::optional<uid_t> uid, std::optional<gid_t> gid);

/// Removes a file, or as much as possible of a directory with its content. A missing file is not an
/// error. Keeps mounts, and does not access them.
int remove_tree(const std::string& path);

/// Makes `link` a symbolic link with this content. Replaces an existing link.
int put_link(const std::string& content, const std::string& link);

}  // namespace notifybridge::execute
