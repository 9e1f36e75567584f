#pragma once

#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <optional>

#include "base/event/loop.hpp"
#include "base/system/fd.hpp"

namespace notifybridge::event {

/// A file descriptor whose readiness can be awaited. Callers read and write themselves, because
/// Asio's own receive does not support ancillary data.
class Descriptor {
public:
    /// Takes ownership of `fd`. Throws std::system_error if there is no memory to watch `fd`.
    Descriptor(Loop& loop, system::UniqueFd fd);

    system::Fd fd() { return system::Fd(descriptor_.native_handle()); }

    /// Waits for data or the end of file. Returns false if `cancel` was called first.
    Awaitable<bool> readable();
    /// Waits until there is room to write. Returns false if `cancel` was called first.
    Awaitable<bool> writable();

    void cancel();

    /// Gives up the ownership. The waits return false. Only the destructor may follow.
    system::UniqueFd release();

private:
    Awaitable<bool> ready(asio::posix::descriptor_base::wait_type what);

    asio::posix::basic_stream_descriptor<Executor> descriptor_;
};

/// Creates a Descriptor for `fd` in `place`. If there is no memory, closes `fd`, leaves `place`
/// empty and returns false.
bool watch(std::optional<Descriptor>& place, Loop& loop, system::UniqueFd fd);

/// Returns a duplicate (dup(2)) of `fd`. A Descriptor can own the duplicate while another object
/// owns `fd`.
system::UniqueFd duplicate(system::Fd fd);

}  // namespace notifybridge::event
