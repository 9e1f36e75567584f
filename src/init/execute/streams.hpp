#pragma once

#include <array>
#include <string>
#include <vector>

#include "base/system/fd.hpp"
#include "init/execute/step.hpp"
#include "init/unit/settings.hpp"

/// Standard input, output and error of a process (systemd.exec(5), LOGGING AND STANDARD
/// INPUT/OUTPUT).
namespace notifybridge::execute {

/// The plan for one of the three streams.
struct Stream {
    enum class Kind {
        descriptor,  ///< `fd`.
        as_input,    ///< A copy of standard input.
        as_output,   ///< A copy of standard output.
        /// The process itself opens `path`, as that may wait: a FIFO, a terminal.
        opened_late,
        terminal,  ///< Likewise, and it becomes the controlling terminal of the process.
    };
    Kind kind = Kind::descriptor;
    system::UniqueFd owned;
    system::Fd fd;
    std::string path;
    int flags = 0;
    bool is_terminal = false;  ///< For `opened_late`: fail unless it is a terminal.
    unit::InputKind terminal = unit::InputKind::tty;  ///< What to do if another session has it.
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
    bool is_socket = true;  ///< Not from the descriptor store: NonBlocking= applies.
};

struct StreamFacts {
    const std::vector<NamedFd>& fds;  ///< For "fd:NAME".
    system::Fd socket;                ///< For "socket"; may be empty.
    system::Fd log;                   ///< For "journal" and "kmsg"; /dev/null if it is empty.
    bool applies_terminal = true;     ///< If false, an input of "tty" is /dev/null.
};

/// Returns TTYPath=, by default /dev/console.
const std::string& terminal_path(const unit::ExecSettings& exec);

/// Returns whether one of the three streams is "socket".
bool uses_socket(const unit::ExecSettings& exec);

/// Returns whether one of the three streams is a file or terminal that the unit names.
bool opens_files(const unit::ExecSettings& exec);

/// Returns the names that "fd:NAME" refers to.
std::vector<const std::string*> named_descriptors(const unit::ExecSettings& exec);

/// Returns the descriptor called `name`. Throws std::system_error if it does not exist.
system::Fd find_named(const std::vector<NamedFd>& fds, const std::string& name);

/// Opens all streams that can be opened without waiting. Sets `failure` to the stream that fails.
/// Throws std::system_error if the descriptor of "fd:NAME" does not exist.
Streams open_streams(const unit::ExecSettings& exec, const StreamFacts& given, Failure& failure);

}  // namespace notifybridge::execute
