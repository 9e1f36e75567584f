#pragma once

#include <array>

#include "base/cli/log.hpp"
#include "bridge.hpp"
#include "bridge/wait/settings.hpp"

namespace notifybridge {

inline constexpr util::Literal without_command_heading = "Without a command";
inline constexpr util::Literal machine_heading = "Virtual machines";
inline constexpr util::Literal messages_heading = "Messages";
inline constexpr util::Literal other_heading = "Other options";

inline constexpr auto wait_options = std::to_array<cli::Option>({
    {"shared-dir", 'd', "PATH",
     "share this directory with the container, and create it if it is missing (SHARED_DIR; "
     "default: "
     "/tmp/container-notify)"},
    {"timeout", 't', "SPAN",
     "wait at most SPAN for READY=1 (TIMEOUT; default: 60s; under systemd: infinity, because "
     "TimeoutStartSec= applies)"},
    {"stop-timeout", 0, "SPAN",
     "send SIGKILL if the container is still running SPAN after a stop begins (default: "
     "--stop-timeout of the container manager's command line, or 10s)"},
    {"owner", 0, "USER[:GROUP]", "make the container's user the owner of the directory"},
    {"member", 0, "NAME",
     "follow one of several containers, whose directory is the subdirectory NAME; repeatable"},
    {"until", 0, "EVENT", "ready: exit with 0 at READY=1, and leave the container running"},
    cli::verbose_option,
    cli::log_level_option,
    cli::help_option,
    cli::version_option,
    {"keep", 0, "", "after a run has ended, wait for the next run", without_command_heading},
    {"stop", 0, "", "end the container when SIGTERM ends this process", without_command_heading},
    {"listen", 0, "ADDRESS",
     "receive the messages of a virtual machine, instead of a container, at vsock:PORT or "
     "unix:PATH",
     machine_heading},
    {"ready-on", 0, "UNIT",
     "send READY=1 when this unit of the virtual machine is active (default: when the virtual "
     "machine sends READY=1)",
     machine_heading},
    {"guest-cid", 0, "CID", "accept messages only from this virtual machine (default: from all)",
     machine_heading},
    {"rate", 0, "NUMBER",
     "delay messages above NUMBER per second, after a burst of ten times NUMBER (default: 10000; "
     "infinity: no limit)",
     messages_heading},
    {"main-pid", 0, "WHAT",
     "drop: drop MAINPID of the app; translate: replace it with the pid on the host (default: "
     "drop)",
     messages_heading},
    {"allow", 0, "KEY", "forward this key, even if the default is to drop it", messages_heading},
    {"deny", 0, "KEY", "drop this key", messages_heading},
    {"explain", 0, "", "log for each message which rule forwards, changes or drops it",
     messages_heading},
    {"no-extend", 0, "", "do not ask systemd for more time while the command pulls an image",
     other_heading},
    {"no-sandbox", 0, "", "keep all privileges, for debugging", other_heading},
});

extern const cli::Usage wait_usage;

/// Reads `arguments`, parsed with `wait_usage`, and the environment. Takes over the descriptors
/// that systemd passed to us. Throws cli::UsageError if a value is not valid.
wait::Settings read_wait_settings(const cli::Arguments& arguments);

/// Runs `wait` with these settings. Returns the exit status for this process.
process::ExitStatus wait_for(wait::Settings settings);

}  // namespace notifybridge
