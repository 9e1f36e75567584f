#pragma once

#include "base/event/file_watch.hpp"
#include "bridge/probe/path_look.hpp"

namespace notifybridge::probe {

/// A probe that succeeds while a path exists. Links are followed. If the file system may hang, the
/// probe repeatedly checks the path in a child process instead of watching it.
class FileProbe final : public WatchingProbe {
public:
    /// A check in a child process takes at most `limit`.
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
    Finding latest_;  ///< The result of the last check in a child process.
};

}  // namespace notifybridge::probe
