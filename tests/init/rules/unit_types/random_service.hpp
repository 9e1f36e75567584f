#pragma once

#include <array>
#include <initializer_list>
#include <string>
#include <utility>

#include "base/util/concat.hpp"
#include "init/rules/manager/dice.hpp"

namespace notifybridge::unit_types::test {

/// The programs that services run, in the order of one run. The name of a program may get the
/// suffix ".2" or ".3", such as "/main.2".
inline constexpr auto programs = std::to_array<std::pair<const char*, const char*>>({
    {"ExecCondition", "/condition"},
    {"ExecStartPre", "/before"},
    {"ExecStart", "/main"},
    {"ExecStartPost", "/started"},
    {"ExecReload", "/reload"},
    {"ExecStop", "/stop"},
    {"ExecStopPost", "/after"},
});

inline std::string random_commands(manager::test::Dice& dice, bool is_oneshot) {
    std::string text;
    for (const auto& [directive, program] : programs) {
        const bool is_main = std::string_view(program) == "/main";
        std::size_t count = is_main ? 1 + (is_oneshot && dice.one_in(3) ? 1 : 0)
                                    : (dice.one_in(3) ? 1 + dice.below(2) : 0);
        for (; count > 0; --count)
            text += util::concat(directive, '=', dice.one_in(4) ? "-" : "", program,
                                 dice.pick({"", "", ".2", ".3"}), '\n');
    }
    return text;
}

/// Returns random lines for a [Service] section. systemd refuses some combinations of these lines.
inline std::string random_service(manager::test::Dice& dice) {
    const std::string type =
        dice.pick({"simple", "exec", "forking", "oneshot", "notify", "notify-reload", "idle"});
    std::string text = util::concat("Type=", type, '\n', random_commands(dice, type == "oneshot"));
    const auto maybe = [&](const char* directive, std::initializer_list<const char*> values) {
        if (dice.one_in(2))
            text += util::concat(directive, '=', dice.pick(values), '\n');
    };
    maybe("KillMode", {"control-group", "mixed", "process", "none"});
    maybe("SendSIGKILL", {"yes", "no"});
    maybe("SendSIGHUP", {"yes", "no"});
    maybe("TimeoutStartSec", {"3", "20"});
    maybe("TimeoutStopSec", {"2", "30"});
    maybe("TimeoutAbortSec", {"1", "40"});
    maybe("TimeoutStartFailureMode", {"terminate", "abort", "kill"});
    maybe("TimeoutStopFailureMode", {"terminate", "abort", "kill"});
    maybe("RuntimeMaxSec", {"5", "60"});
    maybe("WatchdogSec", {"4", "50"});
    maybe("Restart",
          {"no", "always", "on-success", "on-failure", "on-abnormal", "on-abort", "on-watchdog"});
    maybe("RestartSec", {"0", "1", "10"});
    maybe("RestartMode", {"normal", "direct"});
    maybe("RestartForceExitStatus", {"0", "3 SIGKILL"});
    maybe("RemainAfterExit", {"yes", "no"});
    maybe("PIDFile", {"/run/a.pid"});
    maybe("GuessMainPID", {"yes", "no"});
    maybe("ExitType", {"main", "cgroup"});
    maybe("NotifyAccess", {"none", "main", "exec", "all"});
    maybe("OOMPolicy", {"continue", "stop", "kill"});
    maybe("FileDescriptorStoreMax", {"0", "3"});
    return text;
}

/// Returns a random notify message, which may be invalid. `pid` is the value of MAINPID=, and `now`
/// is the value of MONOTONIC_USEC= for a reload.
inline std::string random_message(manager::test::Dice& dice, pid_t pid, std::uint64_t now) {
    std::string text;
    for (std::size_t count = 1 + dice.below(3); count > 0; --count) {
        text += dice.pick({"READY=1", "RELOADING=1", "STOPPING=1", "STATUS=x", "ERRNO=5",
                           "WATCHDOG=1", "WATCHDOG=trigger", "WATCHDOG_USEC=3000000",
                           "WATCHDOG_USEC=0", "EXTEND_TIMEOUT_USEC=9000000", "FDSTORE=1",
                           "NOTIFYACCESS=all", "RESTART_RESET=1", "MAINPID=1", "MAINPID"});
        if (text.ends_with("MAINPID"))
            text += util::concat('=', pid);
        text += '\n';
    }
    return text + util::concat("MONOTONIC_USEC=", now - dice.below(2));
}

}  // namespace notifybridge::unit_types::test
