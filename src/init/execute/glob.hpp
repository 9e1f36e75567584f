#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace notifybridge::execute {

/// Whether "{a,b}" stands for two patterns or for itself.
enum class Braces { kept, expanded };

/// Returns the sorted paths that an absolute pattern with "*", "?" and "[…]" matches (glob(7)). A
/// path without wildcards is returned if the file exists. Wildcards do not match leading dots. We
/// do not use glob(3) of glibc: it looks up users, which a static program cannot.
std::vector<std::string> glob(std::string_view pattern, Braces braces = Braces::kept);

}  // namespace notifybridge::execute
