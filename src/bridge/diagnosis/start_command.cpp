#include "bridge/diagnosis/start_command.hpp"

#include <array>
#include <utility>

#include "base/util/base_name.hpp"
#include "base/util/concat.hpp"
#include "base/util/contains.hpp"
#include "base/util/take_until.hpp"
#include "base/util/time_span.hpp"
#include "base/util/words.hpp"
#include "bridge/runtime/manager_command.hpp"
#include "bridge/runtime/own_command.hpp"
#include "bridge/runtime/run_options.hpp"

namespace notifybridge::diagnosis {
namespace {

using runtime::RunOption;
using util::base_name;
using util::contains;

using Words = std::span<const std::string>;

/// Returns the first path in `word`, which is a path on the host. `word` may be a volume such as
/// "/usr/bin/notifybridge:/opt/wrapper:ro", with or without "-v" in front. It may also be a mount
/// such as "type=bind,source=PATH,...".
std::string_view first_path(std::string_view word) {
    std::size_t at = word.starts_with("-v/") ? 2 : 0;
    while (at < word.size() && word[at] != '/') {
        at = word.find_first_of("=,:", at);
        at = at == word.npos ? word.size() : at + 1;
    }
    word.remove_prefix(at);
    return word.substr(0, word.find_first_of(",:"));
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

void add_executable(StartCommand& command, std::string_view host, std::string_view container) {
    const bool is_ours =
        runtime::is_own_name(base_name(host)) || runtime::is_own_name(base_name(container));
    if (is_ours && host.starts_with('/'))
        util::add_once(command.executables, std::string(host));
}

void add_volume(StartCommand& command, Volume volume) {
    add_executable(command, volume.host, volume.container);
    command.volumes.push_back(std::move(volume));
}

/// Reads a mount in the words of a program that is not a container manager: `--ro-bind HOST INSIDE`
/// of bwrap, `--bind-ro=HOST:INSIDE` of systemd-nspawn, or `--bind=HOST,INSIDE` of firejail.
void read_bind(StartCommand& command, Words words, std::size_t at) {
    std::string_view value = words[at];
    const std::string_view name = util::take_until(value, '=');
    if (!name.starts_with("--") || name.find("bind") == name.npos)
        return;
    if (value.empty() && at + 1 < words.size())
        value = words[at + 1];
    const std::string_view host = value.substr(0, value.find_first_of(":,"));
    add_executable(command, host, "");
}

/// Reads --health-interval of `wrap` or podman.
void read_health_interval(StartCommand& command, const RunOption& option) {
    const auto span = util::parse_time_span(option.value);
    const bool is_off = option.value == "disable" || (span && span->count() == 0);
    command.health_off = is_off ? util::concat(option.name, '=', option.value) : "";
}

/// Reads an option of `wrap`.
void read_own_option(StartCommand& command, const RunOption& option) {
    if (option.name == "--ready-when")
        command.ready_when.emplace_back(option.value);
    else if (option.name == "--alive-when")
        command.alive_when.emplace_back(option.value);
    else if (option.name == "--ready-timeout")
        command.ready_timeout = option.value;
    else if (option.name == "--proxy")
        command.proxies.emplace_back(option.value);
    else if (option.name == "--idle-timeout")
        command.ends_when_idle = true;
    else if (option.name == "--health-interval")
        read_health_interval(command, option);
    else if (option.name == "--stop-timeout" && command.stop_timeout.empty())
        command.stop_timeout = option.value;
}

/// Reads the options of `wrap` in the word at `at`.
void read_own_word(StartCommand& command, Words words, std::size_t at) {
    for (const RunOption& option : runtime::read_options_of_word(words, at).all) {
        read_own_option(command, option);
        if (option.name == "--shared-dir")
            command.wrap_directory = option.value;
    }
}

/// Reads the option -d of `wrap`, whose options begin at `at`. Stops at the first word that is not
/// an option, because the app may also have an option -d. Reads the value itself, because
/// `read_options_of_word` knows -d as a container manager's option without a value.
void read_short_directory(StartCommand& command, Words words, std::size_t at) {
    while (at < words.size() && words[at].starts_with('-') && words[at] != "--") {
        if (words[at].starts_with("-d"))
            command.wrap_directory = words[at].size() > 2    ? words[at].substr(2)
                                     : at + 1 < words.size() ? words[at + 1]
                                                             : "";
        at = runtime::read_options_of_word(words, at).end;
    }
}

/// Reads NOTIFYBRIDGE_OPTIONS, in which words are quoted as in a unit file.
void read_option_text(StartCommand& command, std::string_view text) {
    std::vector<std::string> words;
    util::WordReader reader(text);
    for (std::string word; reader.next(word) == util::Extracted::word;)
        words.push_back(word);
    for (std::size_t at = 0; at < words.size(); ++at)
        read_own_word(command, words, at);
    read_short_directory(command, words, 0);
}

/// Reads a value of --env.
void read_variable(StartCommand& command, std::string_view assignment) {
    const std::string_view name = util::take_until(assignment, '=');
    command.names_token = command.names_token || name == "NOTIFYBRIDGE_TOKEN";
    if (name == "SHARED_DIR")
        command.shared_dir = assignment;
    if (name == "NOTIFYBRIDGE_OPTIONS") {
        command.has_options = true;
        read_option_text(command, assignment);
    }
}

/// Reads an option of the container manager.
void read_option(StartCommand& command, const RunOption& option) {
    if (option.name == "v" || option.name == "--volume")
        add_volume(command, read_volume(option.value));
    else if (option.name == "--mount")
        add_volume(command, read_mount(option.value));
    else if (option.name == "e" || option.name == "--env")
        read_variable(command, option.value);
    else if (option.name == "p" || option.name == "--publish")
        command.published.emplace_back(option.value);
    else if (option.name == "--sdnotify")
        command.has_conmon_notify = option.value == "conmon";
    else if (option.name == "--cgroups")
        command.shares_cgroup = !option.value.empty() && option.value != "enabled";
    else if (option.name == "--runtime")
        command.runtime = option.value;
    else if (option.name == "--name")
        command.name = option.value;
    else if (option.name == "--health-interval" || option.name == "--healthcheck-interval") {
        const runtime::Manager* const manager = runtime::find_manager(command.manager);
        if (manager && !manager->has_plain_health)
            read_health_interval(command, option);
    } else
        read_own_option(command, option);
}

/// Reads the options of `wait` and `run` in the word at `at`. Returns the index of the next word to
/// read. Skips the value of an option that we know.
std::size_t read_word_of_wait(StartCommand& command, Words words, std::size_t at) {
    command.keeps = command.keeps || words[at] == "--keep";
    for (const RunOption& option : runtime::read_options_of_word(words, at).all) {
        read_own_option(command, option);
        if (option.name == "--member")
            command.members.emplace_back(option.value);
        else if (option.name == "--main-pid")
            command.translates_main_pid = option.value == "translate";
        else if (option.name == "--timeout")
            command.timeout = option.value;
        else if (option.name == "--shared-dir")
            command.directory = option.value;
        else
            continue;
        return option.end;
    }
    return at + 1;
}

bool names_us(std::string_view word) {
    return runtime::is_own_name(base_name(first_path(word))) || runtime::is_own_name(word);
}

/// Reads a word that is not after the image, and may be any option or value.
void read_word(StartCommand& command, std::string_view word) {
    command.names_wrapper = command.names_wrapper || names_us(word);
    const std::string_view name = base_name(word);
    command.has_sudo = command.has_sudo || name == "sudo" || name == "doas";
    if (name == "distrobox" || name == "distrobox-enter")
        command.enters_box = true;
    else if (word == "--root" || word == "-r" || word == "create")
        command.enters_box = false;
}

/// Reads the manager's words before the image. The value of --runtime may be one of our names, but
/// is not the program in the container.
void read_words_of_manager(StartCommand& command, Words words) {
    bool is_runtime = false;
    for (const std::string& word : words) {
        if (!is_runtime)
            read_word(command, word);
        is_runtime = word == "--runtime";
    }
}

/// Returns whether a script, such as the one after `sh -c`, starts `wrap`.
bool is_script_with_wrap(std::string_view word) {
    return word.find(' ') != word.npos
           && (word.find(runtime::wrapper_name) != word.npos
               || word.find(util::concat(runtime::program_name, " wrap")) != word.npos);
}

/// Reads the words after the image, which belong to the app. Reads only the options that follow the
/// name of `wrap`. If `is_wrap` is set, the first word already follows that name.
void read_app(StartCommand& command, Words words, bool is_wrap) {
    if (is_wrap)
        read_short_directory(command, words, 0);
    for (std::size_t at = 0; at < words.size(); ++at) {
        if (words[at] == "--")
            is_wrap = false;
        if (is_wrap)
            read_own_word(command, words, at);
        if (names_us(words[at])) {
            command.names_wrapper = is_wrap = true;
            const bool has_verb = at + 1 < words.size() && words[at + 1] == "wrap";
            read_short_directory(command, words, at + (has_verb ? 2 : 1));
        } else if (is_script_with_wrap(words[at])) {
            command.names_wrapper = command.has_script = true;
        }
    }
}

/// Reads options at any position, for verbs whose options we do not know.
void read_anywhere(StartCommand& command, Words words) {
    read_words_of_manager(command, words);
    for (std::size_t at = 0; at < words.size(); ++at)
        for (const RunOption& option : runtime::read_options_of_word(words, at).all)
            read_option(command, option);
}

/// Reads the words of `run` or `create`, whose verb is at index `verb`.
void read_creation(StartCommand& command, Words words, std::size_t verb) {
    command.makes_container = true;
    command.only_creates = words[verb] == "create";
    const runtime::RunOptions options = runtime::read_run_options(words, verb + 1);
    read_words_of_manager(command, words.subspan(verb, options.end - verb));
    for (const RunOption& option : options.all)
        read_option(command, option);
    const Words rest = words.subspan(options.end);
    if (rest.empty())
        return;
    // The image itself may have our name.
    command.names_wrapper = command.names_wrapper || names_us(rest.front());
    const Words app = rest.subspan(1);
    const std::string_view entry = options.find("--entrypoint").value_or("");
    const bool names_entry = entry.find(runtime::wrapper_name) != entry.npos
                             || entry.find(runtime::program_name) != entry.npos;
    // If options follow the image, its entry point may be `wrap`. `run` warns about such options.
    const bool has_entry = !command.is_run && !app.empty() && app.front().starts_with("--");
    read_app(command, app, names_entry || has_entry);
}

/// Reads the words of a verb other than `run` and `create`, such as `docker compose run`.
void read_other_verb(StartCommand& command, Words words) {
    for (const std::string& word : words) {
        command.only_creates =
            command.only_creates || (!command.makes_container && word == "create");
        command.makes_container = command.makes_container || runtime::creates_container(word);
    }
    read_anywhere(command, words);
}

/// Reads the command line of a container manager.
void read_manager(StartCommand& command, Words words) {
    const auto line = runtime::split_manager_command(words);
    if (!line) {
        command.manager = runtime::manager_of_compose(words.front());
        command.is_compose = true;
        return read_other_verb(command, words.subspan(1));
    }
    command.manager = words.front();
    command.runtime = line->runtime.value_or("");
    read_words_of_manager(command, words.first(line->verb).subspan(1));
    if (line->verb == words.size())
        return;
    const std::string_view verb = words[line->verb];
    if (runtime::creates_container(verb))
        return read_creation(command, words, line->verb);
    command.is_compose = command.is_plugin = verb == "compose";
    command.is_kube = verb == "kube" || verb == "play";
    read_other_verb(command, words.subspan(line->verb));
}

bool is_manager(std::string_view word) {
    return runtime::is_manager(word) || !runtime::manager_of_compose(word).empty();
}

StartCommand read_words(Words words, bool is_run) {
    StartCommand command;
    command.is_run = is_run;
    for (std::size_t at = 0; at < words.size();) {
        if (is_manager(words[at])) {
            read_manager(command, words.subspan(at));
            break;
        }
        read_word(command, words[at]);
        read_bind(command, words, at);
        at = read_word_of_wait(command, words, at);
    }
    return command;
}

StartCommand read_program(Words words) {
    if (words.empty())
        return {};
    const bool has_verb = base_name(words[0]) == runtime::program_name && words.size() > 1;
    return read_words(words.subspan(has_verb ? 2 : 1), has_verb && words[1] == "run");
}

}  // namespace

StartCommand read_start_command(std::span<const std::string> words) {
    return read_program(words);
}

StartCommand read_container_command(std::span<const std::string> words, bool is_run) {
    return read_words(words, is_run);
}

StartCommand read_exec_start(std::span<const std::string> words) {
    const bool is_manager_first = !words.empty() && runtime::is_manager(words[0]);
    return is_manager_first ? read_words(words, false) : read_program(words);
}

}  // namespace notifybridge::diagnosis
