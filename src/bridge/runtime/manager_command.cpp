#include "bridge/runtime/manager_command.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "base/util/base_name.hpp"
#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "base/util/number.hpp"
#include "base/util/take_until.hpp"
#include "base/util/time_span.hpp"
#include "bridge/runtime/docker_context.hpp"
#include "bridge/runtime/refusal.hpp"
#include "bridge/runtime/run_options.hpp"

namespace notifybridge::runtime {
namespace {

using util::concat;
using util::quote;

/// The verbs that can follow a global option. Any other word after an unknown option is its value.
constexpr std::string_view manager_verbs =
    "attach build compose container create exec generate image images info inspect kill kube logs "
    "network play pod port ps pull push restart rm rmi run service stack start stop system top "
    "version volume wait";

/// Returns whether an address is on another machine. docker also accepts "HOST:PORT".
bool is_remote_address(std::string_view address) {
    return !address.empty() && !address.starts_with('/') && !address.starts_with("unix:")
           && !address.starts_with("fd:");
}

[[noreturn]] void refuse_remote(std::string_view name, std::string_view address) {
    const bool is_variable = !name.starts_with('-');
    const bool is_flag = name == "--remote" || name == "-r";
    if (is_flag || (!address.empty() && !is_remote_address(address)))
        throw Refusal(concat(quote(name),
                             " connects podman to a service, and `run` cannot choose the runtime "
                             "there; ",
                             is_variable ? "unset it" : "leave it out"));
    throw Refusal(concat(quote(name),
                         " selects containers of another machine, which cannot use this machine's "
                         "shared directory; run the command on that machine"));
}

bool is_local(const GlobalOption& option) {
    return option.name == "--remote" && option.value == "false";
}

void check_remote(const Manager& row, const GlobalOption& option) {
    if ((util::has_word(row.remote_options, option.name) && !is_local(option))
        || (is_host(option) && is_remote_address(option.value)))
        refuse_remote(option.name, option.value);
}

/// Refuses variables that name another machine. The variable of a manager with a daemon counts only
/// if its address is on another machine. If one of podman's variables is set, podman is only the
/// client of a server, and we cannot choose the server's runtime.
void check_remote_variables(const Manager& row, Variables variables) {
    for (std::string_view names = row.remote_variables; !names.empty();) {
        const std::string_view name = util::take_until(names, ' ');
        const std::string value = variables(name);
        if (row.has_monitor ? !value.empty() : is_remote_address(value))
            refuse_remote(name, value);
    }
}

/// Splits "--name=value", or "-Nvalue" if the short option N takes a value.
GlobalOption take_apart(const Manager& row, std::string_view word) {
    if (!word.starts_with("--") && word.size() > 2
        && util::has_word(row.with_value, word.substr(0, 2)))
        return {word.substr(0, 2), word.substr(word[2] == '=' ? 3 : 2)};
    const std::size_t end = word.find('=');
    return {word.substr(0, end), end == word.npos ? std::string_view() : word.substr(end + 1)};
}

/// Returns advice for a user who gave `verb`.
std::string advice_for(const Manager& row, std::string_view verb) {
    if (verb == "compose")
        return concat(
            "give the service `runtime: ", runtime_name(row.name),
            "` and the variables of `notifybridge runtime --help` in the compose file, and start "
            "it under `notifybridge wait`");
    if (verb == "kube" || verb == "play")
        return concat("start `podman --runtime=", runtime_name(row.name),
                      " kube play` under `notifybridge wait`; its file needs NOTIFYBRIDGE_OPTIONS, "
                      "SHARED_DIR and a volume at that path, see notifybridge-runtime(1)");
    if (verb == "service" || verb == "stack")
        return "swarm starts its containers itself, without `wrap`; start one with `docker run` "
               "here, or put container-notify-wrapper into the image and follow the container "
               "with `notifybridge wait` without a command";
    if (verb == "start" || verb == "restart" || verb == "exec")
        return concat("`run` cannot use an existing container; create one with `notifybridge run ",
                      row.name, " run … IMAGE`, or start the container under `notifybridge wait`");
    return "`run` only takes the verbs that create a container: run and create";
}

[[noreturn]] void refuse_verb(const Manager& row, std::string_view verb) {
    throw Refusal(concat(row.name, ' ', quote(verb), ": ", advice_for(row, verb)));
}

/// Returns whether `program` runs another program as another user.
bool changes_user(std::string_view program) {
    const std::string_view name = util::base_name(program);
    return name == "sudo" || name == "doas" || name == "su" || name == "runuser";
}

const Manager& demand_manager(std::string_view program) {
    if (const Manager* const row = find_manager(program))
        return *row;
    if (const std::string_view manager = manager_of_compose(program); !manager.empty())
        refuse_verb(*find_manager(manager), "compose");
    if (changes_user(program))
        throw Refusal(concat(
            quote(program), " is not a container manager that `run` knows; begin the command with ",
            manager_names(), ", and set User= in the unit to run it as another user"));
    throw Refusal(concat(quote(program), " is not a container manager that `run` knows; give ",
                         manager_names(),
                         ", or start it with `notifybridge wait`, which accepts any command"));
}

/// Parses a number of seconds. docker's -1 means no limit.
std::optional<std::chrono::microseconds> read_stop_timeout(std::string_view text) {
    const auto seconds = util::parse_number<std::int32_t>(text);
    if (!seconds)
        return std::nullopt;
    return *seconds < 0 ? util::infinity : std::chrono::seconds(*seconds);
}

/// Returns whether this word is an option of `run` that no container manager has.
bool is_own_option(std::string_view word) {
    constexpr auto beginnings = std::to_array<std::string_view>({"--ready-", "--alive-", "--on-"});
    return std::ranges::any_of(
        beginnings, [&](std::string_view beginning) { return word.starts_with(beginning); });
}

std::string_view name_of_option(std::string_view word) {
    return word.substr(0, word.find('='));
}

void refuse_own_option(const Manager& row, std::string_view word) {
    if (is_own_option(word))
        throw Refusal(concat(quote(name_of_option(word)), " is an option of `run`; put it before ",
                             row.name));
}

/// Refuses options that are certainly meant for `run`. Stops at the first word that is not an
/// option, because the options after the image belong to the app.
void refuse_own_options(const Manager& row, std::span<const std::string> words) {
    for (const std::string& word : words) {
        if (!word.starts_with('-'))
            return;
        refuse_own_option(row, word);
    }
}

/// A command line and its global options.
struct SplitLine {
    ManagerCommand places;
    std::vector<GlobalOption> globals;
};

/// Reads the options of "run" or "create" after the verb.
void read_verb_options(ManagerCommand& places, std::span<const std::string> command) {
    const RunOptions options = read_run_options(command, places.verb + 1);
    // podman accepts its global option --runtime after the verb, too.
    if (const auto runtime = options.find("--runtime"))
        places.runtime = *runtime;
    places.is_detached = options.find("d") || options.find("--detach").value_or("false") != "false";
    places.chooses_streams = options.find("a") || options.find("--attach");
    places.removes = options.find("--rm").value_or("false") != "false";
    places.restart = options.find("--restart").value_or("");
    places.name = options.find("--name").value_or("");
    places.cidfile = options.find("--cidfile").value_or("");
    places.stop_signal = options.find("--stop-signal").value_or("");
    places.stop_timeout = read_stop_timeout(options.find("--stop-timeout").value_or(""));
}

/// Guesses whether the next word is the value of the unknown global option at index `at`.
bool takes_value(std::span<const std::string> command, std::size_t at) {
    const bool has_value = command[at].find('=') != std::string::npos;
    return !has_value && at + 2 < command.size() && !command[at + 1].starts_with('-')
           && !util::has_word(manager_verbs, command[at + 1]);
}

/// Finds the positions and the options. Accepts every command line.
SplitLine split(const Manager& row, std::span<const std::string> command) {
    SplitLine line;
    ManagerCommand& places = line.places;
    places.manager = &row;
    std::size_t at = 1;
    for (; at < command.size() && command[at].starts_with('-'); ++at) {
        const std::string_view word = command[at];
        const std::size_t begin = at;
        GlobalOption option = take_apart(row, word);
        const bool is_unknown =
            !util::has_word(row.with_value, option.name) && !util::has_word(row.flags, option.name);
        const bool takes_next =
            is_unknown ? takes_value(command, at) : util::has_word(row.with_value, word);
        if (takes_next && at + 1 < command.size())
            option.value = command[++at];
        if (is_unknown)
            places.unknown_globals.push_back({option.name, option.value, begin, at + 1, true});
        if (row.read_global)
            row.read_global(places, option);
        if (option.name == "--runtime")
            places.runtime = option.value;
        line.globals.push_back(option);
    }
    places.global_end = at;
    if (at < command.size() && command[at] == "container")
        ++at;
    places.verb = at;
    if (at < command.size() && creates_container(command[at]))
        read_verb_options(places, command);
    return line;
}

}  // namespace

ManagerCommand read_manager_command(std::span<const std::string> command, Variables variables) {
    const Manager& row = demand_manager(command.front());
    SplitLine line = split(row, command);
    ManagerCommand& places = line.places;
    // Whether an option names the manager's address. If so, environment variables do not count.
    bool says_where = false;
    for (const GlobalOption& option : line.globals) {
        refuse_own_option(row, option.name);
        check_remote(row, option);
        says_where = says_where || is_host(option) || is_local(option);
    }
    if (!says_where) {
        check_remote_variables(row, variables);
        if (!row.context_variable.empty() && !places.context
            && variables(row.remote_variables).empty())
            places.context = variables(row.context_variable);
    }
    if (places.verb >= command.size())
        throw Refusal(concat("no verb follows ", row.name, "; write for example: ", row.name,
                             " run … IMAGE"));
    if (!creates_container(command[places.verb]))
        refuse_verb(row, command[places.verb]);
    refuse_own_options(row, command.subspan(places.verb + 1));
    return std::move(line.places);
}

std::optional<ManagerCommand> split_manager_command(std::span<const std::string> command) {
    const Manager* const row = command.empty() ? nullptr : find_manager(command.front());
    return row ? std::optional(split(*row, command).places) : std::nullopt;
}

bool creates_container(std::string_view verb) {
    return verb == "run" || verb == "create";
}

std::optional<ManagerCommand> find_manager_command(std::span<const std::string> command) {
    if (command.empty() || !is_manager(command.front()))
        return std::nullopt;
    try {
        return read_manager_command(command, [](std::string_view) { return std::string(); });
    } catch (const Refusal&) {
        return std::nullopt;
    }
}

std::string_view misplaced_option_of_run(std::span<const std::string> command,
                                         const ManagerCommand& places) {
    const std::size_t at = find_image(command, places.verb + 1) + 1;
    return at < command.size() && is_own_option(command[at]) ? name_of_option(command[at])
                                                             : std::string_view();
}

void check_context(const ManagerCommand& command, Variables variables) {
    if (!command.context)
        return;
    const std::string directory = command.config.empty() ? docker_files(variables) : command.config;
    if (is_remote_address(address_of_context(directory, *command.context)))
        refuse_remote(command.context->empty() ? "docker's current context"
                                               : concat("docker context ", *command.context),
                      {});
}

std::vector<std::string> put_in(std::span<const std::string> command, const ManagerCommand& places,
                                const ManagerWords& words) {
    std::vector<std::string> whole = {command.front()};
    const auto add = [&](const auto& more) { whole.insert(whole.end(), more.begin(), more.end()); };
    add(words.before_verb);
    add(command.subspan(1, places.verb));
    add(words.after_verb);
    add(command.subspan(places.verb + 1));
    return whole;
}

}  // namespace notifybridge::runtime
