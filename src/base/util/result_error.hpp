#pragma once

#include <boost/assert/source_location.hpp>
#include <cstdlib>

namespace notifybridge::util {

/// Ends the process. Boost calls this function if `*`, `->` or value() is used on a
/// boost::system::result without a value, which our code never does. From Boost 1.92 on, these
/// operators look for this function in the namespace of the error.
template <typename Error>
[[noreturn]] void throw_exception_from_error(const Error& /*error*/,
                                             const boost::source_location& /*place*/) {
    std::abort();
}

}  // namespace notifybridge::util
