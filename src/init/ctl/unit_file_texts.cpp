#include <algorithm>

#include "base/system/error.hpp"
#include "base/system/streams.hpp"
#include "base/util/concat.hpp"
#include "init/ctl/installing.hpp"
#include "init/ctl/names.hpp"
#include "init/ctl/verbs.hpp"
#include "init/files/facts/facts.hpp"
#include "init/files/load/load.hpp"
#include "init/files/unit/path.hpp"

/// Implements `cat`, which prints unit files.
namespace notifybridge::ctl {
namespace {

using unit::LoadState;
using unit::UnitName;
using util::concat;

/// Prints `before`, "# PATH" and the file. Adds a newline at the end if necessary. If the file
/// cannot be read, throws Failure, because an incomplete output would be misleading.
void print_file(const install::Installer& installer, const std::string& path,
                std::string_view before = {}) {
    const bool is_built_in = path.starts_with(util::concat(load::built_in_directory, '/'));
    const std::string shown = is_built_in ? path : installer.files().shown(path);
    const auto text = installer.source().read(path);
    if (!text) {
        system::flush_out();
        throw Failure(
            concat("Failed to cat ", shown, ": ", system::describe(text.error().value())));
    }
    system::out() << before << "# " << shown << '\n'
                  << *text << (text->empty() || text->ends_with('\n') ? "" : "\n");
}

/// Returns the unit names for the operands. A pattern means all loaded units that match. If no
/// manager runs, a pattern means all matching units that have a file.
std::vector<std::string> names_of(const Context& context, const load::UnitIndex& index,
                                  bool has_manager) {
    if (has_manager) {
        Options options = context.options;
        options.is_all = true;
        return unit_names({options, context.verb, context.operands});
    }
    std::vector<std::string> names;
    for (const std::string& operand : context.operands) {
        const std::string name = unit_name(operand, ".service", context.options);
        if (!is_pattern(name)) {
            names.push_back(name);
            continue;
        }
        for (const std::string& known : index.names())
            if (matches(name, known))
                names.push_back(known);
    }
    return names;
}

bool print_unit(const load::LoadedUnit& unit, const install::Installer& installer,
                bool has_manager) {
    if (unit.state == LoadState::masked) {
        system::out() << "# Unit " << unit.id.text() << " is masked.\n";
        return true;
    }
    // systemctl requests the paths from the manager, but the manager has no paths for a unit that
    // could not be loaded.
    if (has_manager && unit.state == LoadState::error) {
        system::out() << "# Unit " << unit.id.text() << " could not be loaded.\n";
        return true;
    }
    if (unit.fragment_path.empty()) {
        system::err() << "No files found for " << unit.id.text() << ".\n";
        return false;
    }
    print_file(installer, unit.fragment_path);
    for (const std::string& path : *unit.drop_in_paths)
        print_file(installer, path, "\n");
    return true;
}

}  // namespace

int print_files(const Context& context) {
    const install::Installer installer = installer_like_manager(context);
    unit::Messages messages;
    const load::UnitIndex index(installer.source(), installer.lookup().directories().load_path,
                                messages);
    const unit::Facts facts;
    const bool has_manager = context.options.root.empty() && manager_is_running(context);
    bool is_first = true;
    int status = 0;
    for (const std::string& operand : names_of(context, index, has_manager)) {
        const auto name = UnitName::parse(operand);
        if (!name)
            throw Failure(concat("Unit name ", operand, " is not valid."));
        const load::LoadedUnit unit = load::load(*name, index, facts, messages);
        if (!is_first && !unit.fragment_path.empty())
            system::out() << '\n';
        if (print_unit(unit, installer, has_manager))
            is_first = false;
        else
            status = status_failure;
        system::flush_out();
    }
    return status;
}

}  // namespace notifybridge::ctl
