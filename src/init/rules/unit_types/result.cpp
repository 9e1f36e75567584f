#include "init/rules/unit_types/result.hpp"

#include <array>

namespace notifybridge::unit_types {

std::string_view to_string(Result result) noexcept {
    // The names are in the order of the enumeration.
    static constexpr auto names = std::to_array<std::string_view>({
        "success",
        "resources",
        "protocol",
        "timeout",
        "exit-code",
        "signal",
        "core-dump",
        "watchdog",
        "start-limit-hit",
        "exec-condition",
        "trigger-limit-hit",
        "service-start-limit-hit",
        "unit-start-limit-hit",
    });
    static_assert(names.size() == static_cast<std::size_t>(Result::unit_start_limit_hit) + 1);
    return names[static_cast<std::size_t>(result)];
}

Result result_of(const ExecStatus& run, ProcessKind kind, const unit::Command* command,
                 const unit::ExitStatusSet& success) {
    if ((command && command->ignores_failure) || is_clean_exit(run, kind, success))
        return Result::success;
    if (run.status.signal == 0)
        return Result::exit_code;
    return run.dumped_core ? Result::core_dump : Result::signal;
}

}  // namespace notifybridge::unit_types
