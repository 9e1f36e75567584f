#include "bridge/guest/guest_voice.hpp"

#include <cstdint>

#include "base/util/concat.hpp"
#include "base/util/number.hpp"

namespace notifybridge::guest {
namespace {

constexpr std::string_view barrier = "BARRIER=1";
constexpr std::string_view ready = "READY=1";

}  // namespace

GuestVoice::GuestVoice(std::optional<std::string> ready_on) {
    if (ready_on)
        ready_sign_ = util::concat("X_SYSTEMD_UNIT_ACTIVE=", *ready_on);
}

void GuestVoice::take_end(int status, const notify::Message& message) {
    exit_status_ = status;
    // From systemd 256 on, X_SYSTEMD_SHUTDOWN shows whether the guest starts again.
    has_ended_ = !message.has("X_SYSTEMD_SHUTDOWN=reboot")
                 && !message.has("X_SYSTEMD_SHUTDOWN=kexec")
                 && !message.has("X_SYSTEMD_SHUTDOWN=soft-reboot");
}

std::string GuestVoice::speak(std::string_view datagram, const notify::Message& message) {
    if (const auto status = message.value(notify::Key::exit_status))
        if (const auto number = util::parse_number<std::uint8_t>(*status))
            take_end(*number, message);
    // `Guest` closes a connection only after it has sent all earlier messages. The sender waits
    // until its connection is closed, so a barrier needs no other answer.
    if (message.tags().size() == 1 && message.has(barrier))
        return {};
    if (!ready_sign_)
        return std::string(datagram);
    const bool is_ready = message.has(*ready_sign_);
    if (!is_ready && !message.has(ready))
        return std::string(datagram);
    std::string rest = message.without(ready);
    if (!is_ready)
        return rest;
    ready_sign_.reset();
    if (rest.size() + 1 + ready.size() > notify::longest_datagram)
        return std::string(ready);
    return util::concat(rest, '\n', ready);
}

}  // namespace notifybridge::guest
