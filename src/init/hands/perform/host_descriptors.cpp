#include "init/hands/perform/host_descriptors.hpp"

#include <utility>

namespace notifybridge::perform {

void HostDescriptors::set_message_fds(std::vector<system::UniqueFd> fds) {
    state_.closer.close(std::exchange(message_fds_, std::move(fds)));
}

void HostDescriptors::drop(std::vector<FdStore::Stored> stored) {
    for (FdStore::Stored& one : stored) {
        state_.poller.remove(one.fd);
        state_.closer.close(std::move(one.fd));
    }
}

void HostDescriptors::store_fds(const manager::Unit& unit, std::string_view name, bool polled) {
    UnitDescriptors& own = state_.descriptors[unit.key()];
    for (system::UniqueFd& fd : message_fds_) {
        const system::Fd kept =
            own.stored.add(std::move(fd), name, unit.settings().service.file_descriptor_store_max);
        if (!kept || !polled)
            continue;
        const auto on_hangup = [this, &own, kept] {
            drop(own.stored.take([&](const auto& one) { return one.fd.get() == kept.get(); }));
        };
        // Request no events, because epoll always reports hang-ups and errors. Ignore failures,
        // because a regular file cannot be polled, but never hangs up.
        static_cast<void>(state_.poller.add(kept, 0, on_hangup));
    }
    set_message_fds({});
}

void HostDescriptors::remove_fds(const manager::Unit& unit, std::string_view name) {
    if (UnitDescriptors* const own = state_.descriptors_of(unit))
        drop(own->stored.take([&](const FdStore::Stored& one) {
            return one.name == (name.empty() ? "stored" : name);
        }));
}

void HostDescriptors::release_fds(const manager::Unit& unit) {
    if (UnitDescriptors* const own = state_.descriptors_of(unit))
        drop(own->stored.take([](const FdStore::Stored&) { return true; }));
}

void HostDescriptors::close_connection(const manager::Unit& service) {
    if (UnitDescriptors* const own = state_.descriptors_of(service))
        state_.closer.close(std::move(own->connection));
}

}  // namespace notifybridge::perform
