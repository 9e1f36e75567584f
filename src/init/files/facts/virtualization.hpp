#pragma once

#include <string>

/// Detects containers and virtual machines as systemd-detect-virt(1) does.
namespace notifybridge::facts {

/// Returns the name that systemd-detect-virt(1) prints for the type of our container. Returns an
/// empty text if we do not run in a container.
std::string detect_container();

/// Returns the name that systemd-detect-virt(1) prints for the type of our virtual machine. Returns
/// an empty text if we do not run in a virtual machine.
std::string detect_virtual_machine();

}  // namespace notifybridge::facts
