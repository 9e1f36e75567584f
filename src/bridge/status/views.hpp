#pragma once

#include "base/util/function_ref.hpp"
#include "bridge/status/mode.hpp"
#include "bridge/status/subjects.hpp"

/// Prints the output of `status` for shared directories. Each function except `watch` returns an
/// exit status. If there are several directories, the function returns the highest of their
/// statuses.
namespace notifybridge::status {

int for_all(const Subjects& subjects, util::FunctionRef<int(const Subject&)> act);

/// Prints a table or a JSON object for each directory, with an empty line between them.
int show_all(const Subjects& subjects, Mode mode);

/// Prints one line for each directory.
int show_rows(const Subjects& subjects);

/// Prints one JSON object for all members of a directory.
int show_members_as_json(const Subjects& subjects, const std::string& path);

/// Prints one JSON object for unrelated directories.
int show_as_json(const Subjects& subjects);

int show_as_metrics(const Subjects& subjects);

/// Answers --ready or --alive with the exit status, and prints nothing.
int answer(const Subject& subject, Mode mode);

/// Checks each directory and prints the findings. If there are members, first prints the problems
/// that all members share.
int check_all(const Subjects& subjects);

/// Prints each message of the run until its end.
int follow(const Subject& subject);

/// Redraws when something changes, until a signal ends this process. Watches the first directory
/// for changes, and checks the other directories every second. If `is_all` is set, searches for all
/// directories again each time. Does not change the terminal's settings, so that nothing has to be
/// restored.
void watch(const Subjects& subjects, bool is_all);

}  // namespace notifybridge::status
