#pragma once

#include <utility>
#include <vector>

#include "bridge/channel/host_file.hpp"

namespace notifybridge::wrap {

/// Finds the signals that are new in each version of "host" that names our run.
class SignalInbox {
public:
    /// Returns the new signals in order. Each `wait` numbers its signals from 1.
    std::vector<int> take(const channel::HostFacts& host) {
        if (std::pair(host.pid, host.attached_usec) != wait_) {
            wait_ = {host.pid, host.attached_usec};
            last_ = 0;
        }
        std::vector<int> news;
        for (const channel::NumberedSignal& signal : host.signals)
            if (signal.number > last_) {
                last_ = signal.number;
                news.push_back(signal.signal);
            }
        return news;
    }

private:
    /// The pid of the `wait` that has numbered the signals, and the time when it started.
    std::pair<std::int64_t, std::uint64_t> wait_;
    std::uint64_t last_ = 0;
};

}  // namespace notifybridge::wrap
