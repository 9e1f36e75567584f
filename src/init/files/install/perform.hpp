#pragma once

#include <string>

#include "init/files/install/root_source.hpp"

/// Functions that change files. They follow links as if the root directory were "/", so that
/// nothing outside the root directory changes. They return 0 or an errno value.
namespace notifybridge::install {

/// Creates a link and its parent directories. Returns EEXIST if `path` already exists.
int make_link(const RootSource& files, const std::string& path, const std::string& target);

/// Replaces a link atomically. At any moment, either the old or the new link exists.
int replace_link(const RootSource& files, const std::string& path, const std::string& target);

/// Removes a link or a file, and then its empty parent directories below `top`.
int remove_link(const RootSource& files, const std::string& path, const std::string& top);

/// Removes a file, or a directory with its content.
int remove_tree(const RootSource& files, const std::string& path);

}  // namespace notifybridge::install
