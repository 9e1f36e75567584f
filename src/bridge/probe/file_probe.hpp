#pragma once

#include "base/event/file_watch.hpp"
#include "bridge/probe/path_look.hpp"

namespace notifybridge::probe {

/// Holds while there is something at a path; a link counts for what it leads to. Where that may
/// hang, it is looked at in a child now and then, and nothing is watched.
class FileProbe final : public WatchingProbe {
public:
    /// `limit`: how long a look in a child may take.
    FileProbe(event::Loop& loop, process::Supervisor& supervisor, std::string description,
              std::string path, std::chrono::microseconds limit)
        : WatchingProbe(std::move(description)),
          loop_(loop),
          path_(loop, supervisor, std::move(path), limit),
          pause_(loop) {}

    void watch() override;
    Finding look() override;
    event::Awaitable<Finding> check() override;

private:
    Finding look_here();
    void begin_to_watch();
    void watch_parent();
    event::Awaitable<> follow();

    event::Loop& loop_;
    PathLook path_;
    std::optional<event::FileWatch> watch_;
    event::Timer pause_;
    std::chrono::microseconds began_{};
    Finding latest_;  ///< What a child has found.
};

}  // namespace notifybridge::probe
