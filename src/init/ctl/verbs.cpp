#include "init/ctl/verbs.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <array>

#include "base/util/closest.hpp"
#include "base/util/concat.hpp"
#include "base/util/function_ref.hpp"
#include "init/answers/control/client.hpp"
#include "init/ctl/names.hpp"
#include "init/files/facts/facts.hpp"

namespace notifybridge::ctl {
namespace {

using util::concat;

constexpr auto all_verbs = std::to_array<Verb>({
    {"list-units", 0, any_number, list_units},
    {"list-sockets", 0, any_number, list_sockets},
    {"list-timers", 0, any_number, list_timers},
    {"list-paths", 0, any_number, list_paths},
    {"list-jobs", 0, any_number, list_jobs},
    {"list-dependencies", 0, any_number, list_dependencies},
    {"start", 1, any_number, run_job_verb},
    {"stop", 1, any_number, run_job_verb},
    {"reload", 1, any_number, run_job_verb},
    {"restart", 1, any_number, run_job_verb},
    {"try-restart", 1, any_number, run_job_verb},
    {"condrestart", 1, any_number, run_job_verb},
    {"condreload", 1, any_number, run_job_verb},
    {"condstop", 1, any_number, run_job_verb},
    {"reload-or-restart", 1, any_number, run_job_verb},
    {"try-reload-or-restart", 1, any_number, run_job_verb},
    {"reload-or-try-restart", 1, any_number, run_job_verb},
    {"force-reload", 1, any_number, run_job_verb},
    {"isolate", 1, 1, run_job_verb},
    {"cancel", 0, any_number, cancel_jobs},
    {"kill", 1, any_number, kill_units},
    {"reset-failed", 0, any_number, reset_failed},
    {"is-active", 1, any_number, is_active},
    {"is-failed", 0, any_number, is_failed},
    {"is-system-running", 0, 0, is_system_running},
    {"status", 0, any_number, show_status},
    {"show", 0, any_number, show},
    {"logs", 1, 1, show_logs},
    {"cat", 1, any_number, print_files},
    {"edit", 1, any_number, edit_files},
    {"verify", 1, any_number, verify_files},
    {"calendar", 1, any_number, show_calendar},
    {"time", 0, 0, show_boot_time},
    {"blame", 0, 0, show_blame},
    {"critical-chain", 0, any_number, show_critical_chain},
    {"plot", 0, 0, print_plot},
    {"list-unit-files", 0, any_number, list_unit_files},
    {"is-enabled", 1, any_number, is_enabled},
    {"enable", 1, any_number, change_unit_files},
    {"disable", 1, any_number, change_unit_files},
    {"reenable", 1, any_number, change_unit_files},
    {"preset", 1, any_number, change_unit_files},
    {"preset-all", 0, 0, preset_all},
    {"link", 1, any_number, change_unit_files},
    {"revert", 1, any_number, change_unit_files},
    {"mask", 1, any_number, change_unit_files},
    {"unmask", 1, any_number, change_unit_files},
    {"add-wants", 2, any_number, add_dependencies},
    {"add-requires", 2, any_number, add_dependencies},
    {"get-default", 0, 0, get_default},
    {"set-default", 1, 1, set_default},
    {"daemon-reload", 0, 0, reload_manager},
    {"daemon-reexec", 0, 0, reload_manager},
    {"show-environment", 0, 0, show_environment},
    {"set-environment", 1, any_number, set_environment},
    {"unset-environment", 1, any_number, unset_environment},
    {"import-environment", 0, any_number, import_environment},
    {"exit", 0, 1, end_manager},
    {"poweroff", 0, 0, end_manager},
    {"halt", 0, 0, end_manager},
    {"reboot", 0, 0, end_manager},
});

/// A verb of systemctl(1) that we do not support.
struct UnsupportedVerb {
    util::Literal name;
    util::Literal advice;  ///< A sentence about what to do instead; may be empty.
};

constexpr util::Literal shell_advice =
    "Services go on running. To repair the container, open a shell from outside: "
    "podman exec -it CONTAINER sh";
constexpr util::Literal pause_advice =
    "Instead, pause the whole container from outside: podman pause CONTAINER";
constexpr util::Literal mount_advice =
    "Instead, mount it when the container is started: podman run -v SOURCE:TARGET …";
constexpr util::Literal log_advice =
    "Instead, start `init` with --log-level=LEVEL, or set SyslogLevel= in the unit.";

constexpr auto unsupported_verbs = std::to_array<UnsupportedVerb>({
    {"bind", mount_advice},
    {"clean",
     "Instead, stop the unit, and remove the directories that this command prints: systemctl show "
     "-p RuntimeDirectory,StateDirectory,CacheDirectory,LogsDirectory UNIT"},
    {"default", "Instead, run: systemctl isolate default.target"},
    {"emergency", shell_advice},
    {"freeze", pause_advice},
    {"help", "Instead, read the manual that 'systemctl show -p Documentation UNIT' names."},
    {"hibernate", ""},
    {"hybrid-sleep", ""},
    {"kexec", ""},
    {"list-automounts", ""},
    {"list-machines", ""},
    {"log-level", log_advice},
    {"log-target", log_advice},
    {"mount-image", mount_advice},
    {"rescue", shell_advice},
    {"service-log-level", log_advice},
    {"service-log-target", log_advice},
    {"service-watchdogs", ""},
    {"set-property",
     "Instead, change the unit with 'systemctl edit UNIT', and restart it. Limit memory and "
     "processors for the whole container, from outside: podman update --memory=… CONTAINER"},
    {"soft-reboot", "Instead, run: systemctl reboot"},
    {"suspend", ""},
    {"suspend-then-hibernate", ""},
    {"switch-root", ""},
    {"thaw", "Instead, run from outside: podman unpause CONTAINER"},
    {"whoami", "Instead, run: systemctl status PID"},
});

const Verb& find_verb(std::string_view name) {
    std::vector<std::string_view> names;
    for (const Verb& verb : all_verbs) {
        if (verb.name == name)
            return verb;
        names.push_back(verb.name);
    }
    for (const UnsupportedVerb& verb : unsupported_verbs)
        if (verb.name == name)
            throw Failure(concat("The verb '", name, "' of systemctl is not supported here. ",
                                 verb.advice.empty() ? "See --help." : verb.advice));
    const std::string_view near = util::closest(name, names);
    throw Failure(concat("Unknown command verb ", name, '.',
                         near.empty() ? std::string() : concat(" Did you mean ", near, '?')));
}

}  // namespace

std::string usual_run_directory() {
    // The user's own manager takes precedence over the manager of the whole container.
    const std::string own = facts::runtime_directory();
    return ::access(control::control_directory(own).c_str(), F_OK) == 0 ? own : "/run";
}

int run(const Options& options, std::span<const std::string> operands) {
    // Like systemctl(1), make directories of units that users can read.
    ::umask(022);
    const std::string name = operands.empty() ? "list-units" : operands.front();
    const Verb& verb = find_verb(name);
    const auto rest = operands.empty() ? operands : operands.subspan(1);
    if (rest.size() < verb.least_operands)
        throw Failure("Too few arguments.");
    if (rest.size() > verb.most_operands)
        throw Failure("Too many arguments.");
    return verb.run({options, name, {rest.begin(), rest.end()}});
}

void Context::call(const json::object& request, util::FunctionRef<void(const json::object&)> take,
                   std::string_view failed) const {
    if (options.is_global)
        throw Failure("--global is not supported for this operation.");
    try {
        control::Client(options.run_directory).call(request, take);
    } catch (const control::Refused& refused) {
        // systemctl translates errors to exit statuses only for jobs, such as that of poweroff. It
        // has no verb for logs.
        const std::string kind = text(request, "call");
        const bool is_job = kind == "enqueue" || kind == "exit" || kind.ends_with("log");
        throw Failure(concat(failed, refused.what()), is_job && refused.error == "AccessDenied"
                                                          ? status_no_permission
                                                          : status_failure);
    } catch (const std::system_error& error) {
        throw Failure(concat("no service manager answers at ",
                             control::control_directory(options.run_directory), ": ",
                             error.code().message(),
                             "; is `notifybridge init` running? If it was started with --root=, "
                             "use the same --root= here. If the socket of a container's `init` was "
                             "removed, run: kill -HUP 1"));
    }
}

}  // namespace notifybridge::ctl
