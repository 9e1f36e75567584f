#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// The options of `run` and `create`, of all managers, as far as where they end.
namespace notifybridge::runtime {

struct RunOption {
    std::string_view name;  ///< "--env"; of a short one its letter.
    std::string_view value;
};

/// In front of the image. Views of the command.
struct RunOptions {
    std::vector<RunOption> all;
    std::size_t end = 0;  ///< Behind them.

    /// The value of the last one of that name.
    std::optional<std::string_view> find(std::string_view name) const;
};

/// From `at` on, behind the verb.
RunOptions read_run_options(std::span<const std::string> command, std::size_t at);

/// Where the image stands, from `at` on; the end of the command where it has none.
std::size_t find_image(std::span<const std::string> command, std::size_t at);

}  // namespace notifybridge::runtime
