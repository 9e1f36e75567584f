#include <algorithm>
#include <iostream>

#include "ctl/names.hpp"
#include "ctl/verbs.hpp"

/// The verbs that answer by their exit status.
namespace notifybridge::ctl {
namespace {

/// Prints the state of each operand; 0 where one of them is among `wanted`, else `otherwise`.
int print_states(const Context& context, std::initializer_list<std::string_view> wanted,
                 int otherwise) {
    bool found = false;
    for (const std::string& unit : unit_names(context)) {
        std::string state = "inactive";
        context.call({{"call", "state"}, {"unit", unit}},
                     [&](const json::object& answer) { state = text(answer, "active"); });
        if (!context.options.is_quiet)
            std::cout << state << '\n';
        found = found || std::find(wanted.begin(), wanted.end(), state) != wanted.end();
    }
    return found ? 0 : otherwise;
}

}  // namespace

int is_active(const Context& context) {
    return print_states(context, {"active", "reloading"}, status_not_running);
}

int is_failed(const Context& context) {
    return print_states(context, {"failed"}, status_failure);
}

int is_system_running(const Context& context) {
    std::string state = "offline";
    try {
        context.call({{"call", "system-state"}, {"waits", context.options.waits}},
                     [&](const json::object& answer) { state = text(answer, "state"); });
    } catch (const Failure&) {
        // Where no manager answers, there is none.
    }
    if (!context.options.is_quiet)
        std::cout << state << '\n';
    return state == "running" ? 0 : status_failure;
}

}  // namespace notifybridge::ctl
