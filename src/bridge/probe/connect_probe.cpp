#include "bridge/probe/connect_probe.hpp"

#include <cctype>
#include <cerrno>

namespace notifybridge::probe {

std::string reason_of(boost::system::error_code error) {
    if (error.value() == ETIMEDOUT)
        return "no answer in time";
    if (error.value() == EAGAIN)
        return "accepts no more connections";
    std::string text = system::describe(error.value());
    // Converts the first letter to lower case, unless the word is an abbreviation.
    if (text.size() > 1 && std::islower(static_cast<unsigned char>(text[1])))
        text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
    return text;
}

Finding failure_of(boost::system::error_code error) {
    Finding finding;
    finding.reason = reason_of(error);
    finding.answered = error.value() != ETIMEDOUT;
    return finding;
}

ConnectProbe::ConnectProbe(event::Loop& loop, std::string description,
                           std::vector<system::SocketAddress> addresses,
                           std::chrono::microseconds limit, std::vector<int> types)
    : Probe(std::move(description)),
      addresses_(std::move(addresses)),
      types_(std::move(types)),
      limit_(limit),
      connection_(loop) {}

event::Awaitable<Finding> ConnectProbe::check() {
    Finding finding;
    if (place_ && place_->may_hang()) {
        finding = co_await place_->check_in_child();
        if (!finding.holds)
            co_return finding;
    }
    connection_.limit(limit_);
    finding = co_await find();
    connection_.close();
    co_return finding;
}

event::Awaitable<Finding> ConnectProbe::find() {
    Finding finding;
    for (const system::SocketAddress& address : addresses_)
        for (const int type : types_) {
            const auto connected = co_await connection_.connect(address, type);
            if (connected) {
                finding = co_await ask(connection_);
                co_return finding;
            }
            // EPROTOTYPE means that the socket at a path has another type, so the next type may
            // fit. For an abstract name, the kernel reports ECONNREFUSED instead.
            const bool is_other_type = connected.error().value() == EPROTOTYPE;
            if (finding.reason.empty() && (!is_other_type || type == types_.back()))
                finding = failure_of(connected.error());
        }
    co_return finding;
}

event::Awaitable<Finding> ConnectProbe::ask(Connection&) {
    Finding finding;
    finding.holds = true;
    co_return finding;
}

}  // namespace notifybridge::probe
