#pragma once

#include <string>
#include <vector>

#include "bridge/wrap/outlet.hpp"

namespace notifybridge::wrap {

/// Takes the place of an outlet, and keeps the messages that it receives.
struct KeepingSink final : MessageSink {
    void take(notify::Datagram& datagram, const notify::Message& message, system::Moment) override {
        taken.emplace_back(datagram.text);
        senders.push_back(datagram.sender.pid);
        fds.push_back(datagram.fds.size());
        tags.push_back(message.tags().size());
    }
    void take_barrier(system::UniqueFd, const notify::Datagram&, system::Moment) override {
        taken.emplace_back("a barrier");
    }
    void settle() override { settled = taken.size(); }
    bool has_room() const override { return room; }

    std::vector<std::string> taken;
    std::vector<pid_t> senders;
    std::vector<std::size_t> fds;
    std::vector<std::size_t> tags;
    std::size_t settled = 0;
    bool room = true;
};

}  // namespace notifybridge::wrap
