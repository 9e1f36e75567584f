#include "init/ctl/choices.hpp"

#include <csignal>
#include <string>
#include <string_view>

#include "base/system/streams.hpp"
#include "base/util/concat.hpp"
#include "base/util/signal_names.hpp"
#include "init/ctl/table.hpp"
#include "init/files/install/state.hpp"
#include "init/files/unit/load_state.hpp"
#include "init/files/unit/name.hpp"
#include "init/files/unit/value.hpp"
#include "init/rules/manager/state.hpp"
#include "init/rules/unit_types/path_state.hpp"
#include "init/rules/unit_types/service_state.hpp"
#include "init/rules/unit_types/socket_state.hpp"
#include "init/rules/unit_types/timer_state.hpp"

namespace notifybridge::ctl {
namespace {

void print_heading(std::string_view what, bool has_legend, bool is_first) {
    if (!is_first)
        system::out() << '\n';
    if (has_legend)
        system::out() << "Available " << what << ":\n";
}

/// Prints the names of the values of an enumeration up to `last`. If consecutive values have the
/// same name, prints this name only once.
template <typename Enumeration>
void print_names(Enumeration last) {
    std::string_view before;
    for (int at = 0; at <= static_cast<int>(last); ++at)
        if (const std::string_view name = to_string(static_cast<Enumeration>(at)); name != before) {
            system::out() << name << '\n';
            before = name;
        }
}

}  // namespace

void print_types(bool has_legend) {
    print_heading("unit types", has_legend, true);
    print_names(unit::UnitType::scope);
}

void print_states(bool has_legend) {
    print_heading("unit load states", has_legend, true);
    print_names(unit::LoadState::error);
    print_heading("unit active states", has_legend, false);
    print_names(manager::ActiveState::failed);
    print_heading("unit file states", has_legend, false);
    print_names(install::State::bad);
    print_heading("path unit substates", has_legend, false);
    print_names(unit_types::PathState::failed);
    print_heading("service unit substates", has_legend, false);
    print_names(unit_types::ServiceState::auto_restart);
    print_heading("socket unit substates", has_legend, false);
    print_names(unit_types::SocketState::failed);
    print_heading("target unit substates", has_legend, false);
    system::out() << "dead\nactive\n";
    print_heading("timer unit substates", has_legend, false);
    print_names(unit_types::TimerState::failed);
}

void print_signals(bool has_numbers) {
    Table table({"SIGNAL", "NAME"});
    for (int signal = 1; signal < NSIG; ++signal) {
        const std::string name = util::signal_to_string(signal);
        if (has_numbers)
            table.add({util::concat(signal), "SIG" + name});
        else
            system::out() << name << '\n';
    }
    if (has_numbers)
        system::out() << table.text(true);
}

}  // namespace notifybridge::ctl
