#pragma once

#include <termios.h>

#include <optional>
#include <string>

#include "base/system/fd.hpp"
#include "init/ctl/copier.hpp"

namespace notifybridge::ctl {

/// A new terminal for a service, which is connected to our own standard streams.
class TerminalRelay {
public:
    /// Creates the terminal. Throws Failure if there is none.
    TerminalRelay();
    ~TerminalRelay();

    /// Returns the path of the terminal, such as /dev/pts/3.
    const std::string& path() const { return path_; }

    /// Begins to copy. Sets our own terminal to raw mode. Must be called once.
    void begin();
    /// Copies the rest of the output, and restores our own terminal. Must be called when the
    /// service has ended.
    void finish();

private:
    system::UniqueFd ours_;  ///< The side that we read and write.
    /// The service's side. It stays open, because a terminal that no process has open is hung up.
    system::UniqueFd service_;
    std::string path_;
    std::optional<termios> before_;  ///< The settings of our own terminal, if there is one.
    Copier input_;
    Copier output_;
};

}  // namespace notifybridge::ctl
