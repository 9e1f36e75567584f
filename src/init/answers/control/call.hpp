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

/// The protocol of `ctl` and `init` over a SOCK_SEQPACKET connection. A client sends one call, and
/// the manager sends any number of answers. The call and each answer are JSON objects. The last
/// answer ends the call.
namespace notifybridge::control {

namespace json = boost::json;

/// The name of the socket. Its directory is `notifybridge` in the manager's run directory.
inline constexpr const char* socket_name = "control";

/// The size in bytes of the longest packet that `ctl` and the manager accept. A call is one packet.
inline constexpr std::size_t longest_packet = 128 * 1024;
/// The size in bytes of the longest answer. If a packet is full, the answer continues in the next
/// packet.
inline constexpr std::size_t longest_answer = 16 * 1024 * 1024;

/// A call of a client. It consists of one JSON object.
class Call {
public:
    virtual ~Call() = default;

    const json::object& request() const { return request_; }
    /// Returns the text of the member `name`, or an empty text if the member is not a string.
    std::string_view text(std::string_view name) const;
    /// Returns the texts of the member `name`, or no texts if the member is not an array.
    std::vector<std::string> texts(std::string_view name) const;
    /// Returns the integer of the member `name`, or `otherwise` if the member is not an integer.
    std::int64_t number(std::string_view name, std::int64_t otherwise) const;
    /// Returns whether the member `name` is true.
    bool flag(std::string_view name) const;

    /// Returns whether the client is root or the manager's user. Only such a client may change
    /// anything.
    bool is_privileged() const { return is_privileged_; }

    /// Sends an answer. Other answers may follow.
    virtual void answer(const json::object& object) = 0;
    /// Returns whether the client has stopped waiting for answers.
    virtual bool is_over() const = 0;
    /// Sends the last answer, which reports that the call succeeded.
    void finish() { answer_last({{"end", true}}); }
    /// Sends the last answer, which reports that the call failed. `error` is the last part of
    /// systemd's D-Bus error name.
    void refuse(std::string_view error, std::string_view text);

protected:
    Call(json::object request, bool is_privileged)
        : request_(std::move(request)), is_privileged_(is_privileged) {}

    /// Sends `object` as the last answer of the call.
    virtual void answer_last(const json::object& object) { answer(object); }

private:
    json::object request_;
    bool is_privileged_;
};

/// Parses the packet of a call, or the joined packets of an answer. Returns nullopt if `text` is
/// not an object, is nested too deeply, or is too long. Strings may contain any bytes, because
/// services may write any bytes to their output.
std::optional<json::object> parse_packet(std::string_view text);

/// Returns the packets for this object. All packets except the last are full.
std::vector<std::string> to_packets(const json::object& object);

/// An answer whose packets are joined as they arrive.
class PartialAnswer {
public:
    enum class Taken { part, whole, too_long };

    Taken add(std::string_view packet);
    /// Returns the joined text of all received packets, and clears the stored text.
    std::string take() { return std::exchange(text_, {}); }

private:
    std::string text_;
};

}  // namespace notifybridge::control
