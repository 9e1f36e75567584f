#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/cli/log.hpp"
#include "base/cli/settings.hpp"
#include "base/system/error.hpp"
#include "base/util/concat.hpp"
#include "base/util/contains.hpp"
#include "base/util/lenient_number.hpp"
#include "base/util/signal_names.hpp"
#include "base/util/take_until.hpp"
#include "init/ctl/choices.hpp"
#include "init/ctl/context.hpp"
#include "init/unit/name.hpp"
#include "init/unit/value.hpp"
#include "subcommands.hpp"
#include "sysv.hpp"

namespace notifybridge {
namespace ctl_command {
namespace {

using util::concat;

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
    {"full", 'l', "", "is-enabled: also show the links", output_heading},
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
    {"force", 'f', "", "replace existing links", files_heading},
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
    "  list-unit-files, cat, verify, is-enabled, enable, disable, reenable\n"
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
    "active. status: 4 if it does not exist. start and similar verbs: 5 if the unit does not\n"
    "exist, 4 if you may not do it.",
    foreign_options,
    "systemctl for other managers",
    systemd_release,
};

/// Returns the values of an option, split at commas. For example, --type=a,b and --type=c give
/// three values.
std::vector<std::string> words_of(const cli::Arguments& arguments, std::string_view option) {
    std::vector<std::string> out;
    for (const std::string& value : arguments.values(option))
        for (std::string_view rest = value; !rest.empty();)
            if (const std::string_view word = util::take_until(rest, ','); !word.empty())
                out.emplace_back(word);
    return out;
}

int read_signal(const cli::Arguments& arguments) {
    const auto text = arguments.value("signal");
    if (!text || *text == "help" || *text == "list")
        return 15;
    const auto signal = util::parse_signal(*text);
    if (!signal)
        throw ctl::Failure(concat("Failed to parse signal string \"", *text, "\"."));
    return *signal;
}

install::PresetMode read_preset_mode(const cli::Arguments& arguments) {
    const std::string mode = arguments.value("preset-mode").value_or("full");
    if (mode == "full")
        return install::PresetMode::full;
    if (mode != "enable-only" && mode != "disable-only")
        throw ctl::Failure(concat("Failed to parse preset mode: ", mode, "."));
    return mode == "enable-only" ? install::PresetMode::enable_only
                                 : install::PresetMode::disable_only;
}

/// Reads --type, --state and --failed. As in systemctl, --type also accepts load states.
void read_types(ctl::Options& read, const cli::Arguments& arguments) {
    for (const std::string_view option : {"type", "state"}) {
        const auto values = arguments.values(option);
        if (util::contains(values, ""))
            throw ctl::Failure(concat("--", option, "= requires arguments."));
    }
    for (std::string& word : words_of(arguments, "type")) {
        if (unit::parse_unit_type(word))
            read.types.push_back(std::move(word));
        else if (word == "loaded" || word == "not-found" || word == "masked" || word == "error"
                 || word == "bad-setting")
            read.states.push_back(std::move(word));
        else
            throw ctl::Failure(concat("Unknown unit type or load state '", word,
                                      "'.\nUse -t help to see a list of allowed values."));
    }
    for (std::string& word : words_of(arguments, "state"))
        read.states.push_back(std::move(word));
    if (arguments.has("failed"))
        read.states.push_back("failed");
}

void read_root(ctl::Options& read, const cli::Arguments& arguments) {
    if (const auto root = arguments.value("root")) {
        // Refuse a directory that does not exist, because its name is probably mistyped. Otherwise
        // `enable` would create the directory with its first link.
        if (!root->empty() && ::access(concat(*root, "/.").c_str(), F_OK) < 0)
            throw ctl::Failure(concat("cannot use the directory of --root=", *root, ": ",
                                      system::describe(errno), '.'));
        read.root = *root;
        read.run_directory = concat(*root, "/run");
        return;
    }
    read.run_directory = ctl::usual_run_directory();
}

ctl::TimestampStyle read_timestamp_style(const cli::Arguments& arguments) {
    struct Style {
        std::string_view name;
        ctl::TimestampStyle style;
    };
    constexpr auto styles = std::to_array<Style>({
        {"pretty", {}},
        {"us", {.has_microseconds = true}},
        {"µs", {.has_microseconds = true}},
        {"utc", {.is_utc = true}},
        {"us+utc", {.has_microseconds = true, .is_utc = true}},
        {"µs+utc", {.has_microseconds = true, .is_utc = true}},
        {"unix", {.is_number = true}},
    });
    const std::string name = arguments.value("timestamp").value_or("pretty");
    const auto found = std::ranges::find(styles, name, &Style::name);
    if (found == styles.end())
        throw ctl::Failure(concat("Invalid value: ", name, '.'));
    return found->style;
}

bool reads_legend(const cli::Arguments& arguments) {
    const auto text = arguments.value("legend");
    const auto legend = text ? unit::parse_boolean(*text) : true;
    if (!legend)
        throw ctl::Failure(concat("Failed to parse boolean argument to --legend: ", *text, "."));
    return *legend && !arguments.has("no-legend");
}

/// Checks the value of --check-inhibitors. The option has no effect, because there are no
/// inhibitors.
void check_inhibitors(const cli::Arguments& arguments) {
    const auto text = arguments.value("check-inhibitors");
    if (text && *text != "auto" && !unit::parse_boolean(*text))
        throw ctl::Failure(concat("Failed to parse --check-inhibitors= argument: ", *text));
}

ctl::Options read_options(const cli::Arguments& arguments) {
    ctl::Options read;
    check_inhibitors(arguments);
    read_types(read, arguments);
    read_root(read, arguments);
    read.properties = words_of(arguments, "property");
    for (std::string& name : words_of(arguments, "-P"))
        read.properties.push_back(std::move(name));
    read.has_properties = arguments.has("property") || arguments.has("-P");
    read.job_mode =
        arguments.has("fail") ? "fail" : arguments.value("job-mode").value_or("replace");
    read.kill_whom =
        arguments.value("kill-whom").value_or(arguments.value("kill-who").value_or("all"));
    read.signal = read_signal(arguments);
    read.preset_mode = read_preset_mode(arguments);
    if (const auto lines = arguments.value("lines")) {
        const auto number = util::parse_lenient_unsigned(*lines);
        if (!number)
            throw cli::UsageError(concat("Failed to parse lines '", *lines, "'"));
        read.lines = static_cast<unsigned>(*number);
    }
    if (const auto iterations = arguments.value("iterations")) {
        const auto number = util::parse_lenient_unsigned(*iterations);
        if (!number)
            throw cli::UsageError(concat("Failed to parse iterations: ", *iterations));
        read.iterations = static_cast<unsigned>(*number);
    }
    read.follows = arguments.has("follow");
    read.priority = arguments.value("priority").value_or("");
    read.base_time = arguments.value("base-time").value_or("");
    if (const auto fuzz = arguments.value("fuzz")) {
        const auto span = util::parse_time_span(*fuzz);
        if (!span)
            throw cli::UsageError(concat("Failed to parse --fuzz= parameter: ", *fuzz));
        read.fuzz = *span;
    }
    read.timestamp = read_timestamp_style(arguments);
    const std::string format = arguments.value("output").value_or("short");
    constexpr auto formats = std::to_array<std::string_view>(
        {"short", "short-full", "short-iso", "short-iso-precise", "short-precise",
         "short-monotonic", "short-unix", "short-delta", "verbose", "export", "json", "json-pretty",
         "json-sse", "json-seq", "cat", "with-unit"});
    if (!util::contains(formats, format))
        throw ctl::Failure(concat("Unknown output '", format, "'."));
    read.is_json = format == "json" || format == "json-pretty";
    read.is_json_pretty = format == "json-pretty";
    read.is_quiet = arguments.has("quiet");
    read.is_all = arguments.has("all");
    read.is_plain = arguments.has("plain");
    read.is_full = arguments.has("full");
    read.is_reverse = arguments.has("reverse");
    read.is_after = arguments.has("after");
    read.is_before = arguments.has("before");
    read.has_legend = reads_legend(arguments) && !read.is_quiet;
    read.has_colour = cli::wants_colour(system::Fd(STDOUT_FILENO));
    read.blocks = !arguments.has("no-block");
    read.waits = arguments.has("wait");
    read.is_global = arguments.has("global");
    read.is_now = arguments.has("now");
    read.is_runtime = arguments.has("runtime");
    read.is_forced = arguments.has("force");
    read.reloads = !arguments.has("no-reload");
    read.shows_values_only = arguments.has("value") || arguments.has("-P");
    read.shows_types = arguments.has("show-types");
    read.shows_transaction = arguments.has("show-transaction");
    return read;
}

/// Prints the possible values if an option requests them, as --type=help does with any verb.
/// Returns whether an option requested them.
bool listed_choices(const cli::Arguments& arguments) {
    const auto asks = [&](std::string_view option) {
        const auto words = words_of(arguments, option);
        return util::contains(words, "help");
    };
    if (asks("type"))
        ctl::print_types(reads_legend(arguments));
    else if (asks("state"))
        ctl::print_states(reads_legend(arguments));
    else if (const auto signal = arguments.value("signal"); signal == "help" || signal == "list")
        ctl::print_signals(signal == "list");
    else
        return false;
    return true;
}

int run(const cli::Invocation& invocation) {
    if (const auto status = run_sysv_program(invocation))
        return *status;
    const auto never = [](const cli::Arguments&, std::string_view) { return false; };
    const cli::Arguments arguments = cli::parse_as_getopt(usage, invocation.arguments, never);
    if (cli::answered(arguments, usage, invocation))
        return 0;
    try {
        if (listed_choices(arguments))
            return 0;
        return ctl::run(read_options(arguments), arguments.operands());
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
    // In an image with systemd, these names are links to systemctl.
    {"halt", "poweroff", "reboot", "runlevel", "shutdown", "telinit"}};

}  // namespace notifybridge
