#include "bridge/status/start_command.hpp"

#include <array>

#include "base/util/base_name.hpp"
#include "base/util/contains.hpp"
#include "base/util/take_until.hpp"
#include "base/util/words.hpp"
#include "bridge/runtime/manager_command.hpp"
#include "bridge/runtime/own_command.hpp"

namespace notifybridge::status {
namespace {

using util::base_name;
using util::contains;

/// Returns the first path on the host in `word`: "/usr/bin/notifybridge:/opt/wrapper:ro", which may
/// follow "-v", or "type=bind,source=PATH,...".
std::string_view first_path(std::string_view word) {
    std::size_t at = word.starts_with("-v/") ? 2 : 0;
    while (at < word.size() && word[at] != '/') {
        at = word.find_first_of("=,:", at);
        at = at == word.npos ? word.size() : at + 1;
    }
    word.remove_prefix(at);
    return word.substr(0, word.find_first_of(",:"));
}

/// Reads the value of the option `name` if the word at `at` is that option. Returns whether it is.
/// Advances `at` if the value is the next word.
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

/// Reads a volume such as "/run/app:/shared:Z".
Volume read_volume(std::string_view text) {
    Volume volume;
    volume.host = util::take_until(text, ':');
    volume.container = util::take_until(text, ':');
    return volume;
}

/// Reads a mount such as "type=bind,source=/run/app,target=/shared".
Volume read_mount(std::string_view text) {
    constexpr auto sources = std::to_array<std::string_view>({"source", "src"});
    constexpr auto targets = std::to_array<std::string_view>({"target", "destination", "dst"});
    Volume volume;
    while (!text.empty()) {
        std::string_view value = util::take_until(text, ',');
        const std::string_view key = util::take_until(value, '=');
        if (contains(sources, key))
            volume.host = value;
        else if (contains(targets, key))
            volume.container = value;
    }
    return volume;
}

/// Reads an option of `wrap` at any position of the command line.
void read_own_option(StartCommand& command, std::span<const std::string> words, std::size_t at) {
    std::string value;
    if (take_value(words, at, "--ready-when", value))
        command.ready_when.push_back(value);
    else if (take_value(words, at, "--alive-when", value))
        command.alive_when.push_back(value);
    else if (take_value(words, at, "--proxy", value))
        command.proxies.push_back(value);
    else if (take_value(words, at, "--stop-timeout", value) && command.stop_timeout.empty())
        command.stop_timeout = value;
}

/// Reads NOTIFYBRIDGE_OPTIONS, in which words are quoted as in a unit file.
void read_option_text(StartCommand& command, std::string_view text) {
    std::vector<std::string> words;
    util::WordReader reader(text);
    for (std::string word; reader.next(word) == util::Extracted::word;)
        words.push_back(word);
    for (std::size_t at = 0; at < words.size(); ++at)
        read_own_option(command, words, at);
}

/// Reads an option of the container manager. Its value may be the next word.
void read_option(StartCommand& command, std::span<const std::string> words, std::size_t at) {
    const std::string_view word = words[at];
    std::string value;
    if (word.starts_with("-v/")) {
        command.volumes.push_back(read_volume(word.substr(2)));
    } else if (take_value(words, at, "-v", value) || take_value(words, at, "--volume", value)) {
        command.volumes.push_back(read_volume(value));
    } else if (take_value(words, at, "--mount", value)) {
        command.volumes.push_back(read_mount(value));
    } else if (take_value(words, at, "-e", value) || take_value(words, at, "--env", value)) {
        std::string_view rest = value;
        const std::string_view name = util::take_until(rest, '=');
        command.names_token = command.names_token || name == "NOTIFYBRIDGE_TOKEN";
        if (name == "SHARED_DIR")
            command.shared_dir = rest;
        if (name == "NOTIFYBRIDGE_OPTIONS") {
            command.has_options = true;
            read_option_text(command, rest);
        }
    } else if (take_value(words, at, "-p", value) || take_value(words, at, "--publish", value)) {
        command.published.push_back(value);
    } else if (take_value(words, at, "--sdnotify", value)) {
        command.has_conmon_notify = value == "conmon";
    }
}

void read_word(StartCommand& command, std::string_view word) {
    const std::string_view name = base_name(word);
    command.has_sudo = command.has_sudo || name == "sudo" || name == "doas";
    if (name == "distrobox" || name == "distrobox-enter")
        command.enters_box = true;
    else if (word == "--root" || word == "-r" || word == "create")
        command.enters_box = false;
}

}  // namespace

StartCommand read_start_command(std::span<const std::string> words) {
    if (words.empty())
        return {};
    const bool has_verb = base_name(words[0]) == runtime::program_name && words.size() > 1;
    return read_container_command(words.subspan(has_verb ? 2 : 1), has_verb && words[1] == "run");
}

StartCommand read_container_command(std::span<const std::string> words, bool is_run) {
    StartCommand command;
    command.is_run = is_run;
    std::string member;
    std::string main_pid;
    for (std::size_t at = 0; at < words.size(); ++at) {
        const std::string& word = words[at];
        const std::string_view path = first_path(word);
        const bool is_ours = runtime::is_own_name(base_name(path)) || runtime::is_own_name(word);
        command.names_wrapper = command.names_wrapper || is_ours;
        if (is_ours && !path.empty())
            util::add_once(command.executables, std::string(path));
        read_word(command, word);
        read_own_option(command, words, at);
        if (!command.manager.empty()) {
            command.is_plugin = command.is_plugin || (!command.is_compose && word == "compose");
            command.is_compose = command.is_compose || word == "compose";
            command.is_kube = command.is_kube || word == "kube" || word == "play";
            command.only_creates =
                command.only_creates || (!command.makes_container && word == "create");
            command.makes_container = command.makes_container || word == "run" || word == "create";
            read_option(command, words, at);
            take_value(words, at, "--runtime", command.runtime);
        } else if (runtime::is_manager(word)) {
            command.manager = word;
        } else if (const auto manager = runtime::manager_of_compose(word); !manager.empty()) {
            command.manager = manager;
            command.is_compose = true;
        } else if (take_value(words, at, "--member", member)) {
            command.members.push_back(member);
        } else if (take_value(words, at, "--main-pid", main_pid)) {
            command.translates_main_pid = main_pid == "translate";
        } else if (word == "--keep") {
            command.keeps = true;
        }
    }
    return command;
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
