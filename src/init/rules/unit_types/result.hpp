#pragma once

#include <cstdint>
#include <string_view>

#include "init/files/unit/settings.hpp"
#include "init/rules/unit_types/clean_exit.hpp"

namespace notifybridge::unit_types {

/// The result of a unit (org.freedesktop.systemd1(5), Result).
enum class Result : std::uint8_t {
    success,
    resources,
    protocol,
    timeout,
    exit_code,
    signal,
    core_dump,
    watchdog,
    start_limit_hit,
    exec_condition,  ///< ExecCondition= did not hold, which is not a failure.
    trigger_limit_hit,
    service_start_limit_hit,
    unit_start_limit_hit,
};

std::string_view to_string(Result result) noexcept;

/// Derives the result from the end of a process. `command` is the command that the process ran, or
/// null. Its prefix "-" turns any end into success.
Result result_of(const ExecStatus& run, ProcessKind kind, const unit::Command* command,
                 const unit::ExitStatusSet& success = {});

}  // namespace notifybridge::unit_types
