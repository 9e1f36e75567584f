#pragma once

#include <vector>

#include "bridge/probe/connect_probe.hpp"

namespace notifybridge::probe {

/// A probe that succeeds while an HTTP server answers a GET with one of `statuses`. If none are
/// given, the probe accepts 200 to 399. It does not follow redirects or read a body.
class HttpProbe final : public ConnectProbe {
public:
    struct Request {
        std::vector<system::SocketAddress> addresses;
        std::string host;
        std::string path;
        std::vector<unsigned> statuses;
    };

    HttpProbe(event::Loop& loop, std::string description, Request request,
              std::chrono::microseconds limit);

private:
    event::Awaitable<Finding> ask(Connection& connection) override;
    event::Awaitable<Finding> read_answer(Connection& connection) const;
    Finding judge(unsigned status) const;

    std::string text_;  ///< The complete text of the request.
    std::vector<unsigned> statuses_;
};

}  // namespace notifybridge::probe
