#include "init/answers/control/connection.hpp"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <span>
#include <vector>

#include "base/system/datagram.hpp"
#include "base/system/local_socket.hpp"

namespace notifybridge::control {
namespace {

/// The number of bytes that may wait for a client that does not read.
constexpr std::size_t most_waiting = 16 * 1024 * 1024;
constexpr std::chrono::seconds time_to_call(10);

bool may_change_things(system::Fd connection) {
    const auto user = system::peer_user(connection);
    return user && (*user == 0 || *user == ::geteuid());
}

class ClientCall : public Call {
public:
    ClientCall(json::object request, bool is_privileged, std::shared_ptr<Connection> connection)
        : Call(std::move(request), is_privileged), connection_(std::move(connection)) {}

    void answer(const json::object& object) override {
        for (std::string& packet : to_packets(object))
            connection_->send(std::move(packet));
    }
    void answer_last(const json::object& object) override {
        answer(object);
        connection_->end();
    }
    bool is_over() const override { return connection_->is_closed(); }

private:
    std::shared_ptr<Connection> connection_;
};

}  // namespace

Connection::Connection(event::Loop& loop, process::FdCloser& closer, system::UniqueFd fd,
                       OnCall on_call)
    : loop_(loop),
      closer_(closer),
      on_call_(std::move(on_call)),
      is_privileged_(may_change_things(fd)),
      descriptor_(std::in_place, loop, std::move(fd)),
      patience_(loop) {}

void Connection::start() {
    loop_.spawn([self = shared_from_this()] { return self->read(); });
    loop_.spawn([self = shared_from_this()] { return self->limit_time(); });
}

bool Connection::is_waiting() {
    if (has_called_ || is_closed())
        return !is_answered_ && !is_closed();
    pollfd call{descriptor_->fd().get(), POLLIN, 0};
    return ::poll(&call, 1, 0) > 0;
}

void Connection::close() {
    waiting_.clear();
    patience_.cancel();
    if (descriptor_)
        closer_.close_connection(descriptor_->release());
    descriptor_.reset();
}

event::Awaitable<> Connection::limit_time() {
    const auto self = shared_from_this();
    const bool passed = co_await patience_.sleep(time_to_call);
    if (passed && !has_called_)
        close();
}

event::Awaitable<> Connection::read() {
    const auto self = shared_from_this();
    while (descriptor_) {
        const bool readable = co_await descriptor_->readable();
        // Another coroutine may have closed the descriptor during the wait.
        if (!readable || !descriptor_ || !take_call())
            break;
    }
    close();
}

/// Reads the call. Returns false if the client has disconnected or sends a second call.
bool Connection::take_call() {
    std::vector<std::byte> buffer(longest_packet);
    auto received = system::receive_datagram(descriptor_->fd(), buffer);
    if (!received)
        return received.error().value() == EAGAIN;
    closer_.close(std::move(received->fds));
    if (received->size == 0 || received->truncated || has_called_)
        return false;
    has_called_ = true;
    patience_.cancel();
    auto request = parse_packet({reinterpret_cast<const char*>(buffer.data()), received->size});
    const auto call = std::make_shared<ClientCall>(request.value_or(json::object()), is_privileged_,
                                                   shared_from_this());
    if (request)
        on_call_(call);
    else
        call->refuse("InvalidArgs", "the call is not valid: expected one JSON object");
    return true;
}

void Connection::send(std::string packet) {
    if (is_closed())
        return;
    waiting_bytes_ += packet.size();
    waiting_.push_back(std::move(packet));
    if (waiting_bytes_ > most_waiting) {
        close();
    } else if (!std::exchange(writes_, true)) {
        loop_.spawn([self = shared_from_this()] { return self->write(); });
    }
}

/// Sends a packet. Returns false on EAGAIN, because the packet must be sent later. On any other
/// error, drops the packet and returns true.
bool Connection::send_now(std::string_view packet) {
    const auto sent = system::send_datagram(descriptor_->fd(), std::as_bytes(std::span(packet)));
    return sent || sent.error().value() != EAGAIN;
}

event::Awaitable<> Connection::write() {
    const auto self = shared_from_this();
    co_await loop_.yield();
    while (!waiting_.empty()) {
        if (send_now(waiting_.front())) {
            waiting_bytes_ -= waiting_.front().size();
            waiting_.pop_front();
            continue;
        }
        const bool writable = co_await descriptor_->writable();
        if (!writable)
            break;
    }
    writes_ = false;
    if (is_answered_)
        close();
}

}  // namespace notifybridge::control
