#include <algorithm>
#include <array>
#include <limits>

#include "init/files/directive/directive_tables.hpp"
#include "init/files/load/honoured_types.hpp"
#include "init/files/load/rules.hpp"
#include "init/files/unit/listen.hpp"
#include "init/files/unit/path.hpp"

namespace notifybridge::load {
namespace {

using unit::Dependency;

constexpr auto socket_sections = std::to_array<std::string_view>({"Unit", "Socket", "Install"});

constexpr auto socket_defaults = std::to_array<NamedDependency>({
    {Dependency::before, "sockets.target"},
    {Dependency::requires_unit, "sysinit.target"},
    {Dependency::after, "sysinit.target"},
    {Dependency::conflicts, "shutdown.target"},
    {Dependency::before, "shutdown.target"},
});

bool can_accept(const unit::Listen& listen) {
    return listen.type == unit::ListenType::stream
           || listen.type == unit::ListenType::sequential_packet;
}

bool is_in_file_system(const unit::Listen& listen) {
    return listen.type == unit::ListenType::fifo
           || (listen.type != unit::ListenType::special && unit::is_absolute(listen.address));
}

bool is_usable_socket(const unit::SocketSettings& socket, unit::Place file,
                      unit::Messages& messages) {
    const auto& listen = socket.listen;
    return holds_all(
        {
            {listen.empty(),
             "it does not have an address to listen on; set for example ListenStream="},
            {socket.accept && !std::ranges::all_of(listen, can_accept),
             "Accept=yes is for ListenStream= and ListenSequentialPacket= only"},
            {socket.accept && socket.max_connections == 0,
             "with MaxConnections=0, Accept=yes cannot accept connections; set MaxConnections= to "
             "1 or more"},
            {socket.accept && !socket.service.empty(),
             "Service= cannot be used with Accept=yes, which starts an instance of the template "
             "with the socket's name for each connection"},
            {!socket.symlinks.empty() && std::ranges::count_if(listen, is_in_file_system) != 1,
             "Symlinks= needs a socket with exactly one path in the file system"},
        },
        file, messages);
}

unit::LoadState verify_paths(const unit::SocketSettings& socket, unit::Place file,
                             unit::Messages& messages) {
    const auto& listen = socket.listen;
    const bool is_bad = std::ranges::any_of(listen, [](const unit::Listen& one) {
        return is_in_file_system(one) && !unit::is_normalized(unit::simplify_path(one.address));
    });
    return holds_all({{is_bad, "a path to listen on must not have a \"..\""}}, file, messages)
               ? unit::LoadState::loaded
               : unit::LoadState::error;
}

/// Applies the defaults of Service=, FileDescriptorName=, TriggerLimitIntervalSec=,
/// TriggerLimitBurst=, PollLimitIntervalSec= and PollLimitBurst= (systemd.socket(5)).
void complete_socket(unit::SocketSettings& socket, const unit::UnitName& name) {
    // systemd treats the largest value as unset.
    constexpr unsigned unset_burst = std::numeric_limits<unsigned>::max();
    if (socket.service.empty() && !socket.accept)
        socket.service = util::concat(name.stem(), ".service");
    if (socket.file_descriptor_name.empty())
        socket.file_descriptor_name = name.text();
    if (socket.trigger_limit_interval.value_or(util::infinity) == util::infinity)
        socket.trigger_limit_interval = std::chrono::seconds(2);
    if (socket.trigger_limit_burst.value_or(unset_burst) == unset_burst)
        socket.trigger_limit_burst = socket.accept ? 200 : 20;
    // systemd 252 does not have PollLimitIntervalSec= and PollLimitBurst=. If a unit sets only one
    // of the two directives, the other directive gets the default of newer releases.
    if (!socket.poll_limit_interval && !socket.poll_limit_burst)
        return;
    if (!socket.poll_limit_interval)
        socket.poll_limit_interval = std::chrono::seconds(2);
    if (socket.poll_limit_burst.value_or(unset_burst) == unset_burst)
        socket.poll_limit_burst = socket.accept ? 150 : 15;
}

unit::LoadState complete_and_check_socket(unit::Settings& settings, const unit::UnitName& name,
                                          unit::Place file, unit::Messages& messages) {
    complete_socket(settings.socket.edit(), name);
    return is_usable_socket(settings.socket, file, messages)
               ? verify_paths(settings.socket, file, messages)
               : unit::LoadState::bad_setting;
}

/// Returns the value of Service=. If Accept=yes, returns an empty text, because the service is only
/// known when there is a connection.
std::string_view service_of_socket(const unit::Settings& settings) {
    const unit::SocketSettings& socket = settings.socket;
    return socket.accept ? std::string_view() : socket.service;
}

bool socket_has_commands(const unit::Settings& settings) {
    const unit::SocketSettings& socket = settings.socket;
    return !(socket.exec_start_pre.empty() && socket.exec_start_post.empty()
             && socket.exec_stop_pre.empty() && socket.exec_stop_post.empty());
}

JobWords words_of_socket(const unit::Settings&) {
    return {.started = "Listening on ",
            .stopped = "Closed ",
            .failed_to_start = "Failed to listen on "};
}

}  // namespace

TypeRow socket_row() {
    return {
        .sections = socket_sections,
        .shown = directive::socket_directives(),
        .runs_processes = true,
        .complete = complete_and_check_socket,
        .defaults = socket_defaults,
        .triggered = service_of_socket,
        .has_commands = socket_has_commands,
        .words = words_of_socket,
    };
}

}  // namespace notifybridge::load
