#pragma once

#include "init/ctl/context.hpp"

/// Declares the verbs, grouped by source file. Each function returns the exit status.
namespace notifybridge::ctl {

// jobs.cpp
int run_job_verb(const Context& context);
/// Starts a unit. Waits as the options say. Passes each answer of the manager to `take`.
int start_unit(const Context& context, const std::string& unit,
               util::FunctionRef<void(const json::object& answer)> take);
int cancel_jobs(const Context& context);
int kill_units(const Context& context);
int reset_failed(const Context& context);

// states.cpp
int is_active(const Context& context);
int is_failed(const Context& context);
int is_system_running(const Context& context);

// lists.cpp
int list_units(const Context& context);
int list_sockets(const Context& context);
int list_paths(const Context& context);
int list_timers(const Context& context);
int list_jobs(const Context& context);

// dependencies.cpp
int list_dependencies(const Context& context);

// show.cpp
int show(const Context& context);

// status.cpp and logs.cpp
int show_status(const Context& context);
int show_logs(const Context& context);

// manager.cpp
int reload_manager(const Context& context);
int show_environment(const Context& context);
int set_environment(const Context& context);
int unset_environment(const Context& context);
int import_environment(const Context& context);
int end_manager(const Context& context);

// unit_files.cpp
int change_unit_files(const Context& context);
int preset_all(const Context& context);
int set_default(const Context& context);
int add_dependencies(const Context& context);

// unit_file_lists.cpp
int list_unit_files(const Context& context);
int is_enabled(const Context& context);
int get_default(const Context& context);

// unit_file_texts.cpp
int print_files(const Context& context);

// edit.cpp
int edit_files(const Context& context);

// verify.cpp
int verify_files(const Context& context);

// calendar.cpp
int show_calendar(const Context& context);

// boot_times.cpp
int show_boot_time(const Context& context);
int show_blame(const Context& context);
int show_critical_chain(const Context& context);
int print_plot(const Context& context);

}  // namespace notifybridge::ctl
