#include "bridge/diagnosis/machine.hpp"

#include <unistd.h>

#include <cerrno>
#include <span>
#include <string_view>

#include "base/util/concat.hpp"
#include "bridge/guest/listen_address.hpp"
#include "bridge/runtime/manager_command.hpp"
#include "bridge/runtime/own_command.hpp"

namespace notifybridge::diagnosis {
namespace {

using Words = std::span<const std::string>;

/// Returns the words that follow `wait`. Returns an empty span if there is no `wait`.
Words words_of_wait(Words words) {
    for (; !words.empty(); words = words.subspan(1))
        if (runtime::own_subcommand(words) == "wait")
            return words.subspan(words.size() > 1 && words[1] == "wait" ? 2 : 1);
    return {};
}

/// Returns the value of the option `name` of `wait`. The command of `wait` may have an option with
/// the same name, so the search ends where the command begins. The command begins at the latest at
/// a word that cannot be the value of an option.
std::string_view value_of(Words words, std::string_view name) {
    bool may_be_value = false;
    for (std::size_t at = 0; at < words.size(); ++at) {
        const std::string_view word = words[at];
        if (word == "--" || (!word.starts_with('-') && !may_be_value) || runtime::is_manager(word))
            break;
        may_be_value = word.starts_with('-') && word.find('=') == word.npos;
        if (!word.starts_with(name))
            continue;
        const std::string_view rest = word.substr(name.size());
        if (rest.starts_with('='))
            return rest.substr(1);
        if (rest.empty() && at + 1 < words.size())
            return words[at + 1];
    }
    return {};
}

}  // namespace

std::optional<Machine> machine_of(const UnitFacts& unit) {
    const Words words = words_of_wait(start_words(unit));
    const std::string_view address = value_of(words, "--listen");
    if (!address.starts_with("vsock") && !address.starts_with("unix:"))
        return std::nullopt;
    Machine machine;
    machine.address = address;
    machine.ready_on = value_of(words, "--ready-on");
    return machine;
}

std::string credential(const Machine& machine) {
    constexpr std::string_view name = "vmm.notify_socket";
    const auto address = guest::parse_listen_address(machine.address);
    return address ? util::concat(name, '=', guest::address_for_guest(*address))
                   : std::string(name);
}

bool is_reachable(const Machine& machine) {
    return !machine.address.starts_with("vsock") || ::access("/dev/vhost-vsock", F_OK) == 0
           || errno != ENOENT;
}

}  // namespace notifybridge::diagnosis
