#pragma once

#include <sys/types.h>

#include <boost/json/object.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// How `ctl` asks `init`: packets of one JSON object each over a SOCK_SEQPACKET connection. A
/// client sends one, its call; what comes back is any number of answers, and one that ends it.
namespace notifybridge::control {

namespace json = boost::json;

/// The socket's name, in the directory notifybridge of the manager's run directory.
inline constexpr const char* socket_name = "control";

/// The longest packet that either side takes. A call has one.
inline constexpr std::size_t longest_packet = 128 * 1024;
/// The longest answer. One that fills its packet goes on in the next.
inline constexpr std::size_t longest_answer = 16 * 1024 * 1024;

/// A client's call: one JSON object that says what is to be done.
class Call {
public:
    virtual ~Call() = default;

    const json::object& request() const { return request_; }
    /// The text of this member; empty where there is none.
    std::string_view text(std::string_view name) const;
    /// The texts of this member, which is an array; none where it is not.
    std::vector<std::string> texts(std::string_view name) const;
    /// The whole number of this member; `otherwise` where there is none.
    std::int64_t number(std::string_view name, std::int64_t otherwise) const;
    /// Whether this member is true.
    bool flag(std::string_view name) const;

    /// Whether the client may change anything: it is root, or the manager's own user.
    bool is_privileged() const { return is_privileged_; }

    /// Sends an answer; more may follow.
    virtual void answer(const json::object& object) = 0;
    /// Whether nobody waits for answers any more.
    virtual bool is_over() const = 0;
    /// The last answer: all was done.
    void finish() { answer_last({{"end", true}}); }
    /// The last answer: it was not done. `error` is the last part of systemd's D-Bus error name.
    void refuse(std::string_view error, std::string_view text);

protected:
    Call(json::object request, bool is_privileged)
        : request_(std::move(request)), is_privileged_(is_privileged) {}

    /// Sends an answer that no other follows.
    virtual void answer_last(const json::object& object) { answer(object); }

private:
    json::object request_;
    bool is_privileged_;
};

/// The object of a packet, or of all packets of an answer; nothing where it is none, is too deep,
/// or too long. Its texts may have any bytes, as what services write has.
std::optional<json::object> parse_packet(std::string_view text);

/// What goes over the connection for this object: the last packet is the one that is not full.
std::vector<std::string> to_packets(const json::object& object);

/// An answer, put together of its packets.
class PartialAnswer {
public:
    enum class Taken { part, whole, too_long };

    Taken add(std::string_view packet);
    /// What has come until now; it begins anew.
    std::string take() { return std::exchange(text_, {}); }

private:
    std::string text_;
};

}  // namespace notifybridge::control
