#include "init/ctl/installing.hpp"

#include <algorithm>
#include <cstdlib>

#include "base/process/environment.hpp"
#include "base/system/error.hpp"
#include "base/system/streams.hpp"
#include "base/util/concat.hpp"
#include "init/ctl/names.hpp"
#include "init/ctl/properties.hpp"
#include "init/files/facts/facts.hpp"

namespace notifybridge::ctl {
namespace {

using install::Change;
using util::concat;

std::string absolute(std::string_view path) {
    return process::absolute_path(std::string(path));
}

/// Returns the manager's reason why a unit could not be changed. The text follows "Failed to enable
/// unit: ".
std::string reason_of_manager(const Change& change) {
    namespace problem = install::problem;
    switch (change.error) {
        case problem::exists:
            return concat("File ", change.path, " already exists",
                          change.other.empty() ? "" : concat(" and is a symlink to ", change.other),
                          '.');
        case problem::masked:
            return concat("Unit file ", change.path, " is masked.");
        case problem::not_ours:
            return concat("Unit ", change.path, " is transient or generated.");
        case problem::in_load_path:
            return concat("File ", change.path, " is under the systemd unit hierarchy already.");
        case problem::no_template:
            return concat("Destination unit ", change.path, " is a non-template unit.");
        case problem::no_name:
            return concat('"', change.path, "\" is not a valid unit name.");
        case problem::linked:
            return concat("Refusing to operate on alias name or linked unit file: ", change.path);
        case problem::no_alias:
            if (change.other.empty())
                return concat("Invalid unit reference ", change.path, '.');
            return concat("Cannot alias ", change.other, " as ", change.path, '.');
        case problem::missing:
            return concat("Unit file ", change.path, " does not exist.");
        case problem::bad_specifier:
            return concat("Invalid specifier in ", change.path, '.');
        default:
            return concat("File ", change.path, ": ", system::describe(change.error));
    }
}

/// Returns the reason that systemctl itself prints after "Failed to enable " if no manager runs.
std::string reason(const Change& change) {
    namespace problem = install::problem;
    switch (change.error) {
        case problem::exists:
            return concat("unit, file \"", change.path, "\" already exists",
                          change.other.empty()
                              ? std::string()
                              : concat(" and is a symlink to \"", change.other, '"'),
                          '.');
        case problem::masked:
            return concat("unit, unit ", change.path, " is masked.");
        case problem::not_ours:
            return concat("unit, unit ", change.path, " is transient or generated.");
        case problem::in_load_path:
            return concat("unit, file ", change.path,
                          " is under the systemd unit hierarchy already.");
        case problem::no_template:
            return concat(change.other, ", destination unit ", change.path,
                          " is a non-template unit.");
        case problem::no_name:
            return concat("unit, \"", change.path, "\" is not a valid unit name.");
        case problem::linked:
            return concat("unit, refusing to operate on linked unit file ", change.path, '.');
        case problem::no_alias:
            if (change.other.empty())
                return concat("unit, invalid unit reference \"", change.path, "\".");
            return concat("unit, cannot alias ", change.other, " as ", change.path, '.');
        case problem::missing:
            return concat("unit, unit ", change.path, " does not exist.");
        case problem::bad_specifier:
            return concat("unit, invalid specifier in \"", change.path, "\".");
        default:
            return concat("unit, file \"", change.path, "\": ", system::describe(change.error));
    }
}

/// Returns the message about a change. The option --quiet suppresses these messages.
std::string remark(const Change& change) {
    switch (change.kind) {
        case Change::Kind::made:
            return concat("Created symlink ", change.path, " → ", change.other, '.');
        case Change::Kind::removed:
            return concat("Removed \"", change.path, "\".");
        case Change::Kind::is_masked:
            return concat("Unit ", change.path, " is masked, ignoring.");
        case Change::Kind::is_dangling:
            return concat("Unit ", change.path,
                          " is an alias to a unit that is not present, ignoring.");
        case Change::Kind::has_missing_unit:
            return concat("Unit ", change.other,
                          " is added as a dependency to a non-existent unit ", change.path, '.');
        case Change::Kind::no_also:
            return concat("Failed to enable auxiliary unit ", change.path, ", ignoring.");
        case Change::Kind::failed:
            break;
    }
    return {};
}

/// Returns the unit directories of the running manager. Omits directories that are not below
/// --root=. Returns an empty text if no manager answers.
std::string unit_path_of_manager(const Context& context) {
    std::string path;
    try {
        const Properties manager = properties_of(context, {});
        const std::string root = root_directory(context.options);
        for (const std::string_view directory : manager.words("UnitPath"))
            if (directory.starts_with(root + '/'))
                path += concat(path.empty() ? "" : ":", directory.substr(root.size()));
    } catch (const Failure&) {
        // If no manager runs, the path stays empty.
    }
    return path;
}

}  // namespace

std::string root_directory(const Options& options) {
    std::string root = options.root.empty() ? std::string() : absolute(options.root);
    return root == "/" ? std::string() : root;
}

install::Installer make_installer(const Options& options, const std::string& unit_path) {
    static const unit::Facts facts = facts::gather_facts();
    if (options.is_global)
        return install::Installer(root_directory(options), install::global_directories(), facts);
    const char* const path = std::getenv("SYSTEMD_UNIT_PATH");
    install::Directories directories =
        install::system_directories(process::absolute_paths(path ? path : unit_path));
    if (options.has_built_in)
        directories.load_path.emplace_back(load::built_in_directory);
    return install::Installer(root_directory(options), std::move(directories), facts);
}

install::Installer installer_like_manager(const Context& context) {
    return make_installer(context.options, unit_path_of_manager(context));
}

std::string file_name(std::string_view typed, std::string_view operation, std::string_view suffix,
                      const Options& options) {
    if (typed.empty())
        throw Failure("Failed to mangle unit name: Invalid argument");
    std::string name(typed);
    if (unit::UnitName::parse(name))
        return name;
    const bool has_pattern = is_pattern(typed);
    name = escaped_name(typed, false);
    if (name != typed && !options.is_quiet) {
        if (has_pattern)
            system::err() << "Glob pattern passed " << operation
                          << ", but globs are not supported for this.\n";
        system::err() << "Invalid unit name \"" << typed << "\" escaped as \"" << name << '"'
                      << (has_pattern ? "" : " (maybe you should use systemd-escape?)") << ".\n";
    }
    const bool has_type =
        unit::parse_unit_type(std::string_view(name).substr(name.rfind('.') + 1)).has_value();
    return has_type && name.find('.') != name.npos ? name : concat(name, suffix);
}

std::vector<std::string> file_names(const Context& context, std::string_view operation) {
    std::vector<std::string> names;
    for (const std::string& operand : context.operands) {
        if (operand.empty())
            throw Failure("Failed to mangle unit name or path '': Invalid argument");
        names.push_back(operand.find('/') != operand.npos
                            ? absolute(operand)
                            : file_name(operand, operation, ".service", context.options));
    }
    return names;
}

int report(const install::Outcome& outcome, std::string_view verb, const Options& options,
           std::string_view managers_verb) {
    const bool has_manager = !managers_verb.empty();
    const auto is_bad = [](const Change& each) { return each.kind == Change::Kind::failed; };
    const auto bad = std::ranges::find_if(outcome.changes, is_bad);
    const bool has_reason = bad != outcome.changes.end();
    const bool has_failed =
        outcome.error != 0
        || (has_manager && has_reason && std::ranges::all_of(outcome.changes, is_bad));
    // The manager reports either all changes, or only the reason of one failure.
    if (has_manager && has_failed && has_reason) {
        system::err() << "Failed to " << managers_verb << ": " << reason_of_manager(*bad) << '\n';
        return status_failure;
    }
    for (const Change& change : outcome.changes)
        if (!is_bad(change) && !options.is_quiet)
            system::err() << remark(change) << '\n';
        else if (is_bad(change) && !has_manager)
            system::err() << "Failed to " << verb << ' ' << reason(change) << '\n';
    if (outcome.error != 0 && !has_reason)
        system::err() << "Failed to " << (has_manager ? managers_verb : verb) << ": "
                      << system::describe(outcome.error) << (has_manager ? "\n" : ".\n");
    return has_failed ? status_failure : 0;
}

bool manager_is_running(const Context& context) {
    try {
        context.call({{"call", "system-state"}});
        return true;
    } catch (const Failure&) {
        return false;
    }
}

bool reload_running_manager(const Context& context) {
    if (!manager_is_running(context))
        return false;
    if (context.options.reloads)
        context.call({{"call", "daemon-reload"}});
    return true;
}

}  // namespace notifybridge::ctl
