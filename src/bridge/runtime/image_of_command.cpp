#include "bridge/runtime/image_of_command.hpp"

#include <string_view>

#include "bridge/runtime/run_options.hpp"

namespace notifybridge::runtime {
std::optional<ImageOfCommand> image_of_command(std::span<const std::string> command) {
    const auto places = find_manager_command(command);
    if (!places)
        return std::nullopt;
    const std::size_t at = find_image(command, places->verb + 1);
    if (at == command.size())
        return std::nullopt;
    ImageOfCommand found;
    found.manager = places->manager;
    found.image = command[at];
    // If an image is local, podman accepts its name only without the transport.
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
