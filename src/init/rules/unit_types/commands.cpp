#include "init/rules/unit_types/commands.hpp"

#include <array>

#include "base/util/literal.hpp"

namespace notifybridge::unit_types {
namespace {

using unit::ServiceSettings;
using unit::SocketSettings;

struct List {
    util::Literal name;
    unit::Rare<unit::Commands> ServiceSettings::*of_service;
    unit::Commands SocketSettings::*of_socket;
};

// The lists are in the order of the enumeration.
constexpr std::array<List, command_kind_count> lists = {{
    {"ExecCondition", &ServiceSettings::exec_condition, nullptr},
    {"ExecStartPre", &ServiceSettings::exec_start_pre, &SocketSettings::exec_start_pre},
    {"ExecStart", &ServiceSettings::exec_start, nullptr},
    {"ExecStartPost", &ServiceSettings::exec_start_post, &SocketSettings::exec_start_post},
    {"ExecReload", &ServiceSettings::exec_reload, nullptr},
    {"ExecStop", &ServiceSettings::exec_stop, nullptr},
    {"ExecStopPost", &ServiceSettings::exec_stop_post, &SocketSettings::exec_stop_post},
    {"ExecStopPre", nullptr, &SocketSettings::exec_stop_pre},
}};

template <typename Settings, typename Commands>
const unit::Commands& list_of(const Settings& settings, Commands Settings::*list) {
    static const unit::Commands none;
    if (!list)
        return none;
    return settings.*list;
}

}  // namespace

std::string_view to_string(CommandKind kind) noexcept {
    return lists[static_cast<std::size_t>(kind)].name;
}

const unit::Commands& commands(const unit::ServiceSettings& settings, CommandKind kind) noexcept {
    return list_of(settings, lists[static_cast<std::size_t>(kind)].of_service);
}

const unit::Commands& commands(const unit::SocketSettings& settings, CommandKind kind) noexcept {
    return list_of(settings, lists[static_cast<std::size_t>(kind)].of_socket);
}

}  // namespace notifybridge::unit_types
