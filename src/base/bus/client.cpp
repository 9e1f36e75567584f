#include "base/bus/client.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace notifybridge::bus {

bool Client::greet() {
    if (!send(encode_greeting()) || !receive())
        return false;
    input_.next();
    if (input_.is_broken() || name_.empty())
        return !input_.is_broken();
    const auto ask_bus = [&](std::string_view member, const std::vector<std::string>& arguments) {
        return call({"/org/freedesktop/DBus", bus_name, bus_name, member}, arguments).has_value();
    };
    return ask_bus("Hello", {}) && ask_bus("GetNameOwner", {name_});
}

std::optional<std::string> Client::call(std::string_view path, std::string_view interface,
                                        std::string_view member,
                                        const std::vector<std::string>& arguments) {
    return call({path, name_, interface, member}, arguments);
}

std::optional<std::string> Client::call(const Call& call,
                                        const std::vector<std::string>& arguments) {
    const std::uint32_t serial = ++serial_;
    was_refused_ = false;
    if (!send(encode_call(serial, call, arguments)))
        return std::nullopt;
    do {
        while (auto item = input_.next()) {
            if (!item->message || item->is_too_long)
                return std::nullopt;
            if (item->message->reply_serial != serial)
                continue;
            was_refused_ = item->message->type == Message::Type::error;
            if (item->message->type != Message::Type::answer)
                return std::nullopt;
            return std::move(item->message->body);
        }
    } while (!input_.is_broken() && receive());
    return std::nullopt;
}

bool Client::wait_for(short events) const {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(end_ - Clock::now()).count();
    pollfd socket{socket_.get(), events, 0};
    return left > 0 && ::poll(&socket, 1, static_cast<int>(left)) > 0;
}

bool Client::send(std::string_view bytes) const {
    while (!bytes.empty()) {
        if (!wait_for(POLLOUT))
            return false;
        const ssize_t size = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (size < 0 && errno != EAGAIN && errno != EINTR)
            return false;
        bytes.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
    }
    return true;
}

bool Client::receive() {
    std::array<char, 16 * 1024> buffer;
    if (!wait_for(POLLIN))
        return false;
    const ssize_t size = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
    if (size < 0)
        return errno == EAGAIN || errno == EINTR;
    input_.add(std::string_view(buffer.data(), static_cast<std::size_t>(size)));
    received_ += static_cast<std::size_t>(size);
    return size > 0 && received_ < most_received;
}

}  // namespace notifybridge::bus
