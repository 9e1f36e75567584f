#include "bridge/runtime/image_of_command.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/util/contains.hpp"
#include "bridge/runtime/refusal.hpp"

namespace notifybridge::runtime {
namespace {

/// The options of `run` and `create` that never have a value in the next word, of all managers:
/// podman-run(1), docker-run(1), nerdctl's command reference. All others have one there or behind a
/// "=".
constexpr auto long_flags = std::to_array<std::string_view>({"--detach",
                                                             "--disable-content-trust",
                                                             "--env-host",
                                                             "--help",
                                                             "--http-proxy",
                                                             "--init",
                                                             "--interactive",
                                                             "--no-healthcheck",
                                                             "--no-hostname",
                                                             "--no-hosts",
                                                             "--oom-kill-disable",
                                                             "--passwd",
                                                             "--privileged",
                                                             "--publish-all",
                                                             "--quiet",
                                                             "--read-only",
                                                             "--read-only-tmpfs",
                                                             "--replace",
                                                             "--rm",
                                                             "--rmi",
                                                             "--sig-proxy",
                                                             "--tls-verify",
                                                             "--tty",
                                                             "--unsetenv-all",
                                                             "--use-api-socket"});
constexpr std::string_view short_flags = "Pdiqt";

bool is_option(std::string_view word) {
    return word.size() > 1 && word.front() == '-';
}

bool has_value_in_next_word(std::string_view word) {
    if (word.starts_with("--"))
        return word.find('=') == word.npos && !util::contains(long_flags, word);
    // Several in one word, as in "-it": the first that takes a value has the rest of it.
    return word.find_first_not_of(short_flags, 1) == word.size() - 1;
}

/// Where the image stands; the end of the command where it has none.
std::size_t find_image(std::span<const std::string> command, std::size_t at) {
    while (at < command.size() && is_option(command[at])) {
        const std::string_view word = command[at++];
        if (word == "--rootfs" || word == "--rootfs=true")
            return command.size();
        if (word == "--")
            break;
        if (has_value_in_next_word(word))
            ++at;
    }
    return std::min(at, command.size());
}

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
