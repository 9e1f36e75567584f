#pragma once

#include <array>
#include <string>
#include <vector>

#include "base/notify/drop.hpp"
#include "base/system/clock.hpp"
#include "base/system/datagram.hpp"
#include "base/util/log.hpp"

namespace notifybridge::relay {

/// A log and a count of dropped messages. Each reason is logged at most once a second, so that no
/// client can flood the log.
class DropLog {
public:
    explicit DropLog(util::NamedLog log = util::NamedLog()) : log_(std::move(log)) {}

    /// Counts and logs one drop. `detail` names the refused part if only a part is dropped.
    void add(notify::DropReason reason, system::Credentials sender, system::Moment time,
             std::string_view detail = {});

    /// Adds the keys that the policy removed from a message. `keys` may be empty.
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
