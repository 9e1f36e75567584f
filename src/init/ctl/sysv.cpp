#include "init/ctl/sysv.hpp"

#include <unistd.h>

#include <system_error>

#include "base/process/environment.hpp"
#include "base/process/exit_status.hpp"
#include "base/system/error.hpp"
#include "base/system/executable.hpp"
#include "base/system/streams.hpp"
#include "base/util/concat.hpp"
#include "init/ctl/installing.hpp"
#include "init/ctl/names.hpp"
#include "init/ctl/run_program.hpp"
#include "init/files/install/unit_file.hpp"
#include "init/files/unit/path.hpp"
#include "init/files/unit/value.hpp"

namespace notifybridge::ctl {
namespace {

using util::concat;

constexpr const char* installer_of_scripts = "/lib/systemd/systemd-sysv-install";
constexpr std::string_view scripts = "/etc/init.d/";
constexpr std::string_view suffix = ".service";

bool has_native_unit(const install::Installer& installer, const std::string& name) {
    install::Directories directories = installer.lookup().directories();
    std::erase_if(directories.load_path, [](const std::string& directory) {
        return install::is_generated(concat(directory, "/x"));
    });
    const unit::Facts facts;
    return install::Lookup(installer.source(), directories, facts).exists(name);
}

/// Runs the program in `arguments`, and returns its exit status.
int run_installer(const std::vector<std::string>& arguments) {
    try {
        const process::ExitStatus end = run_program(arguments);
        if (end.signal == 0)
            return end.code;
        throw Failure(concat("sysv-install terminated by signal ",
                             process::signal_name(end.signal).substr(3), '.'));
    } catch (const std::system_error& error) {
        system::err() << "Failed to execute " << arguments.front() << ": "
                      << system::describe(error.code().value()) << '\n';
        return status_failure;
    }
}

/// Runs systemd-sysv-install for one service. Returns the exit status of the program.
int pass_on(const Context& context, const std::string& name, bool has_unit) {
    std::vector<std::string> arguments = {installer_of_scripts};
    if (const std::string root = root_directory(context.options); !root.empty())
        arguments.push_back(concat("--root=", root));
    arguments.push_back(context.verb);
    arguments.push_back(name.substr(0, name.size() - suffix.size()));
    if (!context.options.is_quiet) {
        std::string line;
        for (const std::string& argument : arguments)
            line += concat(line.empty() ? "" : " ", argument);
        if (has_unit)
            system::err() << "Synchronizing state of " << name << " with SysV service script with "
                          << installer_of_scripts << ".\n";
        else
            system::err() << name
                          << " is not a native service, redirecting to systemd-sysv-install.\n";
        system::err() << "Executing: " << line << '\n';
    }
    return run_installer(arguments);
}

}  // namespace

SysvOutcome pass_to_sysv(const Context& context, const install::Installer& installer,
                         std::vector<std::string>& names) {
    const bool only_asks = context.verb == "is-enabled";
    const auto skips = process::environment_variable("SYSTEMCTL_SKIP_SYSV");
    // An image without systemd may have scripts, but does not have the program that installs them.
    if (context.options.is_global || (skips && unit::parse_boolean(*skips).value_or(false))
        || !system::is_executable(installer_of_scripts))
        return {};
    SysvOutcome outcome;
    std::vector<std::string> rest;
    for (const std::string& name : names) {
        const bool is_service = name.ends_with(suffix) && !unit::is_absolute(name);
        const std::string script = is_service ? concat(root_directory(context.options), scripts,
                                                       name.substr(0, name.size() - suffix.size()))
                                              : std::string();
        const bool has_script = is_service && ::access(script.c_str(), F_OK) == 0;
        const bool has_unit = has_script && has_native_unit(installer, name);
        if (!has_script || (has_unit && only_asks)) {
            rest.push_back(name);
            continue;
        }
        const int status = pass_on(context, name, has_unit);
        if (only_asks) {
            outcome.is_any_enabled = outcome.is_any_enabled || status == 0;
            if (!context.options.is_quiet)
                system::out() << (status == 0 ? "enabled" : "disabled") << '\n';
        } else if (status != 0) {
            outcome.has_failed = true;
            return outcome;
        }
        if (has_unit)
            rest.push_back(name);
    }
    names = std::move(rest);
    return outcome;
}

}  // namespace notifybridge::ctl
