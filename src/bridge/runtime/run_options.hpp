#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

/// The options of `run` and `create`, of all managers, as far as where they end.
namespace notifybridge::runtime {

/// Where the image stands, from `at` on, behind the verb; the end of the command where it has none.
std::size_t find_image(std::span<const std::string> command, std::size_t at);

/// The value of the option `name` ("--runtime") where that stands there, in front of the image.
std::optional<std::string> find_run_option(std::span<const std::string> command, std::size_t at,
                                           std::string_view name);

}  // namespace notifybridge::runtime
