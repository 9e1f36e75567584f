#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "init/hands/perform/host_state.hpp"
#include "init/rules/unit_types/sockets.hpp"

namespace notifybridge::perform {

/// The sockets of socket units on this system. Traffic is reported to the units.
class HostSockets final : public unit_types::Sockets {
public:
    explicit HostSockets(HostState& state) : state_(state) {}

    bool open_sockets(const manager::Unit& unit) override;
    void watch_sockets(const manager::Unit& unit, bool watched) override;
    void close_sockets(const manager::Unit& unit) override;
    void flush_sockets(const manager::Unit& unit) override;
    std::optional<unit_types::Connection> accept(const manager::Unit& socket,
                                                 std::size_t listener) override;
    void hand_over(const manager::Unit& socket, const manager::Unit& service) override;
    void refuse(const manager::Unit& socket) override;

private:
    /// Listeners that a child process opens for a unit.
    struct Opening {
        std::uint64_t serial = 0;  ///< The number of the child. 0 if the child was not started yet.
        std::optional<ChildLooks::Answer> answer = {};
    };

    std::span<listen::Listener> listeners_of(const manager::Unit& unit);
    std::vector<listen::Listener> open_when_free(const unit::SocketSettings& settings,
                                                 std::vector<std::string>& warnings);
    bool may_hang(const unit::SocketSettings& settings);
    void open_in_child(const manager::Unit& unit);
    void child_ended(const std::string& key);
    void remove_files(const manager::Unit& unit, const std::vector<listen::Listener>& listeners);

    HostState& state_;
    std::map<std::string, Opening> openings_;  ///< By the keys of units.
    std::uint64_t last_serial_ = 0;
    /// The connection that was just accepted. Empty after the unit has handed it over or refused
    /// it.
    system::UniqueFd accepted_;
};

}  // namespace notifybridge::perform
