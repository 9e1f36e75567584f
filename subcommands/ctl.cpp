#include <array>

#include "base/cli/log.hpp"
#include "ctl_settings.hpp"
#include "subcommands.hpp"
#include "systemd_run.hpp"
#include "sysv.hpp"

namespace notifybridge {
namespace ctl_command {
namespace {

constexpr util::Literal output_heading = "Output";
constexpr util::Literal jobs_heading = "Jobs and signals";
constexpr util::Literal files_heading = "Unit files";
constexpr util::Literal ignored_heading = "Without effect, for scripts that use systemctl";

constexpr auto options = std::to_array<cli::Option>({
    {"type", 't', "TYPE", "select units of these types, or with these load states: service,socket"},
    {"state", 0, "STATE", "select units in one of these states: failed,running"},
    {"failed", 0, "", "same as --state=failed"},
    {"all", 'a', "", "also show inactive units and empty properties"},
    {"property", 'p', "NAME", "show: print only these properties, such as MainPID,Result"},
    {"value", 0, "", "show: print values without their names"},
    {"", 'P', "NAME", "same as --value --property=NAME"},
    {"lines", 'n', "N", "status, logs: print N lines of the unit's output (default: 10)"},
    {"quiet", 'q', "", "print nothing, and answer with the exit status"},
    {"root", 0, "PATH",
     "use the manager that `init --root=PATH` started, or the unit files below PATH"},
    cli::help_option,
    cli::version_option,
    {"output", 'o', "FORMAT",
     "print lists and show-environment as json or json-pretty; other formats of systemctl have no "
     "effect",
     output_heading},
    {"timestamp", 0, "STYLE",
     "show, status: print times as pretty, us, utc, us+utc or unix (default: pretty)",
     output_heading},
    {"full", 'l', "", "is-enabled: also show the links; edit: edit a copy of the whole unit file",
     output_heading},
    {"plain", 0, "", "print lists without marks, and trees without branches", output_heading},
    {"no-legend", 0, "", "print no headers and no explanations", output_heading},
    {"legend", 0, "BOOL", "no: same as --no-legend", output_heading},
    {"show-types", 0, "", "list-sockets: also show the kind of each socket", output_heading},
    {"iterations", 0, "N", "calendar: show the next N times (default: 1)", output_heading},
    {"base-time", 0, "TIME", "calendar: show the times after TIME (default: now)", output_heading},
    {"fuzz", 0, "SPAN",
     "critical-chain: also show units that became active up to SPAN before the last",
     output_heading},
    {"follow", 0, "", "logs: also print new lines, until an interrupt (same as -f)",
     output_heading},
    {"priority", 0, "PRIORITY",
     "logs: print only lines of this or higher priority: err, warning (same as -p)",
     output_heading},
    {"reverse", 0, "", "list-dependencies: list the units that depend on the unit", output_heading},
    {"after", 0, "", "list-dependencies: list the units that start before the unit",
     output_heading},
    {"before", 0, "", "list-dependencies: list the units that start after the unit",
     output_heading},
    {"no-block", 0, "", "do not wait until the jobs are done", jobs_heading},
    {"wait", 'w', "",
     "start, restart: wait until the units have ended again; is-system-running: wait until the "
     "boot is done",
     jobs_heading},
    {"job-mode", 0, "MODE",
     "handle conflicting jobs in this way: replace, fail, isolate, flush, … (default: replace)",
     jobs_heading},
    {"fail", 0, "", "same as --job-mode=fail", jobs_heading},
    {"show-transaction", 'T', "", "start and similar verbs: list the jobs that they add",
     jobs_heading},
    {"signal", 's', "SIGNAL", "kill: send SIGNAL (default: SIGTERM); list prints all signals",
     jobs_heading},
    {"kill-whom", 0, "WHOM", "kill: send the signal to main, control or all (default: all)",
     jobs_heading},
    {"kill-who", 0, "WHOM", "same as --kill-whom", jobs_heading},
    {"global", 0, "", "change and list the unit files for the service managers of all users",
     files_heading},
    {"now", 0, "", "enable: also start the unit; disable, mask: also stop the unit", files_heading},
    {"runtime", 0, "", "make changes below /run, so that they end with the container",
     files_heading},
    {"force", 'f', "", "replace existing links; edit: also make files of a new unit",
     files_heading},
    {"drop-in", 0, "NAME", "edit: edit the drop-in NAME.conf (default: override.conf)",
     files_heading},
    {"stdin", 0, "", "edit: read the new contents from standard input", files_heading},
    {"preset-mode", 0, "PART",
     "preset, preset-all: make only these changes: full, enable-only or disable-only (default: "
     "full)",
     files_heading},
    {"no-reload", 0, "", "do not make the manager read the changed files", files_heading},
    {"no-pager", 0, "", "there is never a pager", ignored_heading},
    {"system", 0, "", "this is always the manager of the whole container", ignored_heading},
    {"no-ask-password", 0, "", "nobody is asked for a password", ignored_heading},
    {"no-wall", 0, "", "users get no message", ignored_heading},
    {"no-warn", 0, "", "warnings stay the same", ignored_heading},
    {"check-inhibitors", 0, "BOOL", "there are no inhibitors", ignored_heading},
    {"", 'i', "", "same as --check-inhibitors=no", ignored_heading},
    {"recursive", 'r', "", "containers within this one are not shown", ignored_heading},
    {"message", 0, "TEXT", "the reason is not shown to anyone", ignored_heading},
});

/// Options with which systemctl(1) talks to other managers.
constexpr auto foreign_options = std::to_array<cli::Option>({
    {"user", 0, "", ""},
    {"host", 'H', "", ""},
    {"machine", 'M', "", ""},
    {"image", 0, "", ""},
});

constexpr cli::Usage usage = {
    "ctl",
    "[OPTIONS] [VERB [UNIT…]]",
    "Shows and controls the units of `init`, as systemctl does those of systemd.",
    options,
    "Verbs, as in systemctl(1) (default: list-units):\n"
    "  list-units, list-sockets, list-timers, list-paths, list-dependencies\n"
    "  list-jobs\n"
    "  status, logs, show, is-active, is-failed, is-system-running\n"
    "  start, stop, restart, try-restart, reload, reload-or-restart\n"
    "  try-reload-or-restart, isolate, kill, cancel, reset-failed\n"
    "  list-unit-files, cat, edit, verify, is-enabled, enable, disable, reenable\n"
    "  preset, preset-all, mask, unmask, link, revert\n"
    "  add-wants, add-requires, get-default, set-default, calendar\n"
    "  time, blame, critical-chain, plot\n"
    "  daemon-reload, daemon-reexec, show-environment, set-environment\n"
    "  unset-environment, import-environment, exit, poweroff, halt, reboot\n\n"
    "Examples:\n"
    "  notifybridge ctl --failed\n"
    "  notifybridge ctl status nginx\n"
    "  notifybridge ctl restart nginx\n\n"
    "Example, in a script: wait until the boot is done, and fail if a unit failed:\n"
    "  notifybridge ctl is-system-running --wait --quiet\n\n"
    "Exit status: 0; 1 on failure, or if the answer is no. is-active, status: 3 if a unit is not\n"
    "active. These, is-failed and is-enabled: 4 if it does not exist. start and similar verbs:\n"
    "5 if the unit does not exist, 4 if you may not do it.",
    foreign_options,
    "systemctl for other managers",
    systemd_release,
};

int run(const cli::Invocation& invocation) {
    if (const auto status = run_systemd_run(invocation))
        return *status;
    if (const auto status = run_sysv_program(invocation))
        return *status;
    const auto never = [](const cli::Arguments&, std::string_view) { return false; };
    const cli::Arguments arguments = cli::parse_as_getopt(usage, invocation.arguments, never);
    if (cli::answered(arguments, usage, invocation))
        return 0;
    try {
        if (listed_ctl_choices(arguments))
            return 0;
        return ctl::run(read_ctl_options(arguments), arguments.operands());
    } catch (const ctl::Failure& failure) {
        cli::write_error_line(failure.what());
        return failure.status;
    }
}

}  // namespace
}  // namespace ctl_command

const cli::Subcommand ctl_subcommand = {
    ctl_command::usage,
    {"systemctl"},
    ctl_command::run,
    ctl::status_failure,
    // In an image with systemd, these names are links to systemctl, except for systemd-run.
    {"halt", "poweroff", "reboot", "runlevel", "shutdown", "systemd-run", "telinit"}};

}  // namespace notifybridge
