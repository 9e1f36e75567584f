#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/notify/message.hpp"

namespace notifybridge::guest {

/// A translator that turns the messages of a virtual machine's systemd into messages of the unit.
/// Pure.
class GuestVoice {
public:
    /// Creates a translator that makes the host's unit ready when the guest's unit `ready_on` is
    /// active. If `ready_on` is not set, the guest's own READY=1 counts.
    explicit GuestVoice(std::optional<std::string> ready_on);

    /// Processes a message of the guest. Returns the message to send for the unit, or an empty text
    /// if nothing must be sent.
    std::string speak(std::string_view datagram, const notify::Message& message);

    /// Returns the guest's last EXIT_STATUS: the value of `systemctl exit` in the guest, or the
    /// status of the unit that ended the guest.
    std::optional<int> exit_status() const { return exit_status_; }

    /// Returns whether the guest has ended. This is true if the guest has sent EXIT_STATUS and does
    /// not boot again.
    bool has_ended() const { return has_ended_; }

private:
    void take_end(int status, const notify::Message& message);

    std::optional<std::string> ready_sign_;  ///< The line that shows readiness, until it arrives.
    std::optional<int> exit_status_;
    bool has_ended_ = false;
};

}  // namespace notifybridge::guest
