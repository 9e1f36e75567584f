#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace notifybridge::execute {

/// Whether "{a,b}" stands for two patterns, or for itself.
enum class Braces { kept, expanded };

/// The paths that an absolute pattern with "*", "?" and "[…]" matches, sorted (glob(7)); one
/// without these is itself where there is such a file. Dots in front are not matched by wildcards.
/// glibc's glob(3) looks users up, which a static program cannot.
std::vector<std::string> glob(std::string_view pattern, Braces braces = Braces::kept);

}  // namespace notifybridge::execute
