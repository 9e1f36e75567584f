#pragma once

#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <optional>

#include "base/event/loop.hpp"
#include "base/system/fd.hpp"

namespace notifybridge::event {

/// A file descriptor whose readiness can be awaited. What is read or written is the caller's
/// business, as Asio's own receive knows no ancillary data.
class Descriptor {
public:
    /// Takes `fd` over. Throws std::system_error where there is no memory left to wait for it.
    Descriptor(Loop& loop, system::UniqueFd fd);

    system::Fd fd() { return system::Fd(descriptor_.native_handle()); }

    /// Waits until there is something to read, or an end. False when `cancel` came first.
    Awaitable<bool> readable();
    /// Waits until there is room to write. False when `cancel` came first.
    Awaitable<bool> writable();

    void cancel();

private:
    Awaitable<bool> ready(asio::posix::descriptor_base::wait_type what);

    asio::posix::basic_stream_descriptor<Executor> descriptor_;
};

/// Puts a descriptor that can be awaited into `place`, which is left empty where there is no memory
/// for that. Whether it is there; `fd` is closed where not.
bool watch(std::optional<Descriptor>& place, Loop& loop, system::UniqueFd fd);

/// A duplicate (dup(2)) of `fd`, for a Descriptor where `fd` belongs to another object.
system::UniqueFd duplicate(system::Fd fd);

}  // namespace notifybridge::event
