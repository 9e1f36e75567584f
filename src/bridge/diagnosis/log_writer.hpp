#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string_view>

#include "bridge/diagnosis/unit.hpp"

/// Decides who has written a line of a unit's log. Pure.
namespace notifybridge::diagnosis {

/// The writer of a line, so far as journald itself knows it. A container can write any text to the
/// log of its unit, so the text never shows its writer.
enum class Writer {
    other,    ///< Any other process, such as the app, podman's client, or `wrap` in a container.
    systemd,  ///< systemd, in the process that becomes the main process.
    ours,     ///< The main process of the unit, which is our program.
};

/// The fields of a log entry that journald sets (systemd.journal-fields(7)). journald reads the pid
/// from the kernel's credentials of each write, so another process that shares the stream has
/// another pid.
struct LogOrigin {
    pid_t pid = 0;                ///< _PID
    std::string_view transport;   ///< _TRANSPORT
    std::uint64_t time_usec = 0;  ///< __MONOTONIC_TIMESTAMP
    bool is_part = false;         ///< Whether the message is only a part of a line (_LINE_BREAK).
};

/// Returns who has written `message` since the last start of `unit`. `viewer` is our own user.
Writer writer_of(const LogOrigin& origin, std::string_view message, const UnitFacts& unit,
                 uid_t viewer);

}  // namespace notifybridge::diagnosis
