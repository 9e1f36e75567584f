#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace notifybridge::channel {

/// A signal for the command of a run, as "host" lists it. Each signal of the same `wait` has a
/// higher number than the previous one.
struct NumberedSignal {
    std::uint64_t number = 0;
    int signal = 0;

    bool operator==(const NumberedSignal&) const = default;
};

/// The signals for a run, in order. Each version of "host" lists all of them, because `wrap` may
/// miss a version. The numbers show `wrap` which signals it has already passed on.
using SignalList = std::vector<NumberedSignal>;

/// Adds a signal. If the list is full, drops the oldest signal that occurs again later. The kernel
/// also keeps a pending standard signal only once.
void append(SignalList& list, NumberedSignal signal);

/// Returns text like "1:1 2:15".
std::string to_string(const SignalList& list);

/// Parses the result of `to_string`, and ignores text that is not a signal.
SignalList parse_signal_list(std::string_view text);

/// Returns the signal whose number is `text`. Returns 0 if `text` is not the number of a signal.
int parse_signal(std::string_view text);

}  // namespace notifybridge::channel
