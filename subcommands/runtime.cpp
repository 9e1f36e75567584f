#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/json/object.hpp>
#include <cerrno>
#include <cstdlib>
#include <memory>

#include "base/cli/log.hpp"
#include "base/cli/settings.hpp"
#include "base/process/environment.hpp"
#include "base/system/error.hpp"
#include "base/system/file.hpp"
#include "base/system/streams.hpp"
#include "base/util/concat.hpp"
#include "base/util/contains.hpp"
#include "base/util/escape.hpp"
#include "bridge/runtime/bundle.hpp"
#include "bridge/runtime/call.hpp"
#include "bridge/runtime/container_config.hpp"
#include "bridge/runtime/docker_setup.hpp"
#include "bridge/runtime/entry_point.hpp"
#include "bridge/runtime/failure_log.hpp"
#include "bridge/runtime/find_health_check.hpp"
#include "bridge/runtime/health_check.hpp"
#include "bridge/runtime/journal.hpp"
#include "bridge/runtime/own_executable.hpp"
#include "bridge/runtime/place_check.hpp"
#include "bridge/runtime/podman_client.hpp"
#include "bridge/runtime/podman_watchdog.hpp"
#include "bridge/runtime/real_runtime.hpp"
#include "bridge/runtime/refusal.hpp"
#include "bridge/runtime/share.hpp"
#include "bridge/runtime/stop_signal.hpp"
#include "subcommands.hpp"
#include "wrap_settings.hpp"

namespace notifybridge {
namespace runtime_command {
namespace {

using runtime::Refusal;
using util::concat;
using util::quote;

/// crun and runc exit with this status for failures.
constexpr int failure_status = 1;
constexpr const char* through_variable = "NOTIFYBRIDGE_RUNTIME";

constexpr auto options = std::to_array<cli::Option>({
    {"runtime", 0, "PATH", "call this real runtime (default: crun in PATH, otherwise runc)"},
    {"configure", 0, "MANAGER", "docker: add the runtime notifybridge to its settings"},
    {"unconfigure", 0, "MANAGER", "docker: remove it again"},
    {"dry-run", 0, "",
     "with --configure or --unconfigure: print the settings instead of writing them"},
    {"filter", 0, "",
     "change the config.json on standard input, as a hook of podman's stage \"precreate\""},
    cli::help_option,
    cli::version_option,
});

constexpr cli::Usage usage = {
    "runtime",
    "[--runtime=PATH] ARG…",
    "Stands in for an OCI runtime, and starts `wrap` in front of the container's command.",
    options,
    "It does so if the container's environment has NOTIFYBRIDGE_TOKEN or NOTIFYBRIDGE_OPTIONS\n"
    "(options of `wrap`, quoted as in a unit file; may be empty). It mounts the executable at\n"
    "/run/.notifybridge. If something is mounted at SHARED_DIR, that is the shared directory.\n"
    "Otherwise the token proves which `notifybridge wait` started the container, and its\n"
    "directory is mounted. Without SHARED_DIR, messages go straight to NOTIFY_SOCKET. Other\n"
    "containers and other calls go to the real runtime unchanged.\n\n"
    "Called by the name crun or runc, it takes only the options of the real runtime.\n\n"
    "Example, in a unit with Type=notify and KillMode=mixed:\n"
    "  ExecStart=/usr/bin/notifybridge wait \\\n"
    "    podman --runtime=/usr/libexec/notifybridge/crun run --rm --name=app \\\n"
    "    -e SHARED_DIR -e NOTIFYBRIDGE_TOKEN --replace IMAGE\n\n"
    "Exit status: that of the real runtime; 1 if it is not started.",
};

void check_options(const runtime::Wish& wish) {
    try {
        check_wrap_options(wish.options);
    } catch (const cli::UsageError& error) {
        throw Refusal(concat(runtime::options_variable, ": ", error.what()));
    }
}

constexpr const char* unheard_sentence =
    "ignoring NOTIFYBRIDGE_OPTIONS: the container has neither NOTIFY_SOCKET nor SHARED_DIR, so its "
    "messages would go nowhere; set Notify=true in Quadlet, or give podman --sdnotify=container";

/// Returns whether the config.json must be parsed. Throws Refusal if it is too large to be parsed.
bool asks(std::string_view text) {
    if (!runtime::can_ask(text))
        return false;
    if (text.size() > runtime::most_config)
        throw Refusal("config.json has more than 16 MiB");
    return true;
}

/// Facts about a container that its config.json does not contain.
struct Caller {
    std::string bundle;          ///< Empty if the bundle is not known.
    bool passes_socket = false;  ///< See find_request().
    std::string watchdog;        ///< The WATCHDOG_USEC of podman's unit; may be empty.
    runtime::Podman podman;
};

/// Returns the options of `wrap` for the container's health check. If the check cannot be found,
/// warns and returns none, because the container can start without it.
std::vector<std::string> health_check(const boost::json::object& config, const Caller& caller,
                                      const runtime::Wish& wish) {
    try {
        auto words = runtime::find_health_check(config, caller.bundle, wish.options, caller.podman);
        check_wrap_options(words);
        return words;
    } catch (const std::exception& error) {
        runtime::tell_journal(
            runtime::JournalPriority::warning,
            concat("starting the container without its health check: ", error.what(),
                   "; give it by --health-cmd= in NOTIFYBRIDGE_OPTIONS, or none by "
                   "--health=ignore"));
        return {};
    }
}

/// Warns if nobody runs the check. `run` has switched podman's own check off before the image was
/// known.
void warn_of_lost_check(const boost::json::object& config, const runtime::Wish& wish) {
    if (runtime::says_health(wish.options, "use") && wish.has_health_check()
        && !runtime::runs_health_check(config))
        runtime::tell_journal(runtime::JournalPriority::warning,
                              "nobody runs the health check of this container: its command is a "
                              "program of notifybridge that runs none; give `notifybridge run` "
                              "--health=ignore, so that the container manager runs it");
}

/// Returns the new config.json, or an empty text if it stays unchanged.
std::string changed(std::string_view text, const boost::json::object& config,
                    const Caller& caller) {
    switch (runtime::find_request(config, caller.passes_socket)) {
        case runtime::Request::nothing:
            return {};
        case runtime::Request::unheard:
            runtime::tell_journal(runtime::JournalPriority::warning, unheard_sentence);
            return {};
        case runtime::Request::wrap:
            break;
    }
    auto wish = runtime::read_wish(config);
    if (!wish)
        return {};
    wish->stop_signal = runtime::find_stop_signal(config);
    // With a shared directory, `wrap` gets the watchdog's time from `wait`.
    if (wish->shared_directory.empty())
        wish->watchdog = caller.watchdog;
    check_options(*wish);
    wish->health_check = health_check(config, caller, *wish);
    warn_of_lost_check(config, *wish);
    runtime::check_executable_place(config, caller.bundle);
    const std::string directory = wish->wants_directory() ? runtime::share_directory(*wish) : "";
    return runtime::put_wrap_in_front(
        text, config, *wish, runtime::executable_for(*wish, runtime::own_path(), caller.bundle),
        directory);
}

/// Makes writes beyond the unit's LimitFSIZE= fail with an error while this object lives. Without
/// this, SIGXFSZ would end this process silently.
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

/// Handles every call for the real runtime.
int run_call(std::string_view called_as, std::string_view wanted,
             std::span<const std::string> arguments) {
    const runtime::Call call = runtime::parse_call(arguments);
    try {
        const runtime::RealRuntime real(
            runtime::own_identity(), process::environment_variable(through_variable).value_or(""));
        const std::string program = real.find(wanted, called_as, runtime::search_path());
        if (call.makes_container()) {
            const LimitIsAnError of_size;
            const auto variable = [](std::string_view name) {
                return cli::variable(std::string(name).c_str()).value_or("");
            };
            // crun and runc pass their own NOTIFY_SOCKET on.
            const Caller caller = {call.bundle,
                                   !variable("NOTIFY_SOCKET").empty(),
                                   runtime::podman_watchdog(variable),
                                   {runtime::podman_of_runtime, runtime::ask_manager}};
            runtime::change_bundle(call, [&](std::string_view text) {
                return asks(text) ? changed(text, runtime::parse_config(text), caller)
                                  : std::string();
            });
        }
        become(program, arguments, real.through());
    } catch (const Refusal& refusal) {
        const std::string sentence = concat("notifybridge: ", refusal.what());
        runtime::log_failure(call, sentence);
        cli::write_error_line(sentence);
        return failure_status;
    }
}

/// Returns the config.json as the filter has changed it, or an empty text if it stays unchanged.
std::string filtered(std::string_view text) {
    if (!asks(text))
        return {};
    const auto config = runtime::parse_config(text);
    if (runtime::is_left_to_runtime(config))
        return {};
    Caller caller;
    caller.bundle = runtime::bundle_of_hook(system::read_link("/proc/self/cwd"));
    caller.watchdog = runtime::podman_watchdog_of_hook();
    caller.podman = {runtime::podman_of_hook, runtime::ask_manager};
    return changed(text, config, caller);
}

int run_filter() {
    std::string config;
    std::array<char, 64 * 1024> part;
    for (ssize_t size; (size = ::read(STDIN_FILENO, part.data(), part.size())) != 0;) {
        if (size < 0 && errno != EINTR)
            throw Refusal(concat("cannot read standard input: ", system::describe(errno)));
        config.append(part.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
        if (config.size() > runtime::most_read)
            throw Refusal("the config.json on standard input has more than 64 MiB");
    }
    const LimitIsAnError of_size;
    const std::string result = filtered(config);
    system::out() << (result.empty() ? config : result);
    return 0;
}

int run_as_hook() {
    try {
        return run_filter();
    } catch (const Refusal& refusal) {
        runtime::tell_manager(refusal.what());
        cli::write_error_line(concat("notifybridge: ", refusal.what()));
        return failure_status;
    }
}

/// Returns the path of the settings of dockerd: the machine's, or the user's own if we are not
/// root.
std::string docker_file() {
    if (::geteuid() == 0)
        return runtime::docker_settings;
    const auto settings = cli::variable("XDG_CONFIG_HOME");
    return concat(settings ? *settings : concat(cli::variable("HOME").value_or(""), "/.config"),
                  "/docker/daemon.json");
}

/// Returns the target of `path` if it is a link.
std::string where_it_is(const std::string& path) {
    const std::unique_ptr<char, decltype(&::free)> found(::realpath(path.c_str(), nullptr), ::free);
    return found ? found.get() : path;
}

/// Gives `file` the owner and mode of the file at `before`.
system::Result<int> take_after(system::Fd file, const std::string& before) {
    struct stat status;
    if (::stat(before.c_str(), &status) == 0
        && (::fchown(file.get(), status.st_uid, status.st_gid) < 0
            || ::fchmod(file.get(), status.st_mode & 07777) < 0))
        return system::last_error();
    return 0;
}

/// Writes the file, or removes it if `text` is empty.
void write_docker_file(const std::string& path, const std::string& text) {
    const std::size_t name = path.find_last_of('/') + 1;
    const std::string above = path.substr(0, name - 1);
    ::mkdir(above.substr(0, above.find_last_of('/')).c_str(), 0755);
    ::mkdir(above.c_str(), 0755);
    const auto directory = system::open_directory(above);
    boost::system::error_code failure = directory ? boost::system::error_code() : directory.error();
    if (!failure && text.empty()) {
        if (::unlink(path.c_str()) < 0 && errno != ENOENT)
            failure = system::last_error();
    } else if (!failure) {
        const auto written =
            system::replace_file(*directory, path.c_str() + name, system::bytes_of(text),
                                 [&](system::Fd file) { return take_after(file, path); });
        if (!written)
            failure = written.error();
    }
    if (failure)
        throw Refusal(
            concat("cannot write ", quote(path), ": ", system::describe(failure.value())));
}

int set_up_docker(const cli::Arguments& arguments) {
    const bool adds = arguments.has("configure");
    const std::string manager = arguments.value(adds ? "configure" : "unconfigure").value_or("");
    if (manager != "docker")
        throw cli::UsageError(concat(quote(manager), " is unknown or needs no setup; give docker"));
    const std::string path = where_it_is(docker_file());
    const auto text = system::read_text(path, runtime::most_config);
    if (!text && text.error().value() != ENOENT)
        throw Refusal(
            concat("cannot read ", quote(path), ": ", system::describe(text.error().value())));
    const std::string before = text ? *text : std::string();
    const std::string after = adds ? runtime::configure_docker(before, runtime::own_path())
                                   : runtime::unconfigure_docker(before);
    if (arguments.has("dry-run")) {
        system::out() << after;
        return 0;
    }
    if (after != before)
        write_docker_file(path, after);
    system::out() << path
                  << (adds                    ? " has the runtime notifybridge"
                      : after.empty() && text ? " is removed"
                                              : " has no runtime notifybridge")
                  << "; dockerd reads it at its next start, or by `systemctl "
                  << (::geteuid() == 0 ? "" : "--user ") << "reload docker`\n";
    return 0;
}

/// Returns how many of the arguments are ours. The others belong to the real runtime.
std::size_t count_own(std::span<const std::string> arguments) {
    const auto is_own = [](std::string_view argument) {
        const std::string_view name = argument.substr(0, argument.find('='));
        return argument.starts_with("-h")
               || std::ranges::any_of(options, [&](const cli::Option& option) {
                      return name.starts_with("--") && name.substr(2) == option.name;
                  });
    };
    const auto takes_next = [](std::string_view argument) {
        return argument == "--runtime" || argument == "--configure" || argument == "--unconfigure";
    };
    std::size_t count = 0;
    while (count < arguments.size() && is_own(arguments[count]))
        count += takes_next(arguments[count]) && count + 1 < arguments.size() ? 2 : 1;
    return count;
}

int run(const cli::Invocation& invocation) {
    if (util::contains(runtime::known_runtimes, invocation.invoked_as))
        return run_call(invocation.invoked_as, "", invocation.arguments);
    const std::size_t own = count_own(invocation.arguments);
    const cli::Arguments arguments = cli::parse(usage, invocation.arguments.first(own));
    if (cli::answered(arguments, usage, invocation))
        return 0;
    auto call = invocation.arguments.subspan(own);
    const bool sets_up = arguments.has("configure") || arguments.has("unconfigure");
    const auto asked = {arguments.has("filter"), arguments.has("configure"),
                        arguments.has("unconfigure")};
    if (std::ranges::count(asked, true) > 1)
        throw cli::UsageError("give one of --filter, --configure and --unconfigure");
    if (arguments.has("dry-run") && !sets_up)
        throw cli::UsageError("--dry-run needs --configure or --unconfigure");
    if ((arguments.has("filter") || sets_up) && !call.empty())
        throw cli::UsageError(concat(
            quote(call.front()),
            " is not allowed here: --filter, --configure and --unconfigure call no runtime"));
    if (sets_up)
        return set_up_docker(arguments);
    if (arguments.has("filter"))
        return run_as_hook();
    if (!call.empty() && call.front() == "--")
        call = call.subspan(1);
    if (call.empty())
        throw cli::UsageError(
            "no call is given, for example create --bundle=DIR NAME; container managers make such "
            "calls, see --help");
    return run_call("", arguments.value("runtime").value_or(""), call);
}

}  // namespace
}  // namespace runtime_command

const cli::Subcommand runtime_subcommand = {runtime_command::usage,
                                            {"crun", "runc"},
                                            runtime_command::run,
                                            runtime_command::failure_status};

}  // namespace notifybridge
