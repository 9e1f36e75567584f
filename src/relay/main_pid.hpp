#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace notifybridge::relay {

/// A process as systemd is told of it.
struct MainPid {
    pid_t pid = 0;
    std::optional<std::uint64_t>
        pidfd_id;  ///< What no other process gets, where the kernel has it.
};

/// The number that `datagram` gives as MAINPID, as systemd reads it, which is one of the
/// container's; nothing where it gives none, or what is no pid.
std::optional<pid_t> main_pid_in(std::string_view datagram);

/// `datagram` with that process in the place of the one it names, and what names it otherwise
/// (MAINPIDFDID; MAINPIDFD's descriptor does not come along) replaced or taken out. Without
/// `translated`, or where the datagram would become too long, all of it is taken out. Pure.
std::string translate_main_pid(std::string_view datagram, const std::optional<MainPid>& translated);

}  // namespace notifybridge::relay
