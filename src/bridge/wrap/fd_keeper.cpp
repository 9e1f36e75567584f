#include "bridge/wrap/fd_keeper.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>

#include "base/event/timer.hpp"
#include "base/system/datagram.hpp"
#include "base/system/limits.hpp"
#include "base/system/local_socket.hpp"
#include "base/util/log.hpp"

namespace notifybridge::wrap {
namespace {

using util::Severity;
using util::Topic;

/// Only this user and root may connect and get the descriptors.
constexpr mode_t socket_mode = 0600;
constexpr std::size_t enough = 256;
/// How long the start of the command waits for descriptors that `wait` has promised to pass on.
constexpr std::chrono::seconds handing_in_patience(5);

}  // namespace

FdKeeper::FdKeeper(event::Loop& loop, system::Fd directory)
    : loop_(loop),
      directory_(directory),
      opened_(loop),
      retry_pause_(loop),
      handing_in_(loop),
      enough_(std::min(enough, system::open_files_limit() / 4)),
      most_(std::min(enough - 1 + channel::most_lane_fds, system::open_files_limit() / 2)) {}

FdKeeper::~FdKeeper() {
    if (listener_)
        ::unlinkat(directory_.get(), name_.c_str(), 0);
}

bool FdKeeper::open(const channel::RunId& run) {
    if (listener_)
        return true;
    name_ = channel::lane_name(run);
    auto listener = system::listen_at(directory_, name_.c_str(), socket_mode);
    if (listener && event::watch(listener_, loop_, std::move(*listener))) {
        opened_.raise();
        return true;
    }
    // Log this only once. The next call tries again, because there may be room then.
    if (!std::exchange(said_fault_, true))
        util::log(Severity::warning, Topic::messages, "cannot make the socket ", name_, ": ",
                  listener ? "out of memory" : system::describe(listener.error().value()),
                  "; file descriptors are not passed on");
    return false;
}

void FdKeeper::keep(std::uint64_t sequence, std::vector<system::UniqueFd>& fds) {
    if (fds.empty() || kept_fds_ + fds.size() > most_)
        return;
    kept_fds_ += fds.size();
    kept_.push_back({sequence, std::exchange(fds, {})});
}

void FdKeeper::release(std::uint64_t sequence) {
    for (; !kept_.empty() && kept_.front().sequence <= sequence; kept_.pop_front())
        kept_fds_ -= kept_.front().fds.size();
}

void FdKeeper::expect_none() {
    awaits_none_ = true;
    handing_in_.cancel();
}

event::Awaitable<relay::NamedFds> FdKeeper::take_handed_in() {
    bool is_late = false;
    if (!awaits_none_)
        is_late = co_await handing_in_.sleep(handing_in_patience);
    if (is_late)
        util::log(Severity::warning, Topic::messages,
                  "wait has not passed on the file descriptors for the command: the command starts "
                  "without them");
    awaits_none_ = true;
    co_return std::move(handed_in_);
}

event::Awaitable<> FdKeeper::run() {
    while (!listener_)
        co_await opened_.wait();
    loop_.spawn([this] { return serve(); });
    for (;;) {
        const bool readable = co_await listener_->readable();
        if (!readable)
            co_return;
        // If no descriptor is free, the connection cannot be accepted now, but it stays in the
        // queue.
        if (!accept())
            co_await retry_pause_.sleep(event::retry_interval);
    }
}

bool FdKeeper::accept() {
    auto connection = system::accept_connection(listener_->fd());
    if (!connection)
        return false;
    // A killed `wait` may have left an old connection. Wake `serve`, which waits for its data.
    if (connection_)
        connection_->cancel();
    if (!event::watch(connection_, loop_, std::move(*connection)))
        return false;
    opened_.raise();
    return true;
}

event::Awaitable<> FdKeeper::serve() {
    for (;;) {
        while (!connection_)
            co_await opened_.wait();
        const bool readable = co_await connection_->readable();
        const bool goes_on = !readable || answer();
        if (!goes_on)
            connection_.reset();
    }
}

/// Handles one packet. Returns false if the connection has ended, or if the packet is malformed.
bool FdKeeper::answer() {
    std::vector<std::byte> buffer(channel::longest_lane_packet);
    auto received = system::receive_datagram(connection_->fd(), buffer);
    if (!received)
        return received.error().value() == EAGAIN;
    if (received->truncated || received->control_truncated)
        return false;
    auto packet =
        channel::decode_lane_packet(system::as_text(std::span(buffer).first(received->size)));
    if (!packet)
        return false;
    if (packet->kind == channel::LanePacket::Kind::fds) {
        send_fds(packet->sequence);
    } else if (packet->names.size() == received->fds.size() && !awaits_none_) {
        handed_in_ = {std::move(received->fds), std::move(packet->names)};
        expect_none();
    }
    return true;
}

void FdKeeper::send_fds(std::uint64_t sequence) {
    channel::LanePacket answer;
    answer.sequence = sequence;
    const auto kept = std::ranges::find(kept_, sequence, &Kept::sequence);
    std::vector<system::Fd> fds;
    if (kept != kept_.end())
        fds.assign(kept->fds.begin(), kept->fds.end());
    const std::string text = channel::encode(answer);
    // Ignore failures: if the socket has no room for the answer, the reader does not read, and so
    // does not need the answer.
    static_cast<void>(system::send_datagram(connection_->fd(), system::bytes_of(text), fds));
}

}  // namespace notifybridge::wrap
