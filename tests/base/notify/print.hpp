#pragma once

#include <ostream>

#include "base/notify/address.hpp"
#include "base/notify/drop.hpp"
#include "base/notify/key.hpp"
#include "base/notify/receiver.hpp"
#include "base/notify/state.hpp"
#include "base/util/escape.hpp"

/// Lets Boost.Test print values of these types when a check fails.
namespace notifybridge::notify {

inline std::ostream& boost_test_print_type(std::ostream& out, Key key) {
    return out << name(key);
}

inline std::ostream& boost_test_print_type(std::ostream& out, DropReason reason) {
    return out << name(reason);
}

inline std::ostream& boost_test_print_type(std::ostream& out, Phase phase) {
    return out << name(phase);
}

inline std::ostream& boost_test_print_type(std::ostream& out, AddressError error) {
    return out << explain(error);
}

inline std::ostream& boost_test_print_type(std::ostream& out, const Address& address) {
    return out << "kind " << static_cast<int>(address.kind) << ", name "
               << util::quote(address.name) << ", cid " << address.cid << ", port " << address.port
               << ", type " << address.socket_type;
}

inline std::ostream& boost_test_print_type(std::ostream& out, Receiver::Outcome outcome) {
    return out << "outcome " << static_cast<int>(outcome);
}

inline std::ostream& boost_test_print_type(std::ostream& out, const State& state) {
    out << name(state.phase) << " since " << state.since.monotonic << ", watchdog at "
        << state.last_watchdog.monotonic;
    for (const auto& [key, value] : state.facts)
        out << ", " << name(key) << '=' << util::quote(value);
    return out;
}

}  // namespace notifybridge::notify
