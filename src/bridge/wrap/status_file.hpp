#pragma once

#include <functional>

#include "base/event/timer.hpp"
#include "base/event/wakeup.hpp"
#include "base/system/fd.hpp"
#include "bridge/channel/container_status.hpp"

namespace notifybridge::wrap {

/// Keeps the file container-status in `directory` up to date with `status`. The file is for people,
/// so at most ten writes a second are enough. If only counts have changed, the file is written once
/// a second.
class StatusFile {
public:
    /// `directory` and `status` must outlive this object.
    StatusFile(event::Loop& loop, system::Fd directory, const channel::ContainerStatus& status);

    /// Called when the disk is full. The owner must call `write` when there may be room.
    std::function<void()> on_lack_of_room;

    /// Writes the file now. Logs only the first failure. Logs nothing while writes are stopped,
    /// because the disk is full then. If the failure may pass, `run` tries again.
    void write();

    /// Records that `status` may have changed. If it has not, the file is not written.
    void changed();

    /// Stops the writes of `run` if `is_stopped` is set, and otherwise continues them. While they
    /// are stopped, only `write` writes the file, because the journal needs the room.
    void stop(bool is_stopped) { is_stopped_ = is_stopped; }

    /// Removes the file until the next write, to make room.
    void remove();

    bool lacks_room() const { return lacks_room_; }

    /// Writes the changes until the loop ends.
    event::Awaitable<> run();

private:
    bool has_news() const;

    system::Fd directory_;
    const channel::ContainerStatus& status_;
    channel::ContainerStatus written_;
    event::Wakeup changed_;
    event::Timer pause_;
    std::uint64_t written_usec_ = 0;
    bool only_counts_ = false;  ///< Whether only counts have changed, which is not urgent.
    bool is_stopped_ = false;
    bool is_failing_ = false;
    bool lacks_room_ = false;
};

}  // namespace notifybridge::wrap
