#pragma once

#include <boost/system/error_code.hpp>

namespace notifybridge::notify {

/// How an attempt to send a datagram went.
class [[nodiscard]] Attempt {
public:
    enum class Outcome {
        sent,
        busy,        ///< The peer's queue is full, or the peer reads: see Sender::awaits.
        later,       ///< Nobody is there to take it, or something is lacking here; both may change.
        impossible,  ///< It can never be sent, whoever is there.
    };

    Attempt() = default;
    Attempt(Outcome outcome, boost::system::error_code error) : outcome_(outcome), error_(error) {}

    Outcome outcome() const { return outcome_; }
    explicit operator bool() const { return outcome_ == Outcome::sent; }
    bool is_impossible() const { return outcome_ == Outcome::impossible; }

    boost::system::error_code error() const { return error_; }

private:
    Outcome outcome_ = Outcome::sent;
    boost::system::error_code error_;
};

/// What it means for a datagram that it could not be handed to a socket that is connected: which
/// errors are the peer's or ours and pass, and which stay, as they are its own. Pure.
Attempt failed_to_send(boost::system::error_code error);

/// The same of the socket, which had no peer yet: that is no datagram's fault.
Attempt failed_to_connect(boost::system::error_code error);

}  // namespace notifybridge::notify
