#pragma once

#include <boost/system/error_code.hpp>

namespace notifybridge::notify {

/// The result of an attempt to send a datagram.
class [[nodiscard]] Attempt {
public:
    enum class Outcome {
        sent,
        busy,        ///< The peer's queue is full, or it is still reading (Sender::awaits_reader).
        later,       ///< No receiver, or no memory or descriptors; both may change.
        impossible,  ///< No receiver can ever get this datagram.
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

/// Classifies an error of sending over a connected socket: some pass, others come from the datagram
/// itself and stay. Pure.
Attempt failed_to_send(boost::system::error_code error);

/// Classifies an error of connecting, which never comes from the datagram.
Attempt failed_to_connect(boost::system::error_code error);

}  // namespace notifybridge::notify
