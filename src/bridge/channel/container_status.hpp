#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/notify/state.hpp"
#include "base/process/exit_status.hpp"
#include "bridge/channel/connections.hpp"
#include "bridge/channel/health.hpp"
#include "bridge/channel/record.hpp"

namespace notifybridge::channel {

/// The contents of the file "container-status", for people and scripts.
struct ContainerStatus {
    RunId run;
    std::uint32_t pid = 0;         ///< `wrap`'s pid in its pid namespace.
    std::int64_t command_pid = 0;  ///< The command's pid in the same namespace; 0 before the start.
    std::string command;
    /// What makes the command ready, for people: "listen:80 succeeds (--ready-when)". Empty if only
    /// the command's own READY=1 does.
    std::string condition;
    std::uint64_t started_usec = 0;
    std::uint64_t messages = 0;  ///< The number of received datagrams.
    /// The number of barriers that were released because no `wait` was attached.
    std::uint64_t unheard_barriers = 0;
    /// How often `wrap` accepted no more messages for a time, because too many were waiting.
    std::uint64_t pauses = 0;
    std::optional<process::ExitStatus> end;
    notify::State state;
    std::optional<Health> health;            ///< The health check's result, if there is a check.
    std::optional<Connections> connections;  ///< The counts of --proxy; nullopt without that
                                             ///< option.
    notify::DropCounters drops;

    bool operator==(const ContainerStatus&) const = default;
};

std::string to_text(const ContainerStatus& status);
ContainerStatus parse_container_status(std::string_view text);

/// Returns the payload of an end record: "EXITED=3" or "KILLED=9".
std::string end_text(process::ExitStatus status);
std::optional<process::ExitStatus> parse_end(std::string_view text);

}  // namespace notifybridge::channel
