#pragma once

#include <vector>

#include "init/hands/perform/host_state.hpp"
#include "init/rules/unit_types/sockets.hpp"

namespace notifybridge::perform {

/// The descriptor stores and the connections of services.
class HostDescriptors final : public unit_types::Descriptors {
public:
    explicit HostDescriptors(HostState& state) : state_(state) {}

    /// Takes over the descriptors of the message that a unit will receive next.
    void set_message_fds(std::vector<system::UniqueFd> fds);

    void store_fds(const manager::Unit& unit, std::string_view name, bool polled) override;
    void remove_fds(const manager::Unit& unit, std::string_view name) override;
    void release_fds(const manager::Unit& unit) override;
    void close_connection(const manager::Unit& service) override;

private:
    void drop(std::vector<FdStore::Stored> stored);

    HostState& state_;
    std::vector<system::UniqueFd> message_fds_;
};

}  // namespace notifybridge::perform
