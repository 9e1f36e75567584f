#pragma once

#include <poll.h>

#include <optional>
#include <string>
#include <vector>

#include "base/notify/receiver.hpp"
#include "support/descriptors.hpp"

namespace notifybridge::test {

/// A stand-in for the service manager. It reads its socket only when a test calls a function.
class Manager {
public:
    struct Received {
        std::string text;
        system::Credentials sender;
        std::vector<system::UniqueFd> fds;
    };

    explicit Manager(const std::string& path) : receiver_(path, 0600) {}

    system::Fd fd() const { return receiver_.fd(); }

    /// Returns the next pending datagram, or nullopt.
    std::optional<Received> next() {
        notify::Datagram datagram;
        notify::DropReason reason{};
        if (receiver_.receive(datagram, reason) != notify::Receiver::Outcome::datagram)
            return std::nullopt;
        return Received{std::string(datagram.text), datagram.sender, std::move(datagram.fds)};
    }

    /// Returns the texts of all pending datagrams. Closes their descriptors, which releases
    /// barriers.
    std::vector<std::string> texts() {
        std::vector<std::string> all;
        while (auto received = next())
            all.push_back(std::move(received->text));
        return all;
    }

private:
    notify::Receiver receiver_;
};

}  // namespace notifybridge::test
