#include "init/daemon/notify_port.hpp"

#include <unistd.h>

#include "base/system/file.hpp"
#include "base/util/number.hpp"

namespace notifybridge::daemon {
namespace {

/// Services of any user may send to the socket. The kernel identifies the sender.
constexpr mode_t socket_mode = 0777;
/// The largest number of messages and descriptors that are received before other parts of the
/// manager run.
constexpr std::size_t batch = 64;
/// The largest number of messages and descriptors that are received before the end of a process is
/// handled. The kernel does not limit the descriptors in its queue.
constexpr std::size_t most_drained = 4096;

constexpr std::chrono::milliseconds pause_until_room(100);

/// Returns the number of messages that the kernel keeps for a socket that is created now. Without
/// such a limit, a service that never stops sending would block the manager.
std::size_t queue_length() {
    constexpr unsigned usual = 512;
    const std::string text = system::text_of("/proc/sys/net/unix/max_dgram_qlen");
    // The kernel accepts one message more than this number.
    return std::size_t(
               util::parse_number<unsigned>(text.substr(0, text.find('\n'))).value_or(usual))
           + 1;
}

}  // namespace

NotifyPort::NotifyPort(event::Loop& loop, const std::string& path, process::FdCloser& closer)
    : path_(path),
      loop_(loop),
      closer_(closer),
      receiver_(path, socket_mode),
      readable_(loop, event::duplicate(receiver_.fd())),
      pause_(loop),
      queue_length_(queue_length()) {}

NotifyPort::~NotifyPort() {
    ::unlink(path_.c_str());
}

event::Awaitable<> NotifyPort::run() {
    for (;;) {
        const bool readable = co_await readable_.readable();
        if (!readable)
            co_return;
        take_some(batch, batch);
        if (closer_.is_full())
            co_await pause_.sleep(pause_until_room);
        else
            co_await loop_.yield();
    }
}

void NotifyPort::drain() {
    take_some(queue_length_, most_drained);
}

/// Receives at most this number of messages. Stops earlier if the messages and their descriptors
/// have reached `most_work`.
void NotifyPort::take_some(std::size_t most_messages, std::size_t most_work) {
    std::size_t work = 0;
    while (most_messages-- > 0 && work < most_work && !closer_.is_full() && take_one(work)) {
    }
}

/// Receives one message from the socket. Returns false if there is none. Adds the message and its
/// descriptors to `work`.
bool NotifyPort::take_one(std::size_t& work) {
    notify::Datagram datagram;
    notify::DropReason reason{};
    const auto outcome = receiver_.receive(datagram, reason);
    if (outcome == notify::Receiver::Outcome::nothing)
        return false;
    work += 1 + datagram.fds.size();
    if (outcome == notify::Receiver::Outcome::datagram) {
        const auto message = notify::parse(datagram.text);
        if (message && !message->has("BARRIER=1"))
            on_message(datagram, *message);
    }
    closer_.close(std::move(datagram.fds));
    return true;
}

}  // namespace notifybridge::daemon
