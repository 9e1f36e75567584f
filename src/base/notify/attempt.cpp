#include "base/notify/attempt.hpp"

#include <cerrno>

namespace notifybridge::notify {

using Outcome = Attempt::Outcome;

Attempt failed_to_send(boost::system::error_code error) {
    switch (error.value()) {
        case EAGAIN:
            return {Outcome::busy, error};
        // The peer has closed its socket, or accepts nothing for now.
        case ECONNREFUSED:
        case ECONNRESET:
        case ENOTCONN:
        case EPIPE:
        case ENOENT:
        case ETIMEDOUT:
        case ENODEV:
        case ENETDOWN:
        case ENETUNREACH:
        case EHOSTUNREACH:
        case EACCES:
        case EPERM:
        // Memory or descriptors ran out, or too many descriptors are in flight (unix(7)).
        case ENOMEM:
        case ENOBUFS:
        case EMFILE:
        case ENFILE:
        case ETOOMANYREFS:
        case EINTR:
            return {Outcome::later, error};
        default:
            return {Outcome::impossible, error};
    }
}

Attempt failed_to_connect(boost::system::error_code error) {
    return {Outcome::later, error};
}

}  // namespace notifybridge::notify
