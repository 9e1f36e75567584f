#pragma once

#include <array>
#include <string>
#include <vector>

#include "base/notify/drop.hpp"
#include "base/system/clock.hpp"
#include "base/system/datagram.hpp"
#include "base/util/log.hpp"

namespace notifybridge::relay {

/// Counts what is dropped and logs it: each reason at most once a second, so that no client floods
/// the log.
class DropLog {
public:
    explicit DropLog(util::NamedLog log = util::NamedLog()) : log_(std::move(log)) {}

    /// `detail` names the part that was refused, where it is not the whole message.
    void add(notify::DropReason reason, system::Credentials sender, system::Moment time,
             std::string_view detail = {});

    /// The policy took the lines with these keys out of a message; none is nothing to add.
    void add_refused(const std::vector<std::string>& keys, system::Credentials sender,
                     system::Moment time);

    const notify::DropCounters& counters() const { return counters_; }

private:
    util::NamedLog log_;
    notify::DropCounters counters_;
    std::array<std::uint64_t, notify::drop_reason_count> said_at_{};
    std::array<std::uint64_t, notify::drop_reason_count> unsaid_{};
};

}  // namespace notifybridge::relay
