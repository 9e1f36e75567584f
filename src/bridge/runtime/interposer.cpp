#include "bridge/runtime/interposer.hpp"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>

#include "base/cli/log.hpp"
#include "base/cli/options.hpp"
#include "base/cli/settings.hpp"
#include "base/process/environment.hpp"
#include "base/system/error.hpp"
#include "base/system/file.hpp"
#include "base/system/streams.hpp"
#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "bridge/runtime/bundle.hpp"
#include "bridge/runtime/call.hpp"
#include "bridge/runtime/entry_point.hpp"
#include "bridge/runtime/failure_log.hpp"
#include "bridge/runtime/health_check.hpp"
#include "bridge/runtime/hook.hpp"
#include "bridge/runtime/journal.hpp"
#include "bridge/runtime/own_executable.hpp"
#include "bridge/runtime/place_check.hpp"
#include "bridge/runtime/podman_client.hpp"
#include "bridge/runtime/podman_watchdog.hpp"
#include "bridge/runtime/published_ports.hpp"
#include "bridge/runtime/real_runtime.hpp"
#include "bridge/runtime/refusal.hpp"
#include "bridge/runtime/share.hpp"
#include "bridge/runtime/stop_signal.hpp"

namespace notifybridge::runtime {
namespace {

using util::concat;
using util::quote;

constexpr const char* through_variable = "NOTIFYBRIDGE_RUNTIME";

constexpr const char* unheard_sentence =
    "ignoring NOTIFYBRIDGE_OPTIONS: the container has neither NOTIFY_SOCKET nor SHARED_DIR, so its "
    "messages would go nowhere; set Notify=true in Quadlet, or give podman --sdnotify=container";

/// Returns whether the config.json must be parsed. Throws Refusal if it is too large to be parsed.
bool asks(std::string_view text) {
    if (!may_request_wrap(text))
        return false;
    if (text.size() > most_config)
        throw Refusal("cannot put `wrap` into the container: config.json has more than 16 MiB");
    return true;
}

/// Warns if nobody runs the container's health check. This can happen because `run` has switched
/// podman's own check off before the image was known.
void warn_of_lost_check(const boost::json::object& config, const Wish& wish) {
    if (has_health_option(wish.options, "use") && wish.has_health_check()
        && !runs_health_check(config))
        write_to_journal(
            JournalPriority::warning,
            "the health check of this container does not run: the container's command is "
            "a notifybridge program without health checks; to let the container manager run the "
            "check, pass --health=ignore to `notifybridge run`");
}

/// Tells `wrap` which ports the container publishes. The container can start without this, so
/// `wrap` itself reports if it needs the ports.
void pass_ports(Wish& wish, const boost::json::object& config, std::string_view bundle,
                const Podman& podman) {
    try {
        const std::string ports = find_published_ports(config, bundle, wish.options, podman);
        if (!ports.empty())
            wish.options.insert(wish.options.begin(), concat("--published=", ports));
    } catch (const Refusal& refusal) {
        write_to_journal(JournalPriority::notice,
                         concat("the published ports are unknown: ", refusal.what()));
    }
}

/// A guard that makes writes beyond the unit's LimitFSIZE= fail with an error. Without it, SIGXFSZ
/// would end this process silently.
class LimitIsAnError {
public:
    LimitIsAnError() : before_(::signal(SIGXFSZ, SIG_IGN)) {}
    ~LimitIsAnError() { ::signal(SIGXFSZ, before_); }

private:
    sighandler_t before_;
};

[[noreturn]] void become(const std::string& program, std::span<const std::string> arguments,
                         const std::string& through) {
    ::setenv(through_variable, through.c_str(), 1);
    std::vector<char*> argv = {const_cast<char*>(program.c_str())};
    for (const std::string& argument : arguments)
        argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    ::execv(program.c_str(), argv.data());
    throw Refusal(
        concat("cannot run the OCI runtime ", quote(program), ": ", system::describe(errno)));
}

}  // namespace

void Interposer::check_options(const Wish& wish) const {
    try {
        check_options_(wish.options);
    } catch (const cli::UsageError& error) {
        throw Refusal(concat(options_variable, ": ", error.what()));
    }
}

/// Returns the options of `wrap` for the container's health check. If the check cannot be found,
/// logs a warning and returns nothing, because the container can start without a check.
std::vector<std::string> Interposer::health_check(const boost::json::object& config,
                                                  const Caller& caller, const Wish& wish) const {
    try {
        auto check = find_health_check(config, caller.bundle, wish.options, caller.podman);
        check_options_(check.words);
        if (!check.unknown.empty())
            write_to_journal(has_health_command(check.words) ? JournalPriority::warning
                                                             : JournalPriority::notice,
                             describe_unknown(check));
        return std::move(check.words);
    } catch (const std::exception& error) {
        write_to_journal(JournalPriority::warning,
                         concat("starting the container without its health check: ", error.what(),
                                "; set --health-cmd= in NOTIFYBRIDGE_OPTIONS, or --health=ignore "
                                "if no check is needed"));
        return {};
    }
}

/// Returns the new config.json. Returns an empty text if the file stays unchanged.
std::string Interposer::changed(std::string_view text, const boost::json::object& config,
                                const Caller& caller) const {
    switch (find_request(config, caller.passes_socket)) {
        case Request::nothing:
            return {};
        case Request::no_receiver:
            write_to_journal(JournalPriority::warning, unheard_sentence);
            return {};
        case Request::wrap:
            break;
    }
    auto wish = read_wish(config);
    if (!wish)
        return {};
    wish->stop_signal = find_stop_signal(config);
    // If there is a shared directory, `wrap` gets the watchdog's time from `wait`.
    if (wish->shared_directory.empty())
        wish->watchdog = caller.watchdog;
    pass_ports(*wish, config, caller.bundle, caller.podman);
    check_options(*wish);
    wish->health_check = health_check(config, caller, *wish);
    warn_of_lost_check(config, *wish);
    check_executable_place(config, caller.bundle);
    const std::string directory = wish->wants_directory() ? share_directory(*wish) : "";
    return put_wrap_in_front(text, config, *wish, executable_for(*wish, own_path(), caller.bundle),
                             directory);
}

int Interposer::run_call(std::string_view called_as, std::string_view wanted,
                         std::span<const std::string> arguments) const {
    const Call call = parse_call(arguments);
    try {
        const RealRuntime real(own_identity(),
                               process::environment_variable(through_variable).value_or(""));
        const auto variable = cli::variable_or_empty;
        const std::string program = real.find(wanted, called_as, search_path(), variable);
        if (call.makes_container()) {
            const LimitIsAnError of_size;
            // If this process has a NOTIFY_SOCKET, crun and runc pass it on to the container.
            const Caller caller = {call.bundle,
                                   !variable("NOTIFY_SOCKET").empty(),
                                   podman_watchdog(variable),
                                   {podman_of_runtime, ask_manager}};
            change_bundle(call, [&](std::string_view text) {
                return asks(text) ? changed(text, parse_config(text), caller) : std::string();
            });
        }
        become(program, arguments, real.through());
    } catch (const Refusal& refusal) {
        const std::string sentence = concat("notifybridge: ", refusal.what());
        log_failure(call, sentence);
        cli::write_error_line(sentence);
        return failure_status;
    }
}

/// Returns `text`, a config.json, with our changes. Returns an empty text if config.json stays
/// unchanged.
std::string Interposer::filtered(std::string_view text) const {
    if (!asks(text))
        return {};
    const auto config = parse_config(text);
    if (is_left_to_runtime(config))
        return {};
    Caller caller;
    caller.bundle = bundle_of_hook(system::read_link("/proc/self/cwd"));
    caller.watchdog = podman_watchdog_of_hook();
    caller.podman = {podman_of_hook, ask_manager};
    return changed(text, config, caller);
}

void Interposer::run_filter() const {
    std::string config;
    std::array<char, 64 * 1024> part;
    for (ssize_t size; (size = ::read(STDIN_FILENO, part.data(), part.size())) != 0;) {
        if (size < 0 && errno != EINTR)
            throw Refusal(concat("cannot read standard input: ", system::describe(errno)));
        config.append(part.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
        if (config.size() > most_read)
            throw Refusal("the config.json on standard input has more than 64 MiB");
    }
    const LimitIsAnError of_size;
    const std::string result = filtered(config);
    system::out() << (result.empty() ? config : result);
}

int Interposer::run_hook() const {
    try {
        run_filter();
        return 0;
    } catch (const Refusal& refusal) {
        report_to_manager(refusal.what());
        cli::write_error_line(concat("notifybridge: ", refusal.what()));
        return failure_status;
    }
}

}  // namespace notifybridge::runtime
