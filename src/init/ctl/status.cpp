#include <algorithm>
#include <sstream>

#include "base/system/streams.hpp"
#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "base/util/number.hpp"
#include "init/ctl/names.hpp"
#include "init/ctl/properties.hpp"
#include "init/ctl/status_text.hpp"
#include "init/ctl/verbs.hpp"

/// Implements `status`, which shows the state of units.
namespace notifybridge::ctl {
namespace {

using util::concat;

/// Returns 0 if the unit is active, and 3 if it is not (systemctl(1)).
int status_of(const Properties& unit) {
    const std::string_view active = unit["ActiveState"];
    return active == "active" || active == "reloading" ? 0 : status_not_running;
}

void print_log(const Context& context, const std::string& unit) {
    if (context.options.lines == 0)
        return;
    bool is_first = true;
    context.call(
        {{"call", "log"}, {"unit", unit}, {"lines", context.options.lines}, {"last_start", true}},
        [&](const json::object& answer) {
            if (std::exchange(is_first, false))
                system::out() << '\n';
            system::out() << util::escape_unseen(text(answer, "line")) << '\n';
        });
}

/// Returns the processes of a unit. Asks the manager only if the unit has a control group or is a
/// service that is not down. For other units, the manager might read all of /proc in vain.
std::vector<pid_t> processes_of(const Context& context, const Properties& properties) {
    std::vector<pid_t> processes;
    const std::string_view state = properties["ActiveState"];
    const bool may_have_some =
        !properties["MainPID"].empty() && state != "inactive" && state != "failed";
    if (properties["ControlGroup"].empty() && !may_have_some)
        return processes;
    context.call({{"call", "processes"}, {"unit", properties["Id"]}},
                 [&](const json::object& answer) {
                     if (const auto pid = util::parse_number<pid_t>(text(answer, "pid")))
                         processes.push_back(*pid);
                 });
    return processes;
}

Related related_to(const Context& context, const Properties& properties) {
    const std::string unit(properties["Id"]);
    Related related;
    context.call({{"call", "unmet"}, {"unit", unit}}, [&](const json::object& answer) {
        const json::value* const is_trigger = answer.if_contains("is_trigger");
        const std::string kind = text(answer, "kind");
        related.unmet.push_back({kind, concat(kind, text(answer, "condition")),
                                 is_trigger && is_trigger->is_bool() && is_trigger->get_bool()});
    });
    related.processes = processes_of(context, properties);
    if (unit.ends_with(".timer"))
        context.call({{"call", "timers"}, {"unit", unit}}, [&](const json::object& answer) {
            related.next_elapse = util::parse_number<std::uint64_t>(text(answer, "next"));
        });
    related.active_state = [&context](const std::string& name) {
        return state_of(context, name).active;
    };
    return related;
}

/// Prints the status of a unit. If `is_first` is false, prints a blank line before it. Sets
/// `is_first` to false.
int print_unit(const Context& context, const std::string& unit, bool& is_first) {
    const Properties properties = properties_of(context, unit);
    const std::string_view load = properties["LoadState"];
    if (load == "not-found" && properties["ActiveState"] == "inactive") {
        system::err() << "Unit " << unit << " could not be found.\n";
        return status_unknown_unit;
    }
    if (!std::exchange(is_first, false))
        system::out() << '\n';
    system::out() << status_text(properties, related_to(context, properties),
                                 context.options.has_colour);
    print_log(context, unit);
    if (properties["NeedDaemonReload"] == "yes")
        warn_of_changed_files(properties["Id"]);
    return status_of(properties);
}

/// Returns the unit names of all operands. A pid means the unit of this process.
std::vector<std::string> named_units(const Context& context) {
    Context by_names = context;
    for (std::string& operand : by_names.operands)
        if (const auto pid = util::parse_number<std::uint32_t>(operand))
            context.call(
                {{"call", "unit-of"}, {"pid", *pid}},
                [&](const json::object& answer) { operand = text(answer, "unit"); },
                concat("Failed to get unit for PID ", *pid, ": "));
    return unit_names(by_names);
}

}  // namespace

int show_status(const Context& context) {
    const bool is_of_system = context.operands.empty() && !is_filtered(context.options);
    if (is_of_system)
        system::out() << system_text(properties_of(context, {}));
    if (is_of_system && !context.options.is_all)
        return 0;
    int status = 0;
    bool is_first = !is_of_system;
    for (const std::string& unit :
         context.operands.empty() ? shown_units(context) : named_units(context)) {
        const int one = print_unit(context, unit, is_first);
        status = status == 0 ? one : status;
    }
    return status;
}

}  // namespace notifybridge::ctl
