#include "bridge/wrap/signal_inbox.hpp"

#include <utility>

namespace notifybridge::wrap {

std::vector<int> SignalInbox::take(const channel::HostFacts& host) {
    if (host.pid != pid_ || host.attached_usec != attached_usec_) {
        pid_ = host.pid;
        attached_usec_ = host.attached_usec;
        last_ = 0;
    }
    std::vector<int> news;
    for (const channel::NumberedSignal& signal : host.signals) {
        if (signal.number <= last_)
            continue;
        last_ = signal.number;
        news.push_back(signal.signal);
    }
    return news;
}

int SignalInbox::take_stop(const channel::HostFacts& host) {
    const int signal = host.signals.empty() ? host.stop_signal : 0;
    return signal == std::exchange(stop_signal_, signal) ? 0 : signal;
}

}  // namespace notifybridge::wrap
