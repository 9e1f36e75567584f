#pragma once

#include <optional>
#include <string>

#include "bridge/diagnosis/unit.hpp"

namespace notifybridge::diagnosis {

/// A virtual machine that sends messages to `wait --listen`. Its unit has no shared directory.
struct Machine {
    std::string address;   ///< The value of --listen.
    std::string ready_on;  ///< The value of --ready-on; empty if it is not given.
    /// Whether /dev/vhost-vsock exists. Also true if the address does not need this device.
    bool is_reachable = true;

    bool operator==(const Machine&) const = default;
};

/// Reads the options of `wait` in the unit's ExecStart=. Returns nullopt if that command line does
/// not run `wait --listen`.
std::optional<Machine> machine_of(const UnitFacts& unit);

/// Returns the credential that the guest needs: "vmm.notify_socket=vsock-stream:2:9999". Returns
/// only its name if the address of the machine is not valid.
std::string credential(const Machine& machine);

/// Returns whether /dev/vhost-vsock exists, or is not needed for this address.
bool is_reachable(const Machine& machine);

}  // namespace notifybridge::diagnosis
