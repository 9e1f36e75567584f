#pragma once

#include <functional>

#include "base/event/timer.hpp"
#include "base/event/wakeup.hpp"
#include "base/system/fd.hpp"
#include "bridge/channel/container_status.hpp"

namespace notifybridge::wrap {

/// Keeps container-status in `directory` as `status` is: for people, so not more often than ten
/// times a second, and once a second where only counts have changed.
class StatusFile {
public:
    /// Both outlive it.
    StatusFile(event::Loop& loop, system::Fd directory, const channel::ContainerStatus& status);

    /// Called when the disk is full: the owner calls `write` once there may be room.
    std::function<void()> on_lack_of_room;

    /// Writes it now. Says so where that cannot be, once, and not of a full disk that is `stopped`.
    void write();

    /// What it shows has changed.
    void changed();

    /// While it is stopped, `write` alone writes it: the journal lacks room.
    void stop(bool is_stopped) { is_stopped_ = is_stopped; }

    /// Removes the file, until it is written again, to make room.
    void remove();

    bool lacks_room() const { return lacks_room_; }

    /// Writes what has changed, until the loop ends.
    event::Awaitable<> run();

private:
    bool has_news() const;

    system::Fd directory_;
    const channel::ContainerStatus& status_;
    channel::ContainerStatus written_;
    event::Wakeup changed_;
    event::Timer pause_;
    std::uint64_t written_usec_ = 0;
    bool only_counts_ = false;  ///< What the file lacks is not urgent.
    bool is_stopped_ = false;
    bool is_failing_ = false;
    bool lacks_room_ = false;
};

}  // namespace notifybridge::wrap
