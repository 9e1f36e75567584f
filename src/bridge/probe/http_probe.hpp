#pragma once

#include <vector>

#include "bridge/probe/connection.hpp"
#include "bridge/probe/probe.hpp"

namespace notifybridge::probe {

/// Holds while an HTTP server answers a GET with one of these statuses, where none are given with
/// any of 200 to 399. Redirects are not followed, and a body is not read.
class HttpProbe final : public Probe {
public:
    struct Request {
        std::vector<system::SocketAddress> addresses;
        std::string host;
        std::string path;
        std::vector<unsigned> statuses;
    };

    HttpProbe(event::Loop& loop, std::string description, Request request,
              std::chrono::microseconds limit);

    event::Awaitable<Finding> check() override;

private:
    event::Awaitable<Finding> ask();
    event::Awaitable<Finding> read_answer();
    Finding judge(unsigned status) const;

    Request request_;
    std::string text_;  ///< The request as it is sent.
    std::chrono::microseconds limit_;
    Connection connection_;
};

}  // namespace notifybridge::probe
