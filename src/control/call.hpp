#pragma once

#include <sys/types.h>

#include <boost/json/object.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

/// How `ctl` asks `init`: packets of one JSON object each over a SOCK_SEQPACKET connection. A
/// client sends one, its call; what comes back is any number of answers, and one that ends it.
namespace notifybridge::control {

namespace json = boost::json;

/// The socket's name, in the directory notifybridge of the manager's run directory.
inline constexpr const char* socket_name = "control";

/// The longest packet that either side takes.
inline constexpr std::size_t longest_packet = 128 * 1024;

/// A call of a client that was understood so far: one object that says what is to be done.
class Call {
public:
    virtual ~Call() = default;

    const json::object& request() const { return request_; }
    /// The text of this member; empty where there is none.
    std::string_view text(std::string_view name) const;
    /// Whether this member is true.
    bool flag(std::string_view name) const;

    /// Whether who calls may change anything: root, or the manager's own user.
    bool is_privileged() const { return is_privileged_; }

    /// Sends an answer; more may follow.
    virtual void answer(const json::object& packet) = 0;
    /// The last answer: all was done.
    void finish() { answer({{"end", true}}); }
    /// The last answer: it was not done. `error` is the last part of systemd's D-Bus error name.
    void refuse(std::string_view error, std::string_view text);

protected:
    Call(json::object request, bool is_privileged)
        : request_(std::move(request)), is_privileged_(is_privileged) {}

private:
    json::object request_;
    bool is_privileged_;
};

/// The packet's object; nothing where it is none, is too deep, or too long.
std::optional<json::object> parse_packet(std::string_view packet);

}  // namespace notifybridge::control
