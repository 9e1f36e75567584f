#include "bridge/status/start_command.hpp"

#include <array>

#include "base/util/base_name.hpp"
#include "base/util/contains.hpp"
#include "base/util/take_until.hpp"

namespace notifybridge::status {
namespace {

using util::base_name;
using util::contains;

constexpr auto known_managers = std::to_array<std::string_view>({"podman", "docker", "nerdctl"});
constexpr auto own_names = std::to_array<std::string_view>(
    {"notifybridge", "container-notify-wrapper", "host-notify-waiter"});

/// The path on the host in "/usr/bin/notifybridge:/opt/wrapper:ro", also with "-v" in front, or in
/// "type=bind,source=PATH,...": the first there is.
std::string_view first_path(std::string_view word) {
    std::size_t at = word.starts_with("-v/") ? 2 : 0;
    while (at < word.size() && word[at] != '/') {
        at = word.find_first_of("=,:", at);
        at = at == word.npos ? word.size() : at + 1;
    }
    word.remove_prefix(at);
    return word.substr(0, word.find_first_of(",:"));
}

/// The value of the option `name` where the word at `at` is that, or its name with the value behind
/// it, over which `at` then goes.
bool take_value(std::span<const std::string> words, std::size_t& at, std::string_view name,
                std::string& value) {
    const std::string_view word = words[at];
    if (!word.starts_with(name))
        return false;
    if (word.size() > name.size()) {
        if (word[name.size()] != '=')
            return false;
        value = word.substr(name.size() + 1);
    } else if (at + 1 < words.size()) {
        value = words[++at];
    }
    return true;
}

}  // namespace

StartCommand read_start_command(std::span<const std::string> words) {
    StartCommand command;
    if (words.empty())
        return command;
    std::size_t at = 1;
    if (base_name(words[0]) == "notifybridge" && words.size() > 1) {
        command.is_run = words[1] == "run";
        at = 2;
    }
    std::string member;
    for (; at < words.size(); ++at) {
        const std::string& word = words[at];
        const std::string_view path = first_path(word);
        if (contains(own_names, base_name(path)))
            util::add_once(command.executables, std::string(path));
        if (!command.manager.empty()) {
            take_value(words, at, "--runtime", command.runtime);
        } else if (contains(known_managers, base_name(word))) {
            command.manager = word;
        } else if (take_value(words, at, "--member", member)) {
            command.members.push_back(member);
        } else if (word == "--keep") {
            command.keeps = true;
        }
    }
    return command;
}

std::vector<std::string> words_of_cmdline(std::string_view text) {
    std::vector<std::string> words;
    while (!text.empty())
        words.emplace_back(util::take_until(text, '\0'));
    return words;
}

std::vector<std::string> words_of_exec_start(std::string_view text) {
    constexpr std::string_view start = "argv[]=";
    const std::size_t at = text.rfind(start);
    std::vector<std::string> words;
    if (at == text.npos)
        return words;
    text.remove_prefix(at + start.size());
    text = text.substr(0, text.find(" ;"));
    while (!text.empty())
        if (const std::string_view word = util::take_until(text, ' '); !word.empty())
            words.emplace_back(word);
    return words;
}

}  // namespace notifybridge::status
