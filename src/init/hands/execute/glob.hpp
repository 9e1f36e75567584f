#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
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

/// The number of files and directories that the manager itself looks at for one answer. A child
/// looks at more, because this takes more than some milliseconds, and any user may make the files.
inline constexpr std::size_t most_looks = 500;

/// Does the same as `glob`, but returns nullopt if it has to look at more than `most` files and
/// directories.
std::optional<std::vector<std::string>> glob_within(std::size_t most, std::string_view pattern,
                                                    Braces braces = Braces::kept);

}  // namespace notifybridge::execute
