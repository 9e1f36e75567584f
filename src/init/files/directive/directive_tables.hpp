#pragma once

#include <span>

#include "init/files/directive/directive.hpp"

/// The parts of the table of directives. Each part is defined in its own directive_*.cpp.
namespace notifybridge::directive {

extern const std::span<const Row> unit_directives;
extern const std::span<const Row> legacy_unit_directives;
extern const std::span<const Row> newer_unit_directives;
extern const std::span<const Row> condition_directives;
extern const std::span<const Row> other_condition_directives;
extern const std::span<const Row> install_directives;
extern const std::span<const Row> newer_install_directives;
extern const std::span<const Row> service_directives;
extern const std::span<const Row> legacy_service_directives;
extern const std::span<const Row> newer_service_directives;
extern const std::span<const Row> socket_directives;
extern const std::span<const Row> newer_socket_directives;
extern const std::span<const Row> timer_directives;
extern const std::span<const Row> newer_timer_directives;
extern const std::span<const Row> path_directives;
extern const std::span<const Row> exec_directives;
extern const std::span<const Row> kill_directives;
extern const std::span<const Row> sandbox_directives;
extern const std::span<const Row> other_sandbox_directives;
extern const std::span<const Row> cgroup_directives;
extern const std::span<const Row> other_cgroup_directives;

}  // namespace notifybridge::directive
