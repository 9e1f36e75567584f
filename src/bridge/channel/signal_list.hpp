#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace notifybridge::channel {

/// A signal for the command of a run, as "host" lists it. Its number is higher than those of all
/// that the same `wait` asked for before.
struct NumberedSignal {
    std::uint64_t number = 0;
    int signal = 0;

    bool operator==(const NumberedSignal&) const = default;
};

/// The signals for a run, in order. Each version of the file has them all, as `wrap` may miss a
/// version; by the numbers it passes each on once.
using SignalList = std::vector<NumberedSignal>;

/// Adds one. A full list loses the oldest that is repeated later: the kernel, too, merges pending
/// signals of one kind.
void append(SignalList& list, NumberedSignal signal);

/// "1:1 2:15"
std::string to_string(const SignalList& list);

/// Passes over what is no signal.
SignalList parse_signal_list(std::string_view text);

/// 0 for what is no signal: nobody can have asked for it.
int parse_signal(std::string_view text);

}  // namespace notifybridge::channel
