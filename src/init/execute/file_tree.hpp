#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

/// Functions on directory trees. They never follow links within a tree, and return 0 or an errno.
namespace notifybridge::execute {

/// Creates all missing parent directories of `path`.
int make_parents(const std::string& path, mode_t mode);

/// Changes the owner of a directory and its content, unless the directory has that owner already.
int give_tree(const std::string& path, std::optional<uid_t> uid, std::optional<gid_t> gid);

/// Removes a file, or a directory with its content, as far as possible. A missing file is not an
/// error.
int remove_tree(const std::string& path);

/// Makes `link` a symbolic link with this content, replacing an existing link.
int put_link(const std::string& content, const std::string& link);

}  // namespace notifybridge::execute
