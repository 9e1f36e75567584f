#pragma once

#include <string>
#include <vector>

#include "init/ctl/context.hpp"
#include "init/install/installer.hpp"

/// Functions that the verbs for unit files share.
namespace notifybridge::ctl {

/// Returns --root= as an absolute path without a slash at its end, or an empty text for this
/// system's root.
std::string root_directory(const Options& options);

/// Returns an installer for the files below --root=. It uses the directories in $SYSTEMD_UNIT_PATH
/// if that is set, or else those in `unit_path` unless that is empty.
install::Installer make_installer(const Options& options, const std::string& unit_path = {});

/// Returns the unit directories of the running manager that are below the root directory, or an
/// empty text if no manager answers.
std::string unit_path_of_manager(const Context& context);

/// Returns the operands as systemctl reads them for files. A path becomes absolute. A pattern is
/// escaped with a warning that names the `operation` ("to enable").
std::vector<std::string> file_names(const Context& context, std::string_view operation);

/// Does the same for one operand that is not a path.
std::string file_name(std::string_view typed, std::string_view operation, std::string_view suffix,
                      const Options& options);

/// Reports the changes in systemctl's words. `verb` is the operation that failed, and
/// `managers_verb` is the manager's name for it, or empty if no manager runs. Returns the exit
/// status.
int report(const install::Outcome& outcome, std::string_view verb, const Options& options,
           std::string_view managers_verb);

bool manager_is_running(const Context& context);

/// Makes a running manager reload its files. Returns whether a manager is running.
bool reload_running_manager(const Context& context);

}  // namespace notifybridge::ctl
