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

/// What one of the three is to be.
struct Stream {
    enum class Kind {
        descriptor,  ///< `fd`.
        as_input,    ///< What standard input is by then.
        as_output,   ///< What standard output is by then.
        /// `path`, opened by the process itself, as that may wait: a FIFO, a terminal.
        opened_late,
        terminal,  ///< The same, and it becomes the process's controlling terminal.
    };
    Kind kind = Kind::descriptor;
    system::UniqueFd owned;
    system::Fd fd;
    std::string path;
    int flags = 0;
    bool is_terminal = false;                         ///< Of `opened_late`: nothing else will do.
    unit::InputKind terminal = unit::InputKind::tty;  ///< What is done if another session has it.
};

struct Streams {
    std::array<Stream, 3> all;
};

inline constexpr std::array<Step, 3> stream_steps = {Step::standard_input, Step::standard_output,
                                                     Step::standard_error};

/// A descriptor that has a name (FileDescriptorName=, FDNAME=).
struct NamedFd {
    system::Fd fd;
    std::string name;
    bool is_socket = true;  ///< Not one of the descriptor store: NonBlocking= holds.
};

struct StreamFacts {
    const std::vector<NamedFd>& fds;  ///< For "fd:NAME".
    system::Fd socket;                ///< For "socket"; may be none.
    system::Fd log;                   ///< For "journal" and "kmsg"; without one it is /dev/null.
    bool applies_terminal = true;     ///< Otherwise an input of "tty" is /dev/null.
};

/// TTYPath=, which is /dev/console where it is not given.
const std::string& terminal_path(const unit::ExecSettings& exec);

/// Whether one of the three is "socket".
bool uses_socket(const unit::ExecSettings& exec);

/// Whether one of the three is a file or a terminal of the unit's own.
bool opens_files(const unit::ExecSettings& exec);

/// The names of descriptors that "fd:NAME" asks for.
std::vector<const std::string*> named_descriptors(const unit::ExecSettings& exec);

/// Throws std::system_error where there is none of this name.
system::Fd find_named(const std::vector<NamedFd>& fds, const std::string& name);

/// Opens all that can be opened without waiting. `failure` gets the stream that cannot be had.
/// Throws std::system_error where "fd:NAME" names none that there is.
Streams open_streams(const unit::ExecSettings& exec, const StreamFacts& given, Failure& failure);

}  // namespace notifybridge::execute
