#pragma once

#include <string>
#include <vector>

#include "init/ctl/context.hpp"
#include "init/files/install/installer.hpp"

/// Functions for the verbs that change or list unit files.
namespace notifybridge::ctl {

/// Returns --root= as an absolute path without a slash at the end. Returns an empty text for this
/// system's root.
std::string root_directory(const Options& options);

/// Returns an installer for the files below --root=. The unit directories come from
/// $SYSTEMD_UNIT_PATH if this variable is set, or else from `unit_path`. If both are empty, uses
/// the default directories.
install::Installer make_installer(const Options& options, const std::string& unit_path = {});

/// Returns an installer that uses the unit directories of the running manager. Therefore, the
/// installer also finds the units of `init --unit-path=`.
install::Installer installer_like_manager(const Context& context);

/// Returns the names of unit files for the operands. Makes paths absolute. Escapes invalid
/// characters and wildcards in names, with a warning. The warning about wildcards contains
/// `operation`, such as "to enable".
std::vector<std::string> file_names(const Context& context, std::string_view operation);

/// Returns the name of a unit file for the operand `typed`, which is not a path. Escapes invalid
/// characters and wildcards like `file_names`. Adds `suffix` if the name does not end in a unit
/// type.
std::string file_name(std::string_view typed, std::string_view operation, std::string_view suffix,
                      const Options& options);

/// Reports the changes with systemctl's texts, and returns the exit status. A message about a
/// failure names the operation `verb`. `managers_verb` is the manager's name for the operation;
/// empty if no manager runs.
int report(const install::Outcome& outcome, std::string_view verb, const Options& options,
           std::string_view managers_verb);

bool manager_is_running(const Context& context);

/// Makes a running manager reload its files. Returns whether a manager is running.
bool reload_running_manager(const Context& context);

}  // namespace notifybridge::ctl
