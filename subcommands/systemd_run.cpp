#include "systemd_run.hpp"

#include <unistd.h>

#include <array>

#include "base/cli/log.hpp"
#include "base/process/environment.hpp"
#include "base/system/error.hpp"
#include "base/system/executable.hpp"
#include "base/system/file.hpp"
#include "base/system/random_id.hpp"
#include "base/util/base_name.hpp"
#include "base/util/concat.hpp"
#include "base/util/take_until.hpp"
#include "ctl_settings.hpp"
#include "init/ctl/names.hpp"
#include "init/ctl/transient_run.hpp"
#include "subcommands.hpp"

namespace notifybridge {
namespace systemd_run {
namespace {

using util::concat;

constexpr util::Literal timer_heading = "Start later, by a timer";
constexpr util::Literal service_heading = "The service";
constexpr util::Literal ignored_heading = "Without effect, for scripts that use systemd-run";

constexpr util::Literal refused_heading = "Not supported";

constexpr auto known_options = std::to_array<cli::Option>({
    {"unit", 'u', "NAME", "name the service NAME (default: a random name)"},
    {"property", 'p', "NAME=VALUE", "set a directive of the service, such as Nice=5"},
    {"wait", 0, "", "wait until the service has ended, and answer with its exit status"},
    {"pipe", 'P', "", "connect the service to our own input and output, and wait for its end"},
    {"pty", 't', "", "give the service a terminal, and wait for its end"},
    {"shell", 'S', "", "start $SHELL in this directory with a terminal"},
    {"no-block", 0, "", "do not wait until the service has started"},
    {"collect", 'G', "", "forget the service when it has ended, even if it failed"},
    {"quiet", 'q', "", "do not print the name of the service"},
    {"root", 0, "PATH", "use the manager that `init --root=PATH` started"},
    cli::help_option,
    cli::version_option,
    {"on-active", 0, "SPAN", "start after this time: 5min", timer_heading},
    {"on-boot", 0, "SPAN", "start this time after the boot", timer_heading},
    {"on-startup", 0, "SPAN", "start this time after `init` started", timer_heading},
    {"on-unit-active", 0, "SPAN", "start again this time after the last start", timer_heading},
    {"on-unit-inactive", 0, "SPAN", "start again this time after the last end", timer_heading},
    {"on-calendar", 0, "TIME", "start at these times: 02:00", timer_heading},
    {"on-timezone-change", 0, "", "start when the time zone changes", timer_heading},
    {"on-clock-change", 0, "", "start when the clock is set", timer_heading},
    {"timer-property", 0, "NAME=VALUE", "set a directive of the timer, such as Persistent=yes",
     timer_heading},
    {"description", 0, "TEXT", "describe the units (default: the command)", service_heading},
    {"service-type", 0, "TYPE", "set Type= of the service: oneshot, notify", service_heading},
    {"uid", 0, "USER", "run as this user", service_heading},
    {"gid", 0, "GROUP", "run as this group", service_heading},
    {"nice", 0, "NICE", "run at this nice level", service_heading},
    {"working-directory", 0, "PATH", "run in this directory", service_heading},
    {"same-dir", 'd', "", "run in the current directory", service_heading},
    {"setenv", 'E', "NAME[=VALUE]", "set a variable, by default to its value here",
     service_heading},
    {"expand-environment", 0, "BOOL", "no: do not replace variables in the command",
     service_heading},
    {"remain-after-exit", 'r', "", "keep the service active after its end", service_heading},
    {"send-sighup", 0, "", "send SIGHUP after SIGTERM at a stop", service_heading},
    {"slice", 0, "NAME", "there are no slices", ignored_heading},
    {"slice-inherit", 0, "", "there are no slices", ignored_heading},
    {"ignore-failure", 0, "", "a failure of the service is shown", ignored_heading},
    {"system", 0, "", "this is always the manager of the whole container", ignored_heading},
    {"no-ask-password", 0, "", "nobody is asked for a password", ignored_heading},
    {"background", 0, "COLOR", "the terminal keeps its colour", ignored_heading},
    {"scope", 0, "",
     "`init` has no scopes; leave out --scope to run the command as a service, or start the "
     "command without systemd-run",
     refused_heading},
    {"user", 0, "", "there are no service managers of users", refused_heading},
    {"host", 'H', "HOST", "it needs the systemd of another machine", refused_heading},
    {"machine", 'M', "NAME", "it needs the systemd of another machine", refused_heading},
    {"path-property", 0, "NAME=VALUE", "write a .path unit, and start it with systemctl",
     refused_heading},
    {"socket-property", 0, "NAME=VALUE", "write a .socket unit, and start it with systemctl",
     refused_heading},
});

constexpr cli::Usage usage = {
    "systemd-run",
    "[OPTIONS] COMMAND [ARG…]",
    "Runs a command as a service of `init`, at once or by a timer.",
    known_options,
    "Examples:\n"
    "  systemd-run --unit=backup --wait /usr/local/bin/backup\n"
    "  systemd-run --on-calendar=02:00 /usr/local/bin/backup\n"
    "  systemd-run --pipe --uid=nobody sort <words\n\n"
    "Exit status: 0 once the service has started; with --wait, --pipe or --pty, the exit status\n"
    "of the service, and 255 if a signal ended it; 1 on failure.",
    {},
    {},
    systemd_release,
};

struct TimerOption {
    util::Literal option;
    util::Literal directive;
};
constexpr auto timer_options = std::to_array<TimerOption>({
    {"on-active", "OnActiveSec"},
    {"on-boot", "OnBootSec"},
    {"on-startup", "OnStartupSec"},
    {"on-unit-active", "OnUnitActiveSec"},
    {"on-unit-inactive", "OnUnitInactiveSec"},
    {"on-calendar", "OnCalendar"},
});

/// The options that only set a directive of the service.
constexpr auto service_options = std::to_array<TimerOption>({
    {"service-type", "Type"},
    {"uid", "User"},
    {"gid", "Group"},
    {"nice", "Nice"},
    {"working-directory", "WorkingDirectory"},
});

/// Returns the path of the command `name`, which may be in PATH.
std::string find_command(const std::string& name) {
    if (name.find('/') != name.npos)
        return process::absolute_path(name);
    const std::string path =
        process::environment_variable("PATH").value_or(std::string(system::default_search_path));
    for (std::string_view rest = path; !rest.empty();) {
        const std::string candidate = concat(util::take_until(rest, ':'), '/', name);
        if (system::is_executable(candidate))
            return candidate;
    }
    throw ctl::Failure(concat("Failed to find executable ", name, ": No such file or directory"));
}

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words)
        text += concat(text.empty() ? "" : " ", word);
    for (char& each : text)
        if (static_cast<unsigned char>(each) < ' ' || each == '\\')
            each = ' ';
    return text;
}

/// Returns a unit name of this type for --unit=, or a random one.
std::string name_of(const cli::Arguments& arguments, const ctl::Options& options,
                    std::string_view type) {
    const auto given = arguments.value("unit");
    if (!given)
        return concat("run-r", system::to_string(system::make_random_id()), '.', type);
    std::string name = ctl::unit_name(*given, ".service", options);
    const std::size_t dot = name.rfind('.');
    return concat(name.substr(0, dot), '.', type);
}

void set_environment(ctl::TransientUnit& service, const std::string& text) {
    std::string assignment = text;
    if (text.find('=') == text.npos) {
        const auto value = process::environment_variable(text.c_str());
        if (!value)
            return;
        assignment = concat(text, '=', *value);
    }
    service.add({"Environment", ctl::quoted_word(assignment)});
}

ctl::TransientRun read_run(const cli::Arguments& arguments, const ctl::Options& options) {
    const bool starts_shell = arguments.has("shell");
    std::vector<std::string> command = arguments.operands();
    if (command.empty() && starts_shell)
        command = {process::environment_variable("SHELL").value_or("/bin/sh")};
    if (command.empty())
        throw ctl::Failure("Command line to execute required.");
    ctl::TransientRun run;
    run.name = name_of(arguments, options, "service");
    const std::string description =
        arguments.value("description").value_or(concat("[systemd-run] ", joined(command)));
    command.front() = find_command(command.front());
    run.service.add({"Description", description});
    if (starts_shell && !arguments.has("service-type"))
        run.service.add({"Type", "exec"});
    for (const TimerOption& each : service_options)
        if (const auto value = arguments.value(each.option))
            run.service.add({std::string(each.directive.view()), *value});
    if (arguments.has("same-dir") || starts_shell)
        run.service.add({"WorkingDirectory", process::absolute_path(".")});
    if (arguments.has("remain-after-exit"))
        run.service.add({"RemainAfterExit", "yes"});
    if (arguments.has("send-sighup"))
        run.service.add({"SendSIGHUP", "yes"});
    if (arguments.has("collect"))
        run.service.add({"CollectMode", "inactive-or-failed"});
    for (const std::string& each : arguments.values("setenv"))
        set_environment(run.service, each);
    for (const std::string& each : arguments.values("property"))
        run.service.add_assignment(each);
    run.service.set_command(command, arguments.value("expand-environment") != "no");
    const bool has_terminal = ::isatty(STDIN_FILENO) != 0 && ::isatty(STDOUT_FILENO) != 0;
    // As in systemd-run, --pipe and --pty together mean a terminal if we have one.
    if ((arguments.has("pty") || starts_shell) && (!arguments.has("pipe") || has_terminal))
        run.streams = ctl::Streams::terminal;
    else if (arguments.has("pipe"))
        run.streams = ctl::Streams::pipe;

    bool has_timer = false;
    for (const TimerOption& each : timer_options)
        for (const std::string& value : arguments.values(each.option)) {
            has_timer = true;
            run.trigger.add({std::string(each.directive.view()), value});
        }
    for (const std::string_view change : {"on-timezone-change", "on-clock-change"})
        if (arguments.has(change)) {
            has_timer = true;
            run.trigger.add(
                {change == "on-clock-change" ? "OnClockChange" : "OnTimezoneChange", "yes"});
        }
    const auto properties = arguments.values("timer-property");
    if (!has_timer && !properties.empty())
        throw ctl::Failure("--timer-property= needs one of the options --on-….");
    if (!has_timer)
        return run;
    if (options.waits || run.streams != ctl::Streams::log)
        throw ctl::Failure("--wait, --pipe and --pty cannot be used with a timer.");
    run.trigger_name = name_of(arguments, options, "timer");
    // Without --unit=, the random names differ.
    run.name = concat(run.trigger_name.substr(0, run.trigger_name.rfind('.')), ".service");
    run.trigger.add({"Description", description});
    run.trigger.add({"RemainAfterElapse", "no"});
    for (const std::string& each : properties)
        run.trigger.add_assignment(each);
    return run;
}

ctl::Options read_options(const cli::Arguments& arguments) {
    ctl::Options read;
    read.root = arguments.value("root").value_or("");
    read.run_directory = read.root.empty() ? ctl::usual_run_directory() : concat(read.root, "/run");
    read.is_quiet = arguments.has("quiet");
    read.waits = arguments.has("wait");
    read.blocks = !arguments.has("no-block");
    if (read.waits && !read.blocks)
        throw ctl::Failure("--wait may not be combined with --no-block.");
    return read;
}

}  // namespace
}  // namespace systemd_run

std::optional<int> run_systemd_run(const cli::Invocation& invocation) {
    using namespace systemd_run;
    if (invocation.invoked_as != usage.name)
        return std::nullopt;
    try {
        const auto always = [](const cli::Arguments&, std::string_view) { return true; };
        const cli::Arguments arguments = cli::parse_as_getopt(usage, invocation.arguments, always);
        if (cli::answered(arguments, usage, invocation))
            return 0;
        for (const cli::Option& each : known_options)
            if (each.heading == refused_heading && arguments.has(each.name))
                throw ctl::Failure(concat("--", each.name, " is not supported: ", each.help, '.'));
        const ctl::Options options = read_options(arguments);
        return ctl::run_transient(options, read_run(arguments, options));
    } catch (const ctl::Failure& failure) {
        cli::write_error_line(failure.what());
        return failure.status;
    }
}

}  // namespace notifybridge
