#include "bridge/runtime/run_options.hpp"

#include <algorithm>
#include <array>

#include "base/util/contains.hpp"

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

/// The image is a directory then.
bool is_root(std::string_view word) {
    return word == "--rootfs" || word == "--rootfs=true";
}

bool has_value_in_next_word(std::string_view word) {
    if (word.starts_with("--"))
        return word.find('=') == word.npos && !util::contains(long_flags, word);
    // Several in one word, as in "-it": the first that takes a value has the rest of it.
    return word.find_first_not_of(short_flags, 1) == word.size() - 1;
}

/// Calls `use` with each option and its value; returns where they end.
template <typename Use>
std::size_t for_each_run_option(std::span<const std::string> command, std::size_t at,
                                const Use& use) {
    while (at < command.size() && is_option(command[at])) {
        const std::string_view word = command[at++];
        if (word == "--")
            break;
        const std::size_t end = word.find('=');
        std::string_view value = end == word.npos ? std::string_view() : word.substr(end + 1);
        if (!is_root(word) && has_value_in_next_word(word) && at++ < command.size())
            value = command[at - 1];
        use(word.substr(0, end), value);
    }
    return std::min(at, command.size());
}

}  // namespace

std::size_t find_image(std::span<const std::string> command, std::size_t at) {
    bool has_root = false;
    const std::size_t end =
        for_each_run_option(command, at, [&](std::string_view name, std::string_view value) {
            has_root = has_root || (name == "--rootfs" && value != "false");
        });
    return has_root ? command.size() : end;
}

std::optional<std::string> find_run_option(std::span<const std::string> command, std::size_t at,
                                           std::string_view name) {
    std::optional<std::string> found;
    for_each_run_option(command, at, [&](std::string_view option, std::string_view value) {
        if (option == name)
            found = value;
    });
    return found;
}

}  // namespace notifybridge::runtime
