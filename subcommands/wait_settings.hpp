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
     "share this directory with the container; it is created if missing (SHARED_DIR; default: "
     "/tmp/container-notify)"},
    {"timeout", 't', "SPAN",
     "wait at most SPAN for READY=1 (TIMEOUT; default: 60s; under systemd infinity, because "
     "TimeoutStartSec= applies there)"},
    {"stop-timeout", 0, "SPAN",
     "send SIGKILL if the container has not ended SPAN after a stop began (default: --stop-timeout "
     "of the container manager's command line, or 10s)"},
    {"owner", 0, "USER[:GROUP]", "give the directory to this user, that of the container"},
    {"member", 0, "NAME",
     "follow this container of several; its directory is the subdirectory NAME; repeatable"},
    {"until", 0, "EVENT", "ready: exit with 0 at READY=1, and leave the container running"},
    cli::verbose_option,
    cli::log_level_option,
    cli::help_option,
    cli::version_option,
    {"keep", 0, "", "after a run, wait for the next", without_command_heading},
    {"stop", 0, "", "end the container when SIGTERM ends this process", without_command_heading},
    {"listen", 0, "ADDRESS",
     "receive the messages of a virtual machine at vsock:PORT or unix:PATH, instead of those of a "
     "container",
     machine_heading},
    {"ready-on", 0, "UNIT",
     "send READY=1 when this unit of the virtual machine is active (default: at its READY=1)",
     machine_heading},
    {"guest-cid", 0, "CID", "accept messages of this virtual machine only (default: of each)",
     machine_heading},
    {"rate", 0, "NUMBER",
     "delay messages above NUMBER a second, after a burst of ten times as many (default: 10000; "
     "infinity: no limit)",
     messages_heading},
    {"main-pid", 0, "WHAT",
     "drop MAINPID of the app, or translate it to the pid on the host (default: drop)",
     messages_heading},
    {"allow", 0, "KEY", "let this key through, whatever the default", messages_heading},
    {"deny", 0, "KEY", "drop this key", messages_heading},
    {"explain", 0, "", "log for each message which rule forwards, changes or drops it",
     messages_heading},
    {"no-extend", 0, "", "do not ask systemd for more time while the command pulls an image",
     other_heading},
    {"no-sandbox", 0, "", "for debugging: keep all rights", other_heading},
});

extern const cli::Usage wait_usage;

/// Reads `arguments`, parsed with `wait_usage`, and the environment. Takes over the descriptors
/// that systemd passed to us. Throws cli::UsageError if a value is not valid.
wait::Settings read_wait_settings(const cli::Arguments& arguments);

/// Runs `wait` with these settings. Returns the exit status for this process.
process::ExitStatus wait_for(wait::Settings settings);

}  // namespace notifybridge
