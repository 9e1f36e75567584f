
#include "base/system/streams.hpp"
#include "init/ctl/names.hpp"
#include "init/ctl/verbs.hpp"

/// Implements the verbs that report a state by their exit status.
namespace notifybridge::ctl {
namespace {

/// Prints the state of each operand. Returns 0 if `is_wanted` returns true for at least one state.
/// If not, returns `otherwise`, or status_unknown_unit if none of the units exists.
int print_states(const Context& context, bool (&is_wanted)(std::string_view), int otherwise) {
    bool found = false;
    bool exists = false;
    for (const std::string& unit : unit_names(context)) {
        const UnitState state = state_of(context, unit);
        if (!context.options.is_quiet)
            system::out() << state.active << '\n';
        found = found || is_wanted(state.active);
        exists = exists || state.load != "not-found";
    }
    return found ? 0 : exists ? otherwise : status_unknown_unit;
}

/// Returns the state of the whole manager, such as "running" or "degraded".
std::string system_state(const Context& context) {
    std::string state = "offline";
    try {
        context.call({{"call", "system-state"}, {"waits", context.options.waits}},
                     [&](const json::object& answer) { state = text(answer, "state"); });
    } catch (const Failure&) {
        // If no manager runs, the state stays "offline".
    }
    if (!context.options.is_quiet)
        system::out() << state << '\n';
    return state;
}

bool has_failed(std::string_view state) {
    return state == "failed";
}

}  // namespace

int is_active(const Context& context) {
    return print_states(context, is_up, status_not_running);
}

int is_failed(const Context& context) {
    if (context.operands.empty())
        return system_state(context) == "degraded" ? 0 : status_failure;
    return print_states(context, has_failed, status_failure);
}

int is_system_running(const Context& context) {
    return system_state(context) == "running" ? 0 : status_failure;
}

}  // namespace notifybridge::ctl
