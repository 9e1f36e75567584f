#include "init/daemon/notify_port.hpp"

#include <unistd.h>

#include "base/util/log.hpp"

namespace notifybridge::daemon {
namespace {

/// Services of any user may send to the socket. The kernel identifies the sender.
constexpr mode_t socket_mode = 0777;
/// The largest number of messages that are received before other parts of the manager run.
constexpr int batch = 64;
/// The largest number of messages that are received before the end of a process is handled. Without
/// a limit, a service that never stops sending would block the manager.
constexpr int most_drained = 4096;

}  // namespace

NotifyPort::NotifyPort(event::Loop& loop, const std::string& path)
    : path_(path),
      loop_(loop),
      receiver_(path, socket_mode),
      readable_(loop, event::duplicate(receiver_.fd())) {}

NotifyPort::~NotifyPort() {
    ::unlink(path_.c_str());
}

event::Awaitable<> NotifyPort::run() {
    for (;;) {
        const bool readable = co_await readable_.readable();
        if (!readable)
            co_return;
        for (int count = 0; count < batch && take_one(); ++count) {
        }
        co_await loop_.yield();
    }
}

void NotifyPort::drain() {
    for (int count = 0; count < most_drained && take_one(); ++count) {
    }
}

/// Receives one message from the socket. Returns false if there is none.
bool NotifyPort::take_one() {
    notify::Datagram datagram;
    notify::DropReason reason{};
    const auto outcome = receiver_.receive(datagram, reason);
    if (outcome != notify::Receiver::Outcome::datagram)
        return outcome == notify::Receiver::Outcome::dropped;
    const auto message = notify::parse(datagram.text);
    if (message && !message->has("BARRIER=1"))
        on_message(datagram, *message);
    // A sender may pass a socket with SO_LINGER. A plain close(2) of this socket could block.
    system::close_at_once(std::move(datagram.fds));
    return true;
}

}  // namespace notifybridge::daemon
