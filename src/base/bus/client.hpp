#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bus/message_stream.hpp"
#include "base/system/fd.hpp"

namespace notifybridge::bus {

/// A client that calls a service and waits for each answer. All answers together have to arrive
/// before `end`, and their size is limited, because the other side is not trusted.
class Client {
public:
    using Clock = std::chrono::steady_clock;

    /// `socket` leads directly to the service, or to a bus that has the service under `name`. It
    /// must not block.
    Client(system::UniqueFd socket, Clock::time_point end, std::string_view name = {})
        : socket_(std::move(socket)), end_(end), name_(name) {}

    /// Authenticates us. Returns whether the service is there.
    bool greet();

    /// Calls a method of the service, and returns the body of the answer. Returns nullopt if the
    /// answer is an error, or if there is no answer.
    std::optional<std::string> call(std::string_view path, std::string_view interface,
                                    std::string_view member,
                                    const std::vector<std::string>& arguments = {});

    /// Returns whether the answer to the last call was an error.
    bool was_refused() const { return was_refused_; }

private:
    /// The properties of a unit of systemd take about 30 KB. A list of a thousand units takes 300
    /// KB.
    static constexpr std::size_t longest_message = 4 * 1024 * 1024;
    static constexpr std::size_t most_received = 16 * longest_message;

    std::optional<std::string> call(const Call& call, const std::vector<std::string>& arguments);
    bool wait_for(short events) const;
    bool send(std::string_view bytes) const;
    bool receive();

    system::UniqueFd socket_;
    Clock::time_point end_;
    std::string name_;
    MessageStream input_{longest_message};
    std::size_t received_ = 0;
    std::uint32_t serial_ = 0;
    bool was_refused_ = false;
};

}  // namespace notifybridge::bus
