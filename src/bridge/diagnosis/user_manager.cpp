#include "bridge/diagnosis/user_manager.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>

#include "base/bus/message.hpp"
#include "base/bus/property.hpp"
#include "base/system/file.hpp"
#include "base/system/local_socket.hpp"
#include "base/util/concat.hpp"

namespace notifybridge::diagnosis {
namespace {

using util::concat;
using Clock = std::chrono::steady_clock;

constexpr const char* socket_of_manager = "private";
constexpr const char* directory_of_manager = "systemd";
/// The properties of a unit take about 30 KB. A list of a thousand units takes 300 KB.
constexpr std::uint64_t longest_message = 1024 * 1024;
constexpr std::size_t longest_greeting = 1024;
constexpr std::size_t most_units = 1000;
constexpr std::size_t most_text = 4 * 1024 * 1024;

constexpr std::string_view all_services = "*.service";

class Connection {
public:
    Connection(system::UniqueFd socket, Clock::time_point end)
        : socket_(std::move(socket)), end_(end) {}

    bool greet() {
        if (!send(bus::encode_greeting()))
            return false;
        std::size_t end;
        while ((end = input_.find("\r\n")) == input_.npos)
            if (input_.size() > longest_greeting || !receive())
                return false;
        const bool is_welcome = input_.starts_with("OK ");
        input_.erase(0, end + 2);
        return is_welcome;
    }

    /// Returns the body of the answer. Returns nullopt if there is no answer.
    std::optional<std::string> ask(const bus::Call& call,
                                   const std::vector<std::string>& arguments = {}) {
        const std::uint32_t serial = ++serial_;
        if (!send(bus::encode_call(serial, call, arguments)))
            return std::nullopt;
        while (auto message = next_message()) {
            if (message->reply_serial != serial)
                continue;
            if (message->type == bus::Message::Type::answer)
                return std::move(message->body);
            return std::nullopt;
        }
        return std::nullopt;
    }

private:
    bool wait_for(short events) const {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(end_ - Clock::now()).count();
        pollfd socket{socket_.get(), events, 0};
        return left > 0 && ::poll(&socket, 1, static_cast<int>(left)) > 0;
    }

    bool send(std::string_view bytes) const {
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

    bool receive() {
        std::array<char, 16 * 1024> buffer;
        if (!wait_for(POLLIN))
            return false;
        const ssize_t size = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
        if (size < 0)
            return errno == EAGAIN || errno == EINTR;
        input_.append(buffer.data(), static_cast<std::size_t>(size));
        return size > 0;
    }

    std::optional<bus::Message> next_message() {
        for (;;) {
            const auto size = bus::message_size(input_);
            if (size && (*size == 0 || *size > longest_message))
                return std::nullopt;
            if (size && *size <= input_.size()) {
                auto message = bus::decode_message(std::string_view(input_).substr(0, *size));
                input_.erase(0, *size);
                return Clock::now() < end_ ? std::move(message) : std::nullopt;
            }
            if (!receive())
                return std::nullopt;
        }
    }

    system::UniqueFd socket_;
    Clock::time_point end_;
    std::string input_;
    std::uint32_t serial_ = 0;
};

std::vector<std::string> paths_of(Connection& manager, const std::string& name) {
    if (name != all_services)
        return {bus::unit_path(name)};
    const auto answer = manager.ask(
        {"/org/freedesktop/systemd1", "", "org.freedesktop.systemd1.Manager", "ListUnits"});
    std::vector<std::string> paths;
    if (answer)
        for (auto& [unit, path] : bus::read_unit_paths(*answer))
            if (unit.ends_with(".service") && paths.size() < most_units)
                paths.push_back(std::move(path));
    return paths;
}

/// Returns one line for each property. A newline in a value becomes a blank.
std::string as_lines(std::string_view properties) {
    std::string text;
    for (auto& [key, value] : bus::read_properties(properties)) {
        std::ranges::replace(value, '\n', ' ');
        if (key.find_first_of("=\n") == key.npos)
            text += concat(key, '=', value, '\n');
    }
    return text;
}

/// Asks the manager whose socket is in `directory` for the properties of its units. Does not enter
/// other mounts, because the user may have mounted a file system that hangs.
std::string show_units_in(system::Fd directory, uid_t user, const std::string& name,
                          std::chrono::milliseconds patience) {
    auto socket = system::connect_to_stream(directory, socket_of_manager, user);
    if (!socket)
        return {};
    const auto peer = system::peer_user(*socket);
    Connection manager(std::move(*socket), Clock::now() + patience);
    if (!peer || *peer != user || !manager.greet())
        return {};
    std::string text;
    for (const std::string& path : paths_of(manager, name)) {
        const auto answer =
            manager.ask({path, "", "org.freedesktop.DBus.Properties", "GetAll"}, {""});
        if (!answer || text.size() > most_text)
            break;
        text += concat(as_lines(*answer), '\n');
    }
    return text;
}

}  // namespace

std::string show_units_of_user(uid_t user, const std::string& name,
                               std::chrono::milliseconds patience) {
    const auto place = system::open_directory(concat("/run/user/", user));
    const auto directory =
        place ? system::open_handle(*place, directory_of_manager) : system::UniqueFd();
    return directory ? show_units_in(directory, user, name, patience) : std::string();
}

std::string show_units_at(const std::string& path, uid_t user, const std::string& name,
                          std::chrono::milliseconds patience) {
    const auto directory = system::open_directory(path);
    return directory ? show_units_in(*directory, user, name, patience) : std::string();
}

}  // namespace notifybridge::diagnosis
