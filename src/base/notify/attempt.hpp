#pragma once

#include <boost/system/error_code.hpp>

namespace notifybridge::notify {

/// How an attempt to send a datagram went.
class [[nodiscard]] Attempt {
public:
    enum class Outcome {
        sent,
        busy,        ///< The peer's queue is full, or it still reads: Sender::awaits_reader.
        later,       ///< There is no receiver, or no memory or descriptor here; both may change.
        impossible,  ///< No receiver could ever get this datagram.
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

/// Tells, of an error in sending over a connected socket, those that pass from those that come from
/// the datagram itself, and so stay. Pure.
Attempt failed_to_send(boost::system::error_code error);

/// The same of an error in connecting, which never comes from the datagram.
Attempt failed_to_connect(boost::system::error_code error);

}  // namespace notifybridge::notify
