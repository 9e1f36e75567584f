#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/cli/settings.hpp"
#include "base/process/cgroup_unit.hpp"
#include "base/system/error.hpp"
#include "base/system/file.hpp"
#include "base/system/streams.hpp"
#include "base/util/base_name.hpp"
#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "base/util/log.hpp"
#include "base/util/signal_names.hpp"
#include "base/util/words.hpp"
#include "bridge/channel/preparation.hpp"
#include "bridge/runtime/container_config.hpp"
#include "bridge/runtime/docker_setup.hpp"
#include "bridge/runtime/hook.hpp"
#include "bridge/runtime/manager_command.hpp"
#include "bridge/runtime/own_executable.hpp"
#include "bridge/runtime/podman_settings.hpp"
#include "bridge/runtime/real_runtime.hpp"
#include "bridge/runtime/refusal.hpp"
#include "bridge/runtime/run_options.hpp"
#include "bridge/runtime/run_place.hpp"
#include "subcommands.hpp"
#include "wait_settings.hpp"
#include "wrap_settings.hpp"

namespace notifybridge {
namespace run_command {
namespace {

using runtime::Manager;
using runtime::Refusal;
using util::concat;
using util::quote;

constexpr cli::Option dry_run_option = {
    "dry-run", 0, "", "print the command line that would be run, with its variables, and end"};

/// What `wait` takes without a command, or for several containers.
constexpr bool is_for_others(std::string_view option) {
    return option == "keep" || option == "stop" || option == "member";
}

constexpr bool is_among(std::string_view name, std::span<const cli::Option> options) {
    return std::ranges::any_of(options,
                               [&](const cli::Option& option) { return option.name == name; });
}

/// What `wrap` is told, and `wait` not.
constexpr bool is_for_wrap(const cli::Option& option) {
    return !is_among(option.name, wait_options);
}

/// `wait`'s options and `wrap`'s, an option of both once.
constexpr auto options = [] {
    constexpr std::size_t count =
        static_cast<std::size_t>(std::ranges::count_if(wrap_options, is_for_wrap))
        + wait_options.size() - 3 + 1;
    std::array<cli::Option, count> all{};
    auto end = all.begin();
    *end++ = dry_run_option;
    // What all subcommands take is last.
    for (const cli::Option& option : wait_options) {
        if (option.name == cli::verbose_option.name)
            end = std::ranges::copy_if(wrap_options, end, is_for_wrap).out;
        if (is_for_others(option.name))
            continue;
        *end = option;
        if (option.name == "shared-dir")
            end->help =
                "the directory shared with the container (SHARED_DIR; one of the unit's own)";
        ++end;
    }
    return all;
}();

constexpr cli::Usage usage = {
    "run",
    "[OPTIONS] [--] podman|docker|nerdctl … run|create …",
    "Is `wait` around a container manager, with `wrap` put in front of what any image runs.",
    options,
    "Nothing of the image has to be known, and nothing is mounted by hand: the words that\n"
    "`notifybridge runtime` needs are put into the command line (see --dry-run). Without\n"
    "--shared-dir and SHARED_DIR the shared directory is one of the unit's own, below /run or\n"
    "$XDG_RUNTIME_DIR, or a temporary one. docker has to know the runtime, see\n"
    "notifybridge-run(1).\n\n"
    "Example, in a unit with Type=notify:\n"
    "  ExecStart=/usr/bin/notifybridge run --ready-when=tcp:127.0.0.1:6379 \\\n"
    "    podman run --rm --replace --name=redis docker.io/library/redis\n\n"
    "Exit status: as that of `notifybridge wait`.",
};

/// What goes to `wrap`, as words of its command line. podman and docker tell the runtime the stop
/// signal of the container, and nerdctl does not.
std::vector<std::string> words_for_wrap(const cli::Arguments& arguments,
                                        const runtime::ManagerCommand& command) {
    std::vector<std::string> words;
    if (command.manager == Manager::nerdctl && util::parse_signal_in_any_case(command.stop_signal))
        words.push_back(concat("--stop-signal=", command.stop_signal));
    for (const cli::Option& option : wrap_options) {
        const bool is_of_log =
            option.name == cli::verbose_option.name || option.name == cli::log_level_option.name;
        if (!arguments.has(option.name) || !(is_for_wrap(option) || is_of_log))
            continue;
        if (option.value.empty())
            words.push_back(concat("--", option.name));
        for (const std::string& value : arguments.values(option.name))
            words.push_back(concat("--", option.name, '=', value));
    }
    check_wrap_options(words);
    return words;
}

bool is_same_file(const std::string& one, const std::string& other) {
    const auto identity = system::identity(one);
    return identity && identity == system::identity(other);
}

/// Where there is no such directory.
constexpr const char* above_temporary = "/tmp";

/// Where directories for as long as the machine is up are ours; empty where there is none. A unit
/// of root's own user manager may have the name of one of the system's.
std::string runtime_directory(const process::CgroupUnit& unit) {
    return ::geteuid() == 0 && !unit.user ? "/run" : cli::variable("XDG_RUNTIME_DIR").value_or("");
}

process::CgroupUnit own_unit() {
    return process::unit_in_cgroup(system::text_of("/proc/self/cgroup"));
}

/// What `make_place` would return, with UNIT for the unit's name and X for what is random.
std::string shown_place() {
    const std::string above = runtime_directory({});
    return above.empty() ? runtime::temporary_place(above_temporary)
                         : runtime::service_place(above, "UNIT");
}

/// The unit's own place, or else one for this process.
runtime::RunPlace make_place() {
    const process::CgroupUnit unit = own_unit();
    const std::string above = runtime_directory(unit);
    auto place = cli::variable("INVOCATION_ID") && unit.is_service() && !above.empty()
                     ? runtime::RunPlace::of_service(above, unit.name)
                     : runtime::RunPlace::temporary(above.empty() ? above_temporary : above);
    if (!place.why_unbounded().empty())
        util::log(util::Severity::warning, util::Topic::process,
                  "cannot give the shared directory a file system of its own (",
                  place.why_unbounded(), "): continuing without, and the container can fill ",
                  above);
    return place;
}

std::string variable(std::string_view name) {
    return cli::variable(std::string(name).c_str())
        .value_or(name == "HOME" && ::geteuid() == 0 ? "/root" : "");
}

class Run {
public:
    explicit Run(const cli::Arguments& arguments)
        : arguments_(arguments),
          settings_(read_wait_settings(arguments)),
          places_(read_command()),
          is_dry_(arguments.has(dry_run_option.name)) {}

    process::ExitStatus run();

private:
    runtime::ManagerCommand read_command() const;
    std::string place();
    std::string find_runtime();
    std::vector<std::string> hook_directories() const;
    std::string find_hook();
    runtime::ManagerWords words();
    void print() const;

    const cli::Arguments& arguments_;
    wait::Settings settings_;
    runtime::ManagerCommand places_;
    bool is_dry_;
    runtime::RunPlace place_;
};

/// Explains a probe whose command is not in quotes, so that its second word begins our command.
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

runtime::ManagerCommand Run::read_command() const {
    if (settings_.command.empty())
        throw cli::UsageError(
            "no command is given; name what makes the container, as in podman run … IMAGE, see "
            "--help");
    refuse_unquoted_probe(arguments_, settings_.command);
    auto places = runtime::read_manager_command(settings_.command, variable);
    check_context(places, variable);
    return places;
}

std::string Run::place() {
    if (is_dry_)
        return shown_place();
    if (!place_.is_made())
        place_ = make_place();
    return place_.path();
}

/// The path of us by the name of a runtime: as it is installed, or else a link of our own. Empty
/// where podman's settings have a runtime that we are not in front of by its name.
std::string Run::find_runtime() {
    const bool is_podman = places_.manager == Manager::podman;
    const std::string set = is_podman ? runtime::read_podman_settings(variable).runtime : "";
    const std::string_view wanted =
        set.empty() ? (is_podman ? "crun" : "runc") : util::base_name(set);
    const std::string real =
        runtime::RealRuntime(runtime::own_identity(), "").find("", wanted, runtime::search_path());
    const std::string name(util::base_name(real));
    const std::string executable = runtime::own_path();
    if (!set.empty() && set != name && !is_same_file(set, real) && !is_same_file(set, executable))
        return {};
    const std::string installed =
        concat(executable.substr(0, executable.find_last_of('/')), "/../libexec/notifybridge/");
    if (is_same_file(installed + name, executable))
        return installed + name;
    const std::string link = concat(place(), '/', name);
    if (!is_dry_) {
        ::unlink(link.c_str());
        if (::symlink(executable.c_str(), link.c_str()) < 0)
            throw Refusal(concat("cannot make ", quote(link), ": ", system::describe(errno)));
    }
    return link;
}

/// Returns the options for the directories that podman reads if no option names one (podman(1),
/// --hooks-dir).
std::vector<std::string> Run::hook_directories() const {
    const auto own = std::span(settings_.command).first(places_.verb);
    if (std::ranges::any_of(own, [](auto& word) { return word.starts_with("--hooks-dir"); }))
        return {};
    std::vector<std::string> places = runtime::read_podman_settings(variable).hook_directories;
    if (places.empty())
        places = {"/usr/share/containers/oci/hooks.d", "/etc/containers/oci/hooks.d"};
    std::vector<std::string> words;
    for (const std::string& place : places)
        if (::access(place.c_str(), X_OK) == 0)
            words.push_back(concat("--hooks-dir=", place));
    return words;
}

/// Returns the directory of a hook for podman: the installed one, or else one that is made here.
std::string Run::find_hook() {
    const std::string executable = runtime::own_path();
    const std::string binaries = executable.substr(0, executable.find_last_of('/'));
    const std::string installed =
        concat(binaries.substr(0, binaries.find_last_of('/')), "/share/notifybridge/hooks.d");
    const std::string hook = system::text_of(concat(installed, '/', runtime::hook_name));
    if (is_same_file(runtime::program_of_hook(hook), executable))
        return installed;
    const std::string directory = concat(place(), "/hooks.d");
    if (is_dry_)
        return directory;
    ::mkdir(directory.c_str(), 0700);
    const auto opened = system::open_directory(directory);
    const std::string text = runtime::hook_text(executable);
    const auto written =
        opened ? system::replace_file(*opened, runtime::hook_name, system::bytes_of(text))
               : opened.error();
    if (!written)
        throw Refusal(concat("cannot write a hook to ", quote(directory), ": ",
                             system::describe(written.error().value())));
    return directory;
}

runtime::ManagerWords Run::words() {
    runtime::ManagerWords words;
    if (places_.names_runtime && places_.manager != Manager::podman)
        throw Refusal(
            concat(quote("--runtime"), " of ", settings_.command.front(),
                   " would keep `wrap` away, which comes by that option; leave it out, or "
                   "start the container under `notifybridge wait`"));
    switch (places_.manager) {
        case Manager::podman:
            if (const auto found = places_.names_runtime ? "" : find_runtime(); found.empty()) {
                words.before_verb = hook_directories();
                words.before_verb.push_back("--hooks-dir=" + find_hook());
            } else {
                words.before_verb = {"--runtime=" + found};
                words.after_verb = {concat("--annotation=", runtime::runtime_annotation, "=1")};
            }
            break;
        case Manager::docker:
            words.after_verb = {concat("--runtime=", runtime::docker_runtime)};
            break;
        case Manager::nerdctl:
            words.after_verb = {"--runtime=" + find_runtime()};
            break;
    }
    // A manager signals the client too (KillMode=control-group), and the app gets it from us.
    if (places_.manager != Manager::nerdctl && settings_.command[places_.verb] == "run")
        words.after_verb.emplace_back("--sig-proxy=false");
    for (const char* const name :
         {"SHARED_DIR", runtime::token_variable, runtime::options_variable})
        words.after_verb.insert(words.after_verb.end(), {"--env", name});
    return words;
}

void Run::print() const {
    const std::vector<std::string> variables = {
        concat("SHARED_DIR=", channel::absolute_path(settings_.shared_directory)),
        concat(runtime::options_variable, '=', *settings_.wrap_options)};
    system::out() << "env " << util::join_shell_words(variables) << ' '
                  << util::join_shell_words(settings_.command) << '\n';
}

/// Of several --env of one name the managers take the last, which is not ours.
void check_own_variable(std::span<const std::string> command, std::size_t verb) {
    const std::string assignment = concat(runtime::options_variable, '=');
    for (const auto& option : runtime::read_run_options(command, verb + 1).all)
        if ((option.name == "e" || option.name == "--env") && option.value.starts_with(assignment))
            throw Refusal(concat(quote(runtime::options_variable), " behind ", command.front(),
                                 " would take the place of what `run` is told; put its options in "
                                 "front of ",
                                 command.front(), ", too"));
}

/// The command gets ours.
void warn_of_options() {
    if (cli::variable(runtime::options_variable))
        util::log(util::Severity::warning, util::Topic::process, "ignoring ",
                  runtime::options_variable, ": pass these options to `run`");
}

/// docker says only that it does not know the runtime, which it may have from elsewhere, too.
void warn_of_docker() {
    if (::geteuid() == 0
        && !runtime::docker_is_configured(system::text_of(runtime::docker_settings)))
        util::log(util::Severity::warning, util::Topic::process, runtime::docker_settings,
                  " does not have the runtime ", runtime::docker_runtime,
                  ": run `notifybridge runtime --configure=docker` and `systemctl reload docker`");
}

/// Their client ends when the container does for the first time, and with it what the token is of;
/// podman's does not, unless it detaches.
void warn_of_restart(const runtime::ManagerCommand& command) {
    const bool is_in_vain = command.manager != Manager::podman || command.is_detached;
    if (is_in_vain && !command.restart.empty() && command.restart != "no")
        util::log(util::Severity::warning, util::Topic::process,
                  "ignoring --restart=", command.restart,
                  ": only this unit can start the container again; set Restart= in the unit");
}

process::ExitStatus Run::run() {
    settings_.wrap_options = util::join_words(words_for_wrap(arguments_, places_));
    if (!settings_.wrap_options->empty())
        check_own_variable(settings_.command, places_.verb);
    if (!arguments_.has("shared-dir") && !cli::variable("SHARED_DIR"))
        settings_.shared_directory = concat(place(), "/shared");
    settings_.command = runtime::put_in(settings_.command, places_, words());
    warn_of_options();
    if (is_dry_) {
        print();
        if (!system::flush_out()) {
            const int error = errno;
            system::out().clear();  // It is said here, and not once more at the end.
            throw Refusal(concat("cannot write: ", system::describe(error)));
        }
        return process::ExitStatus::exited(0);
    }
    if (places_.manager == Manager::docker)
        warn_of_docker();
    warn_of_restart(places_);
    const process::ExitStatus status = wait_for(std::move(settings_));
    place_.finish();
    return status;
}

int run(const cli::Invocation& invocation) {
    return run_end_of_bridge(usage, invocation,
                             [](const cli::Arguments& arguments) { return Run(arguments).run(); });
}

}  // namespace
}  // namespace run_command

const cli::Subcommand run_subcommand = {run_command::usage,     {}, run_command::run,
                                        process::status_failed, {}, runtime::is_manager};

}  // namespace notifybridge
