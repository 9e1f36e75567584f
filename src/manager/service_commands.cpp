#include "manager/service_commands.hpp"

#include <array>

namespace notifybridge::manager {
namespace {

struct List {
    std::string_view name;
    unit::Rare<unit::Commands> unit::ServiceSettings::*commands;
};

// In the order of the enumeration.
constexpr std::array<List, service_command_count> lists = {{
    {"ExecCondition", &unit::ServiceSettings::exec_condition},
    {"ExecStartPre", &unit::ServiceSettings::exec_start_pre},
    {"ExecStart", &unit::ServiceSettings::exec_start},
    {"ExecStartPost", &unit::ServiceSettings::exec_start_post},
    {"ExecReload", &unit::ServiceSettings::exec_reload},
    {"ExecStop", &unit::ServiceSettings::exec_stop},
    {"ExecStopPost", &unit::ServiceSettings::exec_stop_post},
}};

}  // namespace

std::string_view to_string(ServiceCommand command) noexcept {
    return lists[static_cast<std::size_t>(command)].name;
}

const unit::Commands& commands(const unit::ServiceSettings& settings,
                               ServiceCommand command) noexcept {
    return settings.*lists[static_cast<std::size_t>(command)].commands;
}

}  // namespace notifybridge::manager
