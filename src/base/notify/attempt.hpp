#pragma once

#include <boost/system/error_code.hpp>

#include "base/util/result_error.hpp"

namespace notifybridge::notify {

using util::throw_exception_from_error;

/// The result of an attempt to send a datagram.
class [[nodiscard]] Attempt {
public:
    enum class Outcome {
        sent,
        busy,        ///< The peer's queue is full, or a vsock waits for the peer (VsockMessage).
        later,       ///< No receiver, memory or descriptors now; a retry may succeed.
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

/// Classifies an error of sending over a connected socket. Some errors are temporary. Others are
/// caused by the datagram itself and would occur again. Does no I/O.
Attempt failed_to_send(boost::system::error_code error);

/// Classifies an error of connecting. The datagram is never the cause of such an error.
Attempt failed_to_connect(boost::system::error_code error);

}  // namespace notifybridge::notify
