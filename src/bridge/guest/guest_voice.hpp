#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/notify/message.hpp"

namespace notifybridge::guest {

/// Turns the messages of a virtual machine's systemd into messages of the unit. Pure.
class GuestVoice {
public:
    /// When the guest's unit `ready_on` is active, the host's unit becomes ready. If `ready_on` is
    /// not set, the guest's own READY=1 counts.
    explicit GuestVoice(std::optional<std::string> ready_on);

    /// Processes a message of the guest. Returns the unit's message that results from `datagram`,
    /// which may be empty.
    std::string speak(std::string_view datagram, const notify::Message& message);

    /// Returns the guest's last EXIT_STATUS: the value of `systemctl exit` in the guest, or the
    /// status of the unit that ended the guest.
    std::optional<int> exit_status() const { return exit_status_; }

    /// Returns whether the guest has ended. This is true if the guest has sent EXIT_STATUS and does
    /// not boot again.
    bool has_ended() const { return has_ended_; }

private:
    void take_end(int status, const notify::Message& message);

    std::optional<std::string> ready_sign_;  ///< Makes the unit ready; reset when it has arrived.
    std::optional<int> exit_status_;
    bool has_ended_ = false;
};

}  // namespace notifybridge::guest
