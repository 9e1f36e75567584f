#pragma once

#include <array>

#include "base/cli/log.hpp"
#include "bridge.hpp"
#include "bridge/wait/settings.hpp"

namespace notifybridge {

inline constexpr auto wait_options = std::to_array<cli::Option>({
    {"shared-dir", 'd', "PATH",
     "the directory shared with the container (SHARED_DIR; /tmp/container-notify); made where it "
     "is "
     "not there"},
    {"owner", 0, "USER[:GROUP]", "give the directory to this user, the container's"},
    {"member", 0, "NAME",
     "one of several containers of the unit, whose shared directory is the subdirectory NAME; "
     "repeatable"},
    {"timeout", 't', "SPAN",
     "how long the container may take to be ready (TIMEOUT; 60s, under systemd infinity as "
     "TimeoutStartSec= rules there)"},
    {"stop-timeout", 0, "SPAN",
     "how long it may take to end before SIGKILL (default: --stop-timeout of the container "
     "manager's command line, or else 10s)"},
    {"until", 0, "EVENT", "ready: exit with 0 as soon as it is ready, and leave it running"},
    {"keep", 0, "", "without a command: after a run, wait for the next"},
    {"stop", 0, "", "without a command: SIGTERM ends the container, and not only this"},
    {"rate", 0, "NUMBER",
     "messages a second, after a burst of ten times as many, past which they are delayed (10000; "
     "infinity)"},
    {"main-pid", 0, "WHAT",
     "what becomes of the app's MAINPID: drop (the default), or translate it into the host's"},
    {"allow", 0, "KEY", "let this key through, whatever the default"},
    {"deny", 0, "KEY", "do not let this key through"},
    {"explain", 0, "", "say of each message which rule forwards, changes or drops what is in it"},
    {"no-extend", 0, "", "ask for no more time while the command pulls an image"},
    {"no-sandbox", 0, "", "for debugging: keep the rights that are not needed any more"},
    cli::verbose_option,
    cli::log_level_option,
    cli::help_option,
    cli::version_option,
});

extern const cli::Usage wait_usage;

/// Reads `arguments`, of `wait_usage`, and the environment. Takes over the descriptors that systemd
/// passed to us. Throws cli::UsageError for what cannot be meant.
wait::Settings read_wait_settings(const cli::Arguments& arguments);

/// Does what `wait` does, and returns how that ended.
process::ExitStatus wait_for(wait::Settings settings);

}  // namespace notifybridge
