#include <algorithm>

#include "base/system/streams.hpp"
#include "base/util/concat.hpp"
#include "init/ctl/installing.hpp"
#include "init/ctl/names.hpp"
#include "init/ctl/sysv.hpp"
#include "init/ctl/verbs.hpp"
#include "init/files/unit/path.hpp"

/// Implements the verbs that enable, disable, mask or link unit files: systemctl(1), UNIT FILE
/// COMMANDS. These verbs work with and without a running manager.
namespace notifybridge::ctl {
namespace {

using install::Installer;
using install::Manner;
using install::Outcome;
using Names = std::vector<std::string>;

constexpr std::string_view no_install_section =
    "nothing to enable: these units have no settings in [Install].\n"
    "Other units, their sockets, or an administrator can start them.\n";

Manner manner_of(const Options& options) {
    return {options.is_runtime, options.is_forced};
}

/// Replaces paths by file names. If `prints_notes` is true, prints a note about each replaced path.
Names plain_names(const Names& names, bool prints_notes) {
    Names plain;
    for (const std::string& name : names)
        plain.emplace_back(unit::file_name(name));
    if (prints_notes && plain != names)
        system::err()
            << "Warning: Can't execute disable on the unit file path. Proceeding with the "
               "unit name.\n";
    return plain;
}

Outcome change(const Context& context, Installer& installer, const Names& names) {
    const Manner manner = manner_of(context.options);
    if (context.verb == "enable")
        return installer.enable(names, manner);
    if (context.verb == "disable")
        return installer.disable(names, manner);
    if (context.verb == "reenable")
        return installer.reenable(names, manner);
    if (context.verb == "mask")
        return installer.mask(names, manner);
    if (context.verb == "unmask")
        return installer.unmask(names, manner);
    if (context.verb == "preset")
        return installer.preset(names, context.options.preset_mode, manner);
    return context.verb == "link" ? installer.link(names, manner) : installer.revert(names);
}

/// Applies --now: starts enabled units, and stops disabled or masked units.
int start_or_stop(const Context& context, const Names& names) {
    const bool starts = context.verb == "enable";
    const bool stops = context.verb == "disable" || context.verb == "mask";
    if (!context.options.is_now || (!starts && !stops))
        return 0;
    return run_job_verb({context.options, starts ? "start" : "stop", plain_names(names, false)});
}

/// Returns `verb`, the manager's name for an operation. Returns an empty text if no manager runs.
std::string verb_of_manager(const Context& context, std::string verb) {
    return manager_is_running(context) ? std::move(verb) : std::string();
}

void check_links(const Context& context, const Names& names) {
    for (const std::string& name : names)
        if (!unit::is_absolute(name) && !context.options.root.empty())
            throw Failure("Non-absolute paths are not allowed when --root is used: " + name);
        else if (!unit::is_absolute(name))
            throw Failure(util::concat(
                "Link argument must contain at least one directory separator.\nIf you intended to "
                "link a file in the current directory, try ./",
                name, " instead."));
}

}  // namespace

int change_unit_files(const Context& context) {
    if (context.options.is_global && context.options.is_now)
        throw Failure("--now cannot be used with --global.");
    Names names = file_names(context, "to " + context.verb);
    Installer installer = installer_like_manager(context);
    if (context.verb == "enable" || context.verb == "disable") {
        if (pass_to_sysv(context, installer, names).has_failed)
            return status_failure;
        if (names.empty()) {
            reload_running_manager(context);
            return 0;
        }
    }
    if (context.verb == "disable")
        names = plain_names(names, true);
    if (context.verb == "link")
        check_links(context, names);
    const bool is_mask = context.verb == "mask" || context.verb == "unmask";
    if (is_mask && context.options.root.empty())
        for (const std::string& name : names)
            if (!installer.lookup().exists(name))
                system::err() << "Unit " << name << " does not exist, proceeding anyway.\n";
    const Outcome outcome = change(context, installer, names);
    if (const int status = report(outcome, context.verb, context.options,
                                  verb_of_manager(context, context.verb + " unit")))
        return status;
    if (!outcome.has_install_section && !context.options.is_quiet)
        system::err() << no_install_section;
    if (reload_running_manager(context))
        return start_or_stop(context, names);
    if (context.options.is_now)
        system::err() << "not starting or stopping units: no service manager is running\n";
    return 0;
}

int preset_all(const Context& context) {
    const auto outcome = installer_like_manager(context).preset_all(context.options.preset_mode,
                                                                    manner_of(context.options));
    const int status =
        report(outcome, "preset", context.options, verb_of_manager(context, "preset all units"));
    if (status == 0)
        reload_running_manager(context);
    return status;
}

int set_default(const Context& context) {
    const std::string name =
        file_name(context.operands.front(), "set-default", ".target", context.options);
    Installer installer = installer_like_manager(context);
    const Outcome outcome = installer.set_default(name);
    if (const int status = report(outcome, "set default", context.options,
                                  verb_of_manager(context, "set default target")))
        return status;
    reload_running_manager(context);
    std::string now;
    if (installer.get_default(now) == 0 && now != name && !context.options.is_quiet)
        system::err() << "Note: \"" << now
                      << "\" is the default unit (possibly a runtime override).\n";
    return 0;
}

int add_dependencies(const Context& context) {
    const std::string target =
        file_name(context.operands.front(), "to add dependency on", ".target", context.options);
    const Names units(context.operands.begin() + 1, context.operands.end());
    const Names names = file_names({context.options, context.verb, units}, "as dependency");
    const Outcome outcome = installer_like_manager(context).add_dependency(
        names, target, context.verb == "add-requires", manner_of(context.options));
    const int status = report(outcome, "add dependency on", context.options,
                              verb_of_manager(context, "add dependency"));
    if (status == 0)
        reload_running_manager(context);
    return status;
}

}  // namespace notifybridge::ctl
