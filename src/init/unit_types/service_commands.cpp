#include "init/unit_types/service_commands.hpp"

#include <array>

namespace notifybridge::unit_types {
namespace {

struct List {
    std::string_view name;
    ServiceState state;
    unit::Rare<unit::Commands> unit::ServiceSettings::*commands;
};

// In the order of the enumeration.
constexpr std::array<List, service_command_count> lists = {{
    {"ExecCondition", ServiceState::condition, &unit::ServiceSettings::exec_condition},
    {"ExecStartPre", ServiceState::start_pre, &unit::ServiceSettings::exec_start_pre},
    {"ExecStart", ServiceState::start, &unit::ServiceSettings::exec_start},
    {"ExecStartPost", ServiceState::start_post, &unit::ServiceSettings::exec_start_post},
    {"ExecReload", ServiceState::reload, &unit::ServiceSettings::exec_reload},
    {"ExecStop", ServiceState::stop, &unit::ServiceSettings::exec_stop},
    {"ExecStopPost", ServiceState::stop_post, &unit::ServiceSettings::exec_stop_post},
}};

}  // namespace

std::string_view to_string(ServiceCommand command) noexcept {
    return lists[static_cast<std::size_t>(command)].name;
}

ServiceState state_of(ServiceCommand command) noexcept {
    return lists[static_cast<std::size_t>(command)].state;
}

const unit::Commands& commands(const unit::ServiceSettings& settings,
                               ServiceCommand command) noexcept {
    return settings.*lists[static_cast<std::size_t>(command)].commands;
}

}  // namespace notifybridge::unit_types
