
#include <algorithm>
#include <array>
#include <cerrno>

#include "base/cli/settings.hpp"
#include "base/system/error.hpp"
#include "base/system/streams.hpp"
#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "base/util/log.hpp"
#include "base/util/signal_names.hpp"
#include "base/util/time_span.hpp"
#include "base/util/words.hpp"
#include "bridge/channel/preparation.hpp"
#include "bridge/proxy/own_socket.hpp"
#include "bridge/proxy/sockets.hpp"
#include "bridge/runtime/container_config.hpp"
#include "bridge/runtime/manager_command.hpp"
#include "bridge/runtime/refusal.hpp"
#include "bridge/runtime/run.hpp"
#include "subcommands.hpp"
#include "wait_settings.hpp"
#include "wrap_settings.hpp"

namespace notifybridge {
namespace run_command {
namespace {

using runtime::Refusal;
using util::concat;
using util::quote;

constexpr cli::Option dry_run_option = {
    "dry-run", 0, "", "print the command line and its variables, and do not run it"};

/// Returns whether `run` does not have this option. Such options are for a `wait` without a
/// command, with several containers or with a virtual machine, or for a `wrap` outside of a
/// container.
constexpr bool is_for_others(std::string_view option) {
    return option == "keep" || option == "stop" || option == "member" || option == "listen"
           || option == "ready-on" || option == "guest-cid" || option == "published"
           || option == notify_fd_option.name;
}

constexpr bool is_among(std::string_view name, std::span<const cli::Option> options) {
    return std::ranges::any_of(options,
                               [&](const cli::Option& option) { return option.name == name; });
}

/// Returns whether `wrap` gets the option, and not `wait`.
constexpr bool is_for_wrap(const cli::Option& option) {
    return !is_among(option.name, wait_options) && !is_for_others(option.name);
}

/// The options that most people need, and those that every subcommand has. --help shows these
/// options first, without a heading.
constexpr auto first_names = std::to_array<util::Literal>({
    "ready-when",
    "timeout",
    "stop-timeout",
    "shared-dir",
    dry_run_option.name,
    cli::verbose_option.name,
    cli::log_level_option.name,
    cli::help_option.name,
    cli::version_option.name,
});

constexpr bool is_first(const cli::Option& option) {
    return std::ranges::find(first_names, option.name) != first_names.end();
}

/// Returns the option `name` of `run`. Prefers the option of `wait` to the same option of `wrap`.
constexpr cli::Option option_named(std::string_view name) {
    if (name == dry_run_option.name)
        return dry_run_option;
    const auto in_wait = std::ranges::find(wait_options, name, &cli::Option::name);
    return in_wait != wait_options.end()
               ? *in_wait
               : *std::ranges::find(wrap_options, name, &cli::Option::name);
}

/// The options of `wait` and `wrap` that `run` accepts, each only once, and --dry-run.
constexpr auto options = [] {
    const auto is_for_wait = [](const cli::Option& option) { return !is_for_others(option.name); };
    constexpr auto count =
        static_cast<std::size_t>(std::ranges::count_if(wrap_options, is_for_wrap)
                                 + std::ranges::count_if(wait_options, is_for_wait) + 1);
    std::array<cli::Option, count> all{};
    auto end = all.begin();
    for (const std::string_view name : first_names) {
        *end = option_named(name);
        end->heading = {};
        if (name == "shared-dir")
            end->help =
                "share this directory with the container (SHARED_DIR; default: a directory for "
                "this unit)";
        ++end;
    }
    for (const bool has_heading : {true, false}) {
        const auto is_next = [&](const cli::Option& option) {
            return !is_first(option) && option.heading.empty() != has_heading;
        };
        for (const cli::Option& option : wrap_options)
            if (is_for_wrap(option) && is_next(option))
                *end++ = option;
        for (const cli::Option& option : wait_options)
            if (is_for_wait(option) && is_next(option))
                *end++ = option;
    }
    for (cli::Option& option : all)
        if (option.heading.empty() && !is_first(option))
            option.heading = other_heading;
    return all;
}();

constexpr cli::Usage usage = {
    "run",
    "[OPTIONS] [--] podman|docker|nerdctl … run|create …",
    "Starts a container of any image, and tells systemd when it is ready.",
    options,
    "The image needs no changes. `run` adds options to the command line, so that the container\n"
    "manager calls `notifybridge runtime`, which starts `wrap` with the image's command (see\n"
    "--dry-run). Then `run` does the same as `wait`. The default shared directory is below\n"
    "/run or $XDG_RUNTIME_DIR, or else a temporary directory. For docker, configure the runtime\n"
    "first: see notifybridge-run(1).\n\n"
    "Example, in a unit with Type=notify:\n"
    "  ExecStart=/usr/bin/notifybridge run --ready-when=tcp:127.0.0.1:6379 \\\n"
    "    podman run --rm --replace --name=redis docker.io/library/redis\n\n"
    "Exit status: the command's; 128+N after signal N; 124 if the container was not ready in\n"
    "time, 125 for an error of `run` itself, 126 if the command cannot be run, 127 if it is\n"
    "not found. 1 if the app ended with 0 before it was ready.",
    std::span(&notify_fd_option, 1),
    "`notifybridge wrap`; put `notifybridge wrap --notify-fd=N` in front of `notifybridge run`",
};

/// Returns the value of an option as `wrap` gets it. `wrap` knows a socket by its name only,
/// because an address of the host means nothing in the container.
std::string value_for_wrap(const cli::Option& option, const std::string& value) {
    if (option.name != "proxy")
        return value;
    const proxy::Specification specification = proxy::parse_specification(value);
    return specification.own ? concat(specification.name, '=', specification.target.text) : value;
}

/// Returns the options for `wrap` as words of its command line. Adds nerdctl's stop signal, because
/// nerdctl, unlike podman and docker, does not report it to the runtime.
std::vector<std::string> words_for_wrap(const cli::Arguments& arguments,
                                        const runtime::ManagerCommand& command,
                                        std::chrono::microseconds stop_timeout) {
    std::vector<std::string> words;
    if (command.manager->hides_stop_signal && util::parse_signal_in_any_case(command.stop_signal))
        words.push_back(concat("--stop-signal=", command.stop_signal));
    // `wait` and `wrap` must agree about how long a stop may take.
    if (arguments.has("proxy"))
        words.push_back(concat("--stop-timeout=", util::to_string(stop_timeout)));
    for (const cli::Option& option : wrap_options) {
        const bool is_of_log =
            option.name == cli::verbose_option.name || option.name == cli::log_level_option.name;
        if (!arguments.has(option.name) || !(is_for_wrap(option) || is_of_log))
            continue;
        if (option.value.empty())
            words.push_back(concat("--", option.name));
        for (const std::string& value : arguments.values(option.name))
            words.push_back(concat("--", option.name, '=', value_for_wrap(option, value)));
    }
    return words;
}

/// Throws Refusal if a probe's command is not quoted. The second word of such a command would
/// become the first word of our command.
void refuse_unquoted_probe(const cli::Arguments& arguments, std::span<const std::string> command) {
    const std::string_view first = command.front();
    if (runtime::is_manager(first))
        return;
    for (const std::string_view option : {"ready-when", "alive-when"})
        for (const std::string& probe : arguments.values(option)) {
            if (!probe.starts_with("exec:") || probe.find(' ') != probe.npos)
                continue;
            const auto end = std::ranges::find_if(command, runtime::is_manager);
            std::string whole = concat("--", option, '=', probe);
            for (auto word = command.begin(); word != end; ++word)
                whole += concat(' ', *word);
            throw Refusal(concat('\'', util::escape(first),
                                 "' is not a container manager; quote the probe: ", quote(whole)));
        }
}

/// Opens the sockets of --proxy that have their own addresses. Throws proxy::SocketError if that
/// fails, or if systemd has not passed the others. Without this check, only `wrap` in the container
/// would notice the fault.
void provide_sockets(const cli::Arguments& arguments, relay::NamedFds& passed) {
    const std::vector<proxy::Specification> proxies = read_proxies(arguments);
    proxy::add_own_sockets(proxies, passed.fds, passed.names);
    const std::vector<system::Fd> fds(passed.fds.begin(), passed.fds.end());
    proxy::choose_sockets(proxies, proxy::describe_sockets(fds, passed.names));
}

/// Prints the variables and the command line, quoted for a shell.
void print(const wait::Settings& settings) {
    const std::vector<std::string> variables = {
        concat("SHARED_DIR=", channel::absolute_path(settings.shared_directory)),
        concat(runtime::options_variable, '=', *settings.wrap_options)};
    system::out() << "env " << util::join_shell_words(variables) << ' '
                  << util::join_shell_words(settings.command) << '\n';
    if (!system::flush_out()) {
        const int error = errno;
        system::out().clear();  // The flush at exit would report the error again.
        throw Refusal(
            concat("cannot write the command line to standard output: ", system::describe(error)));
    }
}

/// Says what makes the unit ready if no option does.
void explain(const wrap::Speaker::Options& probes) {
    if (probes.is_listen_default)
        util::log(util::Severity::notice, util::Topic::process, "the unit is ready when ",
                  probes.ready_condition(),
                  "; if the image has a health check, this check decides instead");
}

/// Says that the published ports are unknown if a pod publishes them, and nothing else makes the
/// unit ready.
void warn_of_pod(const runtime::Run& run, const wrap::Speaker::Options& probes,
                 const cli::Arguments& arguments) {
    if (run.is_in_pod() && probes.ready_when.empty() && !arguments.has("alive-when"))
        util::log(util::Severity::notice, util::Topic::process,
                  "a pod publishes the ports of its containers, so they are unknown here; if the "
                  "app does not send READY=1, give --ready-when=listen:PORT");
}

/// Warns about NOTIFYBRIDGE_OPTIONS in our environment, because the command gets our own value
/// instead.
void warn_of_options() {
    if (cli::variable(runtime::options_variable))
        util::log(util::Severity::warning, util::Topic::process, "ignoring ",
                  runtime::options_variable, ": pass these options to `run`");
}

process::ExitStatus run_container(const cli::Arguments& arguments) {
    wait::Settings settings = read_wait_settings(arguments);
    if (settings.command.empty())
        throw cli::UsageError(
            "no command is given; name the command that creates the container, such as podman run "
            "… IMAGE; see --help");
    refuse_unquoted_probe(arguments, settings.command);
    const bool is_dry = arguments.has(dry_run_option.name);
    runtime::Run run(settings.command, is_dry);
    auto wrap_options = words_for_wrap(arguments, run.manager(), settings.stop_timeout);
    run.pass_ports(wrap_options);
    check_wrap_options(wrap_options);
    run.take_over_health_check(wrap_options);
    const wrap::Settings of_wrap = read_wrap_options(wrap_options);
    settings.wrap_options = util::join_words(wrap_options);
    if (!settings.wrap_options->empty())
        run.check_own_variable();
    if (!is_dry)
        provide_sockets(arguments, settings.fds);
    if (!arguments.has("shared-dir") && !cli::variable("SHARED_DIR"))
        settings.shared_directory = run.shared_directory();
    settings.command = run.whole_command();
    warn_of_options();
    run.warn_of_app_option();
    run.warn();
    warn_of_pod(run, of_wrap.probes, arguments);
    if (is_dry) {
        explain(of_wrap.probes);
        print(settings);
        return process::ExitStatus::exited(0);
    }
    const process::ExitStatus status = wait_for(std::move(settings));
    run.finish();
    return status;
}

int run(const cli::Invocation& invocation) {
    return run_end_of_bridge(usage, invocation, run_container);
}

}  // namespace
}  // namespace run_command

const cli::Subcommand run_subcommand = {run_command::usage,     {}, run_command::run,
                                        process::status_failed, {}, runtime::is_manager};

}  // namespace notifybridge
