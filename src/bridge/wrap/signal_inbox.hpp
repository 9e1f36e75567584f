#pragma once

#include <vector>

#include "bridge/channel/host_file.hpp"

namespace notifybridge::wrap {

/// Finds, in each version of "host" that names our run, the signals that are new in it.
class SignalInbox {
public:
    /// Those that were not there before, in their order. Each `wait` numbers its own.
    std::vector<int> take(const channel::HostFacts& host);

    /// What a `wait` that lists no signals asks the command to end by, when that is new; else 0.
    int take_stop(const channel::HostFacts& host);

private:
    std::int64_t pid_ = 0;  ///< Of the `wait` whose signals are numbered so.
    std::uint64_t attached_usec_ = 0;
    std::uint64_t last_ = 0;
    int stop_signal_ = 0;
};

}  // namespace notifybridge::wrap
