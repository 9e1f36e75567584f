#pragma once

#include <string>
#include <vector>

#include "init/ctl/context.hpp"
#include "init/install/installer.hpp"

/// What the verbs about unit files have in common.
namespace notifybridge::ctl {

/// --root= as an absolute path without a slash at its end; empty for this system's own root.
std::string root_directory(const Options& options);

/// Works on the files below --root=, in the directories of $SYSTEMD_UNIT_PATH where that is set, or
/// else of `unit_path` where that is not empty.
install::Installer make_installer(const Options& options, const std::string& unit_path = {});

/// Where the manager that runs here looks for units, as far as that is below the root directory;
/// empty where none answers.
std::string unit_path_of_manager(const Context& context);

/// Names of units as systemctl reads them where files are meant: a path becomes an absolute one; a
/// pattern is escaped, with a warning that says for which `operation` ("to enable").
std::vector<std::string> file_names(const Context& context, std::string_view operation);

/// The same of one that is no path.
std::string file_name(std::string_view typed, std::string_view operation, std::string_view suffix,
                      const Options& options);

/// Says what was done, in systemctl's words. `verb` is what it failed to do; `managers_verb` the
/// same in a manager's words, and empty where none runs. Returns the exit status.
int report(const install::Outcome& outcome, std::string_view verb, const Options& options,
           std::string_view managers_verb);

bool manager_is_running(const Context& context);

/// Has a manager that is running read its files again. Returns whether there is one.
bool reload_running_manager(const Context& context);

}  // namespace notifybridge::ctl
