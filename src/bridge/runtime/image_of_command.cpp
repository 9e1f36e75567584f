#include "bridge/runtime/image_of_command.hpp"

#include <string_view>

#include "bridge/runtime/refusal.hpp"
#include "bridge/runtime/run_options.hpp"

namespace notifybridge::runtime {
namespace {

/// Variables that lead to another machine are not looked at: its images are asked for as well.
std::optional<ManagerCommand> read_if_taken(std::span<const std::string> command) {
    try {
        return read_manager_command(command, [](std::string_view) { return std::string(); });
    } catch (const Refusal&) {
        return std::nullopt;
    }
}

}  // namespace

std::optional<ImageOfCommand> image_of_command(std::span<const std::string> command) {
    if (command.empty() || !is_manager(command.front()))
        return std::nullopt;
    const auto places = read_if_taken(command);
    if (!places)
        return std::nullopt;
    const std::size_t at = find_image(command, places->verb + 1);
    if (at == command.size())
        return std::nullopt;
    ImageOfCommand found;
    found.manager = places->manager;
    found.image = command[at];
    // podman looks for what it has under the name alone.
    constexpr std::string_view transport = "docker://";
    if (found.image.starts_with(transport))
        found.image.erase(0, transport.size());
    const auto manager = command.first(places->global_end);
    found.question.assign(manager.begin(), manager.end());
    found.question.insert(
        found.question.end(),
        {"image", found.manager == Manager::podman ? "exists" : "inspect", found.image});
    return found;
}

}  // namespace notifybridge::runtime
