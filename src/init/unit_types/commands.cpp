#include "init/unit_types/commands.hpp"

#include <array>

namespace notifybridge::unit_types {
namespace {

using Service = unit::ServiceSettings;
using Socket = unit::SocketSettings;

struct List {
    std::string_view name;
    unit::Rare<unit::Commands> Service::*of_service;
    unit::Commands Socket::*of_socket;
};

// In the order of the enumeration.
constexpr std::array<List, command_kind_count> lists = {{
    {"ExecCondition", &Service::exec_condition, nullptr},
    {"ExecStartPre", &Service::exec_start_pre, &Socket::exec_start_pre},
    {"ExecStart", &Service::exec_start, nullptr},
    {"ExecStartPost", &Service::exec_start_post, &Socket::exec_start_post},
    {"ExecReload", &Service::exec_reload, nullptr},
    {"ExecStop", &Service::exec_stop, nullptr},
    {"ExecStopPost", &Service::exec_stop_post, &Socket::exec_stop_post},
    {"ExecStopPre", nullptr, &Socket::exec_stop_pre},
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

const unit::Commands& commands(const Service& settings, CommandKind kind) noexcept {
    return list_of(settings, lists[static_cast<std::size_t>(kind)].of_service);
}

const unit::Commands& commands(const Socket& settings, CommandKind kind) noexcept {
    return list_of(settings, lists[static_cast<std::size_t>(kind)].of_socket);
}

}  // namespace notifybridge::unit_types
