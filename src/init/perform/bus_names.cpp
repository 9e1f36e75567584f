#include "init/perform/bus_names.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <vector>

#include "base/system/socket_address.hpp"
#include "base/util/concat.hpp"
#include "base/util/take_until.hpp"

namespace notifybridge::perform {
namespace {

using util::concat;

constexpr std::string_view system_bus = "/run/dbus/system_bus_socket";
constexpr std::chrono::seconds retry_interval(1);
/// A name has at most 255 bytes, and a message for us contains three strings.
constexpr std::size_t longest_message = 16 * 1024;

/// Returns the first of `addresses` that is the path of a socket (D-Bus Specification, "Server
/// Addresses").
std::string path_of(std::string_view addresses) {
    constexpr std::string_view prefix = "unix:path=";
    while (!addresses.empty()) {
        std::string_view address = util::take_until(addresses, ';');
        if (!address.starts_with(prefix))
            continue;
        address.remove_prefix(prefix.size());
        return std::string(util::take_until(address, ','));
    }
    return std::string(system_bus);
}

std::string rule_for(const std::string& name) {
    return concat("type='signal',sender='", bus::bus_name, "',interface='", bus::bus_name,
                  "',member='NameOwnerChanged',arg0='", name, "'");
}

}  // namespace

BusNames::BusNames(event::Loop& loop, Poller& poller, std::string_view address)
    : poller_(poller), path_(path_of(address)), retry_(loop) {
    retry_.on_expired = [this] { connect(); };
}

BusNames::~BusNames() {
    disconnect();
}

void BusNames::watch(const std::string& unit, const std::string& name,
                     std::function<void(bool)> on_change) {
    watches_[unit] = {name, std::move(on_change)};
    if (!connection_)
        connect();
    else if (!ask_for(name))
        break_off();
}

void BusNames::unwatch(const std::string& unit) {
    if (watches_.erase(unit) == 0 || !watches_.empty())
        return;
    retry_.cancel();
    disconnect();
}

void BusNames::connect() {
    if (connection_)
        return;
    if (!open_connection()) {
        break_off();
        return;
    }
    bool good = send(bus::encode_greeting()) && call("Hello");
    for (auto watch = watches_.begin(); good && watch != watches_.end(); ++watch)
        good = ask_for(watch->second.name);
    if (!good)
        break_off();
}

bool BusNames::open_connection() {
    if (path_.size() > system::longest_socket_path)
        return false;
    const auto address = system::SocketAddress::unix_path(path_);
    system::UniqueFd connection(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!connection || ::connect(connection.get(), address.data(), address.size()) < 0)
        return false;
    const auto on_input = [this] {
        if (!read())
            break_off();
    };
    if (poller_.add(connection, EPOLLIN, on_input))
        return false;
    connection_ = std::move(connection);
    return true;
}

void BusNames::disconnect() {
    if (connection_)
        poller_.remove(connection_);
    connection_.reset();
    is_greeted_ = false;
    input_.clear();
    questions_.clear();
}

/// Disconnects because the bus does not exist or sends invalid data. Schedules another attempt.
void BusNames::break_off() {
    disconnect();
    retry_.start(retry_interval);
}

bool BusNames::send(const std::string& bytes) {
    const ssize_t size = ::send(connection_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    return size >= 0 && static_cast<std::size_t>(size) == bytes.size();
}

bool BusNames::call(std::string_view member, const std::vector<std::string>& arguments) {
    const bus::Call of_bus{"/org/freedesktop/DBus", bus::bus_name, bus::bus_name, member};
    return send(bus::encode_call(++serial_, of_bus, arguments));
}

/// Asks for the owner of `name`, and for changes. AddMatch comes first, so that no change is lost
/// between the two calls.
bool BusNames::ask_for(const std::string& name) {
    const bool asked = call("AddMatch", {rule_for(name)}) && call("GetNameOwner", {name});
    questions_[serial_] = name;
    return asked;
}

bool BusNames::read() {
    for (;;) {
        char buffer[4096];
        const ssize_t size = ::recv(connection_.get(), buffer, sizeof buffer, 0);
        if (size < 0)
            return errno == EAGAIN || errno == EINTR;
        if (size == 0)
            return false;
        input_.append(buffer, static_cast<std::size_t>(size));
        if (!read_greeting() || !read_messages())
            return false;
        // A unit that was notified may have ended the last watch.
        if (!connection_)
            return true;
    }
}

bool BusNames::read_greeting() {
    if (is_greeted_)
        return true;
    const std::size_t end = input_.find("\r\n");
    if (end == input_.npos)
        return input_.size() < longest_message;
    is_greeted_ = input_.starts_with("OK ");
    input_.erase(0, end + 2);
    return is_greeted_;
}

bool BusNames::read_messages() {
    while (is_greeted_) {
        const auto size = bus::message_size(input_);
        if (size && (*size == 0 || *size > longest_message))
            return false;
        if (!size || *size > input_.size())
            return true;
        const auto message = bus::decode_message(std::string_view(input_).substr(0, *size));
        input_.erase(0, *size);
        if (!message)
            return false;
        handle(*message);
    }
    return true;
}

void BusNames::handle(const bus::Message& message) {
    using Type = bus::Message::Type;
    // Any client of the bus may send us a message that looks like one of the bus.
    if (message.sender != bus::bus_name)
        return;
    const bool is_change = message.type == Type::signal && message.member == "NameOwnerChanged"
                           && message.strings.size() == 3;
    if (is_change) {
        tell(message.strings[0], !message.strings[2].empty());
    } else if (message.type == Type::answer || message.type == Type::error) {
        if (const auto question = questions_.extract(message.reply_serial))
            tell(question.mapped(), message.type == Type::answer);
    }
}

void BusNames::tell(const std::string& name, bool has_owner) {
    std::vector<std::string> units;
    for (const auto& [unit, watch] : watches_)
        if (watch.name == name)
            units.push_back(unit);
    for (const std::string& unit : units) {
        // A unit that was notified may have ended the watch of another unit.
        const auto watch = watches_.find(unit);
        if (watch == watches_.end())
            continue;
        const auto on_change = watch->second.on_change;
        on_change(has_owner);
    }
}

}  // namespace notifybridge::perform
