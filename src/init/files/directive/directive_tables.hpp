#pragma once

#include <span>

#include "init/files/directive/directive.hpp"

/// The parts of the table of directives. Each part is defined in its own directive_*.cpp. They are
/// functions, so that only processes that need a table have the memory for it.
namespace notifybridge::directive {

std::span<const Row> unit_directives();
std::span<const Row> legacy_unit_directives();
std::span<const Row> newer_unit_directives();
std::span<const Row> condition_directives();
std::span<const Row> other_condition_directives();
std::span<const Row> install_directives();
std::span<const Row> newer_install_directives();
std::span<const Row> service_directives();
std::span<const Row> legacy_service_directives();
std::span<const Row> newer_service_directives();
std::span<const Row> socket_directives();
std::span<const Row> newer_socket_directives();
std::span<const Row> timer_directives();
std::span<const Row> newer_timer_directives();
std::span<const Row> path_directives();
std::span<const Row> exec_directives();
std::span<const Row> kill_directives();
std::span<const Row> sandbox_directives();
std::span<const Row> other_sandbox_directives();
std::span<const Row> cgroup_directives();
std::span<const Row> other_cgroup_directives();

}  // namespace notifybridge::directive
