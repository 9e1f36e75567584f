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

/// `datagram` without what names the main process: MAINPID, MAINPIDFDID, MAINPIDFD. Pure.
std::string without_main_pid(std::string_view datagram);

/// `datagram` with that process in the place of the one it names; nothing where it would be too
/// long. MAINPIDFD's descriptor does not come along. Pure.
std::optional<std::string> with_main_pid(std::string_view datagram, const MainPid& process);

}  // namespace notifybridge::relay
