#pragma once

#include <string>

#include "init/install/root_source.hpp"

/// Changes to files. Links in paths are followed as if the root directory were "/", so nothing
/// outside of it is touched. Functions return 0 or an errno value.
namespace notifybridge::install {

/// Makes a link, and the directories it is in. EEXIST where there is something.
int make_link(const RootSource& files, const std::string& path, const std::string& target);

/// Replaces a link atomically, so that there is one of the two at any time.
int replace_link(const RootSource& files, const std::string& path, const std::string& target);

/// Removes a link or a file, and the directories above that are empty then, up to `top`.
int remove_link(const RootSource& files, const std::string& path, const std::string& top);

/// Removes a file, or a directory with all that is in it.
int remove_tree(const RootSource& files, const std::string& path);

}  // namespace notifybridge::install
