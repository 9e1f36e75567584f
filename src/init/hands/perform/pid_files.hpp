#pragma once

#include <chrono>
#include <map>
#include <string>

#include "base/event/deadline.hpp"
#include "base/event/path_watch.hpp"
#include "init/hands/perform/host_state.hpp"
#include "init/hands/perform/pid_file.hpp"

namespace notifybridge::perform {

/// The PID files of units (PIDFile=). If the file system of a file may hang, only a child process
/// accesses the file: again and again while a unit waits for it, and to remove it.
class PidFiles {
public:
    static constexpr std::chrono::seconds usual_interval{1};

    PidFiles(event::Loop& loop, HostState& state);

    /// Reads the file. If the file system may hang, succeeds only while `Unit::pid_file_changed`
    /// runs.
    PidFile read(const manager::Unit& unit, const std::string& path);
    /// Calls `Unit::pid_file_changed` when the file may have changed.
    void watch(const manager::Unit& unit, const std::string& path, bool watched);
    void remove(const manager::Unit& unit, const std::string& path);

private:
    void ask(const std::string& key, const std::string& path);
    void take(const std::string& key, const ChildLooks::Answer& answer);
    void poll();

    HostState& state_;
    event::PathWatch watches_;
    std::map<std::string, std::string> polled_;  ///< The paths that children read, by unit key.
    event::Deadline next_poll_;
    /// The content that a child has read, while its unit receives it.
    const PidFileContent* known_ = nullptr;
};

}  // namespace notifybridge::perform
