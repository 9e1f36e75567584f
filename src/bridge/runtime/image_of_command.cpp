#include "bridge/runtime/image_of_command.hpp"

#include <string_view>
#include <utility>

#include "bridge/runtime/run_options.hpp"

namespace notifybridge::runtime {

std::optional<ImageOfCommand> image_of_command(std::span<const std::string> command) {
    auto places = find_manager_command(command);
    if (!places)
        return std::nullopt;
    const std::size_t at = find_image(command, places->verb + 1);
    if (at == command.size())
        return std::nullopt;
    ImageOfCommand found{std::move(*places), command[at]};
    // If an image is local, podman accepts its name only without the transport.
    constexpr std::string_view transport = "docker://";
    if (found.image.starts_with(transport))
        found.image.erase(0, transport.size());
    return found;
}

}  // namespace notifybridge::runtime
