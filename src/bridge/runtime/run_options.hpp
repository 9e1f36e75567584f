#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Reads the options before the image in command lines of `run` and `create`, for all managers.
namespace notifybridge::runtime {

struct RunOption {
    std::string_view name;  ///< The name, such as "--env", or the letter of a short option.
    std::string_view value;
    std::size_t begin = 0;  ///< The index of the option's first word.
    std::size_t end = 0;    ///< The index after the option's last word.
    /// Whether no container manager that we know has this option. If the option has no "=", we only
    /// guess whether the next word is its value.
    bool is_unknown = false;
};

/// The options before the image, as views into the command line.
struct RunOptions {
    std::vector<RunOption> all;
    std::size_t end = 0;  ///< The index after the options.

    /// Returns the value of the last option with this name. Returns nullopt if the option is not
    /// given.
    std::optional<std::string_view> find(std::string_view name) const;
};

/// Reads the options from index `at`, which follows the verb.
RunOptions read_run_options(std::span<const std::string> command, std::size_t at);

/// Reads only the options in the word at index `at`, for command lines whose other options are not
/// known. The value may be the next word. Reads nothing if the word is not an option.
RunOptions read_options_of_word(std::span<const std::string> command, std::size_t at);

/// Returns the index of the image, searching from `at`. Returns the size of the command line if
/// there is no image.
std::size_t find_image(std::span<const std::string> command, std::size_t at);

}  // namespace notifybridge::runtime
