#pragma once

#include <array>
#include <string>
#include <vector>

#include "base/system/fd.hpp"
#include "init/files/unit/settings.hpp"
#include "init/hands/execute/step.hpp"

/// Opens standard input, output and error of a process (systemd.exec(5), LOGGING AND STANDARD
/// INPUT/OUTPUT).
namespace notifybridge::execute {

/// The source or target of one of the three streams.
struct Stream {
    enum class Kind {
        descriptor,  ///< The descriptor `fd`.
        as_input,    ///< A copy of standard input.
        as_output,   ///< A copy of standard output.
        /// The process itself opens `path`, because opening a FIFO or a terminal may block.
        opened_late,
        /// The process itself opens the terminal at `path`, which becomes its controlling terminal.
        terminal,
    };
    Kind kind = Kind::descriptor;
    system::UniqueFd owned;
    system::Fd fd;
    std::string path;
    int flags = 0;
    bool is_terminal = false;  ///< For `opened_late`, whether `path` must be a terminal.
    /// The action if another session has the terminal.
    unit::InputKind terminal = unit::InputKind::tty;
};

struct Streams {
    std::array<Stream, 3> all;
};

inline constexpr std::array<Step, 3> stream_steps = {Step::standard_input, Step::standard_output,
                                                     Step::standard_error};

/// A descriptor with a name (FileDescriptorName=, FDNAME=).
struct NamedFd {
    system::Fd fd;
    std::string name;
    /// False for a descriptor from the descriptor store, to which NonBlocking= does not apply.
    bool is_socket = true;
};

struct StreamFacts {
    const std::vector<NamedFd>& fds;  ///< The descriptors for "fd:NAME".
    system::Fd socket;                ///< The socket for "socket"; may be empty.
    system::Fd log;  ///< The target of "journal" and "kmsg". If empty, /dev/null is the target.
    bool applies_terminal = true;  ///< If false, "tty" as standard input becomes /dev/null.
};

/// Returns the value of TTYPath=, which is /dev/console by default.
const std::string& terminal_path(const unit::ExecSettings& exec);

/// Returns whether one of the three streams is "socket".
bool uses_socket(const unit::ExecSettings& exec);

/// Returns whether one of the three streams is a file or terminal that the unit names.
bool opens_files(const unit::ExecSettings& exec);

/// Returns the names in all settings "fd:NAME".
std::vector<const std::string*> named_descriptors(const unit::ExecSettings& exec);

/// Returns the socket with this name. Throws std::system_error if no socket has this name.
system::Fd find_named(const std::vector<NamedFd>& fds, const std::string& name);

/// Opens all streams that can be opened without blocking. If a stream cannot be opened, sets
/// `failure` to the failed step. Throws std::system_error if "fd:NAME" names a missing descriptor.
Streams open_streams(const unit::ExecSettings& exec, const StreamFacts& given, Failure& failure);

}  // namespace notifybridge::execute
