#pragma once

#include <span>

#include "init/perform/host_state.hpp"
#include "init/unit_types/sockets.hpp"

namespace notifybridge::perform {

/// The sockets of socket units on this system. Traffic is reported to the units.
class HostSockets final : public unit_types::Sockets {
public:
    explicit HostSockets(HostState& state) : state_(state) {}

    void open_sockets(const manager::Unit& unit) override;
    void watch_sockets(const manager::Unit& unit, bool watched) override;
    void close_sockets(const manager::Unit& unit) override;
    void flush_sockets(const manager::Unit& unit) override;
    std::optional<unit_types::Connection> accept(const manager::Unit& socket,
                                                 std::size_t listener) override;
    void hand_over(const manager::Unit& socket, const manager::Unit& service) override;
    void refuse(const manager::Unit& socket) override;

private:
    std::span<listen::Listener> listeners_of(const manager::Unit& unit);

    HostState& state_;
    /// The connection that was just accepted. Empty after the unit has handed it over or refused
    /// it.
    system::UniqueFd accepted_;
};

}  // namespace notifybridge::perform
