#include "bridge/proxy/pipe_pool.hpp"

#include <fcntl.h>

#include <system_error>
#include <utility>

namespace notifybridge::proxy {
namespace {

/// A pipe that is larger than the default (64 KiB) makes large transfers faster. If a user has many
/// pipes (fs.pipe-user-pages-soft), the kernel refuses this size, and the pipe keeps the default
/// size.
constexpr int pipe_size = 256 * 1024;
/// The number of free pipes to keep for the next burst. Further pipes are closed.
constexpr std::size_t most_free = 64;

}  // namespace

std::optional<system::Pipe> PipePool::take() {
    if (!free_.empty()) {
        system::Pipe pipe = std::move(free_.back());
        free_.pop_back();
        return pipe;
    }
    try {
        system::Pipe pipe = system::make_pipe();
        ::fcntl(pipe.writing.get(), F_SETPIPE_SZ, pipe_size);
        return pipe;
    } catch (const std::system_error&) {
        return std::nullopt;
    }
}

void PipePool::put_back(system::Pipe pipe) {
    if (free_.size() < most_free)
        free_.push_back(std::move(pipe));
}

}  // namespace notifybridge::proxy
