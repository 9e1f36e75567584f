#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/notify/message.hpp"
#include "base/util/rare.hpp"
#include "init/files/unit/settings.hpp"

namespace notifybridge::unit_types {

/// The content of the valid messages that a service has sent since its start (sd_notify(3)). The
/// class Service acts on the messages.
struct ServiceMessages {
    enum class Phase : std::uint8_t { unknown, ready, reloading, stopping };

    /// Returns the phase that a message reports, or nullopt if it reports none. As in systemd 257,
    /// STOPPING=1 has precedence over READY=1, and READY=1 over RELOADING=1.
    static std::optional<Phase> phase_of(const notify::Message& message);

    Phase phase = Phase::unknown;
    /// The value of NOTIFYACCESS=, which overrides NotifyAccess= of the unit.
    std::optional<unit::NotifyAccess> access;
    int status_errno = 0;
    util::Rare<std::string> status_text;
    util::Rare<std::string> bus_error;
    util::Rare<std::string> varlink_error;

    /// Stores the values of STATUS, ERRNO, BUSERROR and VARLINKERROR. Like systemd, ignores
    /// EXIT_STATUS, which is for containers and virtual machines, and not for services.
    void take_texts(const notify::Message& message);
};

}  // namespace notifybridge::unit_types
