#include "bridge/relay/fd_lane.hpp"

#include <array>
#include <cerrno>
#include <utility>

#include "base/system/clock.hpp"
#include "base/system/datagram.hpp"
#include "base/system/file.hpp"
#include "base/system/local_socket.hpp"
#include "bridge/channel/lane.hpp"

namespace notifybridge::relay {
namespace {

using util::Severity;
using util::Topic;

/// A `wrap` answers at once, unless it was stopped (SIGSTOP) or is malicious.
constexpr std::chrono::seconds answer_patience(2);
/// The pause before a retry. The cause of a failure may be temporary: too many open files, or a
/// paused container.
constexpr std::uint64_t retry_pause_usec = 1'000'000;

std::string explain_connect(boost::system::error_code error) {
    switch (error.value()) {
        case ENOENT:
            return "wrap has not created the socket for descriptors";
        case ELOOP:
            return "the socket for descriptors is a symbolic link";
        case ENOTSOCK:
        case EXDEV:
            return "the file for descriptors is not a socket in the shared directory";
        case EACCES:
            return "connecting to the socket for descriptors is not permitted; check its "
                   "owner, and SELinux";
        default:
            return system::describe(error.value());
    }
}

}  // namespace

void FdLane::begin(const channel::RunId& run) {
    connection_.reset();
    fault_.clear();
    said_fault_.clear();
    run_ = run;
}

void FdLane::fail(std::string why) {
    fault_ = std::move(why);
    retry_at_ = system::monotonic_now() + retry_pause_usec;
    connection_.reset();
    if (std::exchange(said_fault_, fault_) != fault_)
        log_(Severity::warning, Topic::messages, "file descriptors are not passed on: ", fault_);
}

bool FdLane::connect() {
    if (!directory_)
        return false;
    if (connection_)
        return true;
    if (!fault_.empty() && system::monotonic_now() < retry_at_)
        return false;
    fault_.clear();
    // The label of the directory has the level of the container, or a narrower one.
    if (level_.is_possible())
        level_.take_from(system::selinux_label(system::proc_path(directory_)));
    const std::string name = channel::lane_name(run_);
    auto connection = system::connect_at(directory_, name.c_str());
    level_.reset();
    // A policy may allow only our own level.
    if (!connection && connection.error().value() == EACCES && level_.is_possible())
        connection = system::connect_at(directory_, name.c_str());
    if (!connection)
        fail(explain_connect(connection.error()));
    else if (!event::watch(connection_, loop_, std::move(*connection)))
        fail("no memory or descriptor is left to watch the socket");
    return connection_.has_value();
}

event::Awaitable<std::optional<std::vector<system::UniqueFd>>> FdLane::fetch(std::uint64_t sequence,
                                                                             std::size_t count) {
    if (!connect())
        co_return std::nullopt;
    std::vector<system::UniqueFd> none;
    if (count == 0)
        co_return none;
    channel::LanePacket request;
    request.sequence = sequence;
    const std::string text = channel::encode(request);
    const auto sent = system::send_datagram(connection_->fd(), system::bytes_of(text));
    if (!sent) {
        fail(system::describe(sent.error().value()));
        co_return std::nullopt;
    }
    const bool answered = co_await await_answer();
    if (!answered) {
        fail("wrap does not respond");
        co_return std::nullopt;
    }
    co_return take_answer(sequence, count);
}

event::Awaitable<bool> FdLane::await_answer() {
    deadline_.on_expired = [this] {
        if (connection_)
            connection_->cancel();
    };
    deadline_.start(answer_patience);
    const bool answered = co_await connection_->readable();
    deadline_.cancel();
    co_return answered;
}

std::optional<std::vector<system::UniqueFd>> FdLane::take_answer(std::uint64_t sequence,
                                                                 std::size_t count) {
    std::array<std::byte, 64> buffer;
    auto received = system::receive_datagram(connection_->fd(), buffer);
    const auto packet = received ? channel::decode_lane_packet(system::as_text(
                            std::span(buffer).first(std::min(received->size, buffer.size()))))
                                 : std::nullopt;
    if (!packet || packet->kind != channel::LanePacket::Kind::fds || packet->sequence != sequence)
        fail("wrap sent an unexpected answer");
    else if (received->control_truncated)
        fail(
            "the descriptors were lost on the way; raise LimitNOFILE= of the unit, or check "
            "SELinux");
    // `wrap` sends fewer descriptors if it had no room for all descriptors of this message.
    else if (received->fds.size() == count)
        return std::move(received->fds);
    if (received)
        system::close_at_once(std::move(received->fds));
    return std::nullopt;
}

bool FdLane::hand_in(const NamedFds& fds) {
    if (!connect())
        return false;
    const auto peer = system::peer_credentials(connection_->fd());
    if (!peer || !holder_.accepts(peer->pid)) {
        fail("the container has got them in an earlier run, and has not ended since");
        return false;
    }
    const channel::LanePacket packet{channel::LanePacket::Kind::listen, 0, fds.names};
    const std::string text = channel::encode(packet);
    const std::vector<system::Fd> borrowed(fds.fds.begin(), fds.fds.end());
    const auto sent = system::send_datagram(connection_->fd(), system::bytes_of(text), borrowed);
    if (!sent)
        fail(system::describe(sent.error().value()));
    return sent.has_value();
}

}  // namespace notifybridge::relay
