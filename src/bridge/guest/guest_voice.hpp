#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/notify/message.hpp"

namespace notifybridge::guest {

/// Turns what the systemd of a virtual machine says into what the unit says. Pure.
class GuestVoice {
public:
    /// `ready_on` is the unit of the guest that makes the host's unit ready once it is active. If
    /// it is not set, the guest's own READY=1 counts.
    explicit GuestVoice(std::optional<std::string> ready_on);

    /// Takes a message of the guest. Returns what the unit says for it, which may be nothing.
    std::string speak(std::string_view datagram, const notify::Message& message);

    /// Returns the last EXIT_STATUS of the guest: the value of `systemctl exit` there, or that of
    /// the unit that ended it.
    std::optional<int> exit_status() const { return exit_status_; }

    /// Returns whether the guest has ended: it gave its EXIT_STATUS, and does not boot again.
    bool has_ended() const { return has_ended_; }

private:
    void take_end(int status, const notify::Message& message);

    std::optional<std::string> ready_sign_;  ///< Reset once it has come.
    std::optional<int> exit_status_;
    bool has_ended_ = false;
};

}  // namespace notifybridge::guest
