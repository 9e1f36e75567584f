#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace notifybridge::execute {

/// The meaning of "{a,b}" in a pattern: literal text (`kept`), or two patterns (`expanded`).
enum class Braces { kept, expanded };

/// Returns the sorted paths that match an absolute pattern with "*", "?" and "[…]" (glob(7)).
/// Wildcards do not match leading dots. Returns a path without wildcards if the file exists.
///
/// Does not use glob(3) of glibc, because glob(3) looks up users, which a static program cannot do.
std::vector<std::string> glob(std::string_view pattern, Braces braces = Braces::kept);

/// Returns the directory that `glob` reads first: "/a/b" for "/a/b/*.c".
std::string first_directory_of(std::string_view pattern);

}  // namespace notifybridge::execute
