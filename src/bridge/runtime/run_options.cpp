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
                                                             "--rootfs",
                                                             "--sig-proxy",
                                                             "--tls-verify",
                                                             "--tty",
                                                             "--unsetenv-all",
                                                             "--use-api-socket"});
constexpr std::string_view short_flags = "Pdiqt";

bool is_option(std::string_view word) {
    return word.size() > 1 && word.front() == '-';
}

bool takes_value(std::string_view name) {
    return name.size() > 1 ? !util::contains(long_flags, name)
                           : short_flags.find(name) == short_flags.npos;
}

}  // namespace

RunOptions read_run_options(std::span<const std::string> command, std::size_t at) {
    RunOptions options;
    while (at < command.size() && is_option(command[at])) {
        std::string_view word = command[at++];
        if (word == "--")
            break;
        std::size_t end = word.find('=');
        if (!word.starts_with("--")) {
            // Several in one word, as in "-it": the first that takes a value has the rest of it.
            for (word.remove_prefix(1); word.size() > 1 && !takes_value(word.substr(0, 1));
                 word.remove_prefix(1))
                options.all.push_back({word.substr(0, 1), {}});
            end = 1;
        }
        RunOption option = {word.substr(0, end), {}};
        word.remove_prefix(option.name.size());
        if (!word.empty())
            option.value = word.substr(word.front() == '=' ? 1 : 0);
        else if (takes_value(option.name) && at++ < command.size())
            option.value = command[at - 1];
        options.all.push_back(option);
    }
    options.end = std::min(at, command.size());
    return options;
}

std::optional<std::string_view> RunOptions::find(std::string_view name) const {
    std::optional<std::string_view> found;
    for (const RunOption& option : all)
        if (option.name == name)
            found = option.value;
    return found;
}

std::size_t find_image(std::span<const std::string> command, std::size_t at) {
    const RunOptions options = read_run_options(command, at);
    // The image is a directory then.
    const bool has_root = options.find("--rootfs").value_or("false") != "false";
    return has_root ? command.size() : options.end;
}

}  // namespace notifybridge::runtime
