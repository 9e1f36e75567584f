#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Reads the options of `run` and `create` of all managers, up to the image.
namespace notifybridge::runtime {

struct RunOption {
    std::string_view name;  ///< "--env" for example; the letter of a short option.
    std::string_view value;
    std::size_t begin = 0;  ///< The index of its first word.
    std::size_t end = 0;    ///< The index after its last word.
};

/// The options in front of the image, as views of the command.
struct RunOptions {
    std::vector<RunOption> all;
    std::size_t end = 0;  ///< The index after the options.

    /// Returns the value of the last option with this name.
    std::optional<std::string_view> find(std::string_view name) const;
};

/// Reads the options from index `at`, which follows the verb.
RunOptions read_run_options(std::span<const std::string> command, std::size_t at);

/// Returns the index of the image; searches from `at`. Returns the size of the command if there is
/// none.
std::size_t find_image(std::span<const std::string> command, std::size_t at);

}  // namespace notifybridge::runtime
